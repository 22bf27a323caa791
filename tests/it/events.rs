//! Log events of all scenarios: what must hold of every one, and what some scenarios give in full.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use claude_otel::session::usage::TokenUsage;
use claude_otel::telemetry::log::{LogRecord, Severity};
use claude_otel::telemetry::semconv::events;
use claude_otel::telemetry::span::{Attributes, Span, Value};

use crate::golden::{Rebuilt, check_all, folders, options, rebuild, scenarios, snapshots};

/// Scenarios whose events are drawn in full.
const DRAWN: [&str; 12] = [
    "agent-background",
    "agent-failed",
    "agent-single",
    "api-error-final",
    "compaction-auto",
    "denial",
    "fork",
    "hooks",
    "interrupt-in-tool",
    "model-fallback",
    "multi-turn-resume",
    "retry",
];

fn get<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a Value> {
    attributes.iter().find(|(of, _)| *of == name).map(|(_, value)| value)
}

fn int(attributes: &Attributes, name: &str) -> Option<i64> {
    match get(attributes, name)? {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

fn text<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    match get(attributes, name)? {
        Value::Str(text) => Some(text),
        Value::Static(text) => Some(text),
        _ => None,
    }
}

fn of<'a>(scenario: &'a Rebuilt, name: &'a str) -> impl Iterator<Item = &'a LogRecord> {
    scenario.logs.iter().filter(move |record| record.event_name == name)
}

fn operation<'a>(scenario: &'a Rebuilt, operation: &'a str) -> impl Iterator<Item = &'a Span> {
    scenario.spans.iter().filter(move |span| text(&span.attributes, "gen_ai.operation.name") == Some(operation))
}

/// One line for each event; what all events of a session share is left out.
fn drawn(scenario: &Rebuilt) -> String {
    let shared = ["session.id", "gen_ai.conversation.id", "claude_code.version", "claude_code.entrypoint"];
    let shared =
        |name: &&str| shared.contains(name) || ["claude_code.project.name", "vcs.ref.head.name"].contains(name);
    let first = scenario.spans.iter().map(|span| span.start_unix_nano).min().unwrap_or_default();
    let span_name: HashMap<_, _> = scenario.spans.iter().map(|span| (span.span_id, &*span.name)).collect();
    let mut records: Vec<&LogRecord> = scenario.logs.iter().collect();
    records.sort_by_key(|record| (record.time_unix_nano, record.event_name, record.id.to_bytes()));
    let mut drawn = String::new();
    for record in records {
        let offset = (record.time_unix_nano.cast_signed() - first.cast_signed()) / 1_000_000;
        let of = span_name.get(&record.span_id).unwrap_or(&"?");
        let _ = writeln!(drawn, "{offset:+} ms {} {} on {of}", record.severity.text(), record.event_name);
        for (name, value) in record.attributes.iter().filter(|(name, _)| !shared(name)) {
            let _ = writeln!(drawn, "    {name} = {}", shown(value));
        }
    }
    drawn
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => format!("{text:?}"),
        Value::Digits(number) => format!("\"{number}\""),
        Value::Static(text) => format!("{text:?}"),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::Bool(truth) => truth.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn events_are_drawn() {
    let chosen: Vec<Rebuilt> = folders()
        .iter()
        .filter(|folder| DRAWN.iter().any(|name| folder.ends_with(name)))
        .map(|folder| rebuild(folder, options(folder, 1)))
        .collect();
    assert_eq!(chosen.len(), DRAWN.len());
    for scenario in chosen {
        snapshots(&scenario.folder).bind(|| insta::assert_snapshot!("events", drawn(&scenario)));
    }
}

#[test]
fn every_event_belongs_to_a_span_and_no_id_is_used_twice() {
    check_all(|scenario| {
        let spans: HashSet<_> = scenario.spans.iter().map(|span| (span.trace_id, span.span_id)).collect();
        let mut ids: HashSet<_> = scenario.spans.iter().map(|span| span.span_id).collect();
        for record in &scenario.logs {
            assert!(spans.contains(&(record.trace_id, record.span_id)), "{} has no span", record.event_name);
            assert!(ids.insert(record.id), "{} has an id that something else has", record.event_name);
            assert!(record.attributes.is_sorted_by(|(a, _), (b, _)| a < b), "{}", record.event_name);
            let name = text(&record.attributes, "event.name").unwrap();
            assert_eq!(record.event_name, format!("claude_code.{name}"));
        }
    });
}

#[test]
fn events_of_work_stand_at_its_end_and_no_event_before_its_span() {
    let at_the_end = [
        events::API_REQUEST,
        events::TOOL_RESULT,
        events::SUBAGENT_COMPLETED,
        events::COMPACTION,
        events::HOOK,
        events::TURN_COMPLETED,
    ];
    check_all(|scenario| {
        let spans: HashMap<_, _> = scenario.spans.iter().map(|span| (span.span_id, span)).collect();
        for record in &scenario.logs {
            let span = spans[&record.span_id];
            if at_the_end.contains(&record.event_name) {
                assert_eq!(record.time_unix_nano, span.end_unix_nano, "{}", record.event_name);
            }
            if record.event_name == events::TOOL_DECISION {
                assert!((span.start_unix_nano..=span.end_unix_nano).contains(&record.time_unix_nano));
            }
            if record.event_name == events::USER_PROMPT {
                assert_eq!(record.time_unix_nano, span.start_unix_nano);
            }
            if let Some(duration) = int(&record.attributes, "duration_ms") {
                assert_eq!(duration.unsigned_abs() * 1_000_000, span.end_unix_nano - span.start_unix_nano);
            }
        }
    });
}

#[test]
fn every_response_is_one_request_with_the_same_tokens() {
    check_all(|scenario| {
        let requests: HashMap<_, _> =
            of(scenario, events::API_REQUEST).map(|record| (record.span_id, record)).collect();
        assert_eq!(requests.len(), of(scenario, events::API_REQUEST).count());
        assert_eq!(requests.len(), operation(scenario, "chat").count());
        for span in operation(scenario, "chat") {
            let of_span = |name| int(&span.attributes, name).unwrap();
            let of_event = |name| int(&requests[&span.span_id].attributes, name).unwrap();
            assert_eq!(of_event("output_tokens"), of_span("gen_ai.usage.output_tokens"));
            assert_eq!(of_event("cache_read_tokens"), of_span("gen_ai.usage.cache_read.input_tokens"));
            assert_eq!(of_event("cache_creation_tokens"), of_span("gen_ai.usage.cache_creation.input_tokens"));
            let parts = ["input_tokens", "cache_read_tokens", "cache_creation_tokens"];
            assert_eq!(parts.map(of_event).iter().sum::<i64>(), of_span("gen_ai.usage.input_tokens"));
        }
    });
}

#[test]
fn every_tool_that_ran_has_one_result() {
    check_all(|scenario| {
        let ran = |span: &&Span| {
            let outcome = text(&span.attributes, "claude_code.tool.outcome").unwrap();
            let is_answered = get(&span.attributes, "claude_code.tool.is_error").is_some();
            is_answered && !["rejected", "denied", "orphaned"].contains(&outcome)
        };
        let expected: HashSet<_> = operation(scenario, "execute_tool").filter(ran).map(|span| span.span_id).collect();
        let results: Vec<_> = of(scenario, events::TOOL_RESULT).collect();
        assert_eq!(results.len(), expected.len());
        assert!(results.iter().all(|record| expected.contains(&record.span_id)));
        for record in results {
            let is_success = text(&record.attributes, "claude_code.tool.outcome") == Some("success");
            assert_eq!(is_success, record.severity == Severity::Info);
        }
    });
}

#[test]
fn the_totals_of_a_sessions_last_turn_are_the_sums_of_all() {
    check_all(|scenario| {
        let mut sessions: BTreeMap<&str, Vec<&LogRecord>> = BTreeMap::new();
        for record in of(scenario, events::TURN_COMPLETED) {
            sessions.entry(text(&record.attributes, "session.id").unwrap()).or_default().push(record);
        }
        let turns = scenario.spans.iter().filter(|span| span.name == "invoke_agent claude-code").count();
        assert_eq!(sessions.values().map(Vec::len).sum::<usize>(), turns);
        for mut records in sessions.into_values() {
            records.sort_by_key(|record| int(&record.attributes, "claude_code.turn.index"));
            let pairs = [
                ("claude_code.turn.llm_calls", "claude_code.total.llm_calls"),
                ("claude_code.turn.tool_calls", "claude_code.total.tool_calls"),
                ("claude_code.usage.input_tokens", "claude_code.total.input_tokens"),
                ("claude_code.usage.output_tokens", "claude_code.total.output_tokens"),
                ("claude_code.usage.cache_read_input_tokens", "claude_code.total.cache_read_input_tokens"),
                ("claude_code.usage.cache_creation_input_tokens", "claude_code.total.cache_creation_input_tokens"),
            ];
            for (own, total) in pairs {
                let mut sum = 0;
                for record in &records {
                    sum += int(&record.attributes, own).unwrap();
                    assert_eq!(int(&record.attributes, total), Some(sum), "{total}");
                }
            }
            for (place, record) in records.iter().enumerate() {
                assert_eq!(int(&record.attributes, "claude_code.total.turns"), Some(place as i64 + 1));
            }
        }
    });
}

/// Of each count, the last record holds the ones before; together they show what the summary counts as hidden.
#[test]
fn what_the_last_records_of_the_client_hide_is_what_is_counted_as_hidden() {
    let mut shown = 0;
    for scenario in scenarios().iter().filter(|scenario| !scenario.totals.hidden.is_empty()) {
        let mut last: BTreeMap<(&str, u64), &LogRecord> = BTreeMap::new();
        let mut records: Vec<_> = of(scenario, events::COST_STATE).collect();
        records.sort_by_key(|record| record.time_unix_nano);
        for record in records {
            let length = int(&record.attributes, "claude_code.cost_state.duration_ms").unwrap();
            let start = record.time_unix_nano / 1_000_000 - length.unsigned_abs();
            last.insert((text(&record.attributes, "session.id").unwrap(), start), record);
        }
        let sum = |name| last.values().map(|record| int(&record.attributes, name).unwrap()).sum::<i64>().unsigned_abs();
        let hidden = |of: fn(&TokenUsage) -> u64| scenario.totals.hidden.values().map(of).sum::<u64>();
        assert_eq!(sum("claude_code.hidden.output_tokens"), hidden(|usage| usage.output), "{}", scenario.name);
        assert_eq!(sum("claude_code.hidden.input_tokens"), hidden(TokenUsage::total_input), "{}", scenario.name);
        shown += 1;
    }
    assert!(shown >= 2, "{shown}");
}

#[test]
fn without_the_clients_vocabulary_only_events_of_our_own_are_left() {
    let mut ours = 0;
    for folder in folders() {
        let mut chosen = options(&folder, 1);
        chosen.map.vocab.claude_code = false;
        let (with, without) = (rebuild(&folder, options(&folder, 1)), rebuild(&folder, chosen));
        assert_eq!(with.spans, without.spans);
        let left: Vec<_> = with
            .logs
            .into_iter()
            .filter(|record| events::OF_OURS.iter().any(|of| of.name == record.event_name))
            .collect();
        ours += left.len();
        assert_eq!(left, without.logs);
    }
    assert!(ours > 100);
}
