//! Log events, each made beside the span that it belongs to, so that it is as final as that and owned by the same rules.
//!
//! What enters: facts, and the span that was made of them. What leaves: [`LogRecord`]s. Names and types of the client's
//! own events are those of its newest versions, whose events write some numbers as texts.
//!
//! To add an event: its name in [`crate::telemetry::semconv::events`], a function here.

mod calls;
mod details;
mod cost_state;
mod tools;
mod turns;
mod work;

use std::sync::Arc;

pub(super) use calls::call_events;
pub(super) use cost_state::cost_state_events;
pub(super) use tools::tool_events;
pub(super) use turns::{completed_event, turn_events};
pub(super) use work::{agent_events, compaction_events, hook_events};

use super::attributes::AttributeList;
use super::ids::IdKind;
use super::log::{LogRecord, Severity};
use super::mapper::{Mapper, nanos};
use super::semconv as name;
use super::semconv::events as event;
use super::span::{Span, SpanId, TraceId, Value};
use crate::privacy::Sanitized;
use crate::session::facts::Parent;
use crate::session::timing::{Certainty, Timing};
use crate::transcript::time::Millis;

/// What one event says.
struct Event<'a> {
    /// Its name.
    name: &'static str,
    /// What tells it from the others of that name in the session.
    key: Arc<str>,
    /// When, and how well that is known.
    time: (Millis, Certainty),
    severity: Severity,
    attributes: AttributeList<'a>,
}

/// Collects the events that belong to one span.
struct Collector<'a, 'b> {
    mapper: &'a Mapper<'a>,
    of: (TraceId, SpanId),
    out: &'b mut Vec<LogRecord>,
}

impl Collector<'_, '_> {
    /// Adds an event, unless its name is one of a vocabulary that is off.
    fn add(&mut self, event: Event<'_>) {
        if !self.mapper.options.vocab.claude_code && event::OF_THE_CLIENT.iter().any(|of| of.name == event.name) {
            return;
        }
        let Event { name, key, time, severity, mut attributes } = event;
        attributes.fixed(event::EVENT_NAME, name.strip_prefix("claude_code.").unwrap_or(name));
        attributes.fixed(event::CLAUDE_OTEL_EVENT_TIME, time.1.name());
        self.out.push(LogRecord {
            id: self.mapper.identity(IdKind::Event(name), &key).span_id(),
            event_name: name,
            time_unix_nano: nanos(time.0),
            severity,
            trace_id: self.of.0,
            span_id: self.of.1,
            attributes: attributes.finish(),
        });
    }
}

impl Mapper<'_> {
    /// The events of a span, if there are to be any.
    fn collect<'b>(&'b self, of: (TraceId, SpanId), out: &'b mut Vec<LogRecord>) -> Option<Collector<'b, 'b>> {
        (!self.options.without_events).then_some(Collector { mapper: self, of, out })
    }

    /// The beginning of the attributes of an event inside a turn: where the client ran, and the turn's number.
    fn event_attributes(&self, context: usize, turn: Option<usize>, more: usize) -> AttributeList<'_> {
        let mut list = self.attributes(context, more + 4);
        list.name(event::PROMPT_ID, turn.and_then(|turn| self.session.turns[turn].prompt_id.as_ref()));
        list
    }

    /// The agent that something is a part of, as the client names it on events.
    fn agent_of(&self, list: &mut AttributeList<'_>, parent: Parent) {
        if let Parent::Agent(agent) = parent {
            let run = &self.session.agents[agent];
            list.name(event::AGENT_ID, Some(&run.id));
            list.name(event::PARENT_AGENT_ID, run.parent_agent.map(|parent| &self.session.agents[parent].id));
        }
    }
}

/// The ids of a span.
const fn ids(span: &Span) -> (TraceId, SpanId) {
    (span.trace_id, span.span_id)
}

/// How long something took, where neither end is a guess. A start that is only bounded makes it too long, and is said.
fn duration(list: &mut AttributeList<'_>, timing: &Timing, is_text: bool) {
    let certainties = [timing.start_source.certainty(), timing.end_source.certainty()];
    if certainties.contains(&Certainty::Estimated) {
        return;
    }
    let (of, value) = if is_text {
        (event::DURATION_MS_AS_TEXT, digits(timing.duration()))
    } else {
        (event::DURATION_MS, Value::Int(timing.duration()))
    };
    list.push(of, value);
    list.fixed(name::CLAUDE_OTEL_TIMING_START, certainties[0].name());
}

/// The end of a span as an event's time.
const fn at_end(timing: &Timing) -> (Millis, Certainty) {
    (timing.end, timing.end_source.certainty())
}

/// A number as text, as the client writes it on some events.
fn digits(number: impl Into<i128>) -> Value {
    let number = number.into();
    i64::try_from(number).map_or_else(|_| Value::Str(Sanitized::of_number(number)), Value::Digits)
}

/// A truth value as text, as the client writes it on some events.
const fn truth(value: bool) -> Value {
    Value::Static(if value { "true" } else { "false" })
}
