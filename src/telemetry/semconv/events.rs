//! Log events and the attributes that only they have: the client's own names, so that what was made for its telemetry
//! works on events that were rebuilt.

log_events! { OF_THE_CLIENT;
    USER_PROMPT = "claude_code.user_prompt", [Turn], "turn that a prompt or the end of a background task began", "start of the turn", "info";
    API_REQUEST = "claude_code.api_request", [Chat], "`chat`", "end of the response", "info";
    API_ERROR = "claude_code.api_error", [Turn, Agent], "turn or agent run in which a request failed for good", "line of the error; end of the run", "error";
    TOOL_DECISION = "claude_code.tool_decision", [Tool], "`execute_tool` whose permission is on record or follows from its outcome", "start of the call, or of a refusal its end", "info";
    TOOL_RESULT = "claude_code.tool_result", [Tool], "`execute_tool` with a result of its own; a refusal has none", "end of the call", "info; warn unless it did its work";
    COMPACTION = "claude_code.compaction", [Compaction], "`compaction`", "its mark", "info";
    SUBAGENT_COMPLETED = "claude_code.subagent_completed", [Agent], "agent run that came to its end", "end of the run", "info";
}

log_events! { OF_OURS;
    TURN_COMPLETED = "claude_code.turn_completed", [Turn], "turn", "end of the turn", "info; warn after an error";
    COST_STATE = "claude_code.session.cost_state", [Session], "`session`: the segment that began last before it", "when the client wrote it", "info";
    API_RETRY = "claude_code.api_retry", [Turn], "turn in which an attempt of a request failed", "line of the failure", "warn";
    INTERRUPT = "claude_code.interrupt", [Turn], "turn", "line of the interrupt", "info";
    MODEL_CHANGE = "claude_code.model_change", [Turn], "turn", "first line of the other model", "info";
    INFERENCE_DETAILS = "gen_ai.client.inference.operation.details", [Chat], "`chat`, with `--content full`", "end of the response", "info";
    HOOK = "claude_code.hook", [Hook], "`hook`", "end of the hook", "info; warn where it failed";
}

attributes! { EVENT_ATTRIBUTES;
    EVENT_NAME = "event.name", Text, [Logs], "the event's name without `claude_code.`", "";
    CLAUDE_OTEL_EVENT_TIME = "claude_otel.event.time", Text, [Logs], "how well the time is known: `recorded`, `bounded`, `estimated`", "";
    PROMPT_ID = "prompt.id", Text, [Log(USER_PROMPT), Log(API_REQUEST), Log(API_ERROR), Log(TOOL_DECISION), Log(TOOL_RESULT), Log(COMPACTION), Log(SUBAGENT_COMPLETED), Log(TURN_COMPLETED), Log(API_RETRY), Log(INTERRUPT), Log(MODEL_CHANGE), Log(HOOK), Log(INFERENCE_DETAILS)] "inside a turn", "the client's own number of the turn", "";
    PROMPT_LENGTH = "prompt_length", Text "characters", [Log(USER_PROMPT)], "length of the prompt", "";
    MESSAGE_UUID = "message.uuid", Text, [Log(USER_PROMPT)], "id of the prompt's line", "";
    MODEL = "model", Text, [Log(API_REQUEST), Log(SUBAGENT_COMPLETED), Log(MODEL_CHANGE)], "model that answered; of a run, at first; of a change, from now on", "";
    INPUT_TOKENS = "input_tokens", Int "tokens", [Log(API_REQUEST)], "input that no cache held", "";
    OUTPUT_TOKENS = "output_tokens", Int "tokens", [Log(API_REQUEST)], "output, thinking included", "";
    CACHE_READ_TOKENS = "cache_read_tokens", Int "tokens", [Log(API_REQUEST)], "input read from the cache", "";
    CACHE_CREATION_TOKENS = "cache_creation_tokens", Int "tokens", [Log(API_REQUEST)], "input written to the cache", "";
    CACHE_CREATION_5M_TOKENS = "cache_creation_5m_tokens", Int "tokens", [Log(API_REQUEST)], "of these, for five minutes", "";
    CACHE_CREATION_1H_TOKENS = "cache_creation_1h_tokens", Int "tokens", [Log(API_REQUEST)], "of these, for an hour", "";
    COST_USD = "cost_usd", Double "USD", [Log(API_REQUEST)], "cost, as on the span", "";
    COST_USD_MICROS = "cost_usd_micros", Int, [Log(API_REQUEST)], "the same in millionths of a dollar", "";
    DURATION_MS = "duration_ms", Int "ms", [Log(API_REQUEST), Log(SUBAGENT_COMPLETED), Log(TURN_COMPLETED), Log(HOOK)] "unless an end is a guess", "how long; `claude_otel.timing.start` says how well the start is known", "";
    DURATION_MS_AS_TEXT = "duration_ms", Text "ms", [Log(TOOL_RESULT), Log(COMPACTION)] "unless an end is a guess", "the same, as the client writes it there", "";
    REQUEST_ID = "request_id", Text, [Log(API_REQUEST), Log(API_ERROR), Log(TOOL_DECISION), Log(TOOL_RESULT)], "id of the HTTP request; of a tool, of the one that asked for it", "";
    SPEED = "speed", Text, [Log(API_REQUEST)], "`normal` or `fast`", "";
    QUERY_SOURCE = "query_source", Text, [Log(API_REQUEST)], "what asked, in the client's words, where a line has them (2.1.300 and later)", "";
    EFFORT = "effort", Text, [Log(API_REQUEST)], "effort asked for", "";
    AGENT_NAME = "agent.name", Text, [Log(API_REQUEST)] "in an agent", "agent type", "";
    AGENT_ID = "agent_id", Text, [Log(API_REQUEST), Log(API_ERROR), Log(TOOL_DECISION), Log(TOOL_RESULT), Log(SUBAGENT_COMPLETED)] "inside an agent", "agent", "";
    PARENT_AGENT_ID = "parent_agent_id", Text, [Log(API_REQUEST), Log(API_ERROR), Log(TOOL_DECISION), Log(TOOL_RESULT), Log(SUBAGENT_COMPLETED)] "inside a nested agent", "agent that started it", "";
    STATUS_CODE = "status_code", Int, [Log(API_ERROR), Log(API_RETRY)], "HTTP status", "";
    ATTEMPT = "attempt", Int, [Log(API_RETRY)], "number of the attempt", "";
    TOOL_NAME = "tool_name", Text, [Log(TOOL_DECISION), Log(TOOL_RESULT)], "tool, an MCP server's by its full name", "";
    TOOL_USE_ID = "tool_use_id", Text, [Log(TOOL_DECISION), Log(TOOL_RESULT)], "`tool_use` id", "";
    SUCCESS = "success", Text, [Log(TOOL_RESULT), Log(COMPACTION), Log(HOOK)], "`true` or `false`; of a result, its own flag", "";
    TOOL_INPUT_SIZE_BYTES = "tool_input_size_bytes", Text "bytes", [Log(TOOL_RESULT)], "input as JSON", "";
    TOOL_RESULT_SIZE_BYTES = "tool_result_size_bytes", Text "bytes", [Log(TOOL_RESULT)], "text of the result", "";
    DECISION_TYPE = "decision_type", Text, [Log(TOOL_RESULT)], "`accept` or `reject`, where a line says so", "";
    DECISION_SOURCE = "decision_source", Text, [Log(TOOL_RESULT)], "what decided", "";
    DECISION = "decision", Text, [Log(TOOL_DECISION)], "`accept` or `reject`", "";
    SOURCE = "source", Text, [Log(TOOL_DECISION)], "what decided: `config`, `user_temporary`, `user_reject`, ...", "";
    TOOL_SOURCE = "tool_source", Text, [Log(TOOL_DECISION)], "`builtin` or `mcp`", "";
    TRIGGER = "trigger", Text, [Log(COMPACTION)], "`manual` or `auto`", "";
    PRE_TOKENS = "pre_tokens", Text "tokens", [Log(COMPACTION)], "context before", "";
    POST_TOKENS = "post_tokens", Text "tokens", [Log(COMPACTION)], "context after", "";
    AGENT_TYPE = "agent_type", Text, [Log(SUBAGENT_COMPLETED), Log(API_ERROR)] "of an agent", "agent type", "";
    IS_ASYNC = "is_async", Bool, [Log(SUBAGENT_COMPLETED)], "whether it ran in the background", "";
    TOTAL_TOKENS = "total_tokens", Int "tokens", [Log(SUBAGENT_COMPLETED)], "input and output of its last request", "";
    TOTAL_TOOL_USES = "total_tool_uses", Int, [Log(SUBAGENT_COMPLETED)], "its own tool calls", "";
    FINAL_MODEL = "final_model", Text, [Log(SUBAGENT_COMPLETED)], "model that answered last", "";
    MODEL_SWAPPED = "model_swapped", Bool, [Log(SUBAGENT_COMPLETED)], "whether that is another one than at first", "";
    HOOK_EVENT = "hook_event", Text, [Log(HOOK)], "`UserPromptSubmit`, `Stop`, ...", "";
    CLAUDE_CODE_TOTAL_TURNS = "claude_code.total.turns", Int, [Log(TURN_COMPLETED)], "turns of the session up to this one", "";
    CLAUDE_CODE_TOTAL_LLM_CALLS = "claude_code.total.llm_calls", Int, [Log(TURN_COMPLETED)], "model calls in them", "";
    CLAUDE_CODE_TOTAL_TOOL_CALLS = "claude_code.total.tool_calls", Int, [Log(TURN_COMPLETED)], "tool calls in them", "";
    CLAUDE_CODE_TOTAL_INPUT_TOKENS = "claude_code.total.input_tokens", Int "tokens", [Log(TURN_COMPLETED), Log(COST_STATE)], "all input in them; of the client's count", "";
    CLAUDE_CODE_TOTAL_OUTPUT_TOKENS = "claude_code.total.output_tokens", Int "tokens", [Log(TURN_COMPLETED), Log(COST_STATE)], "output", "";
    CLAUDE_CODE_TOTAL_CACHE_READ_INPUT_TOKENS = "claude_code.total.cache_read_input_tokens", Int "tokens", [Log(TURN_COMPLETED), Log(COST_STATE)], "read from the cache", "";
    CLAUDE_CODE_TOTAL_CACHE_CREATION_INPUT_TOKENS = "claude_code.total.cache_creation_input_tokens", Int "tokens", [Log(TURN_COMPLETED), Log(COST_STATE)], "written to the cache", "";
    CLAUDE_CODE_TOTAL_COST_USD = "claude_code.total.cost_usd", Double "USD", [Log(TURN_COMPLETED), Log(COST_STATE)], "cost of what has a price; by the client's count", "";
    CLAUDE_CODE_TOTAL_LINES_ADDED = "claude_code.total.lines_added", Int "lines", [Log(COST_STATE)], "lines added to files", "";
    CLAUDE_CODE_TOTAL_LINES_REMOVED = "claude_code.total.lines_removed", Int "lines", [Log(COST_STATE)], "lines removed from files", "";
    CLAUDE_CODE_HIDDEN_INPUT_TOKENS = "claude_code.hidden.input_tokens", Int "tokens", [Log(COST_STATE)], "all input that no line shows", "";
    CLAUDE_CODE_HIDDEN_OUTPUT_TOKENS = "claude_code.hidden.output_tokens", Int "tokens", [Log(COST_STATE)], "output that no line shows", "";
    CLAUDE_CODE_HIDDEN_CACHE_READ_INPUT_TOKENS = "claude_code.hidden.cache_read_input_tokens", Int "tokens", [Log(COST_STATE)], "of the hidden input: read from the cache", "";
    CLAUDE_CODE_HIDDEN_CACHE_CREATION_INPUT_TOKENS = "claude_code.hidden.cache_creation_input_tokens", Int "tokens", [Log(COST_STATE)], "of the hidden input: written to the cache", "";
    CLAUDE_CODE_COST_STATE_MODELS = "claude_code.cost_state.models", Maps, [Log(COST_STATE)], "for each model: `model`, `cost_usd`, `input_tokens`, `output_tokens`, `cache_read_tokens`, `cache_creation_tokens`, `claude_code.usage.web_search_requests`", "";
    CLAUDE_CODE_COST_STATE_DURATION_MS = "claude_code.cost_state.duration_ms", Int "ms", [Log(COST_STATE)], "since the count began", "";
    CLAUDE_CODE_COST_STATE_UNKNOWN_COST = "claude_code.cost_state.unknown_cost", Bool, [Log(COST_STATE)], "true where the client had no price for a model, so that its cost is too low; else absent", "";
}
