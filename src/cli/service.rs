//! What the service manager is told: that the watcher is ready, and that it is alive.

use std::time::Duration;

use tokio::time::Instant;

use super::output::note;
use crate::pipeline::watch::Observer;

/// The way to the service manager, where there is one.
#[derive(Debug)]
pub(super) struct Service {
    /// How often it wants to hear that all is well.
    watchdog: Option<Duration>,
    heard: Option<Instant>,
}

impl Service {
    /// The service manager that the environment names.
    pub(super) fn of_environment() -> Self {
        Self { watchdog: sd_notify::watchdog_enabled(), heard: None }
    }

    /// Says that the watcher holds the state and has begun.
    pub(super) fn ready() {
        say(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status("catching up")]);
    }

    /// Says that the watcher has caught up.
    pub(super) fn following() {
        say(&[sd_notify::NotifyState::Status("following")]);
    }

    /// Says that the watcher is about to end.
    pub(super) fn stopping() {
        say(&[sd_notify::NotifyState::Stopping]);
    }
}

impl Observer for Service {
    fn alive(&mut self) {
        let Some(period) = self.watchdog else { return };
        if self.heard.is_none_or(|heard| heard.elapsed() >= period / 4) {
            self.heard = Some(Instant::now());
            say(&[sd_notify::NotifyState::Watchdog]);
        }
    }

    fn say(&mut self, text: &str) {
        note(text);
        say(&[sd_notify::NotifyState::Status(text)]);
    }
}

fn say(state: &[sd_notify::NotifyState<'_>]) {
    // Without a service manager this does nothing; with one that does not listen, nothing can be done.
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "the service manager was not told");
    }
}
