//! `chat {model}`: one response of a model.

use std::borrow::Cow;

use super::common::{agent_attributes, api_id, model_name, provider, shown, timing_attributes};
use super::content;
use super::ids::IdKind;
use super::mapper::{Mapper, work_span};
use super::options::GenAiSemconv;
use super::semconv as name;
use super::span::{Span, SpanKind, Value};
use crate::privacy::Sanitized;
use crate::session::facts::{LlmCall, Parent};

pub(super) fn llm_span(mapper: &Mapper<'_>, place: usize) -> Span {
    let call = &mapper.session.calls[place];
    let privacy = mapper.privacy();
    let mut list = mapper.attributes(call.context, 38);
    list.fixed(name::GEN_AI_OPERATION_NAME, "chat");
    list.fixed(name::GEN_AI_PROVIDER_NAME, provider(call.model.as_deref(), &call.id));
    list.text(name::GEN_AI_REQUEST_MODEL, call.requested_model.as_ref().map(|model| model_name(model, privacy)));
    list.count(name::GEN_AI_REQUEST_MAX_TOKENS, call.max_tokens);
    let model = call.model.as_ref().map(|model| model_name(model, privacy));
    list.text(name::GEN_AI_RESPONSE_MODEL, model.clone());
    list.push(name::GEN_AI_RESPONSE_ID, api_id(&call.id, privacy));
    list.flag(name::GEN_AI_CONVERSATION_COMPACTED, call.is_compacted);
    list.text(name::CLAUDE_CODE_REQUEST_ID, call.request_id.as_ref().map(|id| api_id(id, privacy)));
    let mut finish_reason = None;
    if let Some(reason) = &call.stop_reason {
        let finish = match &**reason {
            "end_turn" | "stop_sequence" => Value::List(vec![Sanitized::of_ours("stop")]),
            "max_tokens" => Value::List(vec![Sanitized::of_ours("length")]),
            "tool_use" => Value::List(vec![Sanitized::of_ours("tool_call")]),
            _ => match super::attributes::gate(reason, privacy) {
                Value::Str(raw) => Value::List(vec![raw]),
                _ => Value::List(vec![Sanitized::of_ours(name::OTHER)]),
            },
        };
        if let Value::List(reasons) = &finish {
            finish_reason = reasons.first().cloned();
        }
        list.push(name::GEN_AI_RESPONSE_FINISH_REASONS, finish);
        list.name(name::CLAUDE_CODE_STOP_REASON, Some(reason));
    }
    content::messages(&mut list, mapper, place, finish_reason.as_deref());
    usage(&mut list, call, mapper.options.genai_semconv);
    list.name(name::CLAUDE_CODE_EFFORT, call.effort.as_ref());
    list.name(name::CLAUDE_CODE_SPEED, call.speed.as_ref());
    list.name(name::CLAUDE_CODE_SERVICE_TIER, call.service_tier.as_ref());
    list.name(name::CLAUDE_CODE_CACHE_MISS_REASON, call.cache_miss_reason.as_ref());
    cost(&mut list, mapper, place);
    list.count(name::CLAUDE_CODE_ATTEMPTS, call.attempts);
    list.flag(name::CLAUDE_CODE_ABORTED, call.is_aborted);
    list.int(name::CLAUDE_CODE_THINKING_DURATION_MS, call.thinking_duration);
    list.fixed(name::CLAUDE_CODE_QUERY_SOURCE, query_source(call));
    if let Parent::Agent(agent) = call.parent {
        agent_attributes(&mut list, mapper.session, &mapper.session.agents[agent]);
    }
    timing_attributes(&mut list, &call.timing);
    let name = model.as_ref().map_or(Cow::Borrowed("chat"), |model| Cow::Owned(["chat ", shown(model)].concat()));
    let at = mapper.place_below(call.parent);
    Span {
        kind: SpanKind::Client,
        ..work_span(at, mapper.identity(IdKind::Llm, &call.id).span_id(), name, &call.timing, list)
    }
}

fn usage(list: &mut super::attributes::AttributeList<'_>, call: &LlmCall, semconv: GenAiSemconv) {
    let usage = &call.usage;
    list.count(name::GEN_AI_USAGE_INPUT_TOKENS, usage.total_input());
    list.count(name::GEN_AI_USAGE_OUTPUT_TOKENS, usage.output);
    list.count(name::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, usage.cache_read);
    if semconv.has_latest() {
        list.count(name::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, usage.cache_creation);
    }
    if semconv.has_older() {
        list.count(name::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cache_creation);
    }
    list.count(name::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, usage.thinking);
    list.count(name::CLAUDE_CODE_USAGE_UNCACHED_INPUT_TOKENS, usage.input);
    list.count(name::CLAUDE_CODE_USAGE_CACHE_CREATION_5M, usage.cache_creation_5m);
    list.count(name::CLAUDE_CODE_USAGE_CACHE_CREATION_1H, usage.cache_creation_1h);
    list.count(name::CLAUDE_CODE_USAGE_WEB_SEARCH_REQUESTS, Some(usage.web_searches).filter(|searches| *searches > 0));
    let is_final = call.stop_reason.is_some();
    list.bool(name::CLAUDE_OTEL_USAGE_FINAL, is_final);
}

fn cost(list: &mut super::attributes::AttributeList, mapper: &Mapper<'_>, place: usize) {
    let call = &mapper.session.calls[place];
    let cost = mapper.totals.costs[place].as_ref();
    let is_lower_bound = cost.map_or(call.stop_reason.is_none(), |cost| cost.is_lower_bound);
    list.flag(name::CLAUDE_OTEL_COST_LOWER_BOUND, is_lower_bound);
    if let Some(cost) = cost {
        list.push(name::CLAUDE_CODE_COST_USD, Value::Double(cost.amount.dollars()));
        list.fixed(name::CLAUDE_OTEL_COST_SOURCE, cost.source.name());
        list.text(
            name::CLAUDE_OTEL_COST_TABLE,
            cost.table.as_ref().map(|table| super::attributes::sanitized(table, mapper.privacy())),
        );
    }
}

pub(super) fn query_source(call: &LlmCall) -> &'static str {
    match call.parent {
        _ if call.is_auxiliary => "auxiliary",
        Parent::Turn(_) => "main",
        Parent::Agent(_) => "subagent",
    }
}
