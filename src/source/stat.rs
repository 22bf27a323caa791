//! What the system says of a name without opening it.

use super::open::FileId;
use rustix::fs::{FileType, Stat};
use std::io;
use std::path::Path;

/// What is true of a file when it is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) id: FileId,
    pub(super) kind: FileType,
    pub(super) owner: u32,
    pub(super) size: u64,
    pub(super) mtime: i64,
}

impl Facts {
    /// Asks for what stands under this very name, which may be a link; allocates nothing.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&rustix::fs::lstat(path)?))
    }

    pub(super) fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }

    pub(super) fn is_directory(&self) -> bool {
        self.kind == FileType::Directory
    }
}

impl From<&Stat> for Facts {
    fn from(stat: &Stat) -> Self {
        let nanoseconds = stat.st_mtime_nsec as i64;
        Self {
            id: FileId { device: stat.st_dev, inode: stat.st_ino },
            kind: FileType::from_raw_mode(stat.st_mode),
            owner: stat.st_uid,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mtime: stat.st_mtime.saturating_mul(1_000_000_000).saturating_add(nanoseconds),
        }
    }
}
