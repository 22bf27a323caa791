//! When to try again, pure.

use std::time::Duration;

/// A server's wish to be left alone is honoured up to here, so that a broken date cannot stop a watcher for years.
const LONGEST_WISH: Duration = Duration::from_hours(1);

/// How often and for how long a request is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first failure, before jitter; doubles each time.
    pub initial: Duration,
    /// No wait of our own is longer.
    pub max: Duration,
    /// After this the delivery fails; none means never.
    pub max_elapsed: Option<Duration>,
}

impl RetryPolicy {
    /// For a run that has an end: gives up after a minute.
    pub const BOUNDED: Self = Self {
        initial: Duration::from_secs(1),
        max: Duration::from_secs(30),
        max_elapsed: Some(Duration::from_mins(1)),
    };
    /// For a watcher: never gives up.
    pub const FOR_EVER: Self = Self { max_elapsed: None, ..Self::BOUNDED };

    /// How long to wait before the next try, or none when it is time to give up. `failures` counts from 1, `elapsed` is
    /// the time since the first try, `wish` what the server asked for, `jitter` a number between 0 and 1.
    pub(super) fn wait(
        &self,
        failures: u32,
        elapsed: Duration,
        wish: Option<Duration>,
        jitter: f64,
    ) -> Option<Duration> {
        let doubled = self.initial.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
        let own = doubled.min(self.max).mul_f64(0.5 + jitter / 2.0);
        let wait = match wish {
            // Never earlier than asked, and not all at the same moment either.
            Some(wish) if !wish.is_zero() => wish.min(LONGEST_WISH).mul_f64(1.0 + jitter / 10.0),
            _ => own,
        };
        match self.max_elapsed {
            Some(limit) if elapsed + wait > limit => None,
            _ => Some(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn waits_double_up_to_the_maximum() {
        let waits: Vec<_> = (1..=7).map(|n| RetryPolicy::FOR_EVER.wait(n, secs(0), None, 1.0).unwrap()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30].map(secs));
        assert_eq!(RetryPolicy::FOR_EVER.wait(500, secs(0), None, 1.0), Some(secs(30)));
    }

    #[test]
    fn jitter_takes_away_up_to_half() {
        assert_eq!(RetryPolicy::FOR_EVER.wait(2, secs(0), None, 0.0), Some(secs(1)));
        assert_eq!(RetryPolicy::FOR_EVER.wait(2, secs(0), None, 0.5), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn the_servers_wish_is_a_minimum_and_has_a_bound() {
        assert_eq!(RetryPolicy::FOR_EVER.wait(1, secs(0), Some(secs(20)), 0.0), Some(secs(20)));
        assert_eq!(RetryPolicy::FOR_EVER.wait(1, secs(0), Some(secs(20)), 1.0), Some(secs(22)));
        assert_eq!(RetryPolicy::FOR_EVER.wait(1, secs(0), Some(secs(1_000_000)), 0.0), Some(LONGEST_WISH));
        assert_eq!(RetryPolicy::FOR_EVER.wait(3, secs(0), Some(secs(0)), 1.0), Some(secs(4)));
    }

    #[test]
    fn a_bounded_policy_gives_up_before_a_wait_that_would_pass_its_end() {
        assert_eq!(RetryPolicy::BOUNDED.wait(6, secs(30), None, 1.0), Some(secs(30)));
        assert_eq!(RetryPolicy::BOUNDED.wait(6, secs(31), None, 1.0), None);
        assert_eq!(RetryPolicy::BOUNDED.wait(1, secs(0), Some(secs(61)), 0.0), None);
    }
}
