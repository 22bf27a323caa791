//! Names of the two systems that came before this one, for whoever has dashboards made for them.

span_events! { EVENTS;
    USER_PROMPT_SUBMITTED = "user.prompt.submitted", [Turn], "a prompt began the turn";
    TOOL_STARTED = "tool.started", [Tool], "the call began";
    TOOL_COMPLETED = "tool.completed", [Tool], "the call ended";
    TURN_COMPLETED = "turn.completed", [Turn], "the turn ended";
    CONTEXT_COMPACTION = "context.compaction", [Compaction], "the conversation was replaced by a summary";
    PROMPT_LATENCY = "prompt.latency", [Session], "how long a turn took";
    TOKENS_FINAL = "session.tokens_final", [Session], "what the segment came to";
    SESSION_COMPLETED = "session.completed", [Session], "the segment ended";
}

attributes! { ATTRIBUTES;
    GEN_AI_SYSTEM = "gen_ai.system", Text, [Chat, Turn, Agent, Session], "the provider, by its older name", "";
    MODEL = "model", Text, [Chat, Session], "the model", "";
    TOOL_NAME = "tool.name", Text, [Tool], "the tool", "";
    DURATION_MS = "duration_ms", Int "ms", [Tool, Turn, Event(PROMPT_LATENCY)], "how long the call took", "";
    TOOL_DURATION_MS = "tool.duration_ms", Int "ms", [Tool], "how long the call took", "";
    EXIT_CODE = "exit_code", Int, [Tool], "the exit code of a shell command", "";
    ERROR = "error", Bool, [Tool, Turn], "whether it failed", "";
    TOOL_IS_ERROR = "tool.is_error", Bool, [Tool], "the result's own flag", "";
    TOOL_STATUS = "tool.status", Text, [Tool], "`success` or `error`", "";
    TOOL_USE_ID = "tool.use_id", Text, [Tool], "the `tool_use` id", "";
    RESPONSE_BYTES = "response_bytes", Int "bytes", [Tool], "bytes of the result's text", "";
    RESPONSE_TRUNCATED = "response.truncated", Bool, [Tool], "whether the output was cut", "";
    STDOUT_BYTES = "stdout_bytes", Int "bytes", [Tool], "bytes on standard output", "";
    STDERR_BYTES = "stderr_bytes", Int "bytes", [Tool], "bytes on standard error", "";
    TOKENS_INPUT = "tokens.input", Int "tokens", [Chat, Turn, Agent, Session, Event(TOKENS_FINAL)], "input tokens that no cache held", "";
    TOKENS_OUTPUT = "tokens.output", Int "tokens", [Chat, Turn, Agent, Session, Event(TOKENS_FINAL)], "output tokens", "";
    TOKENS_CACHE_READ = "tokens.cache_read", Int "tokens", [Chat, Turn, Agent, Session, Event(TOKENS_FINAL), Event(TURN_COMPLETED)], "input tokens read from the cache", "";
    TOKENS_CACHE_CREATION = "tokens.cache_creation", Int "tokens", [Chat, Turn, Agent, Session, Event(TOKENS_FINAL), Event(TURN_COMPLETED)], "input tokens written to the cache", "";
    TOKENS_TOTAL = "tokens.total", Int "tokens", [Chat, Turn, Agent, Session, Event(TOKENS_FINAL)], "all four together", "";
    TURNS = "turns", Int, [Turn, Session], "the turn's number, or how many there are", "";
    TOOLS_USED = "tools_used", Int, [Turn, Agent, Session], "tool calls", "";
    TOOL_NAMES = "tool_names", Text, [Session], "the tools, each once, with commas between them", "";
    SESSION_DURATION_MS = "session.duration_ms", Int "ms", [Session], "how long the session's segment took", "";
    PROMPT_LATENCY_AVG_MS = "prompt.latency_avg_ms", Int "ms", [Session], "how long its turns took on average", "";
    PROMPT_LATENCY_MIN_MS = "prompt.latency_min_ms", Int "ms", [Session], "how long the shortest of them took", "";
    PROMPT_LATENCY_MAX_MS = "prompt.latency_max_ms", Int "ms", [Session], "how long the longest of them took", "";
    PROMPT_LATENCY_COUNT = "prompt.latency_count", Int, [Session], "how many turns these are", "";
    COMPACTION_TRIGGER = "compaction.trigger", Text, [Compaction], "`manual` or `auto`, on the span", "";
    TRIGGER = "trigger", Text, [Event(CONTEXT_COMPACTION)], "`manual` or `auto`, on the event", "";
    TURN = "turn", Int, [Event(TURN_COMPLETED)], "the turn, on its event", "";
    INPUT_TOKENS = "input_tokens", Int "tokens", [Event(TURN_COMPLETED)], "input tokens of the turn, on its event", "";
    OUTPUT_TOKENS = "output_tokens", Int "tokens", [Event(TURN_COMPLETED)], "output tokens of the turn, on its event", "";
    TOOL_NAME_OF_EVENT = "tool_name", Text, [Event(TOOL_STARTED), Event(TOOL_COMPLETED)], "the tool, on its events", "";
    STATUS = "status", Text, [Event(TOOL_COMPLETED)], "how the call ended, on its event", "";
}

attributes! { TEXTS;
    PROMPT = "prompt", Text, [Turn], "the prompt", "";
    TOOL_INPUT = "tool.input", Text, [Tool], "the tool's input, as JSON unless it was cut", "";
    INPUT_SUMMARY = "input.summary", Text, [Tool], "the same", "";
    TOOL_INPUT_COMMAND = "tool.input.command", Text, [Tool], "of the input: the command", "";
    TOOL_INPUT_FILE_PATH = "tool.input.file_path", Text, [Tool], "of the input: the file", "";
    TOOL_RESPONSE = "tool.response", Text, [Tool], "the tool's result", "";
    TOOL_ERROR = "tool.error", Text, [Tool] "where it failed", "the result", "";
    ERROR_MESSAGE = "error.message", Text, [Tool, Turn] "where it failed", "what the error said", "";
}
