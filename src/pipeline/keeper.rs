//! Keeps the state open, and opens it again after a failure that may pass: a full disk, a lost mount.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::delivered::Delivered;
use super::workers::Memory;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::ladder::Opening;
use crate::checkpoint::lock::Lock;
use crate::checkpoint::rows::{Commit, Measured};
use crate::checkpoint::store::{Options, Store};

/// After a failure, nobody who only wants to look opens the state again for so long.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The state of one destination, for as long as this program holds it.
#[derive(Debug)]
pub struct Keeper {
    options: Options,
    slot: Mutex<Slot>,
    /// Dropped last: nobody else may open the state before it is closed.
    lock: Lock,
}

/// The open state, and what is known of its failures.
#[derive(Debug, Default)]
struct Slot {
    store: Option<Store>,
    failed_at: Option<Instant>,
    /// Whether it was said that what was delivered is not known; once is enough until it is known again.
    is_said: bool,
}

impl Keeper {
    /// Opens the state that is locked.
    pub fn open(lock: Lock, options: Options) -> Result<(Self, Opening), (StoreError, Lock)> {
        match Store::open(&lock, &options) {
            Ok((store, opening)) => {
                let slot = Mutex::new(Slot { store: Some(store), ..Slot::default() });
                Ok((Self { options, slot, lock }, opening))
            }
            Err(error) => Err((error, lock)),
        }
    }

    /// Does something with the state, opening it first if it had to be closed. After a failure that may pass it is
    /// closed, for the open one would go on to fail.
    pub fn with<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut slot = self.slot();
        let result = self.opened(&mut slot).and_then(work);
        match &result {
            Err(error) if error.is_retryable() => {
                *slot = Slot { store: None, failed_at: Some(Instant::now()), ..*slot }
            }
            Err(_) => {}
            Ok(_) => slot.failed_at = None,
        }
        result
    }

    /// The open state, opened again if it had to be closed.
    fn opened<'a>(&self, slot: &'a mut Slot) -> Result<&'a Store, StoreError> {
        if slot.store.is_none() {
            slot.store = Some(Store::open(&self.lock, &self.options)?.0);
        }
        slot.store.as_ref().ok_or_else(|| StoreError::Broken { dir: self.dir().to_path_buf() })
    }

    /// Looks something up; none where it cannot be known, of which is said once what follows.
    fn look_up<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Option<T> {
        let failed_at = self.slot().failed_at;
        if failed_at.is_some_and(|at| at.elapsed() < LOOK_AGAIN_AFTER) {
            return None;
        }
        let result = self.with(work);
        let is_said = std::mem::replace(&mut self.slot().is_said, result.is_err());
        result
            .inspect_err(|error| {
                if !is_said {
                    tracing::warn!(
                        %error,
                        "what was delivered before is not known; of what is read now, it is sent again under the same \
                         ids and counted anew"
                    );
                }
            })
            .ok()
    }

    /// Remembers a commit, whole or not at all.
    pub fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.with(|store| store.commit(commit))
    }

    /// What a session has added to series; nothing where that is not known.
    pub fn measured(&self, session: &str) -> Vec<Measured> {
        self.look_up(|store| store.measured(session)).unwrap_or_default()
    }

    /// Makes everything remembered so far outlive a crash of the machine.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.with(Store::flush)
    }

    /// The state's folder.
    pub fn dir(&self) -> &Path {
        self.lock.place().dir()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Whoever panicked has left the store whole: it commits in one step.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory for Keeper {
    fn delivered(&self, session: &str) -> Delivered {
        let spans = self.look_up(|store| store.delivered(session)).unwrap_or_default();
        Delivered::of(&spans)
    }
}
