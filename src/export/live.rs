//! What becomes of what is sent, as it happens: plain numbers that anyone may read at any time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::totals::DeliveryTotals;
use crate::telemetry::signal::Signal;

/// The upper bounds of the buckets of durations, in seconds.
pub const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// So many durations wait for whoever takes them; more are counted in the buckets only.
const MOST_FRESH: usize = 1024;

/// The counts of all signals of a destination. They grow for as long as the program runs, whatever becomes of the
/// exporters that share them.
#[derive(Debug, Clone, Default)]
pub struct LiveTotals {
    signals: [Arc<LiveSignal>; 3],
}

impl LiveTotals {
    /// Those of one signal.
    pub fn of(&self, signal: Signal) -> &Arc<LiveSignal> {
        let [traces, metrics, logs] = &self.signals;
        match signal {
            Signal::Traces => traces,
            Signal::Metrics => metrics,
            Signal::Logs => logs,
        }
    }

    /// Whether the last request with something that is told only once was not taken, whatever may come of the next.
    pub fn is_refused(&self) -> bool {
        [Signal::Traces, Signal::Logs].into_iter().any(|signal| self.of(signal).is_refused.load(Ordering::Relaxed))
    }
}

/// The counts of one signal.
#[derive(Debug, Default)]
pub struct LiveSignal {
    delivered: AtomicU64,
    rejected: AtomicU64,
    dead_lettered: AtomicU64,
    retries: AtomicU64,
    is_refused: AtomicBool,
    durations: Mutex<Durations>,
}

/// How long requests took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durations {
    /// Requests by the first of [`BOUNDS`] that is not below them; the last are longer than all.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// All together, in seconds.
    pub sum: f64,
    /// Those that nobody has taken yet, in seconds.
    fresh: Vec<f64>,
}

impl LiveSignal {
    /// What became of items so far; what is counted elsewhere is zero.
    pub fn totals(&self) -> DeliveryTotals {
        DeliveryTotals {
            delivered: self.delivered.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            dead_lettered: self.dead_lettered.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            ..DeliveryTotals::default()
        }
    }

    /// How long requests took, all of them.
    pub fn durations(&self) -> Durations {
        let durations = self.lock();
        Durations { buckets: durations.buckets, sum: durations.sum, fresh: Vec::new() }
    }

    /// How long those requests took that were not asked for before, in seconds.
    pub fn take_fresh(&self) -> Vec<f64> {
        std::mem::take(&mut self.lock().fresh)
    }

    pub(super) fn accepted(&self, delivered: u64, rejected: u64) {
        self.delivered.fetch_add(delivered, Ordering::Relaxed);
        self.rejected.fetch_add(rejected, Ordering::Relaxed);
    }

    pub(super) fn dead_lettered(&self, items: u64) {
        self.dead_lettered.fetch_add(items, Ordering::Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// A request was answered, or not in time.
    pub(crate) fn attempted(&self, took: Duration, is_refused: bool) {
        self.is_refused.store(is_refused, Ordering::Relaxed);
        let seconds = took.as_secs_f64();
        let mut durations = self.lock();
        let place = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        if let Some(bucket) = durations.buckets.get_mut(place) {
            *bucket += 1;
        }
        durations.sum += seconds;
        if durations.fresh.len() < MOST_FRESH {
            durations.fresh.push(seconds);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Durations> {
        // Counts are whole whoever panicked.
        self.durations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_the_bucket_that_ends_at_them_and_are_taken_once() {
        let live = LiveSignal::default();
        for millis in [5, 6, 60_000] {
            live.attempted(Duration::from_millis(millis), false);
        }
        let durations = live.durations();
        assert_eq!((durations.buckets[0], durations.buckets[1], durations.buckets[12]), (1, 1, 1));
        assert!((durations.sum - 60.011).abs() < 1e-9);
        assert_eq!(live.take_fresh(), [0.005, 0.006, 60.0]);
        assert_eq!(live.take_fresh(), Vec::<f64>::new());
    }

    #[test]
    fn only_what_is_told_once_makes_a_destination_refuse() {
        let totals = LiveTotals::default();
        totals.of(Signal::Metrics).attempted(Duration::ZERO, true);
        assert!(!totals.is_refused());
        totals.of(Signal::Logs).attempted(Duration::ZERO, true);
        assert!(totals.is_refused());
        totals.of(Signal::Logs).attempted(Duration::ZERO, false);
        assert!(!totals.is_refused());
    }
}
