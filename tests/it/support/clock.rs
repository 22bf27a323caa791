//! A clock that writes waits down instead of waiting.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use claude_otel::export::clock::Clock;

/// Time passes only by waiting, and waiting is instant.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    waits: Mutex<Vec<Duration>>,
}

impl TestClock {
    /// Every wait so far, in whole seconds.
    pub(crate) fn waited_seconds(&self) -> Vec<u64> {
        self.waits.lock().unwrap().iter().map(Duration::as_secs).collect()
    }
}

impl Clock for TestClock {
    fn elapsed(&self) -> Duration {
        self.waits.lock().unwrap().iter().sum()
    }

    /// 1994-11-06 08:49:37 UTC, the moment that the HTTP specification uses for its dates.
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    /// The most that jitter adds up to: waits of our own are then whole seconds.
    fn jitter(&self) -> f64 {
        1.0
    }

    fn sleep(&self, wait: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.waits.lock().unwrap().push(wait);
        Box::pin(tokio::task::yield_now())
    }
}
