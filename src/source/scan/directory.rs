//! What is remembered of one directory.

use super::super::file::TranscriptFile;
use super::super::open::FileId;
use super::super::stat::Facts;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A time at which no directory was ever written, so that one with it is listed again.
pub(super) const NEVER: i64 = i64::MIN;
const DAY_NANOS: i64 = 86_400_000_000_000;

/// One directory below a root; its lists are in the order of the names' bytes.
#[derive(Debug)]
pub(super) struct Directory {
    /// Which of the roots it lies below.
    pub(super) root: usize,
    pub(super) id: Option<FileId>,
    /// When it was last written, as of just before it was listed.
    pub(super) mtime: i64,
    /// Whether a change after the listing would have moved that time for certain.
    pub(super) is_settled: bool,
    /// In which pass it was listed, so that one pass lists it once.
    pub(super) listed_in: u64,
    pub(super) files: Vec<Known>,
    pub(super) directories: Vec<Arc<Path>>,
    pub(super) others: Vec<Other>,
}

impl Directory {
    pub(super) const fn new(root: usize) -> Self {
        Self {
            root,
            id: None,
            mtime: NEVER,
            is_settled: false,
            listed_in: 0,
            files: Vec::new(),
            directories: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Gives back the room for names that it does not have.
    pub(super) fn shrink(&mut self) {
        self.files.shrink_to_fit();
        self.directories.shrink_to_fit();
        self.others.shrink_to_fit();
    }

    /// Says whether its names may be others than those that were listed.
    pub(super) fn may_differ(&self, facts: &Facts) -> bool {
        !self.is_settled || self.mtime != facts.mtime || self.id != Some(facts.id)
    }

    pub(super) fn count(&self, kind: OtherKind) -> u64 {
        self.others.iter().filter(|other| other.kind == kind).count() as u64
    }
}

/// One transcript that is followed.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) file: Arc<TranscriptFile>,
    /// The file's own time once more, so that a cold file is passed by without looking at it.
    pub(super) mtime: i64,
    /// Whether it changed since the scanner began.
    pub(super) is_followed: bool,
}

impl Known {
    pub(super) const fn is_warm(&self, now: i64) -> bool {
        self.is_followed || is_warm(self.mtime, now)
    }

    pub(super) fn name(&self) -> &[u8] {
        name_of(&self.file.path)
    }

    /// Says whether the file is as it was, its inode apart.
    pub(super) fn is_as_before(&self, facts: &Facts, meta_mtime: Option<i64>) -> bool {
        self.mtime == facts.mtime && self.file.size == facts.size && self.file.meta_mtime_unix_nano == meta_mtime
    }
}

/// Says whether something was written so lately that it is likely to be written again.
pub(super) const fn is_warm(mtime: i64, now: i64) -> bool {
    mtime >= now.saturating_sub(DAY_NANOS)
}

/// A name that stands for no transcript of its own.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) name: Box<OsStr>,
    pub(super) kind: OtherKind,
    pub(super) mtime: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherKind {
    /// A transcript without a byte.
    Empty,
    /// A further name of a file.
    Repeated,
    /// Something with a problem.
    Refused,
}

/// The last part of a path, cut without parsing it.
pub(super) fn name_of(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    memchr::memrchr(b'/', bytes).map_or(bytes, |slash| &bytes[slash + 1..])
}

pub(super) fn join(directory: &Path, name: &[u8]) -> PathBuf {
    let mut path = PathBuf::with_capacity(directory.as_os_str().len() + 1 + name.len());
    path.push(directory);
    path.push(OsStr::from_bytes(name));
    path
}

/// Walks a list of before beside the names of now, both in the same order.
#[derive(Debug)]
pub(super) struct Before<T> {
    rest: std::iter::Peekable<std::vec::IntoIter<T>>,
    name_of: fn(&T) -> &[u8],
    /// Those whose names are no more.
    pub(super) lost: Vec<T>,
}

impl<T> Before<T> {
    pub(super) fn new(list: Vec<T>, name_of: fn(&T) -> &[u8]) -> Self {
        Self { rest: list.into_iter().peekable(), name_of, lost: Vec::new() }
    }

    /// Takes what had this name; what had a smaller one is lost.
    pub(super) fn take(&mut self, name: &[u8]) -> Option<T> {
        let name_of = self.name_of;
        while let Some(smaller) = self.rest.next_if(|old| name_of(old) < name) {
            self.lost.push(smaller);
        }
        self.rest.next_if(|old| name_of(old) == name)
    }

    /// Whatever was not taken is lost.
    pub(super) fn into_lost(mut self) -> Vec<T> {
        self.lost.extend(self.rest);
        self.lost
    }
}
