//! Attributes of model calls.

use super::events::{API_REQUEST, INFERENCE_DETAILS, TURN_COMPLETED};
use super::span_events::EVENT_MODEL_CHANGE;

attributes! { CALLS;
    GEN_AI_RESPONSE_ID = "gen_ai.response.id", Text, [Chat, Log(INFERENCE_DETAILS)], "message id", "`message.id`";
    GEN_AI_RESPONSE_MODEL = "gen_ai.response.model", Text, [Chat, Event(EVENT_MODEL_CHANGE), Metrics, Log(INFERENCE_DETAILS)], "model that answered", "`message.model`";
    GEN_AI_REQUEST_MODEL = "gen_ai.request.model", Text, [Chat, Metrics, Log(INFERENCE_DETAILS)], "model asked for (2.1.300 and later)", "`requestedModel`, `api-request`";
    GEN_AI_REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens", Int "tokens", [Chat, Log(INFERENCE_DETAILS)], "limit that the request set (2.1.300 and later)", "`api-request`";
    GEN_AI_RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons", Texts, [Chat, Log(INFERENCE_DETAILS)], "`stop`, `length`, `tool_call`, else the API's word", "`message.stop_reason`";
    CLAUDE_CODE_STOP_REASON = "claude_code.stop_reason", Text, [Chat], "the API's word: `end_turn`, `tool_use`, `max_tokens`, `refusal`, ...", "`message.stop_reason`";
    GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens", Int "tokens", [Chat, Log(INFERENCE_DETAILS)], "all input: uncached, read from and written to the cache", "`message.usage`";
    GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens", Int "tokens", [Chat, Log(INFERENCE_DETAILS)], "output, thinking included", "`message.usage`";
    GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = "gen_ai.usage.cache_read.input_tokens", Int "tokens", [Chat], "of the input: read from the cache", "`message.usage`";
    GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS = "gen_ai.usage.cache_write.input_tokens", Int "tokens", [Chat], "of the input: written to the cache, by the newest name", "`message.usage`";
    GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS = "gen_ai.usage.cache_creation.input_tokens", Int "tokens", [Chat], "the same, by the older name", "`message.usage`";
    GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = "gen_ai.usage.reasoning.output_tokens", Int "tokens", [Chat], "of the output: thinking, where a line says so", "`output_tokens_details`";
    CLAUDE_CODE_USAGE_UNCACHED_INPUT_TOKENS = "claude_code.usage.uncached_input_tokens", Int "tokens", [Chat, Sums, Log(TURN_COMPLETED)], "of the input: in no cache", "`message.usage`";
    CLAUDE_CODE_USAGE_CACHE_CREATION_5M = "claude_code.usage.cache_creation.5m_input_tokens", Int "tokens", [Chat, Sums, Log(TURN_COMPLETED)], "written to the cache for five minutes", "`cache_creation`";
    CLAUDE_CODE_USAGE_CACHE_CREATION_1H = "claude_code.usage.cache_creation.1h_input_tokens", Int "tokens", [Chat, Sums, Log(TURN_COMPLETED)], "written to the cache for an hour", "`cache_creation`";
    CLAUDE_CODE_USAGE_WEB_SEARCH_REQUESTS = "claude_code.usage.web_search_requests", Int, [Chat], "searches that the server made; absent without any", "`server_tool_use`";
    CLAUDE_OTEL_USAGE_FINAL = "claude_otel.usage.final", Bool, [Chat, Sums, Log(API_REQUEST), Log(TURN_COMPLETED)], "whether the output tokens are final; on sums, of all calls", "a stop reason on record";
    CLAUDE_OTEL_COST_LOWER_BOUND = "claude_otel.cost.lower_bound", Bool, [Chat, Sums, Log(API_REQUEST), Log(TURN_COMPLETED), Metrics], "true where the output tokens, and so any cost, are a lower bound, or the cost is for [another reason](cost.md#lower-bounds); else absent", "no stop reason on record; price table";
    CLAUDE_CODE_REQUEST_ID = "claude_code.request_id", Text, [Chat], "id of the HTTP request", "`requestId`";
    CLAUDE_CODE_QUERY_SOURCE = "claude_code.query_source", Text, [Chat, Log(API_REQUEST), Metrics], "`main`, `subagent`, or `auxiliary` for the client's own work (compaction, suggestions)", "the file that it stands in";
    CLAUDE_CODE_EFFORT = "claude_code.effort", Text, [Chat], "effort asked for", "`effort`";
    CLAUDE_CODE_SPEED = "claude_code.speed", Text, [Chat], "`standard` or `fast`", "`usage.speed`";
    CLAUDE_CODE_SERVICE_TIER = "claude_code.service_tier", Text, [Chat], "service tier", "`usage.service_tier`";
    CLAUDE_CODE_CACHE_MISS_REASON = "claude_code.cache_miss_reason", Text, [Chat], "why the cache missed", "`cache_miss_reason`";
    CLAUDE_CODE_COST_USD = "claude_code.cost_usd", Double "USD", [Chat], "what the call [cost](cost.md): as the client recorded it (up to 1.0.3), else by a table of prices; absent where no table has the model", "`costUSD`; price table";
    CLAUDE_OTEL_COST_SOURCE = "claude_otel.cost.source", Text, [Chat, Log(API_REQUEST)], "`recorded` or `price_table`; absent without a cost", "";
    CLAUDE_OTEL_COST_TABLE = "claude_otel.cost.table", Text, [Chat], "the table with its date; absent without a cost, and where it was recorded", "price table";
    CLAUDE_CODE_USAGE_COST_USD = "claude_code.usage.cost_usd", Double "USD", [Sums, Log(TURN_COMPLETED)], "what all calls with a price cost; absent where none has one", "the calls";
    CLAUDE_CODE_ATTEMPTS = "claude_code.attempts", Int, [Chat], "requests made for it; only where failed ones are on record", "`api_error` lines";
    CLAUDE_CODE_ABORTED = "claude_code.aborted", Bool, [Chat], "true when the stream was cut; else absent", "`isAbortedMidStream`";
    CLAUDE_CODE_THINKING_DURATION_MS = "claude_code.thinking.duration_ms", Int "ms", [Chat], "time of thinking, summed over blocks", "`thinkingDurationMs`";
    GEN_AI_CONVERSATION_COMPACTED = "gen_ai.conversation.compacted", Bool, [Chat, Turn], "true after a compaction in the session; else absent", "`compact_boundary`";
}
