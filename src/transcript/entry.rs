//! The neutral record that decoding yields: what a line says, without how it says it.

use std::borrow::Cow;

use super::names::BlockType;
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
    /// A switch of the model as told to the model.
    Model {
        /// The model's id.
        id: Option<Cow<'a, str>>,
    },
    /// An operation on the queue of prompts.
    Queue(Queue<'a>),
    /// A request as it was sent.
    ApiRequest(ApiRequest<'a>),
    /// The session's totals as the client knows them.
    CostState(Box<CostState<'a>>),
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

/// What a `user` record turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// A person's or program's prompt.
    Prompt,
    /// A slash command or skill whose prompt file was expanded.
    PromptCommand,
    /// Results of tools.
    ToolResult,
    /// The summary that a compaction leaves.
    CompactSummary,
    /// Text that the client added for the model.
    Meta,
    /// A built-in command such as `/model`.
    LocalCommand,
    /// The `/compact` command, a line of the turn that its compaction is.
    CompactCommand,
    /// What a local command or shell line printed, and notices of the kind.
    LocalOutput,
    /// A shell line typed after `!`.
    BashInput,
    /// The notice that a person interrupted the turn.
    Interrupt,
    /// A background task's end, told to the model.
    TaskNotification,
    /// A message from another agent.
    Peer,
    /// Work that a schedule started.
    Scheduled,
    /// The client warming its cache.
    Warmup,
}

/// A `user` record.
#[derive(Debug, Clone, PartialEq)]
pub struct User<'a> {
    /// What it is.
    pub kind: UserKind,
    /// Where the prompt came from, by the client's own words.
    pub origin: Option<Cow<'a, str>>,
    /// The length of its text in characters.
    pub text_length: u64,
    /// A fingerprint of its text, to join prompts with what they started.
    pub text_fingerprint: u64,
    /// The number of images.
    pub images: u32,
    /// The permission mode that a prompt was given under.
    pub permission_mode: Option<Cow<'a, str>>,
    /// The message that an interrupt cut.
    pub interrupted_message_id: Option<Cow<'a, str>>,
    /// The results in it: one in every version seen.
    pub results: Vec<ToolResult<'a>>,
    /// What the client recorded of the tool's own result.
    pub outcome: ToolUseResult<'a>,
    /// `user-rejected` or `interrupted`.
    pub denial: Option<Cow<'a, str>>,
    /// Whether the denial came before the tool ran.
    pub denied_before_run: bool,
    /// How permission was decided.
    pub permission: Option<Permission<'a>>,
    /// The background task that a notification tells of.
    pub notification: Option<Notification<'a>>,
}

/// How permission for a call was decided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Permission<'a> {
    /// `accept` or `reject`.
    pub decision: Option<Cow<'a, str>>,
    /// `config`, `user_temporary`, ...
    pub source: Option<Cow<'a, str>>,
}

/// A background task's end as the client tells the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notification<'a> {
    /// The call that started the task.
    pub tool_use_id: Option<Cow<'a, str>>,
    /// The task, for an agent the agent's id.
    pub task_id: Option<Cow<'a, str>>,
    /// `completed`, `failed`, `killed`, ...
    pub status: Option<Cow<'a, str>>,
}

/// What a result's text says about its outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ResultText {
    /// Nothing special.
    #[default]
    Plain,
    /// A person did not want the call.
    Rejected,
    /// A rule, hook or missing permission stopped the call.
    Denied,
    /// The call was cut while it ran.
    Interrupted,
    /// The call ran out of time.
    TimedOut,
    /// The result was made up when the session was resumed.
    MadeUp,
    /// A sibling call's failure cancelled it.
    Cancelled,
    /// The call was not valid.
    Invalid,
}

/// One `tool_result` block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolResult<'a> {
    /// The call.
    pub tool_use_id: Option<Cow<'a, str>>,
    /// The block's own flag.
    pub is_error: bool,
    /// Bytes of text.
    pub size: u64,
    /// What the text says about the outcome.
    pub text: ResultText,
    /// The exit code that the text names.
    pub exit_code: Option<i64>,
}

/// What the client kept of a tool's own result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolUseResult<'a> {
    /// What a textual result says about the outcome.
    pub text: ResultText,
    /// Whether a person interrupted the tool.
    pub interrupted: bool,
    /// The background task that the call became.
    pub background_task_id: Option<Cow<'a, str>>,
    /// The limit that the call ran into, in milliseconds.
    pub timed_out_after: Option<Millis>,
    /// `completed`, `async_launched`, ...
    pub status: Option<Cow<'a, str>>,
    /// The agent that the call started.
    pub agent_id: Option<Cow<'a, str>>,
    /// The agent's type.
    pub agent_type: Option<Cow<'a, str>>,
    /// The client's own measure of the call, in milliseconds.
    pub duration: Option<Millis>,
    /// Bytes on standard output.
    pub stdout_size: Option<u64>,
    /// Bytes on standard error.
    pub stderr_size: Option<u64>,
    /// Whether the output was cut and kept elsewhere.
    pub truncated: bool,
    /// Lines added to files.
    pub lines_added: Option<u64>,
    /// Lines removed from files.
    pub lines_removed: Option<u64>,
}

/// The usage of one response, as one line records it. Absent is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineUsage {
    /// Uncached input tokens.
    pub input: Option<u64>,
    /// Output tokens, thinking included.
    pub output: Option<u64>,
    /// Tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Tokens written to the cache, of any lifetime.
    pub cache_creation: Option<u64>,
    /// Of these, tokens kept five minutes.
    pub cache_creation_5m: Option<u64>,
    /// Of these, tokens kept an hour.
    pub cache_creation_1h: Option<u64>,
    /// Of the output, tokens of thinking.
    pub thinking: Option<u64>,
    /// Web searches that the server made.
    pub web_searches: Option<u64>,
}

/// An `assistant` record: one block of a response, or the whole of it in the oldest versions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assistant<'a> {
    /// The response's id, the same on all of its lines.
    pub message_id: Option<Cow<'a, str>>,
    /// The model that answered.
    pub model: Option<Cow<'a, str>>,
    /// Why the response ended; absent on lines written before it did.
    pub stop_reason: Option<Cow<'a, str>>,
    /// The usage as far as the line knows it.
    pub usage: LineUsage,
    /// `standard` or `fast`.
    pub speed: Option<Cow<'a, str>>,
    /// The service tier.
    pub service_tier: Option<Cow<'a, str>>,
    /// Why the cache missed.
    pub cache_miss_reason: Option<Cow<'a, str>>,
    /// The id of the HTTP request.
    pub request_id: Option<Cow<'a, str>>,
    /// The `api-request` record.
    pub request_ref: Option<Cow<'a, str>>,
    /// The model that was asked for.
    pub requested_model: Option<Cow<'a, str>>,
    /// The effort asked for.
    pub effort: Option<Cow<'a, str>>,
    /// How long the thinking block streamed, in milliseconds.
    pub thinking_duration: Option<Millis>,
    /// The whole call's duration, in the oldest versions.
    pub duration: Option<Millis>,
    /// Whether the stream was cut.
    pub is_aborted: bool,
    /// Whether the line is an error shown to the person, no model's answer.
    pub is_api_error: bool,
    /// The error's class: `rate_limit`, `server_error`, ...
    pub error: Option<Cow<'a, str>>,
    /// The error's HTTP status.
    pub error_status: Option<i64>,
    /// The agent type that the client charges the call to.
    pub attribution_agent: Option<Cow<'a, str>>,
    /// The kinds of its blocks.
    pub blocks: Vec<BlockType>,
    /// The calls in it.
    pub tool_uses: Vec<ToolUse<'a>>,
}

/// One `tool_use` block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolUse<'a> {
    /// The call's id.
    pub id: Option<Cow<'a, str>>,
    /// The tool's name.
    pub name: Option<Cow<'a, str>>,
    /// Bytes of the input as it stands on disk.
    pub input_size: u64,
    /// The program that a shell command runs, when it runs just one.
    pub program: Option<String>,
    /// The extension of the file that it works on.
    pub file_extension: Option<String>,
    /// The agent type that it starts.
    pub agent_type: Option<Cow<'a, str>>,
    /// The skill that it starts.
    pub skill: Option<Cow<'a, str>>,
    /// A fingerprint of the prompt that it gives an agent.
    pub prompt_fingerprint: Option<u64>,
    /// Whether it asks to run in the background.
    pub run_in_background: bool,
}

/// A compaction's mark.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompactBoundary<'a> {
    /// `manual` or `auto`.
    pub trigger: Option<Cow<'a, str>>,
    /// Tokens of context before.
    pub pre_tokens: Option<u64>,
    /// Tokens of context after.
    pub post_tokens: Option<u64>,
    /// How long the summary took, in milliseconds.
    pub duration: Option<Millis>,
}

/// One failed attempt of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApiError<'a> {
    /// The HTTP status.
    pub status: Option<i64>,
    /// The attempt's number.
    pub attempt: Option<u64>,
    /// The wait before the next attempt, in milliseconds.
    pub retry_in: Option<Millis>,
    /// The connection's error code.
    pub code: Option<Cow<'a, str>>,
}

/// A hook that ran.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hook<'a> {
    /// `UserPromptSubmit`, `Stop`, ...
    pub event: Option<Cow<'a, str>>,
    /// Its duration in milliseconds.
    pub duration: Option<Millis>,
    /// Whether it failed or was cancelled.
    pub failed: bool,
}

/// The operations on the queue of prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOperation {
    /// A prompt was put in.
    Enqueue,
    /// The first prompt was taken out to start a turn.
    Dequeue,
    /// A prompt was taken out to join the running turn.
    Remove,
    /// All prompts went back to the input box.
    PopAll,
    /// An operation without a known name.
    Unknown,
}

/// A `queue-operation` record.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue<'a> {
    /// What was done.
    pub operation: QueueOperation,
    /// A fingerprint of the prompt.
    pub text_fingerprint: Option<u64>,
    /// The background task that it tells of.
    pub notification: Option<Notification<'a>>,
}

/// An `api-request` record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApiRequest<'a> {
    /// Its id, named by `requestRef` on assistant lines.
    pub id: Option<Cow<'a, str>>,
    /// What asked: `sdk`, `repl_main_thread`, `agent:builtin:...`.
    pub query_source: Option<Cow<'a, str>>,
    /// The model asked for.
    pub model: Option<Cow<'a, str>>,
    /// The limit of output tokens.
    pub max_tokens: Option<u64>,
}

/// The session's totals as the client knows them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CostState<'a> {
    /// When the counting began.
    pub start_time: Option<Millis>,
    /// How long it counts, in milliseconds.
    pub total_duration: Option<Millis>,
    /// The cost in US dollars.
    pub total_cost_usd: Option<f64>,
    /// Usage per model.
    pub models: Vec<(Cow<'a, str>, LineUsage)>,
}
