//! The client numbers the events of each of its processes: a number that is left out is an event that did not arrive.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::transcript::time::Millis;

/// A process goes on under another session id, as after `/clear` or at a resume; its next event follows within this.
const HANDED_OVER_WITHIN: Millis = 24 * 60 * 60 * 1000;

/// One event of a session.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    /// The session.
    pub session: Arc<str>,
    /// When.
    pub time: Millis,
    /// Its number.
    pub number: u64,
}

/// Events that did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The time of the event before.
    pub before: Millis,
    /// The time of the event after.
    pub after: Millis,
    /// How many are missing.
    pub missing: u64,
}

/// A process, as far as its numbers tell: where it stands.
#[derive(Debug)]
struct Run {
    last: u64,
    time: Millis,
}

/// Gaps by session. Several processes may share a session, and one process may go through several.
pub(super) fn gaps(mut events: Vec<Numbered>) -> HashMap<Arc<str>, Vec<Gap>> {
    events.sort_by_key(|event| (event.time, event.number));
    let mut runs: HashMap<Arc<str>, Vec<Run>> = HashMap::new();
    let mut found: HashMap<Arc<str>, Vec<Gap>> = HashMap::new();
    for event in events {
        let Numbered { session, time, number } = event;
        let own = runs.entry(Arc::clone(&session)).or_default();
        if let Some(run) = own.iter_mut().find(|run| run.last.checked_add(1) == Some(number)) {
            *run = Run { last: number, time };
            continue;
        }
        if number == 0 || take_over(&mut runs, &session, number, time) {
            runs.entry(session).or_default().push(Run { last: number, time });
            continue;
        }
        let own = runs.entry(Arc::clone(&session)).or_default();
        // The run that comes nearest from below is the one with the gap. Without any, the session's beginning is what
        // is missing, or stands in a file that was not given: that says nothing.
        let nearest = own.iter_mut().filter(|run| run.last < number).max_by_key(|run| run.last);
        match nearest {
            Some(run) => {
                let gap = Gap { before: run.time, after: time, missing: number - run.last - 1 };
                *run = Run { last: number, time };
                found.entry(session).or_default().push(gap);
            }
            None => own.push(Run { last: number, time }),
        }
    }
    found
}

/// Whether a process of another session goes on here; it does not go on there, then.
fn take_over(runs: &mut HashMap<Arc<str>, Vec<Run>>, session: &Arc<str>, number: u64, time: Millis) -> bool {
    let is_before = |run: &Run| run.last + 1 == number && time - run.time <= HANDED_OVER_WITHIN;
    let others = runs.iter_mut().filter(|(other, _)| *other != session);
    let candidates = others.flat_map(|(other, runs)| {
        let other = Arc::clone(other);
        runs.iter()
            .enumerate()
            .filter(|(_, run)| is_before(run))
            .map(move |(place, run)| (run.time, other.clone(), place))
            .collect::<Vec<_>>()
    });
    let Some((_, other, place)) = candidates.max() else { return false };
    if let Some(runs) = runs.get_mut(&other) {
        runs.swap_remove(place);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(events: &[(&str, i64, u64)]) -> Vec<(String, Gap)> {
        let events = events.iter().map(|(session, time, number)| Numbered {
            session: Arc::from(*session),
            time: *time,
            number: *number,
        });
        let mut found: Vec<(String, Gap)> = gaps(events.collect())
            .into_iter()
            .flat_map(|(session, gaps)| gaps.into_iter().map(move |gap| (session.to_string(), gap)))
            .collect();
        found.sort_by_key(|(_, gap)| gap.before);
        found
    }

    #[test]
    fn numbers_in_order_have_no_gap() {
        assert_eq!(of(&[("a", 1, 0), ("a", 2, 1), ("a", 9, 2)]), []);
    }

    #[test]
    fn a_number_that_is_left_out_is_a_gap() {
        let gap = Gap { before: 2, after: 9, missing: 2 };
        assert_eq!(of(&[("a", 1, 0), ("a", 2, 1), ("a", 9, 4), ("a", 10, 5)]), [("a".to_owned(), gap)]);
    }

    #[test]
    fn two_processes_of_one_session_count_by_themselves() {
        assert_eq!(of(&[("a", 1, 0), ("a", 2, 1), ("a", 3, 0), ("a", 4, 2), ("a", 5, 1), ("a", 6, 2)]), []);
    }

    #[test]
    fn a_process_may_go_on_under_another_session() {
        // `/clear` begins a session in the same process; a resume starts under an id of its own.
        assert_eq!(of(&[("a", 1, 0), ("a", 2, 1), ("b", 3, 2), ("b", 4, 3)]), []);
        assert_eq!(of(&[("a", 1, 0), ("a", 2, 1), ("x", 3, 0), ("x", 4, 1), ("x", 5, 2), ("a", 6, 3)]), []);
        // The session's own run is asked first.
        assert_eq!(of(&[("a", 1, 0), ("b", 2, 0), ("a", 3, 1), ("b", 4, 1)]), []);
    }

    #[test]
    fn what_begins_in_the_middle_says_nothing() {
        assert_eq!(of(&[("a", 1, 7), ("a", 2, 8)]), []);
    }
}
