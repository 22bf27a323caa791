//! Turns.

use std::sync::Arc;

use super::place::LinePlace;
use crate::session::timing::Timing;
use crate::transcript::time::Millis;

/// How a turn came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnOrigin {
    /// A person typed a prompt.
    Human,
    /// A program gave a prompt.
    Sdk,
    /// A background task's end started work by itself.
    TaskNotification,
    /// A schedule did.
    Scheduled,
    /// Another agent did.
    Peer,
    /// A command or shell line did, or a manual compaction.
    Command,
    /// The transcript does not say.
    Unknown,
}

impl TurnOrigin {
    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Sdk => "sdk",
            Self::TaskNotification => "task_notification",
            Self::Scheduled => "scheduled",
            Self::Peer => "peer",
            Self::Command => "command",
            Self::Unknown => "unknown",
        }
    }
}

/// How a turn or an agent run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// It came to its end.
    Completed,
    /// A person interrupted it.
    Interrupted,
    /// The API failed for good.
    Error,
    /// It has no end on record.
    Unfinished,
}

impl RunOutcome {
    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Interrupted => "interrupted",
            Self::Error => "error",
            Self::Unfinished => "unfinished",
        }
    }
}

/// A moment inside a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub time: Millis,
    /// What.
    pub kind: MomentKind,
}

/// A request that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiFailure {
    /// The error's class.
    pub class: Arc<str>,
    /// The HTTP status.
    pub status: Option<i64>,
    /// The HTTP request's id.
    pub request_id: Option<Arc<str>>,
}

/// The kinds of moments.
#[derive(Debug, Clone, PartialEq)]
pub enum MomentKind {
    /// An attempt of a request failed.
    ApiError {
        /// The HTTP status.
        status: Option<i64>,
        /// The attempt's number.
        attempt: Option<u64>,
        /// The wait before the next one, in milliseconds.
        retry_in: Option<Millis>,
    },
    /// A request failed for good.
    ApiFailure(ApiFailure),
    /// A person interrupted.
    Interrupt,
    /// The model was switched.
    ModelChange {
        /// The model that answers from now on.
        to: Option<Arc<str>>,
    },
    /// A queued prompt or notification joined the running turn.
    QueuedPrompt,
    /// Old tool results were pruned without a model call.
    Microcompaction,
}

/// One thing that the agent was asked, and all that came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The id of its first line: its identity.
    pub key: Arc<str>,
    /// Its number in the session, from 1.
    pub index: u64,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// How it came about.
    pub origin: TurnOrigin,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The class of the final error.
    pub error_type: Option<Arc<str>>,
    /// The client's own number for it.
    pub prompt_id: Option<Arc<str>>,
    /// Characters of the prompt.
    pub prompt_length: Option<u64>,
    /// Images in the prompt.
    pub prompt_images: u32,
    /// The permission mode at the prompt.
    pub permission_mode: Option<Arc<str>>,
    /// The client's own measure, without the time in dialogs.
    pub measured: Option<Millis>,
    /// Moments inside it.
    pub moments: Vec<Moment>,
    /// Whether a compaction came before it in the session.
    pub is_compacted: bool,
    /// Whether it is nothing but a manual compaction.
    pub is_compaction: bool,
    /// Whether nothing on record says that it is over.
    pub is_open: bool,
    /// Whether something of it still awaits a result: then it stays open for longer.
    pub is_pending: bool,
    /// The file time of its latest genuine line.
    pub last_line: Millis,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
    /// The place of its first line among the session's lines.
    pub position: usize,
    /// Where its first line stands in the session's files.
    pub place: LinePlace,
}
