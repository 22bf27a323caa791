//! What the follower and the courier tell each other beside parcels.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::counts::Counts;
use crate::telemetry::measure::gauges::OpenWork;

/// Something that whoever runs the watcher may want to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Everything that was there at the start is handed over or left out; from now on sessions are followed.
    Following {
        /// Sessions that were there.
        sessions: usize,
        /// Transcripts that were there.
        files: usize,
    },
    /// Sessions that were over before the first start's horizon were left out.
    LeftOut {
        /// How many.
        sessions: usize,
        /// The bytes of their files.
        bytes: u64,
    },
    /// Turns were left out, since the destination does not want them so old.
    TooOld {
        /// How many.
        turns: u64,
    },
    /// Something went wrong that was dealt with.
    Problem(String),
    /// A problem is over.
    Recovered(String),
}

/// State that both sides see.
#[derive(Debug, Default)]
pub struct Shared {
    /// Counted up when everything that was not remembered has to be rebuilt.
    generation: AtomicU64,
    /// The last parcel that was remembered.
    remembered: AtomicU64,
    stop: AtomicBool,
    /// When the follower last showed life, in milliseconds since 1970; zero while it waits for the courier.
    alive: AtomicI64,
    problems: Mutex<BTreeMap<&'static str, u64>>,
    open_work: Mutex<OpenWork>,
    /// What is counted, for whoever asks how the watcher is.
    pub counts: Counts,
}

impl Shared {
    /// Asks the follower to end after what it is doing.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whether the follower was asked to end.
    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// The generation whose parcels count.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Makes everything void that was not remembered.
    pub(super) fn start_over(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// The number of the last parcel that was remembered.
    pub(super) fn remembered(&self) -> u64 {
        self.remembered.load(Ordering::Acquire)
    }

    pub(super) fn set_remembered(&self, number: u64) {
        self.remembered.fetch_max(number, Ordering::AcqRel);
    }

    /// When the follower last showed life; none while it waits for the courier, as it must when nothing can be sent.
    pub fn alive(&self) -> Option<i64> {
        Some(self.alive.load(Ordering::Relaxed)).filter(|time| *time > 0)
    }

    pub(crate) fn set_alive(&self, now: Option<i64>) {
        self.alive.store(now.unwrap_or_default(), Ordering::Relaxed);
    }

    /// Counts a problem of a file or of following.
    pub fn count_problem(&self, kind: &'static str) {
        *self.problems().entry(kind).or_default() += 1;
    }

    /// Problems of files and of following by kind, since the start.
    pub fn problem_counts(&self) -> BTreeMap<&'static str, u64> {
        self.problems().clone()
    }

    /// What is under way in the sessions that are followed.
    pub fn open_work(&self) -> OpenWork {
        self.open_work.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says what is under way.
    pub(super) fn set_open(&self, tools: u64, turns: u64) {
        let mut work = self.open_work.lock().unwrap_or_else(PoisonError::into_inner);
        (work.tools, work.turns) = (tools, turns);
    }

    /// Says which sessions were not delivered, by the days that are left before the client deletes them.
    pub fn set_unexported(&self, unexported: Vec<(u64, u64)>) {
        self.open_work.lock().unwrap_or_else(PoisonError::into_inner).unexported = unexported;
    }

    fn problems(&self) -> MutexGuard<'_, BTreeMap<&'static str, u64>> {
        // Counts are whole whoever panicked.
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
