//! What happened in a session: the words of the domain, as `docs/glossary.md` explains them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::timing::Timing;
use super::usage::TokenUsage;
use crate::transcript::problem::Problem;
use crate::transcript::time::Millis;

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
}

/// One response of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmCall {
    /// The message id: its identity.
    pub id: Arc<str>,
    /// What it is a part of.
    pub parent: Parent,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// The model that answered.
    pub model: Option<Arc<str>>,
    /// The model asked for.
    pub requested_model: Option<Arc<str>>,
    /// The HTTP request's id.
    pub request_id: Option<Arc<str>>,
    /// The limit of output tokens that the request set.
    pub max_tokens: Option<u64>,
    /// What asked for it, in the client's words.
    pub query_source: Option<Arc<str>>,
    /// The tokens.
    pub usage: TokenUsage,
    /// Why it ended; absent when no line says so, and then the output tokens are a lower bound.
    pub stop_reason: Option<Arc<str>>,
    /// The effort asked for.
    pub effort: Option<Arc<str>>,
    /// `standard` or `fast`.
    pub speed: Option<Arc<str>>,
    /// The service tier.
    pub service_tier: Option<Arc<str>>,
    /// Why the cache missed.
    pub cache_miss_reason: Option<Arc<str>>,
    /// Milliseconds of thinking.
    pub thinking_duration: Option<Millis>,
    /// Requests made for it, failed ones included, where they are on record.
    pub attempts: Option<u64>,
    /// Whether the stream was cut.
    pub is_aborted: bool,
    /// Whether a compaction came before it.
    pub is_compacted: bool,
    /// The place of its last line among the session's lines, where that is the main file.
    pub last_main_position: Option<usize>,
    /// Whether it is work of the client itself: compaction, suggestions.
    pub is_auxiliary: bool,
    /// The session that its line says it was copied from.
    pub copied_from: Option<Arc<str>>,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}

/// How an agent run was joined to what started it, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// The side file names the call.
    Meta,
    /// The call's result names the agent.
    Result,
    /// A progress record names both.
    Progress,
    /// The prompt's text is the same.
    Text,
    /// Only the time fits.
    Time,
    /// Nothing fits.
    None,
}

impl Join {
    /// The attribute's value, present only where the parent was guessed.
    pub const fn guess(self) -> Option<&'static str> {
        match self {
            Self::Meta | Self::Result | Self::Progress => None,
            Self::Text => Some("text"),
            Self::Time => Some("time"),
            Self::None => Some("none"),
        }
    }
}

/// One run of a subagent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentRun {
    /// The agent's id: its identity.
    pub id: Arc<str>,
    /// The agent's type.
    pub agent_type: Option<Arc<str>>,
    /// The call that started it.
    pub tool: Option<usize>,
    /// The turn that it belongs to, at any depth.
    pub turn: Option<usize>,
    /// The agent that started it.
    pub parent_agent: Option<usize>,
    /// How deep it is nested, from 1.
    pub depth: u32,
    /// How it was joined.
    pub join: Join,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The class of the final error.
    pub error_type: Option<Arc<str>>,
    /// Whether it ran in the background.
    pub is_background: bool,
    /// Characters of its prompt.
    pub prompt_length: Option<u64>,
    /// Whether its result or notification stands in the turn before the turn's end.
    pub is_within_turn: bool,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}

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
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}

/// A stretch of a session's turns.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its number in the session, from 1.
    pub index: u64,
    /// Its turns: places in the session's list.
    pub turns: Vec<usize>,
    /// When.
    pub timing: Timing,
    /// Whether it may still grow.
    pub is_open: bool,
}

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartType {
    /// From nothing.
    Fresh,
    /// By going on after a pause.
    Resume,
    /// As a copy of another session.
    Fork,
    /// By taking over from another session.
    Continue,
}

impl StartType {
    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Resume => "resume",
            Self::Fork => "fork",
            Self::Continue => "continue",
        }
    }
}

/// Usage that the client's own totals prove and that no line shows.
#[derive(Debug, Clone, PartialEq)]
pub struct HiddenUsage {
    /// The model.
    pub model: Arc<str>,
    /// The tokens.
    pub usage: TokenUsage,
}

/// A fact that is counted and is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The id of its line as a number: the same in every copy that keeps ids.
    pub line: u128,
    /// The place of its line among the session's lines.
    pub position: usize,
    /// What it is.
    pub kind: CountedKind,
}

/// The kinds of counted facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedKind {
    /// A failed attempt of a request.
    ApiRetry,
    /// An API error for good.
    ApiError,
    /// An interrupt by a person.
    Interrupt,
    /// A built-in command.
    LocalCommand,
    /// A turn measured by the client, in milliseconds.
    MeasuredTurn(Millis),
    /// Images in a prompt.
    PromptImages(u32),
}

/// Everything that is known of one session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    /// The session's id.
    pub id: Arc<str>,
    /// The session that this one was copied from or took over from.
    pub previous: Option<(Arc<str>, Option<StartType>)>,
    /// The time of its first timestamped line in file order.
    pub first_time: Option<Millis>,
    /// Where the client ran, as often as that changed.
    pub contexts: Vec<Context>,
    /// Turns in the order of their first lines.
    pub turns: Vec<Turn>,
    /// Responses in the order of their first lines.
    pub calls: Vec<LlmCall>,
    /// Tool calls in the order of their lines.
    pub tools: Vec<ToolCall>,
    /// Agent runs.
    pub agents: Vec<AgentRun>,
    /// Compactions.
    pub compactions: Vec<Compaction>,
    /// Hooks with recorded durations.
    pub hooks: Vec<HookRun>,
    /// Segments.
    pub segments: Vec<Segment>,
    /// Hidden usage by model.
    pub hidden: Vec<HiddenUsage>,
    /// Facts that are no spans.
    pub counted: Vec<Counted>,
    /// The session that the conversation went on in.
    pub continued_in: Option<Arc<str>>,
    /// What was not understood, and how often.
    pub problems: BTreeMap<Problem, u64>,
}
