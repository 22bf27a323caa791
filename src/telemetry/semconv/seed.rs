//! Names of the two systems that came before this one, for whoever has dashboards made for them.

names! {
    /// The provider, by its older name.
    GEN_AI_SYSTEM = "gen_ai.system";
    /// The model.
    MODEL = "model";
    /// The tool.
    TOOL_NAME = "tool.name";
    /// How long the call took, in milliseconds.
    DURATION_MS = "duration_ms";
    /// The same.
    TOOL_DURATION_MS = "tool.duration_ms";
    /// The exit code of a shell command.
    EXIT_CODE = "exit_code";
    /// Whether it failed.
    ERROR = "error";
    /// The result's own flag.
    TOOL_IS_ERROR = "tool.is_error";
    /// `success` or `error`.
    TOOL_STATUS = "tool.status";
    /// The `tool_use` id.
    TOOL_USE_ID = "tool.use_id";
    /// Bytes of the result's text.
    RESPONSE_BYTES = "response_bytes";
    /// Whether the output was cut.
    RESPONSE_TRUNCATED = "response.truncated";
    /// Bytes on standard output.
    STDOUT_BYTES = "stdout_bytes";
    /// Bytes on standard error.
    STDERR_BYTES = "stderr_bytes";
    /// Input tokens that no cache held.
    TOKENS_INPUT = "tokens.input";
    /// Output tokens.
    TOKENS_OUTPUT = "tokens.output";
    /// Input tokens read from the cache.
    TOKENS_CACHE_READ = "tokens.cache_read";
    /// Input tokens written to the cache.
    TOKENS_CACHE_CREATION = "tokens.cache_creation";
    /// All of them.
    TOKENS_TOTAL = "tokens.total";
    /// The turn's number, or how many there are.
    TURNS = "turns";
    /// Tool calls.
    TOOLS_USED = "tools_used";
    /// The tools, each once, with commas between them.
    TOOL_NAMES = "tool_names";
    /// How long the session's segment took, in milliseconds.
    SESSION_DURATION_MS = "session.duration_ms";
    /// How long its turns took on average.
    PROMPT_LATENCY_AVG_MS = "prompt.latency_avg_ms";
    /// How long the shortest of them took.
    PROMPT_LATENCY_MIN_MS = "prompt.latency_min_ms";
    /// How long the longest of them took.
    PROMPT_LATENCY_MAX_MS = "prompt.latency_max_ms";
    /// How many turns these are.
    PROMPT_LATENCY_COUNT = "prompt.latency_count";
    /// `manual` or `auto`, on the span.
    COMPACTION_TRIGGER = "compaction.trigger";
    /// `manual` or `auto`, on the event.
    TRIGGER = "trigger";
    /// The turn, on its event.
    TURN = "turn";
    /// Input tokens of the turn, on its event.
    INPUT_TOKENS = "input_tokens";
    /// Output tokens of the turn, on its event.
    OUTPUT_TOKENS = "output_tokens";
    /// The tool, on its events.
    TOOL_NAME_OF_EVENT = "tool_name";
    /// How the call ended, on its event.
    STATUS = "status";
    /// The prompt; at the content levels only.
    PROMPT = "prompt";
    /// The tool's input; at the content levels only.
    TOOL_INPUT = "tool.input";
    /// The same.
    INPUT_SUMMARY = "input.summary";
    /// Of the input: the command; at the content levels only.
    TOOL_INPUT_COMMAND = "tool.input.command";
    /// Of the input: the file; at the content levels only.
    TOOL_INPUT_FILE_PATH = "tool.input.file_path";
    /// The tool's result; at the content levels only.
    TOOL_RESPONSE = "tool.response";
    /// The result of a failed call; at the content levels only.
    TOOL_ERROR = "tool.error";
    /// What an error said; at the content levels only.
    ERROR_MESSAGE = "error.message";
}

/// The names of events on spans.
pub const EVENTS: &[&str] = &[
    USER_PROMPT_SUBMITTED,
    TOOL_STARTED,
    TOOL_COMPLETED,
    TURN_COMPLETED,
    CONTEXT_COMPACTION,
    PROMPT_LATENCY,
    TOKENS_FINAL,
    SESSION_COMPLETED,
];
/// A prompt began the turn.
pub const USER_PROMPT_SUBMITTED: &str = "user.prompt.submitted";
/// The call began.
pub const TOOL_STARTED: &str = "tool.started";
/// The call ended.
pub const TOOL_COMPLETED: &str = "tool.completed";
/// The turn ended.
pub const TURN_COMPLETED: &str = "turn.completed";
/// The conversation was replaced by a summary.
pub const CONTEXT_COMPACTION: &str = "context.compaction";
/// How long a turn took.
pub const PROMPT_LATENCY: &str = "prompt.latency";
/// What the segment came to.
pub const TOKENS_FINAL: &str = "session.tokens_final";
/// The segment ended.
pub const SESSION_COMPLETED: &str = "session.completed";
