//! `gen_ai.client.inference.operation.details`: what a model was given and what it said, structured, where everything
//! is to leave.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Event, at_end, event, ids};
use crate::session::facts::LlmCall;
use crate::telemetry::attributes::sanitized;
use crate::telemetry::gate::Gate;
use crate::telemetry::log::{LogRecord, Severity};
use crate::telemetry::mapper::Mapper;
use crate::telemetry::semconv as name;
use crate::telemetry::span::{Span, Value};

/// What the event shares with its span.
const SHARED: [&str; 9] = [
    name::GEN_AI_OPERATION_NAME,
    name::GEN_AI_PROVIDER_NAME,
    name::GEN_AI_REQUEST_MODEL,
    name::GEN_AI_RESPONSE_MODEL,
    name::GEN_AI_RESPONSE_ID,
    name::GEN_AI_RESPONSE_FINISH_REASONS,
    name::GEN_AI_USAGE_INPUT_TOKENS,
    name::GEN_AI_USAGE_OUTPUT_TOKENS,
    name::GEN_AI_REQUEST_MAX_TOKENS,
];
/// The members of messages, as the conventions name them. What stands below any other is left a JSON text.
const MEMBERS: [&str; 9] = ["role", "parts", "type", "content", "id", "name", "arguments", "response", "finish_reason"];

pub(super) fn details(mapper: &Mapper<'_>, call: &LlmCall, span: &Span, out: &mut Vec<LogRecord>) {
    if !mapper.options.content.is_full() {
        return;
    }
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let privacy = mapper.privacy();
    let messages = [name::GEN_AI_INPUT_MESSAGES, name::GEN_AI_OUTPUT_MESSAGES].map(|attribute| {
        let text = span.attributes.iter().find(|(name, _)| *name == attribute).and_then(|(_, value)| match value {
            Value::Str(text) => serde_json::from_str::<Json>(text).ok(),
            _ => None,
        });
        text.map(|messages| (attribute, structured(&messages, privacy)))
    });
    if messages.iter().all(Option::is_none) {
        return;
    }
    let mut list = mapper.event_attributes(call.context, mapper.turn_of(call.parent), 16);
    for (attribute, value) in span.attributes.iter().filter(|(attribute, _)| SHARED.contains(attribute)) {
        list.push(attribute, value.clone());
    }
    for (attribute, value) in messages.into_iter().flatten() {
        list.push(attribute, value);
    }
    events.add(Event {
        name: event::INFERENCE_DETAILS,
        key: Arc::clone(&call.id),
        time: at_end(&call.timing),
        severity: Severity::Info,
        attributes: list,
    });
}

/// A message as named values; its texts are without secrets already, and are looked at once more.
fn structured(json: &Json, privacy: &Gate<'_>) -> Value {
    match json {
        Json::Array(items) => Value::Array(items.iter().map(|item| structured(item, privacy)).collect()),
        Json::Object(members) => {
            let known = |member: &str| MEMBERS.iter().copied().find(|known| *known == member);
            let member = |(member, value): (&String, &Json)| match (known(member)?, value) {
                // The arguments of a tool have names of their own, which are content.
                (known @ ("arguments" | "response"), Json::Object(_) | Json::Array(_)) => {
                    Some((known, sanitized(&value.to_string().into(), privacy)))
                }
                (known, value) => Some((known, structured(value, privacy))),
            };
            Value::Map(members.iter().filter_map(member).collect())
        }
        Json::String(text) => sanitized(&text.as_str().into(), privacy),
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number.as_i64().map_or(Value::Double(number.as_f64().unwrap_or_default()), Value::Int),
        Json::Null => Value::Static(""),
    }
}
