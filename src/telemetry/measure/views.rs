//! The metrics: each one a view of a base measure, with the names that the world knows.

use super::base::{Measure, attribute as of};
use crate::telemetry::options::{GenAiSemconv, Vocabularies};
use crate::telemetry::semconv as name;

/// Whose names a metric has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The conventions for generative AI, as both of their versions have them.
    GenAi,
    /// The conventions as of 1.41.
    GenAi141,
    /// The newest conventions.
    GenAiLatest,
    /// The client's own telemetry.
    Client,
    /// Ours.
    Own,
    /// The wrappers that came before.
    Seed,
}

/// One metric, or one part of it, made of one base measure.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The metric's name.
    pub name: &'static str,
    /// Its unit, in UCUM.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// Whose name it is.
    pub family: Family,
    /// What it is made of.
    pub measure: Measure,
    /// Attributes that are kept, by their names in the measure and in the metric.
    pub attributes: &'static [(&'static str, &'static str)],
    /// Attributes that all its points bear.
    pub fixed: &'static [(&'static str, &'static str)],
}

impl View {
    /// Whether the metric is sent with these options.
    pub fn is_chosen(&self, vocabularies: Vocabularies, semconv: GenAiSemconv) -> bool {
        match self.family {
            Family::GenAi | Family::Own => true,
            Family::GenAi141 => semconv.has_older(),
            Family::GenAiLatest => semconv.has_latest(),
            Family::Client => vocabularies.claude_code,
            Family::Seed => vocabularies.seed,
        }
    }
}

const MODEL: (&str, &str) = (of::MODEL, name::GEN_AI_RESPONSE_MODEL);
const REQUESTED: (&str, &str) = (of::REQUESTED, name::GEN_AI_REQUEST_MODEL);
const PROVIDER: (&str, &str) = (of::PROVIDER, name::GEN_AI_PROVIDER_NAME);
const ERROR: (&str, &str) = (of::ERROR, name::ERROR_TYPE);
const GEN_AI: &[(&str, &str)] = &[PROVIDER, MODEL, REQUESTED];
const CHAT: &[(&str, &str)] = &[(name::GEN_AI_OPERATION_NAME, "chat")];
const CHAT_INPUT: &[(&str, &str)] = &[(name::GEN_AI_OPERATION_NAME, "chat"), (name::GEN_AI_TOKEN_TYPE, "input")];
const CHAT_OUTPUT: &[(&str, &str)] = &[(name::GEN_AI_OPERATION_NAME, "chat"), (name::GEN_AI_TOKEN_TYPE, "output")];
const CLIENT: &[(&str, &str)] = &[
    (of::MODEL, name::POINT_MODEL),
    (of::SOURCE, name::POINT_QUERY_SOURCE),
    (of::AGENT, name::POINT_AGENT_NAME),
    (of::EFFORT, name::POINT_EFFORT),
    (of::SPEED, name::POINT_SPEED),
    (of::LOWER_BOUND, name::CLAUDE_OTEL_COST_LOWER_BOUND),
    (of::HIDDEN, name::CLAUDE_OTEL_USAGE_HIDDEN),
];
const SEED_MODEL: &[(&str, &str)] = &[(of::MODEL, name::POINT_MODEL)];
const SEED_TOOL: &[(&str, &str)] = &[(of::TOOL, name::POINT_SEED_TOOL_NAME)];

/// One row of the table, with its parts in the order of the documentation.
macro_rules! view {
    ($name:literal, $unit:literal, $family:ident, $measure:ident, $attributes:expr, $fixed:expr, $description:literal) => {
        View {
            name: $name,
            unit: $unit,
            description: $description,
            family: Family::$family,
            measure: Measure::$measure,
            attributes: $attributes,
            fixed: $fixed,
        }
    };
}

/// All metrics that are counted from transcripts.
#[rustfmt::skip]
pub const VIEWS: &[View] = &[
    view!("gen_ai.client.token.usage", "{token}", GenAi141, CallInput, GEN_AI, CHAT_INPUT, "Tokens of a response, input or output"),
    view!("gen_ai.client.token.usage", "{token}", GenAi141, CallOutput, GEN_AI, CHAT_OUTPUT, "Tokens of a response, input or output"),
    view!("gen_ai.client.operation.duration", "s", GenAi141, CallDuration, GEN_AI, CHAT, "How long responses took"),
    view!("gen_ai.client.inference.duration", "s", GenAiLatest, CallDuration, GEN_AI, CHAT, "How long responses took"),
    view!("gen_ai.client.inference.operation.input_tokens", "{token}", GenAiLatest, CallInput, GEN_AI, CHAT, "Input tokens of a response"),
    view!("gen_ai.client.inference.operation.output_tokens", "{token}", GenAiLatest, CallOutput, GEN_AI, CHAT, "Output tokens of a response"),
    view!("gen_ai.client.inference.usage.input_tokens", "{token}", GenAiLatest, Input, GEN_AI, CHAT, "Input tokens, from and to the cache included"),
    view!("gen_ai.client.inference.usage.input_tokens", "{token}", GenAiLatest, CacheRead, GEN_AI, CHAT, "Input tokens, from and to the cache included"),
    view!("gen_ai.client.inference.usage.input_tokens", "{token}", GenAiLatest, CacheCreation, GEN_AI, CHAT, "Input tokens, from and to the cache included"),
    view!("gen_ai.client.inference.usage.output_tokens", "{token}", GenAiLatest, Output, GEN_AI, CHAT, "Output tokens"),
    view!("gen_ai.client.inference.usage.cache_read.input_tokens", "{token}", GenAiLatest, CacheRead, GEN_AI, CHAT, "Input tokens read from the cache"),
    view!("gen_ai.client.inference.usage.cache_write.input_tokens", "{token}", GenAiLatest, CacheCreation, GEN_AI, CHAT, "Input tokens written to the cache"),
    view!("gen_ai.client.inference.usage.reasoning.output_tokens", "{token}", GenAiLatest, Reasoning, GEN_AI, CHAT, "Output tokens of thinking"),
    view!("gen_ai.execute_tool.duration", "s", GenAi, ToolDuration, &[(of::TOOL, name::GEN_AI_TOOL_NAME), ERROR], &[(name::GEN_AI_OPERATION_NAME, "execute_tool")], "How long tools took"),
    view!("gen_ai.invoke_agent.duration", "s", GenAi, TurnDuration, &[(of::AGENT, name::GEN_AI_AGENT_NAME), ERROR], &[(name::GEN_AI_OPERATION_NAME, "invoke_agent")], "How long turns and agent runs took"),
    view!("gen_ai.invoke_agent.duration", "s", GenAi, AgentDuration, &[(of::AGENT, name::GEN_AI_AGENT_NAME), ERROR], &[(name::GEN_AI_OPERATION_NAME, "invoke_agent")], "How long turns and agent runs took"),
    view!("claude_code.session.count", "", Client, Sessions, &[(of::START, name::START_TYPE)], &[], "Sessions begun or resumed"),
    view!("claude_code.token.usage", "tokens", Client, Input, CLIENT, &[(name::TYPE, "input")], "Tokens by type"),
    view!("claude_code.token.usage", "tokens", Client, Output, CLIENT, &[(name::TYPE, "output")], "Tokens by type"),
    view!("claude_code.token.usage", "tokens", Client, CacheRead, CLIENT, &[(name::TYPE, "cacheRead")], "Tokens by type"),
    view!("claude_code.token.usage", "tokens", Client, CacheCreation, CLIENT, &[(name::TYPE, "cacheCreation")], "Tokens by type"),
    view!("claude_code.cost.usage", "USD", Client, Cost, CLIENT, &[], "Cost of model calls"),
    view!("claude_code.lines_of_code.count", "", Client, Lines, &[(of::TYPE, name::TYPE), (of::MODEL, name::POINT_MODEL)], &[], "Lines of files added and removed"),
    view!("claude_code.pull_request.count", "", Client, PullRequests, &[], &[], "Pull requests linked to sessions"),
    view!("claude_code.code_edit_tool.decision", "", Client, EditDecisions, &[(of::TOOL, name::POINT_TOOL_NAME), (of::DECISION, name::POINT_DECISION), (of::DECIDED_BY, name::POINT_SOURCE), (of::LANGUAGE, name::LANGUAGE)], &[], "Edits of files accepted and rejected"),
    view!("claude_code.turn.count", "{turn}", Own, Turns, &[(of::OUTCOME, name::CLAUDE_CODE_TURN_OUTCOME), (of::ORIGIN, name::CLAUDE_CODE_TURN_ORIGIN)], &[], "Turns that are over"),
    view!("claude_code.agent.count", "{run}", Own, AgentRuns, &[(of::AGENT, name::GEN_AI_AGENT_NAME), (of::OUTCOME, name::CLAUDE_CODE_AGENT_OUTCOME)], &[], "Agent runs that are over"),
    view!("claude_code.tool.calls", "{call}", Own, ToolCalls, &[(of::TOOL, name::GEN_AI_TOOL_NAME), (of::OUTCOME, name::CLAUDE_CODE_TOOL_OUTCOME)], &[], "Calls of tools"),
    view!("claude_code.llm.calls", "{call}", Own, Calls, &[(of::MODEL, name::GEN_AI_RESPONSE_MODEL), (of::SOURCE, name::CLAUDE_CODE_QUERY_SOURCE)], &[], "Responses of models"),
    view!("claude_code.llm.unpriced_calls", "{call}", Own, Unpriced, &[(of::MODEL, name::GEN_AI_RESPONSE_MODEL)], &[], "Responses of models that no price is known for"),
    view!("claude_code.cache.tokens", "{token}", Own, CacheRead, &[MODEL], &[(name::RESULT, "hit")], "Input tokens by what the cache did for them"),
    view!("claude_code.cache.tokens", "{token}", Own, Input, &[MODEL], &[(name::RESULT, "miss")], "Input tokens by what the cache did for them"),
    view!("claude_code.cache.tokens", "{token}", Own, CacheCreation5m, &[MODEL], &[(name::RESULT, "write"), (name::TTL, "5m")], "Input tokens by what the cache did for them"),
    view!("claude_code.cache.tokens", "{token}", Own, CacheCreation1h, &[MODEL], &[(name::RESULT, "write"), (name::TTL, "1h")], "Input tokens by what the cache did for them"),
    view!("claude_code.cache.tokens", "{token}", Own, CacheCreationUntold, &[MODEL], &[(name::RESULT, "write")], "Input tokens by what the cache did for them"),
    view!("claude_code.compaction.count", "{compaction}", Own, Compactions, &[(of::TRIGGER, name::CLAUDE_CODE_COMPACTION_TRIGGER)], &[], "Compactions"),
    view!("claude_code.api.errors", "{error}", Own, ApiErrors, &[(of::STATUS, name::HTTP_RESPONSE_STATUS_CODE), ERROR, (of::FINAL, name::CLAUDE_CODE_API_ERROR_FINAL)], &[], "Requests that failed: each attempt on record, and turns that ended by it"),
    view!("claude.tool_calls_total", "1", Seed, ToolCalls, SEED_TOOL, &[], "Calls of tools"),
    view!("claude.tool_calls_errors_total", "1", Seed, ToolErrors, SEED_TOOL, &[], "Calls of tools whose result is flagged as an error"),
    view!("claude.tool_call_duration_ms", "ms", Seed, ToolDuration, SEED_TOOL, &[], "How long tools took"),
    view!("claude.turns_total", "1", Seed, Turns, SEED_MODEL, &[], "Turns that are over"),
    view!("claude.model_requests_total", "1", Seed, Calls, SEED_MODEL, &[], "Responses of models"),
    view!("claude.cache_hits_total", "1", Seed, CacheHits, SEED_MODEL, &[], "Responses that read from the cache"),
    view!("claude.cache_misses_total", "1", Seed, CacheMisses, SEED_MODEL, &[], "Responses that did not read from the cache"),
    view!("claude.cache_creations_total", "1", Seed, CacheWrites, SEED_MODEL, &[], "Responses that wrote to the cache"),
    view!("claude.context_compactions_total", "1", Seed, Compactions, &[(of::TRIGGER, name::POINT_TRIGGER), (of::MODEL, name::POINT_MODEL)], &[], "Compactions"),
    view!("claude.prompt_latency_ms", "ms", Seed, TurnDuration, SEED_MODEL, &[], "From a prompt to the end of its turn"),
];
