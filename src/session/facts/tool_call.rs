//! Calls of tools.

use std::sync::Arc;

use super::place::Parent;
use crate::session::timing::Timing;

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ToolOutcome {
    /// It did its work.
    Success,
    /// It failed.
    Error,
    /// A person did not want it.
    Rejected,
    /// A rule, a hook or a missing permission stopped it.
    Denied,
    /// A person interrupted it.
    Interrupted,
    /// It ran out of time.
    TimedOut,
    /// It has no genuine result.
    Orphaned,
}

impl ToolOutcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 7] =
        [Self::Success, Self::Error, Self::Rejected, Self::Denied, Self::Interrupted, Self::TimedOut, Self::Orphaned];

    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Rejected => "rejected",
            Self::Denied => "denied",
            Self::Interrupted => "interrupted",
            Self::TimedOut => "timed_out",
            Self::Orphaned => "orphaned",
        }
    }
}

/// One call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The `tool_use` id: its identity.
    pub id: Arc<str>,
    /// What it is a part of.
    pub parent: Parent,
    /// The response that asked for it.
    pub call: usize,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// The tool.
    pub name: Arc<str>,
    /// How it ended.
    pub outcome: ToolOutcome,
    /// The result's own flag.
    pub is_error: bool,
    /// Whether a result stands on record at all.
    pub has_result: bool,
    /// Whether it went on in the background.
    pub is_background: bool,
    /// Bytes of input.
    pub input_size: u64,
    /// Bytes of the result's text.
    pub result_size: Option<u64>,
    /// Bytes on standard output.
    pub stdout_size: Option<u64>,
    /// Bytes on standard error.
    pub stderr_size: Option<u64>,
    /// Whether the output was cut.
    pub is_truncated: bool,
    /// The program's exit code.
    pub exit_code: Option<i64>,
    /// The program, when a shell command runs just one.
    pub program: Option<Arc<str>>,
    /// The extension of the file worked on.
    pub file_extension: Option<Arc<str>>,
    /// Lines added to files.
    pub lines_added: Option<u64>,
    /// Lines removed from files.
    pub lines_removed: Option<u64>,
    /// How permission was decided.
    pub permission: Option<(Arc<str>, Option<Arc<str>>)>,
    /// The skill that it started.
    pub skill: Option<Arc<str>>,
    /// Whether it, and where it hangs, will not change any more.
    pub is_final: bool,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}
