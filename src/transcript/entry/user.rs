//! `user` records: prompts, results of tools, notices.

use std::borrow::Cow;

use crate::transcript::time::Millis;

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
