//! What the service manager is told: that the watcher is ready, and that it is alive.
//!
//! It is told once for all destinations: ready when each has begun or failed, alive while every one of them is.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::output::{note, spoken};
use crate::pipeline::watch::Observer;

/// The way to the service manager, where there is one.
#[derive(Debug)]
pub(super) struct Service {
    shared: Arc<Mutex<Shared>>,
    members: usize,
}

#[derive(Debug)]
struct Shared {
    /// How often it wants to hear that all is well.
    watchdog: Option<Duration>,
    heard: Option<Instant>,
    is_ready: bool,
    members: Vec<Progress>,
}

/// How far one destination is.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    is_ready: bool,
    is_following: bool,
    /// Whether it showed life since the service manager last heard of it.
    is_alive: bool,
    /// Whether it has ended, so that nobody waits for it.
    is_gone: bool,
}

/// One destination's part. When its last copy is dropped, the destination has ended.
#[derive(Debug, Clone)]
pub(super) struct Member(Arc<Part>);

#[derive(Debug)]
struct Part {
    shared: Arc<Mutex<Shared>>,
    place: usize,
}

impl Service {
    /// The service manager that the environment names, for so many destinations.
    pub(super) fn of_environment(members: usize) -> Self {
        let shared = Shared {
            watchdog: sd_notify::watchdog_enabled(),
            heard: None,
            is_ready: false,
            members: vec![Progress::default(); members],
        };
        Self { shared: Arc::new(Mutex::new(shared)), members }
    }

    /// A part for each destination.
    pub(super) fn members(&self) -> RefCell<impl Iterator<Item = Member> + use<>> {
        let shared = Arc::clone(&self.shared);
        RefCell::new((0..self.members).map(move |place| Member(Arc::new(Part { shared: Arc::clone(&shared), place }))))
    }
}

impl Shared {
    fn tell_when_ready(&mut self) {
        let is_all = self.members.iter().all(|member| member.is_ready || member.is_gone);
        // When all have failed there is nothing to be ready for.
        if is_all && self.members.iter().any(|member| member.is_ready) && !std::mem::replace(&mut self.is_ready, true) {
            say(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status("catching up")]);
        }
    }
}

impl Part {
    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Whoever panicked left whole flags behind.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) -> MutexGuard<'_, Shared> {
        let mut shared = self.lock();
        if let Some(member) = shared.members.get_mut(self.place) {
            change(member);
        }
        shared
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.change(|member| member.is_gone = true).tell_when_ready();
    }
}

impl Member {
    /// Says that this one holds its state and has begun.
    pub(super) fn ready(&self) {
        self.0.change(|member| member.is_ready = true).tell_when_ready();
    }

    /// Says that this one has caught up.
    pub(super) fn following(&self) {
        let shared = self.0.change(|member| member.is_following = true);
        if shared.members.iter().all(|member| member.is_following || member.is_gone) {
            say(&[sd_notify::NotifyState::Status("following")]);
        }
    }

    /// Says that the watcher is about to end.
    pub(super) fn stopping(&self) {
        let _shared = self.0.lock();
        say(&[sd_notify::NotifyState::Stopping]);
    }
}

impl Observer for Member {
    fn alive(&mut self) {
        let mut shared = self.0.change(|member| member.is_alive = true);
        let Some(period) = shared.watchdog else { return };
        // One that hangs must not be covered up by the others.
        let is_all = shared.members.iter().all(|member| member.is_alive || member.is_gone || !member.is_ready);
        if is_all && shared.heard.is_none_or(|heard| heard.elapsed() >= period / 4) {
            shared.heard = Some(Instant::now());
            shared.members.iter_mut().for_each(|member| member.is_alive = false);
            say(&[sd_notify::NotifyState::Watchdog]);
        }
    }

    fn say(&mut self, text: &str) {
        note(text);
        say(&[sd_notify::NotifyState::Status(&spoken(text))]);
    }
}

fn say(state: &[sd_notify::NotifyState<'_>]) {
    // Without a service manager this does nothing; with one that does not listen, nothing can be done.
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "the service manager was not told");
    }
}
