//! Attributes of metrics that nothing else has. Which metrics they are on, and where their values come from, is said by
//! the metrics' own table ([`crate::telemetry::measure::views`]).

attributes! { POINTS;
    GEN_AI_TOKEN_TYPE = "gen_ai.token.type", Text, [Metrics], "`input` or `output`", "";
    CLAUDE_OTEL_USAGE_HIDDEN = "claude_otel.usage.hidden", Bool, [Metrics], "true for usage that no line shows and the client's own totals prove; else absent", "";
    CLAUDE_CODE_API_ERROR_FINAL = "claude_code.api_error.final", Bool, [Metrics], "true where the error ended its turn; else absent", "";
    START_TYPE = "start_type", Text, [Metrics], "how the session began, as `claude_code.session.start_type`", "";
    TYPE = "type", Text, [Metrics], "of tokens `input`, `output`, `cacheRead` or `cacheCreation`; of lines `added` or `removed`", "";
    POINT_MODEL = "model", Text, [Metrics], "model that answered", "";
    POINT_QUERY_SOURCE = "query_source", Text, [Metrics], "`main`, `subagent` or `auxiliary`", "";
    POINT_AGENT_NAME = "agent.name", Text, [Metrics], "agent type, inside agents", "";
    POINT_EFFORT = "effort", Text, [Metrics], "effort asked for", "";
    POINT_SPEED = "speed", Text, [Metrics], "`fast`; absent where it is not", "";
    POINT_TOOL_NAME = "tool_name", Text, [Metrics], "tool", "";
    POINT_DECISION = "decision", Text, [Metrics], "`accept` or `reject`", "";
    POINT_SOURCE = "source", Text, [Metrics], "what decided, where that is known", "";
    LANGUAGE = "language", Text, [Metrics], "language of the file, by its extension", "";
    RESULT = "result", Text, [Metrics], "what the cache did: `hit`, `miss` or `write`", "";
    TTL = "ttl", Text, [Metrics], "how long it was written for: `5m` or `1h`; absent where no line says so", "";
    DAYS_LEFT = "days_left", Int, [Metrics], "days before the client deletes the transcripts", "";
    POINT_SEED_TOOL_NAME = "tool.name", Text, [Metrics], "tool", "";
    POINT_TRIGGER = "trigger", Text, [Metrics], "`manual` or `auto`", "";
}
