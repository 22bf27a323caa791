//! What happens inside a turn beside calls: compactions and hooks.

use std::sync::Arc;

use crate::session::timing::Timing;

/// One compaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Compaction {
    /// The id of its mark: its identity.
    pub key: Arc<str>,
    /// The turn that it belongs to.
    pub turn: Option<usize>,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// `manual` or `auto`.
    pub trigger: Option<Arc<str>>,
    /// Tokens of context before.
    pub pre_tokens: Option<u64>,
    /// Tokens of context after.
    pub post_tokens: Option<u64>,
    /// The place of its line among the session's lines.
    pub position: usize,
    /// Whether it, and where it hangs, will not change any more.
    pub is_final: bool,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}

/// One hook with a recorded duration.
#[derive(Debug, Clone, PartialEq)]
pub struct HookRun {
    /// The id of its line, and its number on it: its identity.
    pub key: Arc<str>,
    /// The turn that it belongs to.
    pub turn: Option<usize>,
    /// Whether its line stands in that turn, or before it.
    pub is_in_turn: bool,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// `UserPromptSubmit`, `Stop`, ...
    pub event: Option<Arc<str>>,
    /// Whether it failed or was cancelled.
    pub failed: bool,
    /// The place of its line among the session's lines.
    pub position: usize,
    /// Whether it, and where it hangs, will not change any more.
    pub is_final: bool,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}
