//! What the mapping may be told.

use std::sync::Arc;

use super::prices::PriceTable;

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
    /// The working folder too.
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
    /// What calls cost.
    pub prices: Arc<PriceTable>,
}
