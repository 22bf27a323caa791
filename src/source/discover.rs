//! Walks the roots and says which transcripts exist now.

use super::classify::{Class, classify};
use super::open::{FileId, mtime_unix_nano};
use super::problem::SourceProblem;
use super::roots::Root;
use std::collections::HashSet;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// Everything that one walk found, in an order that depends on names alone.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The transcripts, by root and then by path.
    pub files: Vec<TranscriptFile>,
    /// How many transcripts without a byte were left out; old clients leave them behind on resume.
    pub empty_files: u64,
    /// How many further names of files that were found already were left out (roots within roots, hard links).
    pub repeated_files: u64,
    /// What could not be used.
    pub problems: Vec<SourceProblem>,
}

/// One transcript as the walk met it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptFile {
    /// Where it is.
    pub path: PathBuf,
    /// Where it is below its root.
    pub relative: PathBuf,
    /// Its size in bytes, never zero.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub mtime_unix_nano: i64,
    /// Which file it is, whatever it is called.
    pub id: FileId,
    /// What its path says that it holds.
    pub class: Class,
    /// The description that newer clients write beside an agent's file.
    pub meta_path: Option<PathBuf>,
}

/// Walks all roots; never fails as a whole.
pub fn discover(roots: &[Root]) -> Discovery {
    let mut walk = Walk { roots, found: Discovery::default(), seen: HashSet::new() };
    for root in roots {
        walk.descend(&root.path);
    }
    walk.found
}

struct Walk<'a> {
    roots: &'a [Root],
    found: Discovery,
    seen: HashSet<FileId>,
}

impl Walk<'_> {
    /// Depth first with a list of its own, since a hostile tree can be deeper than the call stack.
    fn descend(&mut self, root: &Path) {
        let mut waiting = self.list(root);
        while let Some((path, file_type)) = waiting.pop() {
            if file_type.is_dir() {
                waiting.append(&mut self.list(&path));
            } else if file_type.is_symlink() {
                self.meet_link(root, &path);
            } else {
                self.meet_file(root, path, file_type);
            }
        }
    }

    /// Lists a directory, last name first, so that taking from the end yields the names in order.
    fn list(&mut self, directory: &Path) -> Vec<(PathBuf, FileType)> {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(source) => {
                self.found.problems.push(SourceProblem::of_directory(directory, source));
                return Vec::new();
            }
        };
        let mut listed = Vec::new();
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                Ok(entry) => listed.push(entry),
                Err(source) => self.found.problems.push(SourceProblem::of_directory(directory, source)),
            }
        }
        listed.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        listed
    }

    fn meet_file(&mut self, root: &Path, path: PathBuf, file_type: FileType) {
        let Some((relative, class)) = classified(root, &path) else { return };
        if !file_type.is_file() {
            self.found.problems.push(SourceProblem::NotRegular { path });
            return;
        }
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(source) => {
                self.found.problems.push(SourceProblem::of_file(&path, source));
                return;
            }
        };
        if metadata.len() == 0 {
            self.found.empty_files += 1;
            return;
        }
        if !self.seen.insert(FileId::of(&metadata)) {
            self.found.repeated_files += 1;
            return;
        }
        self.found.files.push(TranscriptFile {
            meta_path: matches!(class, Class::Agent(_)).then(|| meta_beside(&path)).flatten(),
            relative,
            size: metadata.len(),
            mtime_unix_nano: mtime_unix_nano(&metadata),
            id: FileId::of(&metadata),
            class,
            path,
        });
    }

    /// Follows no link: what it leads to is found by itself, or lies where the user did not send us.
    fn meet_link(&mut self, root: &Path, path: &Path) {
        let named_as_transcript = classified(root, path).is_some();
        match fs::canonicalize(path) {
            Ok(target) if self.roots.iter().any(|root| target.starts_with(&root.path)) => {}
            Ok(target) if named_as_transcript || target.is_dir() => {
                self.found.problems.push(SourceProblem::SymlinkOutside { path: path.to_path_buf(), target });
            }
            Err(source) if named_as_transcript => {
                self.found.problems.push(SourceProblem::SymlinkBroken { path: path.to_path_buf(), source });
            }
            Ok(_) | Err(_) => {}
        }
    }
}

fn classified(root: &Path, path: &Path) -> Option<(PathBuf, Class)> {
    let relative = path.strip_prefix(root).ok()?;
    Some((relative.to_path_buf(), classify(root, relative)?))
}

fn meta_beside(transcript: &Path) -> Option<PathBuf> {
    let path = transcript.with_extension("meta.json");
    let is_file = |metadata: io::Result<fs::Metadata>| metadata.is_ok_and(|metadata| metadata.is_file());
    is_file(fs::symlink_metadata(&path)).then_some(path)
}

#[cfg(test)]
#[path = "discover_tests.rs"]
mod tests;
