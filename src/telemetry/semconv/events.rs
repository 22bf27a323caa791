//! Names of log events and of the attributes that only they have: the client's own names, so that what was made for
//! its telemetry works on events that were rebuilt.

names! {
    /// The event's name without its prefix, as the client has it.
    EVENT_NAME = "event.name";
    /// The client's own number for the turn.
    PROMPT_ID = "prompt.id";
    /// Characters of the prompt.
    PROMPT_LENGTH = "prompt_length";
    /// The id of the prompt's line.
    MESSAGE_UUID = "message.uuid";
    /// The model.
    MODEL = "model";
    /// Input tokens that no cache held.
    INPUT_TOKENS = "input_tokens";
    /// Output tokens, thinking included.
    OUTPUT_TOKENS = "output_tokens";
    /// Input tokens read from the cache.
    CACHE_READ_TOKENS = "cache_read_tokens";
    /// Input tokens written to the cache.
    CACHE_CREATION_TOKENS = "cache_creation_tokens";
    /// Input tokens written to the cache for five minutes.
    CACHE_CREATION_5M_TOKENS = "cache_creation_5m_tokens";
    /// Input tokens written to the cache for an hour.
    CACHE_CREATION_1H_TOKENS = "cache_creation_1h_tokens";
    /// The cost in US dollars.
    COST_USD = "cost_usd";
    /// The cost in millionths of a US dollar.
    COST_USD_MICROS = "cost_usd_micros";
    /// How long it took, where both ends are known.
    DURATION_MS = "duration_ms";
    /// The HTTP request's id.
    REQUEST_ID = "request_id";
    /// `normal` or `fast`.
    SPEED = "speed";
    /// What asked for it, in the client's words.
    QUERY_SOURCE = "query_source";
    /// The effort asked for.
    EFFORT = "effort";
    /// The agent's type.
    AGENT_NAME = "agent.name";
    /// The agent.
    AGENT_ID = "agent_id";
    /// The agent that started it.
    PARENT_AGENT_ID = "parent_agent_id";
    /// The HTTP status.
    STATUS_CODE = "status_code";
    /// The attempt's number.
    ATTEMPT = "attempt";
    /// The tool.
    TOOL_NAME = "tool_name";
    /// The `tool_use` id.
    TOOL_USE_ID = "tool_use_id";
    /// Whether it did its work.
    SUCCESS = "success";
    /// Bytes of input.
    TOOL_INPUT_SIZE_BYTES = "tool_input_size_bytes";
    /// Bytes of the result's text.
    TOOL_RESULT_SIZE_BYTES = "tool_result_size_bytes";
    /// `accept` or `reject`, on the result.
    DECISION_TYPE = "decision_type";
    /// What decided, on the result.
    DECISION_SOURCE = "decision_source";
    /// `accept` or `reject`.
    DECISION = "decision";
    /// What decided.
    SOURCE = "source";
    /// `builtin` or `mcp`.
    TOOL_SOURCE = "tool_source";
    /// `manual` or `auto`.
    TRIGGER = "trigger";
    /// Tokens of context before.
    PRE_TOKENS = "pre_tokens";
    /// Tokens of context after.
    POST_TOKENS = "post_tokens";
    /// The agent's type.
    AGENT_TYPE = "agent_type";
    /// Whether it ran in the background.
    IS_ASYNC = "is_async";
    /// Tokens of its last request, input and output.
    TOTAL_TOKENS = "total_tokens";
    /// Its own tool calls.
    TOTAL_TOOL_USES = "total_tool_uses";
    /// The model that answered it last.
    FINAL_MODEL = "final_model";
    /// Whether that is another one than at first.
    MODEL_SWAPPED = "model_swapped";
    /// The hook's event.
    HOOK_EVENT = "hook_event";

    /// How the event's time is known: `recorded`, `bounded` or `estimated`.
    CLAUDE_OTEL_EVENT_TIME = "claude_otel.event.time";
    /// Turns of the session up to this one.
    CLAUDE_CODE_TOTAL_TURNS = "claude_code.total.turns";
    /// Model calls in them.
    CLAUDE_CODE_TOTAL_LLM_CALLS = "claude_code.total.llm_calls";
    /// Tool calls in them.
    CLAUDE_CODE_TOTAL_TOOL_CALLS = "claude_code.total.tool_calls";
    /// All input tokens in them.
    CLAUDE_CODE_TOTAL_INPUT_TOKENS = "claude_code.total.input_tokens";
    /// Output tokens in them.
    CLAUDE_CODE_TOTAL_OUTPUT_TOKENS = "claude_code.total.output_tokens";
    /// Input tokens read from the cache in them.
    CLAUDE_CODE_TOTAL_CACHE_READ_INPUT_TOKENS = "claude_code.total.cache_read_input_tokens";
    /// Input tokens written to the cache in them.
    CLAUDE_CODE_TOTAL_CACHE_CREATION_INPUT_TOKENS = "claude_code.total.cache_creation_input_tokens";
    /// What the client says that everything of its count cost, in US dollars.
    CLAUDE_CODE_TOTAL_COST_USD = "claude_code.total.cost_usd";
    /// Lines added to files, by the client's count.
    CLAUDE_CODE_TOTAL_LINES_ADDED = "claude_code.total.lines_added";
    /// Lines removed from files, by the client's count.
    CLAUDE_CODE_TOTAL_LINES_REMOVED = "claude_code.total.lines_removed";
    /// All input tokens that the client counted and no line before it shows.
    CLAUDE_CODE_HIDDEN_INPUT_TOKENS = "claude_code.hidden.input_tokens";
    /// Output tokens that no line shows.
    CLAUDE_CODE_HIDDEN_OUTPUT_TOKENS = "claude_code.hidden.output_tokens";
    /// Of the hidden input: read from the cache.
    CLAUDE_CODE_HIDDEN_CACHE_READ_INPUT_TOKENS = "claude_code.hidden.cache_read_input_tokens";
    /// Of the hidden input: written to the cache.
    CLAUDE_CODE_HIDDEN_CACHE_CREATION_INPUT_TOKENS = "claude_code.hidden.cache_creation_input_tokens";
    /// The client's count by model, a list of named values.
    CLAUDE_CODE_COST_STATE_MODELS = "claude_code.cost_state.models";
    /// Milliseconds since the count began.
    CLAUDE_CODE_COST_STATE_DURATION_MS = "claude_code.cost_state.duration_ms";
    /// True where the client had no price for some model, so that its cost is too low.
    CLAUDE_CODE_COST_STATE_UNKNOWN_COST = "claude_code.cost_state.unknown_cost";
}

/// Something was asked.
pub const USER_PROMPT: &str = "claude_code.user_prompt";
/// A model answered.
pub const API_REQUEST: &str = "claude_code.api_request";
/// A request failed for good.
pub const API_ERROR: &str = "claude_code.api_error";
/// A tool call was allowed or not.
pub const TOOL_DECISION: &str = "claude_code.tool_decision";
/// A tool call ended.
pub const TOOL_RESULT: &str = "claude_code.tool_result";
/// A long conversation was replaced by a summary.
pub const COMPACTION: &str = "claude_code.compaction";
/// An agent run ended.
pub const SUBAGENT_COMPLETED: &str = "claude_code.subagent_completed";
/// A turn is over.
pub const TURN_COMPLETED: &str = "claude_code.turn_completed";
/// What the client says that a session came to.
pub const COST_STATE: &str = "claude_code.session.cost_state";
/// An attempt of a request failed.
pub const API_RETRY: &str = "claude_code.api_retry";
/// A person interrupted.
pub const INTERRUPT: &str = "claude_code.interrupt";
/// The model was switched.
pub const MODEL_CHANGE: &str = "claude_code.model_change";
/// A hook ran.
pub const HOOK: &str = "claude_code.hook";

/// The events that the client's own telemetry has by the same names.
pub const OF_THE_CLIENT: &[&str] =
    &[USER_PROMPT, API_REQUEST, API_ERROR, TOOL_DECISION, TOOL_RESULT, COMPACTION, SUBAGENT_COMPLETED];
/// The events that it does not have.
pub const OF_OURS: &[&str] = &[TURN_COMPLETED, COST_STATE, API_RETRY, INTERRUPT, MODEL_CHANGE, HOOK];
