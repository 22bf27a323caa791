//! Opens the state of a destination, waiting for whoever holds it if asked to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::destination::DestinationArgs;
use super::output::note;
use super::selection::{ShapeArgs, millis};
use super::stop::Stop;
use super::{ExitCode, Surroundings};
use crate::checkpoint::about::Settings;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::ladder::Opening;
use crate::checkpoint::lock::{Holder, Lock, LockError};
use crate::checkpoint::mirror::Mirror;
use crate::checkpoint::store::{Options, Store};
use crate::checkpoint::wait::Wait;
use crate::config::{Target, TargetError};
use crate::export::destination::Destination;
use crate::pipeline::keeper::Keeper;
use crate::telemetry::ids::{IdKind, Identity, SCHEME_NUMBER};

/// An open state, and what opening it found.
#[derive(Debug)]
pub(super) struct OpenState {
    pub keeper: Keeper,
    /// What the last state's mirror says, should that state be lost.
    pub lost: Option<Lost>,
}

/// A state that was begun anew.
#[derive(Debug)]
pub(super) struct Lost {
    /// The copy of the lost one, if there is any.
    pub mirror: Option<Mirror>,
    /// Where the lost one was put.
    pub set_aside: PathBuf,
}

impl Lost {
    /// How often the state was begun anew, this time included.
    pub(super) fn rebuilds(&self) -> u64 {
        self.mirror.as_ref().map_or(0, |mirror| mirror.health.rebuilds) + 1
    }
}

/// Why it could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum StateError {
    #[error("{0}; --wait waits for it")]
    Held(LockError),
    #[error("stopped while it waited for the state; nothing was read or sent")]
    Stopped(ExitCode),
    #[error(transparent)]
    Lock(LockError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The folder of a destination's state: by the name that the user gave it, else by what the destination is.
pub(super) fn folder(destination: &Destination, name: Option<&str>, surroundings: &Surroundings) -> PathBuf {
    let own = name.map_or_else(|| folder_name(destination), str::to_owned);
    surroundings.state_dir().join("destinations").join(own)
}

/// The same for a destination that may have a name.
pub(super) fn folder_of(target: &Target, surroundings: &Surroundings) -> PathBuf {
    folder(&target.destination, target.name.as_deref(), surroundings)
}

/// What the state of a destination is called, as `status` shows it.
pub(super) fn name_of(target: &Target) -> String {
    target.name.clone().unwrap_or_else(|| folder_name(&target.destination))
}

/// The same for commands that send nothing: with a name, it does not matter where that would go.
pub(super) fn folder_by(args: &DestinationArgs, surroundings: &Surroundings) -> Result<PathBuf, TargetError> {
    match &args.name {
        Some(name) => Ok(surroundings.state_dir().join("destinations").join(name)),
        None => Ok(folder_of(&args.resolve_one(surroundings)?, surroundings)),
    }
}

/// A folder of its own for every destination: what one has acknowledged, another has not.
pub(super) fn folder_name(destination: &Destination) -> String {
    Identity::new(IdKind::Session, &destination.identity(), "destination").span_id().to_string()
}

/// What the state has to know about this program.
pub(super) fn options(surroundings: &Surroundings) -> Options {
    Options {
        id_scheme: SCHEME_NUMBER,
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        now_unix_ms: surroundings.now,
    }
}

/// Takes the lock. `wait` says for how long another holder is waited for.
pub(super) async fn lock(
    dir: &Path,
    command: &str,
    mut wait: Wait,
    surroundings: &Surroundings,
) -> Result<Lock, StateError> {
    let holder = Holder {
        pid: std::process::id(),
        since: surroundings.now,
        command: command.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut is_told = false;
    loop {
        match Lock::take(dir, &holder) {
            Ok(lock) => return Ok(lock),
            Err(held @ LockError::Held { .. }) => {
                let Some(pause) = wait.next() else { return Err(StateError::Held(held)) };
                if !std::mem::replace(&mut is_told, true) {
                    note(&format!("{held}; waiting for it"));
                }
                tokio::time::sleep(pause).await;
            }
            Err(error) => return Err(StateError::Lock(error)),
        }
    }
}

/// Takes the lock and opens the state, unless it is asked to stop first.
pub(super) async fn open(
    dir: PathBuf,
    command: &str,
    wait: Wait,
    stop: &mut Stop,
    surroundings: &Surroundings,
) -> Result<OpenState, StateError> {
    let mut asked = stop.clone();
    let lock = tokio::select! {
        lock = lock(&dir, command, wait, surroundings) => lock?,
        () = asked.asked() => return Err(StateError::Stopped(stop.code().unwrap_or(ExitCode::Terminated))),
    };
    let (keeper, opening) = Keeper::open(lock, options(surroundings)).map_err(|(error, _)| error)?;
    if let Some(text) = told_of(&opening) {
        note(&text);
    }
    let lost = match opening {
        Opening::Rebuilt { mirror, set_aside, .. } => Some(Lost { mirror: mirror.map(|mirror| *mirror), set_aside }),
        Opening::Fresh | Opening::Opened | Opening::Mended { .. } => None,
    };
    Ok(OpenState { keeper, lost })
}

/// What there is to be told of an opening, if anything.
pub(super) fn told_of(opening: &Opening) -> Option<String> {
    match opening {
        Opening::Fresh | Opening::Opened => None,
        Opening::Mended { cause, set_aside } => Some(format!(
            "the state was damaged ({cause}) and is whole again; a copy of it as it was is in {}",
            set_aside.display()
        )),
        Opening::Rebuilt { cause, set_aside, .. } => Some(format!(
            "the state was damaged ({cause}) and is begun anew; the old one is in {}; what it cannot be shown to have delivered is sent again under the same ids",
            set_aside.display()
        )),
    }
}

/// The wait that the flag asks for: not at all, for ever, or for so long.
#[expect(clippy::option_option, reason = "absent, without a value, and with one are three things")]
pub(super) fn wait(flag: Option<Option<Duration>>) -> Wait {
    match flag {
        None => Wait::not_at_all(),
        Some(None) => Wait::for_ever(),
        Some(Some(total)) => Wait::at_most(total),
    }
}

/// Remembers the options that ids depend on, and says when they are not those of the last run.
pub(super) fn check_settings(keeper: &Keeper, shape: &ShapeArgs) -> Result<Settings, StoreError> {
    let settings = Settings {
        session_idle_ms: millis(shape.shown.session_idle),
        max_open_ms: millis(shape.shown.max_open),
        trace_scope: shape.trace_scope.name().to_owned(),
    };
    let before = keeper.with(Store::about)?.settings;
    if let Some(before) = before.as_ref().filter(|before| **before != settings) {
        note(&format!(
            "the last run cut sessions by --session-idle {} ms --max-open {} ms --trace-scope {}; with other values the spans of what goes on get other ids, and what was sent stays as it is",
            before.session_idle_ms, before.max_open_ms, before.trace_scope
        ));
    }
    if before.as_ref() != Some(&settings) {
        keeper.with(|store| store.set_settings(&settings))?;
    }
    Ok(settings)
}
