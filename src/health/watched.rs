//! One destination's watcher, as its health sees it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::export::live::LiveTotals;
use crate::pipeline::watch::{Clock, Shared};

/// What has not shown life for so long, in milliseconds, hangs.
const HANGS_AFTER_MS: i64 = 120_000;

/// How often each rule has taken something out of what leaves, by the rules' names.
pub type Redactions = Arc<dyn Fn() -> Vec<(String, u64)> + Send + Sync>;

/// A watcher of one destination: everything there is to ask it.
#[derive(Clone)]
pub struct Watched {
    /// The name of its state, as `status` shows it.
    pub name: String,
    /// What the follower and the courier say of themselves.
    pub shared: Arc<Shared>,
    /// What became of what was sent.
    pub live: LiveTotals,
    /// The time.
    pub clock: Clock,
    /// What was taken out; none where nothing is.
    pub redactions: Option<Redactions>,
}

impl Watched {
    /// Why it counts as hanging, if it does.
    pub fn hangs(&self) -> Option<&'static str> {
        let now = (self.clock)();
        let is_old = |last: Option<i64>| last.is_some_and(|last| now - last >= HANGS_AFTER_MS);
        // A follower without a time waits for the courier, for as long as the destination takes nothing.
        if is_old(self.shared.alive()) {
            Some("following shows no life")
        } else if is_old(self.shared.counts.courier_alive()) {
            Some("delivering shows no life")
        } else {
            None
        }
    }

    /// Why it does not deliver what is written right now, if it does not.
    pub fn is_not_ready(&self) -> Option<&'static str> {
        if let Some(reason) = self.hangs() {
            Some(reason)
        } else if self.shared.counts.has_given_up() || self.live.is_refused() {
            Some("the destination takes nothing; it is tried again, and nothing is lost")
        } else if self.shared.counts.is_following() {
            None
        } else {
            Some("catching up")
        }
    }

    /// How long ago the oldest of what is not delivered was written, in seconds.
    pub fn lag_seconds(&self) -> f64 {
        let since = self.shared.counts.behind().since;
        since.map_or(0.0, |since| ((self.clock)() - since).max(0) as f64 / 1000.0)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All watchers of this process; each is put on when it begins.
#[derive(Debug, Default)]
pub struct Board {
    watched: Mutex<Vec<Watched>>,
}

impl Board {
    /// Puts a watcher on.
    pub fn put(&self, watched: Watched) {
        self.lock().push(watched);
    }

    /// Those that are on.
    pub fn all(&self) -> Vec<Watched> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
