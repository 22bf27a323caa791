//! Spans as a tree that a person can read: name, offset, length, tokens, outcome.

use std::fmt::Write;

use hashbrown::HashMap;

use crate::telemetry::semconv as name;
use crate::telemetry::span::{Attributes, Span, SpanId, TraceId, Value};

/// Draws the traces of the spans, the earliest first. Sessions stand before the turns that they hold.
pub fn draw(spans: &[Span]) -> String {
    let known: HashMap<(TraceId, SpanId), usize> =
        spans.iter().enumerate().map(|(place, span)| ((span.trace_id, span.span_id), place)).collect();
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (place, span) in spans.iter().enumerate() {
        let parent = span.parent_span_id.and_then(|parent| known.get(&(span.trace_id, parent)).copied());
        // Turns of a trace of their own are drawn below the session that they link to.
        let parent = parent.or_else(|| {
            session_of(span).and_then(|session| known.get(&session).copied()).filter(|session| *session != place)
        });
        children.entry(parent).or_default().push(place);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|place| {
            (spans[*place].start_unix_nano, spans[*place].name != "session", spans[*place].end_unix_nano, *place)
        });
    }
    let mut text = String::new();
    for root in children.get(&None).into_iter().flatten() {
        branch(spans, &children, *root, spans[*root].start_unix_nano, 0, &mut text);
    }
    text
}

fn session_of(span: &Span) -> Option<(TraceId, SpanId)> {
    let is_session = |attributes: &Attributes| text(attributes, name::CLAUDE_OTEL_LINK) == Some("session");
    span.links.iter().find(|link| is_session(&link.attributes)).map(|link| (link.trace_id, link.span_id))
}

fn branch(
    spans: &[Span],
    children: &HashMap<Option<usize>, Vec<usize>>,
    at: usize,
    zero: u64,
    depth: usize,
    out: &mut String,
) {
    let span = &spans[at];
    let offset = (span.start_unix_nano.cast_signed() - zero.cast_signed()) / 1_000_000;
    let length = (span.end_unix_nano - span.start_unix_nano) / 1_000_000;
    let title = format!("{:indent$}{}", "", span.name, indent = depth * 2);
    let _ =
        writeln!(out, "{title:<44} {:>10} {:>9}  {}", seconds_signed(offset), seconds(length), notes(span).join(" "));
    for event in &span.events {
        let offset = (event.time_unix_nano.cast_signed() - zero.cast_signed()) / 1_000_000;
        let title = format!("{:indent$}* {}", "", event.name, indent = (depth + 1) * 2);
        let _ = writeln!(out, "{title:<44} {:>10}", seconds_signed(offset));
    }
    for child in children.get(&Some(at)).into_iter().flatten() {
        branch(spans, children, *child, zero, depth + 1, out);
    }
}

/// What a person asks first about a span of its kind.
fn notes(span: &Span) -> Vec<String> {
    let attributes = &span.attributes;
    let mut notes = Vec::new();
    let mut number = |attribute: &str, label: &str| {
        if let Some(value) = int(attributes, attribute) {
            notes.push(format!("{label}={value}"));
        }
    };
    number(name::GEN_AI_USAGE_INPUT_TOKENS, "in");
    number(name::GEN_AI_USAGE_OUTPUT_TOKENS, "out");
    number(name::CLAUDE_CODE_USAGE_INPUT_TOKENS, "in");
    number(name::CLAUDE_CODE_USAGE_OUTPUT_TOKENS, "out");
    number(name::CLAUDE_CODE_SESSION_TURNS, "turns");
    number(name::CLAUDE_CODE_TURN_LLM_CALLS, "calls");
    number(name::CLAUDE_CODE_TURN_TOOL_CALLS, "tools");
    number(name::CLAUDE_CODE_ATTEMPTS, "attempts");
    number(name::CLAUDE_CODE_COMPACTION_PRE_TOKENS, "before");
    number(name::CLAUDE_CODE_COMPACTION_POST_TOKENS, "after");
    number(name::PROCESS_EXIT_CODE, "exit");
    let words = [
        name::CLAUDE_CODE_SESSION_START_TYPE,
        name::CLAUDE_CODE_TURN_ORIGIN,
        name::CLAUDE_CODE_TURN_OUTCOME,
        name::CLAUDE_CODE_AGENT_OUTCOME,
        name::CLAUDE_CODE_TOOL_OUTCOME,
        name::CLAUDE_CODE_STOP_REASON,
        name::CLAUDE_CODE_COMPACTION_TRIGGER,
        name::ERROR_TYPE,
    ];
    notes.extend(words.iter().filter_map(|word| text(attributes, word)).map(str::to_owned));
    notes.extend(text(attributes, name::CLAUDE_OTEL_JOIN).map(|join| format!("join={join}")));
    let is_set = |attribute| attributes.iter().any(|(key, value)| *key == attribute && *value == Value::Bool(true));
    if is_set(name::CLAUDE_CODE_TOOL_BACKGROUND) || is_set(name::CLAUDE_CODE_AGENT_BACKGROUND) {
        notes.push("background".to_owned());
    }
    if attributes.iter().any(|(key, value)| *key == name::CLAUDE_OTEL_USAGE_FINAL && *value == Value::Bool(false)) {
        notes.push("usage-not-final".to_owned());
    }
    let source = |attribute| text(attributes, attribute).unwrap_or("?");
    notes.push(format!(
        "[{}..{}]",
        source(name::CLAUDE_OTEL_TIMING_START_SOURCE),
        source(name::CLAUDE_OTEL_TIMING_END_SOURCE)
    ));
    notes
}

fn text<'a>(attributes: &'a Attributes, attribute: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| *key == attribute).and_then(|(_, value)| match value {
        Value::Str(text) => Some(&**text),
        Value::Static(text) => Some(*text),
        _ => None,
    })
}

fn int(attributes: &Attributes, attribute: &str) -> Option<i64> {
    attributes
        .iter()
        .find(|(key, _)| *key == attribute)
        .and_then(|(_, value)| if let Value::Int(number) = value { Some(*number) } else { None })
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}s", millis / 1000, millis % 1000)
}

fn seconds_signed(millis: i64) -> String {
    format!("{}{}", if millis < 0 { "-" } else { "+" }, seconds(millis.unsigned_abs()))
}
