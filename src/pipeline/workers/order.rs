//! Who does what next: families are read as workers are free, and come to own things in the order of the plan.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::family::ReadFamily;
use crate::pipeline::ledger::OwnedIds;
use crate::session::ownership;

/// So many encoded bytes wait for their turn; the family whose turn it is never waits for those of others.
const MOST_QUEUED: usize = 1024 * 1024;

/// So many bytes of transcripts are held, rebuilt, before their turn; the family whose turn it is needs no room.
const MOST_AHEAD: u64 = 16 * 1024 * 1024;

/// What a worker does next.
#[derive(Debug)]
pub(super) enum Job {
    /// Reads the family at this place of the plan.
    Read(usize),
    /// Hands over what is new of one that was read, and of which it is known by now what each session owns that nobody
    /// owned before.
    Emit(usize, Box<ReadFamily>, Vec<Vec<u64>>),
}

/// How far the whole has come.
#[derive(Debug)]
pub(super) struct Order {
    /// How many bytes each family has.
    sizes: Vec<u64>,
    /// So many families are read before the first of them is taken.
    window: usize,
    /// Set when nothing more is to be begun.
    stop: Arc<AtomicBool>,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    owned: OwnedIds,
    /// The first family that nobody reads yet.
    next: usize,
    /// Families whose turn to own has not come, by place.
    read: BTreeMap<usize, Box<ReadFamily>>,
    /// The first family that owns nothing yet.
    claimed: usize,
    /// The first family that was not taken as a whole.
    taken: usize,
    stopped: bool,
    /// Bytes of parts that nobody has taken yet.
    queued: usize,
}

impl Order {
    /// The order of families of so many bytes each, of which none was read.
    pub(super) fn new(sizes: Vec<u64>, window: usize, owned: OwnedIds, stop: Arc<AtomicBool>) -> Self {
        let state = Mutex::new(State { owned, ..State::default() });
        Self { sizes, window, stop, state, moved: Condvar::new() }
    }

    /// What is to be done next, once there is something; none when there is nothing left for this worker.
    pub(super) fn job(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            let place = state.claimed;
            if state.stopped || place >= self.sizes.len() {
                return None;
            }
            // What was read is handed over first: it takes room.
            if let Some(mut family) = state.read.remove(&place) {
                ownership::settle(&mut family.sessions, &state.owned);
                state.claimed += 1;
                let owned = state.owned.add(&family.sessions);
                drop(state);
                self.moved.notify_all();
                return Some(Job::Emit(place, family, owned));
            }
            if self.stop.load(Ordering::Relaxed) {
                // Others may wait for a family that nobody will read.
                drop(state);
                self.stop();
                return None;
            }
            if self.may_read(&state) {
                state.next += 1;
                return Some(Job::Read(state.next - 1));
            }
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether the next family that nobody reads yet may be read now.
    fn may_read(&self, state: &State) -> bool {
        let State { next, taken, .. } = *state;
        let ahead = self.sizes.get(taken + 1..=next).unwrap_or_default();
        ahead.iter().sum::<u64>() <= MOST_AHEAD && next < self.sizes.len().min(taken + self.window)
    }

    /// Keeps a family that was read until its turn comes.
    pub(super) fn keep(&self, place: usize, family: ReadFamily) {
        self.lock().read.insert(place, Box::new(family));
        self.moved.notify_all();
    }

    /// Notes that so many bytes wait, once there is room for them or it is the family's turn; none when nobody will take
    /// them.
    pub(super) fn queue(&self, place: usize, bytes: usize) -> Option<()> {
        if bytes == 0 {
            return Some(());
        }
        let has_room = |state: &mut State| state.stopped || state.queued < MOST_QUEUED || state.taken == place;
        let waiting = self.moved.wait_while(self.lock(), |state| !has_room(state));
        let mut state = waiting.unwrap_or_else(PoisonError::into_inner);
        state.queued += bytes;
        (!state.stopped).then_some(())
    }

    /// Notes that all families before `families` were taken, and so many bytes.
    pub(super) fn took(&self, families: usize, bytes: usize) {
        let mut state = self.lock();
        state.taken = families;
        state.queued = state.queued.saturating_sub(bytes);
        drop(state);
        self.moved.notify_all();
    }

    /// Ends it all.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A worker that panicked leaves counts behind that are still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(families: usize, window: usize) -> Order {
        Order::new(vec![1; families], window, OwnedIds::default(), Arc::default())
    }

    /// What comes next, shortly.
    fn next(order: &Order) -> String {
        match order.job() {
            None => "nothing".to_owned(),
            Some(Job::Read(place)) => format!("read {place}"),
            Some(Job::Emit(place, ..)) => format!("emit {place}"),
        }
    }

    #[test]
    fn whoever_waits_for_a_large_family_reads_the_next_ones() {
        let order = order(4, 3);
        assert_eq!([next(&order), next(&order)], ["read 0", "read 1"]);
        order.keep(1, ReadFamily::default());
        assert_eq!(next(&order), "read 2");
        order.keep(2, ReadFamily::default());
        order.keep(0, ReadFamily::default());
        assert_eq!([next(&order), next(&order), next(&order)], ["emit 0", "emit 1", "emit 2"]);
        order.took(1, 0);
        assert_eq!(next(&order), "read 3");
        order.keep(3, ReadFamily::default());
        assert_eq!([next(&order), next(&order)], ["emit 3", "nothing"]);
    }

    #[test]
    fn large_families_are_not_read_before_their_turn_beyond_what_memory_is_worth() {
        let order = Order::new(vec![2 * MOST_AHEAD, MOST_AHEAD, 1, 1], 4, OwnedIds::default(), Arc::default());
        let may_read = || order.may_read(&order.lock());
        assert_eq!([next(&order), next(&order)], ["read 0", "read 1"], "the first is no room's concern");
        assert!(!may_read(), "the third is too much beside the second");
        order.keep(0, ReadFamily::default());
        order.keep(1, ReadFamily::default());
        assert_eq!([next(&order), next(&order)], ["emit 0", "emit 1"]);
        assert!(!may_read(), "what is not taken as a whole is still held");
        order.took(1, 0);
        assert_eq!([next(&order), next(&order)], ["read 2", "read 3"]);
    }

    #[test]
    fn what_was_read_in_order_is_handed_over_after_a_stop_and_nothing_more_is_read() {
        let order = order(4, 4);
        assert_eq!([next(&order), next(&order), next(&order)], ["read 0", "read 1", "read 2"]);
        order.keep(0, ReadFamily::default());
        order.keep(2, ReadFamily::default());
        order.stop.store(true, Ordering::Relaxed);
        assert_eq!([next(&order), next(&order)], ["emit 0", "nothing"]);
        assert!(order.queue(2, 1).is_none(), "nobody takes what comes later");
    }

    #[test]
    fn the_family_whose_turn_it_is_does_not_wait_for_room() {
        let order = order(2, 2);
        assert!(order.queue(1, MOST_QUEUED).is_some());
        assert!(order.queue(0, 1).is_some());
        order.took(1, 1);
        assert!(order.queue(1, 1).is_some());
    }
}
