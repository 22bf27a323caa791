//! What happens in sessions, one event for each line of `live --plain`.

use serde::Serialize;

use crate::privacy::Sanitized;
use crate::transcript::time::Millis;
use crate::view::amounts::{Cost, Tokens};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A turn began.
    TurnStart,
    /// A tool was called.
    ToolStart,
    /// An agent began.
    AgentStart,
    /// The person is asked something.
    Waiting,
    /// A request failed and is tried again.
    Retry,
    /// The context was compacted.
    Compaction,
    /// A tool's result is there.
    ToolEnd,
    /// An agent is done.
    AgentEnd,
    /// A turn is over.
    TurnEnd,
}

/// Something that happened in a session. What is not known is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// When, in milliseconds since 1970, as the transcript says.
    pub time_unix_ms: Millis,
    /// What.
    pub event: EventKind,
    /// The session.
    pub session: Sanitized,
    /// The last part of its working folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Sanitized>,
    /// The number of the turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    /// The turn's line, the call, the agent, the compaction: starts and ends have the same.
    pub id: Sanitized,
    /// The tool, the agent's type, where a turn came from, what triggered a compaction.
    pub name: Sanitized,
    /// The agents that it happened in, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<Sanitized>,
    /// What it is about, on one line, as far as the content level goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Sanitized>,
    /// How it ended, in the words of the attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<Millis>,
    /// The program's exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Bytes of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_bytes: Option<i64>,
    /// The tokens of a turn or an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// The cost of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Tokens of context before and after a compaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<(i64, Option<i64>)>,
    /// The number of the attempt that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u64>,
    /// The HTTP status of the attempt that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
}
