//! Tells files and roots by what they are instead of by what they are called.

use super::super::file::TranscriptFile;
use super::super::open::FileId;
use hashbrown::{Equivalent, HashSet};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// A set of files in which each inode stands once.
#[derive(Debug, Default)]
pub(super) struct Ids(HashSet<ById>);

#[derive(Debug)]
struct ById(Arc<TranscriptFile>);

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ById {}

impl Equivalent<ById> for FileId {
    fn equivalent(&self, key: &ById) -> bool {
        *self == key.0.id
    }
}

impl Ids {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, id: FileId) -> Option<&Arc<TranscriptFile>> {
        self.0.get(&id).map(|by_id| &by_id.0)
    }

    /// Puts a file in the place of the one with the same inode.
    pub(super) fn put(&mut self, file: &Arc<TranscriptFile>) {
        self.0.replace(ById(Arc::clone(file)));
    }

    pub(super) fn take(&mut self, id: FileId) -> Option<Arc<TranscriptFile>> {
        self.0.take(&id).map(|by_id| by_id.0)
    }

    /// Takes the file out if it is the one that has this very name.
    pub(super) fn take_named(&mut self, file: &TranscriptFile) -> Option<Arc<TranscriptFile>> {
        self.get(file.id).is_some_and(|known| known.path == file.path).then(|| self.take(file.id)).flatten()
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Arc<TranscriptFile>> {
        self.0.drain().map(|by_id| by_id.0)
    }
}

/// Which directory a root is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RootIdentity {
    id: FileId,
    /// A directory that is made in the place of a deleted one mostly gets its inode, and is told by its birth alone.
    birth: Option<SystemTime>,
}

impl RootIdentity {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        if !metadata.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { id: FileId::of(&metadata), birth: metadata.created().ok() })
    }
}
