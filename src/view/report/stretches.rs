//! Stretches of time that may overlap, and what they cover together.

use crate::transcript::time::Millis;

/// Stretches that neither overlap nor touch, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stretches(Vec<(Millis, Millis)>);

impl Stretches {
    /// What the stretches cover.
    pub(super) fn of(mut all: Vec<(Millis, Millis)>) -> Self {
        all.sort_unstable();
        let mut joined: Vec<(Millis, Millis)> = Vec::new();
        for (start, end) in all {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self(joined)
    }

    /// How long they are together.
    pub(super) fn length(&self) -> Millis {
        self.0.iter().map(|(start, end)| end - start).sum()
    }

    /// How much of them others do not cover.
    pub(super) fn length_without(&self, others: &Self) -> Millis {
        let mut rest = self.length();
        let mut others = others.0.iter().peekable();
        for (start, end) in &self.0 {
            while let Some((other_start, other_end)) = others.peek() {
                rest -= (other_end.min(end) - other_start.max(start)).max(0);
                // What reaches further may cover a part of the next one too.
                if other_end > end {
                    break;
                }
                others.next();
            }
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[(Millis, Millis)]) -> Stretches {
        Stretches::of(all.to_vec())
    }

    #[test]
    fn what_overlaps_counts_once() {
        assert_eq!(of(&[(5, 9), (0, 3), (2, 4), (9, 10)]), Stretches(vec![(0, 4), (5, 10)]));
        assert_eq!(of(&[(5, 9), (0, 3), (2, 4)]).length(), 8);
    }

    #[test]
    fn what_others_cover_is_left_out() {
        let all = of(&[(0, 10), (20, 30)]);
        assert_eq!(all.length_without(&of(&[])), 20);
        assert_eq!(all.length_without(&of(&[(-5, 2), (4, 5), (8, 22), (29, 40), (50, 60)])), 20 - 2 - 1 - 2 - 2 - 1);
        assert_eq!(all.length_without(&of(&[(-1, 31)])), 0);
        assert_eq!(of(&[]).length_without(&all), 0);
    }
}
