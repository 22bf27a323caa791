//! Says once which transcripts exist now.

use super::file::TranscriptFile;
use super::owner::OwnerRule;
use super::problem::SourceProblem;
use super::roots::Root;
use super::scan::{Scanner, Sweep};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// Everything that one walk found, in an order that depends on names alone.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The transcripts, by root and then by path.
    pub files: Vec<TranscriptFile>,
    /// How many transcripts without a byte were left out; old clients leave them behind on resume.
    pub empty_files: u64,
    /// How many further names of files that were found already were left out (hard links).
    pub repeated_files: u64,
    /// What could not be used.
    pub problems: Vec<SourceProblem>,
}

/// Walks all roots; never fails as a whole.
pub fn discover(roots: &[Root], rule: OwnerRule) -> Discovery {
    let found = Scanner::new(roots.to_vec(), rule).sweep(Sweep::Full, i64::MAX);
    let mut files: Vec<_> = found.changed.into_iter().map(Arc::unwrap_or_clone).collect();
    files.sort_by_key(|file| {
        let root = file.path.as_os_str().as_bytes().get(..file.root_bytes);
        roots.iter().position(|known| Some(known.path.as_os_str().as_bytes()) == root)
    });
    let (empty_files, repeated_files) = (found.empty_files, found.repeated_files);
    Discovery { files, empty_files, repeated_files, problems: found.problems }
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
