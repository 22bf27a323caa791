//! Time and chance as values, so that tests need neither.

use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// Time, waiting and chance for retries.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Time passed since some fixed moment; never runs backwards.
    fn elapsed(&self) -> Duration;
    /// The time of day.
    fn now(&self) -> SystemTime;
    /// A number between 0 and 1, another each time, so that many senders do not come back at once.
    fn jitter(&self) -> f64;
    /// Waits.
    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's own.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts at zero.
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn jitter(&self) -> f64 {
        // The keys of the standard library's hash maps are random, which is chance enough for spreading retries.
        RandomState::new().hash_one(0_u8) as f64 / u64::MAX as f64
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(wait))
    }
}
