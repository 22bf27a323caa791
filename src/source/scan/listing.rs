//! Reads the names in one directory, sorted, into a buffer that serves for all directories.

use super::super::stat::Facts;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use std::io;
use std::path::Path;

/// The names in one directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    names: Vec<u8>,
    entries: Vec<Entry>,
}

/// One name, as a place in the buffer.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    end: usize,
    kind: FileType,
}

/// A directory held open, so that what its names mean is asked of this very directory.
#[derive(Debug)]
pub(super) struct OpenDirectory {
    directory: Dir,
    /// What was true of it before its names were read; a later change makes its time differ.
    pub(super) facts: Facts,
}

impl OpenDirectory {
    /// Says what stands under one of its names, which may be a link.
    pub(super) fn stat(&self, name: &[u8]) -> io::Result<Facts> {
        Ok(Facts::from(&rustix::fs::statat(self.directory.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }
}

impl Listing {
    /// Reads all names or none: half a directory would make the other half look deleted.
    pub(super) fn read(&mut self, path: &Path) -> io::Result<OpenDirectory> {
        self.names.clear();
        self.entries.clear();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty())?;
        let facts = Facts::from(&rustix::fs::fstat(&descriptor)?);
        let mut opened = OpenDirectory { directory: Dir::new(descriptor)?, facts };
        while let Some(entry) = opened.directory.read() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let start = self.names.len();
            self.names.extend_from_slice(name);
            self.entries.push(Entry { start, end: self.names.len(), kind: entry.file_type() });
        }
        for entry in &mut self.entries {
            // Some file systems do not say in the directory what a name is.
            if entry.kind == FileType::Unknown
                && let Ok(facts) = opened.stat(&self.names[entry.start..entry.end])
            {
                entry.kind = facts.kind;
            }
        }
        let names = &self.names;
        self.entries.sort_unstable_by(|a, b| names[a.start..a.end].cmp(&names[b.start..b.end]));
        Ok(opened)
    }

    /// Returns the names in the order of their bytes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], FileType)> {
        self.entries.iter().map(|entry| (&self.names[entry.start..entry.end], entry.kind))
    }

    /// Says whether the directory holds this name.
    pub(super) fn contains(&self, name: &[u8]) -> bool {
        self.entries.binary_search_by(|entry| self.names[entry.start..entry.end].cmp(name)).is_ok()
    }
}
