//! Which sessions are looked at next, and when.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

/// Sessions to be looked at, by the time from which that may be, in milliseconds since 1970.
///
/// What people are working on goes first; the backlog of the start goes in its own order, one family at a time.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Agenda {
    by_time: BTreeSet<(i64, String)>,
    times: HashMap<String, i64>,
    backlog: BTreeMap<usize, String>,
}

impl Agenda {
    /// Puts a session on the agenda for a time, unless it is on it for an earlier one.
    pub(in crate::pipeline) fn put(&mut self, session: &str, time: i64) {
        match self.times.get(session).copied() {
            Some(known) if known <= time => return,
            Some(known) => {
                self.by_time.remove(&(known, session.to_owned()));
            }
            None => {}
        }
        self.times.insert(session.to_owned(), time);
        self.by_time.insert((time, session.to_owned()));
    }

    /// Puts a session at the end of the backlog.
    pub(in crate::pipeline) fn put_last(&mut self, session: &str) {
        let place = self.backlog.last_key_value().map_or(0, |(place, _)| place + 1);
        self.backlog.insert(place, session.to_owned());
    }

    /// Takes a session off, whatever it was on the agenda for.
    pub(in crate::pipeline) fn remove(&mut self, session: &str) {
        if let Some(time) = self.times.remove(session) {
            self.by_time.remove(&(time, session.to_owned()));
        }
    }

    /// The next session whose time has come, else the next of the backlog.
    pub(in crate::pipeline) fn take(&mut self, now: i64) -> Option<String> {
        if let Some((time, session)) = self.by_time.first().filter(|(time, _)| *time <= now).cloned() {
            self.by_time.remove(&(time, session.clone()));
            self.times.remove(&session);
            return Some(session);
        }
        self.backlog.pop_first().map(|(_, session)| session)
    }

    /// When there will be something to do; none when nothing is planned.
    pub(in crate::pipeline) fn next_time(&self) -> Option<i64> {
        if self.backlog.is_empty() { self.by_time.first().map(|(time, _)| *time) } else { Some(i64::MIN) }
    }

    /// Whether the backlog of the start is done.
    pub(in crate::pipeline) fn is_caught_up(&self) -> bool {
        self.backlog.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_time_counts_and_the_backlog_comes_last() {
        let mut agenda = Agenda::default();
        agenda.put_last("old");
        agenda.put_last("older");
        agenda.put("live", 10);
        agenda.put("live", 20);
        agenda.put("other", 5);
        assert_eq!(agenda.next_time(), Some(i64::MIN));
        assert_eq!(agenda.take(4).as_deref(), Some("old"));
        assert_eq!(agenda.take(10).as_deref(), Some("other"));
        assert_eq!(agenda.take(10).as_deref(), Some("live"));
        assert_eq!(agenda.take(10).as_deref(), Some("older"));
        assert_eq!(agenda.take(99), None);
        assert!(agenda.is_caught_up());
    }

    #[test]
    fn a_session_taken_off_does_not_come_up() {
        let mut agenda = Agenda::default();
        agenda.put("a", 10);
        agenda.put("a", 3);
        agenda.remove("a");
        assert_eq!((agenda.take(99), agenda.next_time()), (None, None));
    }
}
