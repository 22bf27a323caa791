//! Keeps the state open, and opens it again after a failure that may pass: a full disk, a lost mount.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::delivered::Delivered;
use super::workers::Memory;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::ladder::Opening;
use crate::checkpoint::lock::Lock;
use crate::checkpoint::rows::{Commit, Measured};
use crate::checkpoint::store::{Options, Store};

/// The state of one destination, for as long as this program holds it.
#[derive(Debug)]
pub struct Keeper {
    options: Options,
    store: Mutex<Option<Store>>,
    /// Dropped last: nobody else may open the state before it is closed.
    lock: Lock,
}

impl Keeper {
    /// Opens the state that is locked.
    pub fn open(lock: Lock, options: Options) -> Result<(Self, Opening), (StoreError, Lock)> {
        match Store::open(&lock, &options) {
            Ok((store, opening)) => Ok((Self { options, store: Mutex::new(Some(store)), lock }, opening)),
            Err(error) => Err((error, lock)),
        }
    }

    /// Does something with the state, opening it first if it had to be closed. After a failure that may pass it is
    /// closed, for the open one would go on to fail.
    pub fn with<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut slot = self.slot();
        if slot.is_none() {
            *slot = Some(Store::open(&self.lock, &self.options)?.0);
        }
        let Some(store) = slot.as_ref() else { return Err(StoreError::Broken { dir: self.dir().to_path_buf() }) };
        let result = work(store);
        if result.as_ref().is_err_and(StoreError::is_retryable) {
            *slot = None;
        }
        result
    }

    /// Remembers a commit, whole or not at all.
    pub fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.with(|store| store.commit(commit))
    }

    /// What a session has added to series; nothing where that is not known.
    pub fn measured(&self, session: &str) -> Vec<Measured> {
        self.with(|store| store.measured(session)).unwrap_or_else(|error| {
            tracing::warn!(%error, session, "what was counted of it is not known; it is counted anew");
            Vec::new()
        })
    }

    /// Makes everything remembered so far outlive a crash of the machine.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.with(Store::flush)
    }

    /// The state's folder.
    pub fn dir(&self) -> &Path {
        self.lock.place().dir()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Store>> {
        // Whoever panicked has left the store whole: it commits in one step.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory for Keeper {
    fn delivered(&self, session: &str) -> Delivered {
        match self.with(|store| store.delivered(session)) {
            Ok(spans) => Delivered::of(&spans),
            Err(error) => {
                tracing::warn!(%error, session, "what was delivered is not known; it is sent again under the same ids");
                Delivered::of(&[])
            }
        }
    }
}
