//! The embedded database, its errors sorted and its panics caught.

use std::fmt;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use super::error::StoreError;
use super::place::{make_private, private_folder};
use super::record::{TreeName, Unreadable};

/// What went wrong in the database.
#[derive(Debug)]
pub(super) enum Fault {
    /// The bytes on disk are not what was written.
    Damage(String),
    /// The disk does not let us; that says nothing of what is on it.
    Disk(io::Error),
    /// An earlier handle, perhaps one that is just being closed, still has the file.
    Held(io::Error),
}

impl Fault {
    /// Reading past an end, or at an impossible place, comes from lengths and places that are damaged themselves;
    /// whatever else a disk says is taken for its own trouble, since setting healthy state aside would be worse.
    pub(super) fn of_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::NotFound
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::NotADirectory => Self::Damage(error.to_string()),
            _ => Self::Disk(error),
        }
    }
}

impl Fault {
    /// The same as an error of the state in `dir`.
    pub(super) fn in_state(self, dir: &Path) -> StoreError {
        let dir = dir.to_path_buf();
        match self {
            Self::Damage(cause) => StoreError::Damaged { dir, cause },
            Self::Disk(source) | Self::Held(source) => StoreError::Unavailable { dir, source },
        }
    }
}

impl From<sled::Error> for Fault {
    fn from(error: sled::Error) -> Self {
        match error {
            // Only the text tells.
            sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock") => Self::Held(error),
            sled::Error::Io(error) => Self::of_io(error),
            other => Self::Damage(other.to_string()),
        }
    }
}

impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        Self::Damage(unreadable.to_string())
    }
}

/// What one write changes: a new value, or none to remove the row.
pub(super) type Change = (TreeName, Vec<u8>, Option<Vec<u8>>);

/// An open database. Whoever has one holds the lock on its place.
pub(super) struct Database {
    folder: PathBuf,
    /// None only while the value is dropped.
    open: Option<Open>,
}

struct Open {
    /// The one that everything is flushed through.
    db: sled::Db,
    /// In the order of [`TreeName::ALL`].
    trees: Vec<sled::Tree>,
}

impl Database {
    /// The cache decides both what the database takes of memory and how much it writes: with the default of 1 GiB
    /// a flush writes some fifty times more.
    const CACHE_BYTES: u64 = 2 * 1024 * 1024;

    /// How often an earlier handle is waited for, a moment each time: its last work is done in the background.
    const TRIES: u32 = 100;

    /// Opens or makes the database in `folder`.
    pub(super) fn open(folder: &Path) -> Result<Self, Fault> {
        for _ in 1..Self::TRIES {
            match Self::open_now(folder) {
                Err(Fault::Held(_)) => wait_a_moment(),
                result => return result,
            }
        }
        Self::open_now(folder)
    }

    fn open_now(folder: &Path) -> Result<Self, Fault> {
        private_folder(folder).map_err(Fault::of_io)?;
        let open = guarded(|| {
            // Its own flusher would wake up twice a second to sync a file that nobody wrote, for as long as we run.
            let db = sled::Config::new().path(folder).cache_capacity(Self::CACHE_BYTES).flush_every_ms(None).open()?;
            let trees: sled::Result<_> = TreeName::ALL.iter().map(|tree| db.open_tree(tree.name())).collect();
            Ok(Open { trees: trees?, db })
        })?;
        make_private(folder).map_err(Fault::of_io)?;
        Ok(Self { folder: folder.to_path_buf(), open: Some(open) })
    }

    fn opened(&self) -> Result<&Open, Fault> {
        self.open.as_ref().ok_or_else(|| Fault::Damage("the database is closed".to_owned()))
    }

    fn tree(&self, name: TreeName) -> Result<&sled::Tree, Fault> {
        let tree = self.opened()?.trees.get(name as usize);
        tree.ok_or_else(|| Fault::Damage(format!("there is no tree {}", name.name())))
    }

    /// The value under a key.
    pub(super) fn get(&self, tree: TreeName, key: &[u8]) -> Result<Option<sled::IVec>, Fault> {
        let tree = self.tree(tree)?;
        guarded(|| tree.get(key))
    }

    /// Shows every row of a tree, in the order of keys.
    pub(super) fn each(
        &self,
        tree: TreeName,
        mut show: impl FnMut(&[u8], &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut rows = self.tree(tree)?.iter();
        while let Some((key, value)) = guarded(|| rows.next().transpose())? {
            show(&key, &value)?;
        }
        Ok(())
    }

    /// The rows at the end of a tree, as far back as they can be read.
    pub(super) fn last_rows(&self, tree: TreeName) -> Vec<(sled::IVec, sled::IVec)> {
        let mut found = Vec::new();
        if let Ok(tree) = self.tree(tree) {
            let mut rows = tree.iter();
            while let Ok(Some(row)) = guarded(|| rows.next_back().transpose()) {
                found.push(row);
            }
        }
        found.reverse();
        found
    }

    /// Applies all changes or none.
    pub(super) fn apply(&self, changes: &[Change]) -> Result<(), Fault> {
        let trees = self.opened()?.trees.as_slice();
        guarded(|| {
            let written = trees.transaction(|trees| {
                for (name, key, value) in changes {
                    let tree = trees.get(*name as usize).ok_or(ConflictableTransactionError::Abort(()))?;
                    match value {
                        Some(value) => tree.insert(key.as_slice(), value.as_slice())?,
                        None => tree.remove(key.as_slice())?,
                    };
                }
                Ok(())
            });
            written.map_err(|error| match error {
                TransactionError::Storage(error) => error,
                TransactionError::Abort(()) => sled::Error::ReportableBug("a tree is missing".to_owned()),
            })
        })
    }

    /// Makes everything applied so far survive a loss of power.
    pub(super) fn flush(&self) -> Result<(), Fault> {
        let open = self.opened()?;
        guarded(|| open.db.flush())?;
        // The database only starts the writing out; this waits for it.
        File::open(self.folder.join("db")).and_then(|file| file.sync_all()).map_err(Fault::of_io)
    }
}

/// Without its contents, which would be read from the disk.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let open = self.open.take();
        // It writes out what it has when it is closed, and panics when it cannot; what is lost then is sent again.
        if catch_unwind(AssertUnwindSafe(|| drop(open))).is_err() {
            tracing::warn!(folder = %self.folder.display(), "the state could not be closed cleanly");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "at most half a second in all, when the state is opened or opened again")]
fn wait_a_moment() {
    std::thread::sleep(Duration::from_millis(5));
}

/// Runs what may panic on damaged files, and takes a panic for damage.
fn guarded<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(Fault::from),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            Err(Fault::Damage(format!("the database gave up: {said}")))
        }
    }
}
