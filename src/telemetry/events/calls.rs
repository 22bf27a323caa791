//! `claude_code.api_request`: one for each response on record.

use std::sync::Arc;

use super::details::details;
use super::{Event, at_end, duration, event, ids};
use crate::session::facts::{LlmCall, Parent};
use crate::telemetry::attributes::{AttributeList, gate};
use crate::telemetry::common::{api_id, model_name};
use crate::telemetry::gate::Gate;
use crate::telemetry::llm_span::query_source;
use crate::telemetry::log::{LogRecord, Severity};
use crate::telemetry::mapper::Mapper;
use crate::telemetry::semconv as name;
use crate::telemetry::span::{Span, Value};

pub(in crate::telemetry) fn call_events(mapper: &Mapper<'_>, place: usize, span: &Span, out: &mut Vec<LogRecord>) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let call = &mapper.session.calls[place];
    let mut list = mapper.event_attributes(call.context, mapper.turn_of(call.parent), 24);
    list.text(event::MODEL, call.model.as_ref().map(|model| model_name(model, mapper.privacy())));
    usage(&mut list, call);
    cost(&mut list, span);
    duration(&mut list, &call.timing, false);
    list.text(event::REQUEST_ID, call.request_id.as_ref().map(|id| api_id(id, mapper.privacy())));
    list.text(event::SPEED, call.speed.as_ref().map(|of| speed(of, mapper.privacy())));
    list.name(event::QUERY_SOURCE, call.query_source.as_ref());
    list.fixed(name::CLAUDE_CODE_QUERY_SOURCE, query_source(call));
    list.name(event::EFFORT, call.effort.as_ref());
    mapper.agent_of(&mut list, call.parent);
    if let Parent::Agent(agent) = call.parent {
        list.name(event::AGENT_NAME, mapper.session.agents[agent].agent_type.as_ref());
    }
    events.add(Event {
        name: event::API_REQUEST,
        key: Arc::clone(&call.id),
        time: at_end(&call.timing),
        severity: Severity::Info,
        attributes: list,
    });
    details(mapper, call, span, out);
}

fn usage(list: &mut AttributeList<'_>, call: &LlmCall) {
    let usage = &call.usage;
    list.count(event::INPUT_TOKENS, usage.input);
    list.count(event::OUTPUT_TOKENS, usage.output);
    list.count(event::CACHE_READ_TOKENS, usage.cache_read);
    list.count(event::CACHE_CREATION_TOKENS, usage.cache_creation);
    list.count(event::CACHE_CREATION_5M_TOKENS, usage.cache_creation_5m);
    list.count(event::CACHE_CREATION_1H_TOKENS, usage.cache_creation_1h);
    list.bool(name::CLAUDE_OTEL_USAGE_FINAL, call.stop_reason.is_some());
}

/// The cost is what the span says: there is one way to know it.
fn cost(list: &mut AttributeList<'_>, span: &Span) {
    for (of, value) in &span.attributes {
        match (*of, value) {
            (name::CLAUDE_CODE_COST_USD, Value::Double(dollars)) => {
                list.push(event::COST_USD, Value::Double(*dollars));
                list.push(event::COST_USD_MICROS, Value::Int(micros(*dollars)));
            }
            (name::CLAUDE_OTEL_COST_LOWER_BOUND | name::CLAUDE_OTEL_COST_SOURCE, _) => list.push(of, value.clone()),
            _ => {}
        }
    }
}

/// Dollars in millionths, rounded as the client does.
#[expect(clippy::cast_possible_truncation, reason = "a cast from a float ends at the greatest number")]
fn micros(dollars: f64) -> i64 {
    (dollars * 1_000_000.0).round() as i64
}

/// The client's events call `normal` what its transcripts call `standard`.
fn speed(speed: &Arc<str>, privacy: &Gate<'_>) -> Value {
    if &**speed == "standard" { Value::Static("normal") } else { gate(speed, privacy) }
}
