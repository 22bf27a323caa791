//! Every name that we emit, each with its meaning; `docs/telemetry.md` has a row for every one of them.
//!
//! Names come from the OpenTelemetry conventions (`GenAI` and core), then from Claude Code's own telemetry, then from us.
//! `claude_otel.*` says only how the reconstruction knows what it says.

/// Makes documented constants and the list of them.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $text;)+

        /// Every attribute name.
        pub const ATTRIBUTES: &[&str] = &[$($name,)+];
    };
}

names! {
    /// Session id, as the conventions for generative AI call it.
    GEN_AI_CONVERSATION_ID = "gen_ai.conversation.id";
    /// Session id, as the core conventions call it.
    SESSION_ID = "session.id";
    /// The session that this one was copied from or took over from.
    SESSION_PREVIOUS_ID = "session.previous_id";
    /// `anthropic`, `aws.bedrock` or `gcp.vertex_ai`.
    GEN_AI_PROVIDER_NAME = "gen_ai.provider.name";
    /// `chat`, `execute_tool` or `invoke_agent`.
    GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
    /// The agent's name: `claude-code`, or the agent type.
    GEN_AI_AGENT_NAME = "gen_ai.agent.name";
    /// True on calls after a compaction, absent before.
    GEN_AI_CONVERSATION_COMPACTED = "gen_ai.conversation.compacted";
    /// The model asked for, where a line records it.
    GEN_AI_REQUEST_MODEL = "gen_ai.request.model";
    /// The limit of output tokens, where a line records it.
    GEN_AI_REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens";
    /// The model that answered.
    GEN_AI_RESPONSE_MODEL = "gen_ai.response.model";
    /// The message id.
    GEN_AI_RESPONSE_ID = "gen_ai.response.id";
    /// Why the response ended, in the convention's words.
    GEN_AI_RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons";
    /// All input tokens: uncached, read from and written to the cache.
    GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";
    /// Output tokens, thinking included.
    GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
    /// Input tokens read from the cache.
    GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = "gen_ai.usage.cache_read.input_tokens";
    /// Input tokens written to the cache, by the newest name.
    GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = "gen_ai.usage.cache_write.input_tokens";
    /// Input tokens written to the cache, by the older name.
    GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS = "gen_ai.usage.cache_creation.input_tokens";
    /// Output tokens of thinking, where a line records them.
    GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = "gen_ai.usage.reasoning.output_tokens";
    /// The tool.
    GEN_AI_TOOL_NAME = "gen_ai.tool.name";
    /// The `tool_use` id.
    GEN_AI_TOOL_CALL_ID = "gen_ai.tool.call.id";
    /// `function` or `extension` (MCP).
    GEN_AI_TOOL_TYPE = "gen_ai.tool.type";
    /// The skill that was started.
    GEN_AI_SKILL_NAME = "gen_ai.skill.name";
    /// What the model was given since the call before, as JSON; at the content levels only.
    GEN_AI_INPUT_MESSAGES = "gen_ai.input.messages";
    /// What the model said, as JSON; at the content levels only.
    GEN_AI_OUTPUT_MESSAGES = "gen_ai.output.messages";
    /// The tool's input, as JSON; at the content levels only.
    GEN_AI_TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments";
    /// The tool's result; at the content levels only.
    GEN_AI_TOOL_CALL_RESULT = "gen_ai.tool.call.result";
    /// The class of a failure.
    ERROR_TYPE = "error.type";
    /// The HTTP status of a failed attempt.
    HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
    /// `tools/call`.
    MCP_METHOD_NAME = "mcp.method.name";
    /// The exit code of a shell command, where the result names it.
    PROCESS_EXIT_CODE = "process.exit.code";
    /// The program of a shell command that runs just one.
    PROCESS_EXECUTABLE_NAME = "process.executable.name";
    /// The branch.
    VCS_REF_HEAD_NAME = "vcs.ref.head.name";

    /// The prompt; at the content levels only.
    CLAUDE_CODE_PROMPT = "claude_code.prompt";
    /// The session's title; at the content levels only.
    CLAUDE_CODE_SESSION_TITLE = "claude_code.session.title";
    /// What an agent was started for; at the content levels only.
    CLAUDE_CODE_AGENT_DESCRIPTION = "claude_code.agent.description";
    /// The shell command; at the content levels only.
    CLAUDE_CODE_TOOL_COMMAND = "claude_code.tool.command";
    /// The file worked on; at the content levels only.
    CLAUDE_CODE_TOOL_FILE_PATH = "claude_code.tool.file_path";
    /// What a final error said; at the content levels only.
    CLAUDE_CODE_ERROR_MESSAGE = "claude_code.error.message";

    /// The client's version.
    CLAUDE_CODE_VERSION = "claude_code.version";
    /// How the client was started.
    CLAUDE_CODE_ENTRYPOINT = "claude_code.entrypoint";
    /// The last part of the working folder.
    CLAUDE_CODE_PROJECT_NAME = "claude_code.project.name";
    /// The working folder.
    CLAUDE_CODE_CWD = "claude_code.cwd";
    /// `bg` in a background session.
    CLAUDE_CODE_SESSION_KIND = "claude_code.session.kind";
    /// The segment's number in the session.
    CLAUDE_CODE_SESSION_SEGMENT = "claude_code.session.segment";
    /// Turns in the segment.
    CLAUDE_CODE_SESSION_TURNS = "claude_code.session.turns";
    /// `fresh`, `resume`, `fork` or `continue`.
    CLAUDE_CODE_SESSION_START_TYPE = "claude_code.session.start_type";
    /// The agent, inside agents.
    CLAUDE_CODE_AGENT_ID = "claude_code.agent.id";
    /// The agent that started it.
    CLAUDE_CODE_AGENT_PARENT_ID = "claude_code.agent.parent_id";
    /// How deep it is nested, from 1.
    CLAUDE_CODE_AGENT_DEPTH = "claude_code.agent.depth";
    /// Whether it ran in the background.
    CLAUDE_CODE_AGENT_BACKGROUND = "claude_code.agent.background";
    /// How the agent run ended.
    CLAUDE_CODE_AGENT_OUTCOME = "claude_code.agent.outcome";
    /// The HTTP request's id.
    CLAUDE_CODE_REQUEST_ID = "claude_code.request_id";
    /// Why the response ended, in the API's words.
    CLAUDE_CODE_STOP_REASON = "claude_code.stop_reason";
    /// The effort asked for.
    CLAUDE_CODE_EFFORT = "claude_code.effort";
    /// `standard` or `fast`.
    CLAUDE_CODE_SPEED = "claude_code.speed";
    /// The service tier.
    CLAUDE_CODE_SERVICE_TIER = "claude_code.service_tier";
    /// The cost in US dollars: as the client recorded it for the call, or by a table of prices.
    CLAUDE_CODE_COST_USD = "claude_code.cost_usd";
    /// Requests made, failed ones included, where they are on record.
    CLAUDE_CODE_ATTEMPTS = "claude_code.attempts";
    /// Whether the stream was cut.
    CLAUDE_CODE_ABORTED = "claude_code.aborted";
    /// Milliseconds of thinking.
    CLAUDE_CODE_THINKING_DURATION_MS = "claude_code.thinking.duration_ms";
    /// `main`, `subagent` or `auxiliary`.
    CLAUDE_CODE_QUERY_SOURCE = "claude_code.query_source";
    /// Why the cache missed.
    CLAUDE_CODE_CACHE_MISS_REASON = "claude_code.cache_miss_reason";
    /// Input tokens that no cache held.
    CLAUDE_CODE_USAGE_UNCACHED_INPUT_TOKENS = "claude_code.usage.uncached_input_tokens";
    /// All input tokens of a turn, run or segment.
    CLAUDE_CODE_USAGE_INPUT_TOKENS = "claude_code.usage.input_tokens";
    /// Output tokens of a turn, run or segment.
    CLAUDE_CODE_USAGE_OUTPUT_TOKENS = "claude_code.usage.output_tokens";
    /// Input tokens read from the cache, of a turn, run or segment.
    CLAUDE_CODE_USAGE_CACHE_READ_INPUT_TOKENS = "claude_code.usage.cache_read_input_tokens";
    /// Input tokens written to the cache, of a turn, run or segment.
    CLAUDE_CODE_USAGE_CACHE_CREATION_INPUT_TOKENS = "claude_code.usage.cache_creation_input_tokens";
    /// Input tokens written to the cache for five minutes.
    CLAUDE_CODE_USAGE_CACHE_CREATION_5M = "claude_code.usage.cache_creation.5m_input_tokens";
    /// Input tokens written to the cache for an hour.
    CLAUDE_CODE_USAGE_CACHE_CREATION_1H = "claude_code.usage.cache_creation.1h_input_tokens";
    /// The cost in US dollars of everything below, where a call in it has a price.
    CLAUDE_CODE_USAGE_COST_USD = "claude_code.usage.cost_usd";
    /// Web searches made by the server.
    CLAUDE_CODE_USAGE_WEB_SEARCH_REQUESTS = "claude_code.usage.web_search_requests";
    /// One of the seven outcomes.
    CLAUDE_CODE_TOOL_OUTCOME = "claude_code.tool.outcome";
    /// The result's own flag.
    CLAUDE_CODE_TOOL_IS_ERROR = "claude_code.tool.is_error";
    /// Bytes of input.
    CLAUDE_CODE_TOOL_INPUT_SIZE = "claude_code.tool.input_size";
    /// Bytes of the result's text.
    CLAUDE_CODE_TOOL_RESULT_SIZE = "claude_code.tool.result_size";
    /// Bytes on standard output.
    CLAUDE_CODE_TOOL_STDOUT_SIZE = "claude_code.tool.stdout_size";
    /// Bytes on standard error.
    CLAUDE_CODE_TOOL_STDERR_SIZE = "claude_code.tool.stderr_size";
    /// Whether the output was cut and kept elsewhere.
    CLAUDE_CODE_TOOL_TRUNCATED = "claude_code.tool.truncated";
    /// Whether the call went on in the background.
    CLAUDE_CODE_TOOL_BACKGROUND = "claude_code.tool.background";
    /// The extension of the file worked on.
    CLAUDE_CODE_TOOL_FILE_EXTENSION = "claude_code.tool.file.extension";
    /// Lines added to files.
    CLAUDE_CODE_TOOL_LINES_ADDED = "claude_code.tool.lines_added";
    /// Lines removed from files.
    CLAUDE_CODE_TOOL_LINES_REMOVED = "claude_code.tool.lines_removed";
    /// `accept` or `reject`.
    CLAUDE_CODE_PERMISSION_DECISION = "claude_code.permission.decision";
    /// What decided.
    CLAUDE_CODE_PERMISSION_SOURCE = "claude_code.permission.source";
    /// The permission mode at the prompt.
    CLAUDE_CODE_PERMISSION_MODE = "claude_code.permission_mode";
    /// The MCP server.
    CLAUDE_CODE_MCP_SERVER = "claude_code.mcp.server";
    /// The MCP tool.
    CLAUDE_CODE_MCP_TOOL = "claude_code.mcp.tool";
    /// The client's own number for the turn.
    CLAUDE_CODE_PROMPT_ID = "claude_code.prompt.id";
    /// Characters of the prompt.
    CLAUDE_CODE_PROMPT_LENGTH = "claude_code.prompt.length";
    /// Images in the prompt.
    CLAUDE_CODE_PROMPT_IMAGES = "claude_code.prompt.images";
    /// The turn's number in the session, from 1.
    CLAUDE_CODE_TURN_INDEX = "claude_code.turn.index";
    /// How the turn came about.
    CLAUDE_CODE_TURN_ORIGIN = "claude_code.turn.origin";
    /// How the turn ended.
    CLAUDE_CODE_TURN_OUTCOME = "claude_code.turn.outcome";
    /// Model calls in the turn or run.
    CLAUDE_CODE_TURN_LLM_CALLS = "claude_code.turn.llm_calls";
    /// Tool calls in the turn or run.
    CLAUDE_CODE_TURN_TOOL_CALLS = "claude_code.turn.tool_calls";
    /// Tool calls whose result is flagged as an error.
    CLAUDE_CODE_TURN_TOOL_ERRORS = "claude_code.turn.tool_errors";
    /// Milliseconds in dialogs: the turn's wall time less the client's own measure.
    CLAUDE_CODE_TURN_DIALOG_WAIT_MS = "claude_code.turn.dialog_wait_ms";
    /// `manual` or `auto`.
    CLAUDE_CODE_COMPACTION_TRIGGER = "claude_code.compaction.trigger";
    /// Tokens of context before.
    CLAUDE_CODE_COMPACTION_PRE_TOKENS = "claude_code.compaction.pre_tokens";
    /// Tokens of context after.
    CLAUDE_CODE_COMPACTION_POST_TOKENS = "claude_code.compaction.post_tokens";
    /// The hook's event.
    CLAUDE_CODE_HOOK_EVENT = "claude_code.hook.event";
    /// The attempt's number, on the event of a failed one.
    CLAUDE_CODE_ATTEMPT = "claude_code.attempt";
    /// Milliseconds before the next attempt.
    CLAUDE_CODE_RETRY_IN_MS = "claude_code.retry_in_ms";

    /// How the start is known: `recorded`, `bounded` or `estimated`.
    CLAUDE_OTEL_TIMING_START = "claude_otel.timing.start";
    /// How the end is known.
    CLAUDE_OTEL_TIMING_END = "claude_otel.timing.end";
    /// The fact that the start rests on.
    CLAUDE_OTEL_TIMING_START_SOURCE = "claude_otel.timing.start_source";
    /// The fact that the end rests on.
    CLAUDE_OTEL_TIMING_END_SOURCE = "claude_otel.timing.end_source";
    /// How a guessed parent was found: `text`, `time` or `none`.
    CLAUDE_OTEL_JOIN = "claude_otel.join";
    /// Whether the usage is final.
    CLAUDE_OTEL_USAGE_FINAL = "claude_otel.usage.final";
    /// True where the output tokens are a lower bound, or the cost is.
    CLAUDE_OTEL_COST_LOWER_BOUND = "claude_otel.cost.lower_bound";
    /// How the cost is known: `recorded` or `price_table`.
    CLAUDE_OTEL_COST_SOURCE = "claude_otel.cost.source";
    /// The table of prices, with its date.
    CLAUDE_OTEL_COST_TABLE = "claude_otel.cost.table";
    /// What a link means: `previous_turn`, `session`, `copied_from`.
    CLAUDE_OTEL_LINK = "claude_otel.link";
}

pub mod events;
pub mod openinference;
pub mod seed;

/// The names of events on spans.
pub const EVENTS: &[&str] =
    &[EVENT_API_ERROR, EVENT_INTERRUPT, EVENT_MODEL_CHANGE, EVENT_QUEUED_PROMPT, EVENT_MICROCOMPACTION];
/// An attempt of a request failed.
pub const EVENT_API_ERROR: &str = "claude_code.api_error";
/// A person interrupted the turn.
pub const EVENT_INTERRUPT: &str = "claude_code.interrupt";
/// The model was switched.
pub const EVENT_MODEL_CHANGE: &str = "claude_code.model_change";
/// A queued prompt joined the running turn.
pub const EVENT_QUEUED_PROMPT: &str = "claude_code.queued_prompt";
/// Old tool results were pruned.
pub const EVENT_MICROCOMPACTION: &str = "claude_code.microcompaction";

/// The agent's name on turns.
pub const AGENT_NAME: &str = "claude-code";
/// What stands for a name that may not leave as it is.
pub const OTHER: &str = "_OTHER";
