//! The names of `OpenInference`: the same values as those of the conventions for generative AI, which the span has.

use super::{Thing, add, get};
use crate::telemetry::attributes::AttributeList;
use crate::telemetry::mapper::Mapper;
use crate::telemetry::semconv as name;
use crate::telemetry::semconv::openinference as oi;
use crate::telemetry::span::{Span, Value};

pub(super) fn extend(mapper: &Mapper<'_>, thing: Thing, span: &mut Span) {
    let kind = match thing {
        Thing::Call(_) => "LLM",
        Thing::Tool(_) => "TOOL",
        Thing::Turn(_) | Thing::Agent(_) => "AGENT",
        Thing::Compaction(_) | Thing::Hook | Thing::Segment(_) => "CHAIN",
    };
    let mut list = AttributeList::with_capacity(14, mapper.privacy());
    list.fixed(oi::SPAN_KIND, kind);
    match thing {
        Thing::Call(_) => call(&mut list, span),
        Thing::Tool(_) => {
            list.text(oi::TOOL_NAME, get(span, name::GEN_AI_TOOL_NAME));
            list.text(oi::TOOL_ID, get(span, name::GEN_AI_TOOL_CALL_ID));
            list.text(oi::TOOL_CALL_ID, get(span, name::GEN_AI_TOOL_CALL_ID));
        }
        Thing::Turn(_) | Thing::Agent(_) => list.text(oi::AGENT_NAME, get(span, name::GEN_AI_AGENT_NAME)),
        Thing::Compaction(_) | Thing::Hook | Thing::Segment(_) => {}
    }
    // A content level has put these on the span, or it has not.
    let (input, output) = match thing {
        Thing::Call(_) => (name::GEN_AI_INPUT_MESSAGES, name::GEN_AI_OUTPUT_MESSAGES),
        Thing::Tool(_) => (name::GEN_AI_TOOL_CALL_ARGUMENTS, name::GEN_AI_TOOL_CALL_RESULT),
        _ => (name::CLAUDE_CODE_PROMPT, name::GEN_AI_OUTPUT_MESSAGES),
    };
    list.text(oi::INPUT_VALUE, get(span, input));
    list.text(oi::OUTPUT_VALUE, get(span, output));
    add(&mut span.attributes, list.finish());
}

fn call(list: &mut AttributeList<'_>, span: &Span) {
    list.fixed(oi::LLM_SYSTEM, "anthropic");
    let provider = match get(span, name::GEN_AI_PROVIDER_NAME) {
        Some(Value::Static("aws.bedrock")) => "aws",
        Some(Value::Static("gcp.vertex_ai")) => "google",
        _ => "anthropic",
    };
    list.fixed(oi::LLM_PROVIDER, provider);
    list.text(oi::LLM_MODEL_NAME, get(span, name::GEN_AI_RESPONSE_MODEL));
    list.text(oi::LLM_REQUEST_MODEL_NAME, get(span, name::GEN_AI_REQUEST_MODEL));
    let (input, output) = (get(span, name::GEN_AI_USAGE_INPUT_TOKENS), get(span, name::GEN_AI_USAGE_OUTPUT_TOKENS));
    if let (Some(Value::Int(input)), Some(Value::Int(output))) = (&input, &output) {
        list.int(oi::LLM_TOKEN_COUNT_TOTAL, input.saturating_add(*output));
    }
    list.text(oi::LLM_TOKEN_COUNT_PROMPT, input);
    list.text(oi::LLM_TOKEN_COUNT_COMPLETION, output);
    list.text(oi::LLM_TOKEN_COUNT_CACHE_READ, get(span, name::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS));
    let written = get(span, name::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)
        .or_else(|| get(span, name::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS));
    list.text(oi::LLM_TOKEN_COUNT_CACHE_WRITE, written);
    list.text(oi::LLM_TOKEN_COUNT_REASONING, get(span, name::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS));
    list.text(oi::LLM_COST_TOTAL, get(span, name::CLAUDE_CODE_COST_USD));
}
