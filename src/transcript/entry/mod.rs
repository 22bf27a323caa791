//! The neutral record that decoding yields: what a line says, without how it says it.

mod user;
mod assistant;
mod others;
mod texts;

use std::borrow::Cow;

pub use assistant::{Assistant, LineUsage, ToolUse};
pub use others::{ApiError, ApiRequest, CompactBoundary, CostState, CountedModel, Hook, Queue, QueueOperation};
pub use texts::{CallTexts, ResultTexts, Texts, Title};
pub use user::{Notification, Permission, ResultText, ToolResult, ToolUseResult, User, UserKind};

use super::time::Millis;

/// What nearly every record carries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Head<'a> {
    /// The record's own id.
    pub uuid: Option<Cow<'a, str>>,
    /// The record before it in the conversation.
    pub parent_uuid: Option<Cow<'a, str>>,
    /// The leaf before a compaction, on compact boundaries.
    pub logical_parent_uuid: Option<Cow<'a, str>>,
    /// The session that the record says it belongs to.
    pub session_id: Option<Cow<'a, str>>,
    /// The agent, on records of agent files.
    pub agent_id: Option<Cow<'a, str>>,
    /// When the record was made.
    pub timestamp: Option<Millis>,
    /// Whether it belongs to a subagent.
    pub is_sidechain: bool,
    /// Whether the client made it, not a person.
    pub is_meta: bool,
    /// The turn as the client numbers it; joins, but is no key.
    pub prompt_id: Option<Cow<'a, str>>,
    /// The session that a copied record came from.
    pub copied_from: Option<Cow<'a, str>>,
    /// The working folder.
    pub cwd: Option<Cow<'a, str>>,
    /// The branch.
    pub git_branch: Option<Cow<'a, str>>,
    /// The client's version.
    pub version: Option<Cow<'a, str>>,
    /// How the client was started: `cli`, `sdk-cli`, `claude-vscode`, ...
    pub entrypoint: Option<Cow<'a, str>>,
    /// `bg` on background sessions.
    pub session_kind: Option<Cow<'a, str>>,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// What nearly every record carries.
    pub head: Head<'a>,
    /// What this kind of record says.
    pub body: Body<'a>,
    /// What people, models and tools wrote in it, if that is wanted.
    pub texts: Option<Box<Texts<'a>>>,
}

/// The kinds of record that the reconstruction tells apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'a> {
    /// A `user` record.
    User(Box<User<'a>>),
    /// An `assistant` record.
    Assistant(Box<Assistant<'a>>),
    /// The client's own measure of a turn.
    TurnDuration {
        /// Wall time without the time spent in dialogs, in milliseconds.
        duration: Option<Millis>,
    },
    /// The summary of the hooks that ran when a turn stopped.
    StopHooks {
        /// Each hook's recorded duration in milliseconds.
        durations: Vec<Option<Millis>>,
    },
    /// A compaction's mark.
    CompactBoundary(CompactBoundary<'a>),
    /// Pruning of old tool results without a model call.
    Microcompact(CompactBoundary<'a>),
    /// One failed attempt of a request.
    ApiError(ApiError<'a>),
    /// A built-in command, as a `system` record.
    LocalCommand,
    /// The client switched the model by itself.
    ModelFallback {
        /// The model switched to.
        to: Option<Cow<'a, str>>,
    },
    /// A hook that ran, with what is known of it.
    Hook(Hook<'a>),
    /// A prompt or notification that was handed to a running turn.
    QueuedCommand {
        /// Whether it was a background task's notification.
        notification: Option<Notification<'a>>,
    },
    /// An operation on the queue of prompts.
    Queue(Queue<'a>),
    /// A request as it was sent.
    ApiRequest(ApiRequest<'a>),
    /// The session's totals as the client knows them.
    CostState(Box<CostState<'a>>),
    /// A pull request that the client has linked to the session.
    PullRequest {
        /// A fingerprint of its address: the client repeats the link.
        url_fingerprint: u64,
    },
    /// The conversation went on in another session.
    ContinuedIn {
        /// The session that goes on.
        session_id: Option<Cow<'a, str>>,
    },
    /// A subagent's progress: in its era the live join of an agent to its call.
    AgentProgress {
        /// The agent.
        agent_id: Option<Cow<'a, str>>,
        /// The call that started it.
        parent_tool_use_id: Option<Cow<'a, str>>,
    },
    /// The end of an MCP call with the client's own measure.
    McpProgress {
        /// The call.
        tool_use_id: Option<Cow<'a, str>>,
        /// Its duration in milliseconds, on completion.
        elapsed: Option<Millis>,
    },
    /// A running shell command.
    BashProgress {
        /// The call.
        tool_use_id: Option<Cow<'a, str>>,
        /// How long it runs, in milliseconds of whole seconds.
        elapsed: Option<Millis>,
    },
    /// A record that takes part in the chain, or in nothing, and says nothing that is needed.
    Other,
}
