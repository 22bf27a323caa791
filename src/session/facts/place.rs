//! Where things stand: what they are a part of, and where the client ran.

use std::sync::Arc;

/// What a line says about where the client ran. Lines of one session may differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The client's version.
    pub version: Option<Arc<str>>,
    /// How the client was started.
    pub entrypoint: Option<Arc<str>>,
    /// The working folder.
    pub cwd: Option<Arc<str>>,
    /// The branch.
    pub branch: Option<Arc<str>>,
    /// `bg` in a background session.
    pub session_kind: Option<Arc<str>>,
}

/// What a thing is a part of. Numbers are places in the session's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// A turn.
    Turn(usize),
    /// An agent run.
    Agent(usize),
}

/// Where a line stands: the number of its main file, for a session may have copies, and its offset in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinePlace {
    /// The number of the file, in the order in which they are read.
    pub file: usize,
    /// The offset of the line's first byte.
    pub offset: u64,
}
