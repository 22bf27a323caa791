//! Durations of many calls, in so little room that every one of them can be kept.

use std::collections::BTreeMap;

use crate::transcript::time::Millis;

/// How often each duration occurred.
#[derive(Debug, Clone, Default)]
pub(super) struct Durations {
    counts: BTreeMap<Millis, u64>,
    count: u64,
    sum: Millis,
}

impl Durations {
    /// Counts one more.
    pub(super) fn add(&mut self, duration: Millis) {
        *self.counts.entry(rounded(duration)).or_default() += 1;
        self.count += 1;
        self.sum = self.sum.saturating_add(duration);
    }

    /// All of them together, exact.
    pub(super) const fn sum(&self) -> Millis {
        self.sum
    }

    /// The smallest one that so many percent are no longer than.
    pub(super) fn percentile(&self, percent: u64) -> Option<Millis> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut below = 0;
        self.counts
            .iter()
            .find(|(_, count)| {
                below += **count;
                below >= rank
            })
            .map(|(duration, _)| *duration)
    }
}

/// Three digits say enough, and bound the number of different durations.
fn rounded(duration: Millis) -> Millis {
    let mut step = 1;
    while duration / step >= 1_000 {
        step *= 10;
    }
    duration / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_that_occurred_to_three_digits() {
        let mut durations = Durations::default();
        assert_eq!(durations.percentile(50), None);
        (1..=20).rev().for_each(|n| durations.add(n * 10));
        assert_eq!((durations.percentile(50), durations.percentile(95)), (Some(100), Some(190)));
        assert_eq!(durations.percentile(100), Some(200));
        durations.add(123_456);
        assert_eq!((durations.percentile(100), durations.sum()), (Some(123_000), 2_100 + 123_456));
    }
}
