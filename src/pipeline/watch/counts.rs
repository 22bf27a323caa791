//! What a watcher counts of itself: plain numbers that anyone may read at any time, at the price of one addition each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the follower and the courier have done since the start, and how far behind they are.
#[derive(Debug, Default)]
pub struct Counts {
    lines: AtomicU64,
    commits: AtomicU64,
    sweeps: AtomicU64,
    missed_events: AtomicU64,
    lag_bytes: AtomicU64,
    /// Zero when nothing is behind.
    lag_since: AtomicI64,
    /// When the courier last kept its books; zero before it does for the first time.
    courier_alive: AtomicI64,
    is_following: AtomicBool,
    has_given_up: AtomicBool,
    problems: Mutex<BTreeMap<&'static str, u64>>,
}

/// What is not delivered yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Behind {
    /// Bytes that were written and are not known to be delivered.
    pub bytes: u64,
    /// When the oldest of them was written, in milliseconds since 1970; none when there are none.
    pub since: Option<i64>,
}

impl Counts {
    /// Lines read, each as often as it was read.
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }

    pub(crate) fn add_lines(&self, lines: u64) {
        self.lines.fetch_add(lines, Ordering::Relaxed);
    }

    /// Times that something was remembered as delivered.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) fn add_commits(&self, commits: u64) {
        self.commits.fetch_add(commits, Ordering::Relaxed);
    }

    /// What was met in lines and not understood, by kind, each as often as the line was read.
    pub fn problems(&self) -> BTreeMap<&'static str, u64> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn add_problems(&self, kind: &'static str, count: u64) {
        if count > 0 {
            *self.problems.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += count;
        }
    }

    /// Looks at everything.
    pub fn sweeps(&self) -> u64 {
        self.sweeps.load(Ordering::Relaxed)
    }

    pub(super) fn add_sweep(&self) {
        self.sweeps.fetch_add(1, Ordering::Relaxed);
    }

    /// Looks that found what no event had told of.
    pub fn missed_events(&self) -> u64 {
        self.missed_events.load(Ordering::Relaxed)
    }

    pub(super) fn add_missed_event(&self) {
        self.missed_events.fetch_add(1, Ordering::Relaxed);
    }

    /// What is not delivered yet.
    pub fn behind(&self) -> Behind {
        let since = Some(self.lag_since.load(Ordering::Relaxed)).filter(|since| *since != 0);
        Behind { bytes: self.lag_bytes.load(Ordering::Relaxed), since }
    }

    pub(crate) fn set_behind(&self, behind: Behind) {
        self.lag_bytes.store(behind.bytes, Ordering::Relaxed);
        self.lag_since.store(behind.since.unwrap_or_default(), Ordering::Relaxed);
    }

    /// When the courier last showed life, in milliseconds since 1970; none before it has begun.
    pub fn courier_alive(&self) -> Option<i64> {
        Some(self.courier_alive.load(Ordering::Relaxed)).filter(|time| *time > 0)
    }

    pub(crate) fn set_courier_alive(&self, now: i64) {
        self.courier_alive.store(now, Ordering::Relaxed);
    }

    /// Whether everything that was there at the start is handed over or left out.
    pub fn is_following(&self) -> bool {
        self.is_following.load(Ordering::Relaxed)
    }

    pub(crate) fn set_following(&self) {
        self.is_following.store(true, Ordering::Relaxed);
    }

    /// Whether the destination has failed in a way that no repetition mends, and nothing was taken since.
    pub fn has_given_up(&self) -> bool {
        self.has_given_up.load(Ordering::Relaxed)
    }

    pub(crate) fn set_given_up(&self, has_given_up: bool) {
        self.has_given_up.store(has_given_up, Ordering::Relaxed);
    }
}
