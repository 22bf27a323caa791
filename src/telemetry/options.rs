//! What the mapping may be told.

use std::sync::Arc;

use crate::privacy::Sanitizer;
use crate::privacy::options::{ContentOptions, Keeping};

/// What one trace holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TraceScope {
    /// One trace per turn; the session's span is a small trace of its own.
    #[default]
    Turn,
    /// One trace per session segment.
    Session,
}

/// How much of paths leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PathMode {
    /// Neither paths nor branches.
    None,
    /// The last part of the working folder, and the branch.
    #[default]
    Name,
    /// Keyed hashes of the working folder, of its last part and of the branch.
    Hash,
    /// The working folder too, with the home folder as `~`.
    Full,
}

/// The options of this stage.
#[derive(Debug, Clone, Default)]
pub struct MapOptions {
    /// What one trace holds.
    pub trace_scope: TraceScope,
    /// How much of paths leaves.
    pub paths: PathMode,
    /// The home folder: a project that is this folder is called `~`, since its name is the user's.
    pub home: Option<Arc<str>>,
    /// What every text goes through before it leaves.
    pub privacy: Arc<Sanitizer>,
    /// How much of what people and models wrote leaves.
    pub content: ContentOptions,
}

impl MapOptions {
    /// What is kept of texts while lines are read; none when none are wanted.
    pub fn keeping(&self) -> Option<Keeping> {
        let keeping = || Keeping { privacy: Arc::clone(&self.privacy), content: self.content };
        self.content.wants_texts().then(keeping)
    }
}
