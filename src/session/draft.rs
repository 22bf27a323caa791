//! What is gathered of a session while its lines are read, before the whole is known.

use std::sync::Arc;

use super::chain::Position;
use super::facts::{ApiFailure, MomentKind};
use super::usage::TokenUsage;
use crate::transcript::claude::agent_meta::AgentMeta;
use crate::transcript::entry::ResultText;
use crate::transcript::time::Millis;

/// A stream of lines: the main file, or one agent's.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The agent's id; empty for the main file.
    pub agent_id: Arc<str>,
    pub is_internal: bool,
    pub meta: Option<AgentMeta>,
    pub attributed_type: Option<Arc<str>>,
    pub first: Option<Position>,
    pub last: Option<Position>,
    pub last_time: Option<Millis>,
    pub first_time: Option<Millis>,
    pub end_time: Option<Millis>,
    /// Whether the time of the end is that of the record before.
    pub is_end_lent: bool,
    pub prompt_fingerprint: Option<u64>,
    pub prompt_length: Option<u64>,
    /// The call that a progress record names as its start.
    pub progress_tool: Option<Arc<str>>,
    pub final_error: Option<ApiFailure>,
    pub is_interrupted: bool,
    pub context: usize,
    pub lines_without_id: u64,
}

/// A line that starts a turn, or may.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "`promptId` is the client's own word")]
pub(super) struct Prompt {
    pub position: Position,
    pub origin: super::facts::TurnOrigin,
    pub dequeued: Option<Millis>,
    pub prompt_id: Option<Arc<str>>,
    pub length: Option<u64>,
    pub images: u32,
    pub permission_mode: Option<Arc<str>>,
}

/// A fact with a place in the chain.
#[derive(Debug)]
pub(super) struct Mark {
    pub position: Position,
    pub kind: MarkKind,
}

#[derive(Debug)]
pub(super) enum MarkKind {
    Moment(MomentKind),
    FinalError(ApiFailure),
    Measured(Millis),
    Compaction {
        trigger: Option<Arc<str>>,
        pre_tokens: Option<u64>,
        post_tokens: Option<u64>,
        duration: Option<Millis>,
    },
    /// A summary without a mark of its own, as the oldest versions left it.
    Summary,
    Hook {
        event: Option<Arc<str>>,
        duration: Millis,
        failed: bool,
        number: usize,
    },
}

/// A response.
#[derive(Debug)]
pub(super) struct Call {
    pub id: Arc<str>,
    pub stream: usize,
    pub context: usize,
    pub first: Position,
    pub last: Position,
    pub first_time: Millis,
    pub last_time: Millis,
    /// Whether the last time is that of the record before.
    pub is_last_lent: bool,
    pub model: Option<Arc<str>>,
    pub requested_model: Option<Arc<str>>,
    pub request_id: Option<Arc<str>>,
    pub request_ref: Option<Arc<str>>,
    pub usage: TokenUsage,
    pub stop_reason: Option<Arc<str>>,
    pub effort: Option<Arc<str>>,
    pub speed: Option<Arc<str>>,
    pub service_tier: Option<Arc<str>>,
    pub cache_miss_reason: Option<Arc<str>>,
    pub thinking_duration: Option<Millis>,
    pub duration: Option<Millis>,
    pub cost_usd: Option<f64>,
    pub is_aborted: bool,
    pub copied_from: Option<Arc<str>>,
    pub tools: Vec<usize>,
}

/// A tool call.
#[derive(Debug)]
pub(super) struct Tool {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub call: usize,
    pub context: usize,
    pub position: Position,
    pub use_time: Millis,
    pub input_size: u64,
    pub program: Option<Arc<str>>,
    pub file_extension: Option<Arc<str>>,
    pub agent_type: Option<Arc<str>>,
    pub skill: Option<Arc<str>>,
    pub prompt_fingerprint: Option<u64>,
    pub result: Option<ToolEnd>,
    pub notified: Option<BackgroundEnd>,
    pub progress: Progress,
}

/// What progress records tell of a call.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub mcp_elapsed: Option<Millis>,
    /// When it began: the earliest of what the records allow.
    pub start: Option<Millis>,
}

/// The end of background work, as a notification tells it.
#[derive(Debug)]
pub(super) struct BackgroundEnd {
    pub time: Millis,
    pub status: Option<Arc<str>>,
}

/// A tool's result.
#[derive(Debug, Clone)]
pub(super) struct ToolEnd {
    pub position: Option<Position>,
    pub time: Millis,
    pub is_error: bool,
    pub size: u64,
    pub text: ResultText,
    pub own_text: ResultText,
    pub exit_code: Option<i64>,
    pub is_interrupted: bool,
    pub is_background: bool,
    pub timed_out: bool,
    pub agent_id: Option<Arc<str>>,
    pub agent_type: Option<Arc<str>>,
    pub duration: Option<Millis>,
    pub stdout_size: Option<u64>,
    pub stderr_size: Option<u64>,
    pub is_truncated: bool,
    pub lines_added: Option<u64>,
    pub lines_removed: Option<u64>,
    pub denial: Option<Arc<str>>,
    pub denied_before_run: bool,
    pub permission: Option<(Arc<str>, Option<Arc<str>>)>,
}
