//! One transcript as it lies on disk.

use super::classify::Class;
use super::open::FileId;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One transcript as it was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes; zero only when it was emptied after it had been found.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub mtime_unix_nano: i64,
    /// Which file it is, whatever it is called.
    pub id: FileId,
    /// What its path says that it holds.
    pub class: Class,
    /// When the description beside an agent's file was last written, in nanoseconds since 1970, if there is one.
    pub meta_mtime_unix_nano: Option<i64>,
    /// How many bytes of the path name the root, which spares every file a second path.
    pub(super) root_bytes: usize,
}

impl TranscriptFile {
    /// Says where it is below its root.
    pub fn relative(&self) -> &Path {
        let below = self.path.as_os_str().as_bytes().get(self.root_bytes..).unwrap_or_default();
        Path::new(OsStr::from_bytes(below.strip_prefix(b"/").unwrap_or(below)))
    }

    /// Names the description that newer clients write beside an agent's file, if there is one.
    pub fn meta_path(&self) -> Option<PathBuf> {
        self.meta_mtime_unix_nano.map(|_| self.path.with_extension("meta.json"))
    }
}
