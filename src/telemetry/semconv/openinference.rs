//! Names of `OpenInference`, which Phoenix and Arize read.

names! {
    /// `LLM`, `TOOL`, `AGENT` or `CHAIN`.
    SPAN_KIND = "openinference.span.kind";
    /// The model that answered.
    LLM_MODEL_NAME = "llm.model_name";
    /// The model asked for, where a line records it.
    LLM_REQUEST_MODEL_NAME = "llm.request.model_name";
    /// Who made the model.
    LLM_SYSTEM = "llm.system";
    /// Who runs it.
    LLM_PROVIDER = "llm.provider";
    /// All input tokens.
    LLM_TOKEN_COUNT_PROMPT = "llm.token_count.prompt";
    /// Output tokens.
    LLM_TOKEN_COUNT_COMPLETION = "llm.token_count.completion";
    /// Both.
    LLM_TOKEN_COUNT_TOTAL = "llm.token_count.total";
    /// Of the input: read from the cache.
    LLM_TOKEN_COUNT_CACHE_READ = "llm.token_count.prompt_details.cache_read";
    /// Of the input: written to the cache.
    LLM_TOKEN_COUNT_CACHE_WRITE = "llm.token_count.prompt_details.cache_write";
    /// Of the output: thinking, where a line records it.
    LLM_TOKEN_COUNT_REASONING = "llm.token_count.completion_details.reasoning";
    /// The cost in US dollars.
    LLM_COST_TOTAL = "llm.cost.total";
    /// The tool.
    TOOL_NAME = "tool.name";
    /// The `tool_use` id.
    TOOL_ID = "tool.id";
    /// The `tool_use` id, by the name of a message's call.
    TOOL_CALL_ID = "tool_call.id";
    /// The agent.
    AGENT_NAME = "agent.name";
    /// What went in; at the content levels only.
    INPUT_VALUE = "input.value";
    /// What came out; at the content levels only.
    OUTPUT_VALUE = "output.value";
}
