//! Names of `OpenInference`, which Phoenix and Arize read.

attributes! { ATTRIBUTES;
    SPAN_KIND = "openinference.span.kind", Text, [All], "`LLM`, `TOOL`, `AGENT` or `CHAIN`", "";
    LLM_MODEL_NAME = "llm.model_name", Text, [Chat], "the model that answered", "";
    LLM_REQUEST_MODEL_NAME = "llm.request.model_name", Text, [Chat], "the model asked for, where a line records it", "";
    LLM_SYSTEM = "llm.system", Text, [Chat], "who made the model", "";
    LLM_PROVIDER = "llm.provider", Text, [Chat], "who runs it", "";
    LLM_TOKEN_COUNT_PROMPT = "llm.token_count.prompt", Int "tokens", [Chat], "all input tokens", "";
    LLM_TOKEN_COUNT_COMPLETION = "llm.token_count.completion", Int "tokens", [Chat], "output tokens", "";
    LLM_TOKEN_COUNT_TOTAL = "llm.token_count.total", Int "tokens", [Chat], "input and output tokens", "";
    LLM_TOKEN_COUNT_CACHE_READ = "llm.token_count.prompt_details.cache_read", Int "tokens", [Chat], "of the input: read from the cache", "";
    LLM_TOKEN_COUNT_CACHE_WRITE = "llm.token_count.prompt_details.cache_write", Int "tokens", [Chat], "of the input: written to the cache", "";
    LLM_TOKEN_COUNT_REASONING = "llm.token_count.completion_details.reasoning", Int "tokens", [Chat], "of the output: thinking, where a line records it", "";
    LLM_COST_TOTAL = "llm.cost.total", Double "USD", [Chat], "the cost", "";
    TOOL_NAME = "tool.name", Text, [Tool], "the tool", "";
    TOOL_ID = "tool.id", Text, [Tool], "the `tool_use` id", "";
    TOOL_CALL_ID = "tool_call.id", Text, [Tool], "the `tool_use` id, by the name of a message's call", "";
    AGENT_NAME = "agent.name", Text, [Turn, Agent], "the agent", "";
}

attributes! { TEXTS;
    INPUT_VALUE = "input.value", Text, [Chat, Tool, Turn, Agent], "what went in", "";
    OUTPUT_VALUE = "output.value", Text, [Chat, Tool], "what came out", "";
}
