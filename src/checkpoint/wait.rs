//! How long to wait for a state that somebody else holds.

use std::time::Duration;

/// The pauses between two looks at a lock.
///
/// It says how long to sleep and leaves the sleeping to whoever can end it early on a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    left: Option<Duration>,
    next: Duration,
}

impl Wait {
    const FIRST_PAUSE: Duration = Duration::from_millis(50);
    const LONGEST_PAUSE: Duration = Duration::from_secs(2);

    /// No waiting at all.
    pub fn not_at_all() -> Self {
        Self::at_most(Duration::ZERO)
    }

    /// Waits for so long in all.
    pub fn at_most(total: Duration) -> Self {
        Self { left: Some(total), next: Self::FIRST_PAUSE }
    }

    /// Waits until the state is free.
    pub fn for_ever() -> Self {
        Self { left: None, next: Self::FIRST_PAUSE }
    }
}

/// Gives the pause before the next look; none when the time is used up.
impl Iterator for Wait {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = match self.left {
            Some(left) if left.is_zero() => return None,
            Some(left) => self.next.min(left),
            None => self.next,
        };
        self.left = self.left.map(|left| left.saturating_sub(pause));
        self.next = (self.next * 2).min(Self::LONGEST_PAUSE);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_sum_up_to_what_was_allowed() {
        let total = Duration::from_secs(11);
        let pauses: Vec<_> = Wait::at_most(total).collect();
        assert_eq!(pauses.iter().sum::<Duration>(), total);
        assert!(pauses.iter().all(|pause| *pause <= Wait::LONGEST_PAUSE), "{pauses:?}");
        assert_eq!(Wait::not_at_all().next(), None);
    }

    #[test]
    fn waiting_for_ever_does_not_end() {
        assert_eq!(Wait::for_ever().nth(10_000), Some(Wait::LONGEST_PAUSE));
    }
}
