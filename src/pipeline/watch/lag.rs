//! How much of what was written is not known to be delivered.

use std::path::Path;

use hashbrown::HashMap;

use super::counts::Behind;
use crate::pipeline::fingerprint::of_path;

/// The bytes of each session that are delivered, and the sessions that have more.
///
/// It counts as `status` does: bytes that were not read, or whose delivery was not acknowledged. What was read and is
/// part of a turn that goes on is no debt.
#[derive(Debug, Default)]
pub(super) struct Lag {
    /// By the fingerprints of their ids, so that ten thousand of them weigh little.
    delivered: HashMap<u64, u64>,
    behind: HashMap<u64, Debt>,
}

/// What one session owes.
#[derive(Debug, Clone, Copy)]
struct Debt {
    size: u64,
    since: i64,
    /// The size that was handed over and is not acknowledged.
    handed: Option<u64>,
    /// When the first of what came on top of that was written.
    since_then: Option<i64>,
}

impl Lag {
    /// A session as it is found at the start: how much of it was delivered, and when it was last written to.
    pub(super) fn find(&mut self, session: &str, delivered: u64, size: u64, written: i64) {
        self.delivered.insert(key(session), delivered);
        if size > delivered {
            self.notice(session, size, written);
        }
    }

    /// A session was written to, and is so large now.
    pub(super) fn notice(&mut self, session: &str, size: u64, written: i64) {
        let key = key(session);
        let delivered = self.delivered.entry(key).or_default();
        if size < *delivered {
            // What is shorter than it was is read again from its beginning.
            *delivered = 0;
        }
        if size == *delivered && !self.behind.contains_key(&key) {
            return;
        }
        let debt = self.behind.entry(key).or_insert(Debt { size, since: written, handed: None, since_then: None });
        debt.size = size;
        if debt.handed.is_some_and(|handed| handed < size) {
            debt.since_then.get_or_insert(written);
        }
    }

    /// Everything of a session up to this size was read and handed over.
    pub(super) fn hand_over(&mut self, session: &str, size: u64) {
        let key = key(session);
        if let Some(debt) = self.behind.get_mut(&key) {
            debt.handed = Some(size);
            debt.since_then = None;
        } else {
            self.delivered.insert(key, size);
        }
    }

    /// What was handed over of a session is remembered as delivered.
    pub(super) fn settle(&mut self, session: &str) {
        let key = key(session);
        let Some(debt) = self.behind.get_mut(&key) else { return };
        let Some(handed) = debt.handed.take() else { return };
        self.delivered.insert(key, handed);
        if debt.size <= handed {
            self.behind.remove(&key);
        } else if let Some(since) = debt.since_then.take() {
            debt.since = since;
        }
    }

    /// A session is no more.
    pub(super) fn forget(&mut self, session: &str) {
        self.behind.remove(&key(session));
        self.delivered.remove(&key(session));
    }

    /// What was handed over and not acknowledged has to be handed over again.
    pub(super) fn start_over(&mut self) {
        for debt in self.behind.values_mut() {
            (debt.handed, debt.since_then) = (None, None);
        }
    }

    /// All of it.
    pub(super) fn sum(&self) -> Behind {
        let delivered = |key| self.delivered.get(key).copied().unwrap_or_default();
        Behind {
            bytes: self.behind.iter().map(|(key, debt)| debt.size.saturating_sub(delivered(key))).sum(),
            since: self.behind.values().map(|debt| debt.since).min(),
        }
    }
}

fn key(session: &str) -> u64 {
    of_path(Path::new(session))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(lag: &Lag) -> (u64, Option<i64>) {
        (lag.sum().bytes, lag.sum().since)
    }

    #[test]
    fn a_debt_lasts_until_what_was_handed_over_is_remembered() {
        let mut lag = Lag::default();
        lag.find("a", 100, 100, 5);
        assert_eq!(behind(&lag), (0, None));
        lag.notice("a", 150, 10);
        lag.notice("a", 160, 11);
        assert_eq!(behind(&lag), (60, Some(10)));
        lag.hand_over("a", 160);
        assert_eq!(behind(&lag), (60, Some(10)));
        lag.settle("a");
        assert_eq!(behind(&lag), (0, None));
    }

    #[test]
    fn what_comes_after_the_handing_over_is_a_younger_debt() {
        let mut lag = Lag::default();
        lag.notice("a", 50, 10);
        lag.hand_over("a", 50);
        lag.notice("a", 70, 20);
        lag.notice("a", 90, 30);
        assert_eq!(behind(&lag), (90, Some(10)));
        lag.settle("a");
        assert_eq!(behind(&lag), (40, Some(20)));
    }

    #[test]
    fn what_became_void_is_owed_as_before() {
        let mut lag = Lag::default();
        lag.notice("a", 50, 10);
        lag.hand_over("a", 50);
        lag.start_over();
        lag.settle("a");
        assert_eq!(behind(&lag), (50, Some(10)));
        lag.notice("b", 5, 7);
        assert_eq!(behind(&lag), (55, Some(7)));
        lag.forget("b");
        assert_eq!(behind(&lag), (50, Some(10)));
    }

    #[test]
    fn a_shorter_file_is_owed_as_a_whole_and_a_touched_one_not_at_all() {
        let mut lag = Lag::default();
        lag.find("a", 100, 100, 5);
        lag.notice("a", 100, 9);
        assert_eq!(behind(&lag), (0, None));
        lag.notice("a", 30, 10);
        assert_eq!(behind(&lag), (30, Some(10)));
        lag.find("old", 20, 80, 3);
        assert_eq!(behind(&lag), (90, Some(3)));
    }
}
