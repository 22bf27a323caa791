//! Generated sessions in memory.

use std::fs;
use std::io;

use crate::corpus::{self, Wanted, transcripts};

/// Transcripts as they lie on disk, those of agents apart: stages are fed with sessions' own files.
#[derive(Debug)]
pub(crate) struct Lines(Vec<(String, Vec<u8>)>);

/// Generates so many bytes.
pub(crate) fn generated(bytes: u64) -> io::Result<Lines> {
    let folder = tempfile::tempdir()?;
    let (root, _) = corpus::tree(folder.path(), Wanted { bytes, seed: 5 })?;
    let mut paths = transcripts(&root)?;
    paths.retain(|path| !path.components().any(|part| part.as_os_str() == "subagents"));
    // In the order of their names, so that every run has the same.
    paths.sort();
    let name = |path: &std::path::Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| Ok((name(path), fs::read(path)?))).collect::<io::Result<_>>().map(Lines)
}

impl Lines {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, text)| text.len() as u64).sum()
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|(_, text)| text.as_slice())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.files().flat_map(of)
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(id, text)| (id.as_str(), text.as_slice()))
    }
}

/// The lines of one file.
pub(crate) fn of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest)?;
        let line = &rest[..end];
        rest = &rest[end + 1..];
        Some(line)
    })
}
