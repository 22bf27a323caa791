//! What a look at the roots found to be different.

use super::super::file::TranscriptFile;
use super::super::problem::SourceProblem;
use super::super::roots::Root;
use hashbrown::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is different from the look before; everything that exists is, at the first one.
#[derive(Debug, Default)]
pub struct Changes {
    /// Files that are new, or whose size, time of writing, inode or description differs, by path.
    pub changed: Vec<Arc<TranscriptFile>>,
    /// Files that are under no name any more, by path.
    pub gone: Vec<Arc<TranscriptFile>>,
    /// Files that have another name now: the old name, and the file under its new one.
    ///
    /// Such a file is among the changed ones only when it was written to as well, or took the name of another one.
    /// The same inode is all that ties the names, and file systems give it to new files again: what was read under
    /// the old name counts only when [`resume`](super::super::TranscriptReader::resume) says so.
    pub moved: Vec<(PathBuf, Arc<TranscriptFile>)>,
    /// What cannot be used; each problem is told once, until it changes or goes away.
    pub problems: Vec<SourceProblem>,
    /// Paths of problems that went away.
    pub recovered: Vec<PathBuf>,
    /// Roots that appeared, or are another directory than they were, so that events of theirs need a new watch.
    pub root_replaced: Vec<Root>,
    /// Whether directories were found that were unknown; what was written into them early may have caused no event.
    pub new_directories: bool,
    /// How many transcripts without a byte there are now; old clients leave them behind on resume.
    pub empty_files: u64,
    /// How many further names of known files there are now (hard links).
    pub repeated_files: u64,
}

impl Changes {
    /// Says whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
            && self.gone.is_empty()
            && self.moved.is_empty()
            && self.problems.is_empty()
            && self.recovered.is_empty()
            && self.root_replaced.is_empty()
            && !self.new_directories
    }
}

/// The problems that stand, so that each one is told once.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    texts: HashMap<PathBuf, String>,
}

impl Troubles {
    /// Tells the problem unless it was told in these words before.
    pub(super) fn note(&mut self, problem: SourceProblem, changes: &mut Changes) {
        let text = problem.to_string();
        if self.texts.get(problem.path()) != Some(&text) {
            self.texts.insert(problem.path().to_path_buf(), text);
            changes.problems.push(problem);
        }
    }

    /// Tells that the problem of this path went away, if there was one.
    pub(super) fn clear(&mut self, path: &Path, changes: &mut Changes) {
        if !self.texts.is_empty()
            && let Some((path, _)) = self.texts.remove_entry(path)
        {
            changes.recovered.push(path);
        }
    }
}
