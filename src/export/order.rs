//! What is done with, in the order of sending, when spans and log records go separate ways. Pure.

use std::collections::VecDeque;

/// Counts what was sent and what of it is done with. Items count in the order of the sends; those of one send, spans
/// first. So an item counts as done only when everything before it is, whichever way that goes.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Sends that were not done with when somebody last looked.
    sends: VecDeque<Sent>,
    accepted: Items,
}

/// Numbers of spans and log records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Items {
    pub(super) spans: u64,
    pub(super) logs: u64,
}

/// One send: what had been accepted before it and what with it.
#[derive(Debug)]
struct Sent {
    before: Items,
    with: Items,
}

impl Items {
    const fn sum(self) -> u64 {
        self.spans + self.logs
    }
}

impl Order {
    /// Notes a send.
    pub(super) fn add(&mut self, items: Items) {
        let before = self.accepted;
        self.accepted = Items { spans: before.spans + items.spans, logs: before.logs + items.logs };
        if items.sum() > 0 {
            self.sends.push_back(Sent { before, with: self.accepted });
        }
    }

    /// How many items were sent.
    pub(super) const fn accepted_spans(&self) -> u64 {
        self.accepted.spans
    }

    /// How many items were handed over.
    pub(super) const fn accepted(&self) -> u64 {
        self.accepted.sum()
    }

    /// How many items are done with when so many of either kind are.
    pub(super) fn done(&self, done: Items) -> u64 {
        let Some(open) = self.sends.iter().find(|sent| !sent.is_done(done)) else { return self.accepted() };
        if done.spans < open.with.spans {
            return open.before.logs + done.spans;
        }
        open.with.spans + done.logs
    }

    /// Forgets the sends that are done with.
    pub(super) fn forget(&mut self, done: Items) {
        while self.sends.front().is_some_and(|sent| sent.is_done(done)) {
            self.sends.pop_front();
        }
    }
}

impl Sent {
    const fn is_done(&self, done: Items) -> bool {
        done.spans >= self.with.spans && done.logs >= self.with.logs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn items(spans: u64, logs: u64) -> Items {
        Items { spans, logs }
    }

    fn order(sends: &[(u64, u64)]) -> Order {
        let mut order = Order::default();
        for (spans, logs) in sends {
            order.add(items(*spans, *logs));
        }
        order
    }

    #[test]
    fn a_send_is_done_when_its_spans_and_its_log_records_are() {
        let order = order(&[(2, 1), (3, 2), (0, 4)]);
        assert_eq!(order.accepted(), 12);
        assert_eq!(order.done(items(0, 0)), 0);
        assert_eq!(order.done(items(1, 7)), 1, "log records do not overtake spans");
        assert_eq!(order.done(items(5, 0)), 2, "spans of a later send wait for the log records of this one");
        assert_eq!(order.done(items(5, 1)), 6);
        assert_eq!(order.done(items(5, 3)), 8);
        assert_eq!(order.done(items(5, 6)), 11);
        assert_eq!(order.done(items(5, 7)), 12);
    }

    #[test]
    fn what_is_switched_off_is_done_when_its_turn_comes() {
        let order = order(&[(2, 3), (2, 3)]);
        assert_eq!(order.done(items(1, u64::MAX)), 1);
        assert_eq!(order.done(items(2, u64::MAX)), 5);
        assert_eq!(order.done(items(u64::MAX, 4)), 8);
        assert_eq!(order.done(items(u64::MAX, u64::MAX)), 10);
    }

    #[test]
    fn forgetting_changes_no_count() {
        let sends = [(2, 1), (0, 0), (3, 2), (1, 0), (0, 4), (2, 2)];
        for spans in 0..=8 {
            for logs in 0..=9 {
                let mut forgetful = order(&sends);
                for part in 0..=spans.min(logs) {
                    forgetful.forget(items(part, part));
                }
                assert_eq!(
                    forgetful.done(items(spans, logs)),
                    order(&sends).done(items(spans, logs)),
                    "{spans} {logs}"
                );
            }
        }
    }

    #[test]
    fn a_switched_off_signal_leaves_nothing_behind() {
        let mut order = order(&[(1, 1), (0, 5)]);
        order.forget(items(u64::MAX, 6));
        assert!(order.sends.is_empty());
        order.add(items(2, 0));
        assert_eq!((order.accepted(), order.done(items(u64::MAX, 6))), (9, 9));
    }
}
