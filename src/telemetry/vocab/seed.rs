//! The names of the two systems that came before this one, with the values that are on record.

use std::collections::BTreeSet;

use super::{Thing, add, get};
use crate::session::facts::{Parent, RunOutcome, Segment, ToolOutcome};
use crate::session::timing::{Certainty, Timing};
use crate::session::usage::TokenUsage;
use crate::telemetry::attributes::{AttributeList, gate};
use crate::telemetry::common::{model_name, shown};
use crate::telemetry::mapper::{Mapper, nanos};
use crate::telemetry::semconv as name;
use crate::telemetry::semconv::seed;
use crate::telemetry::span::{Span, SpanEvent, Value};
use crate::telemetry::totals::WorkTotals;

pub(super) fn extend(mapper: &Mapper<'_>, thing: Thing, span: &mut Span) {
    let mut list = AttributeList::with_capacity(16, mapper.privacy());
    match thing {
        Thing::Call(place) => {
            system(&mut list, span);
            list.text(seed::MODEL, get(span, name::GEN_AI_RESPONSE_MODEL));
            tokens(&mut list, &mapper.session.calls[place].usage);
        }
        Thing::Tool(place) => tool(mapper, place, &mut list, span),
        Thing::Turn(place) => turn(mapper, place, &mut list, span),
        Thing::Agent(place) => {
            system(&mut list, span);
            tokens(&mut list, &mapper.totals.agents[place].usage);
            list.count(seed::TOOLS_USED, mapper.totals.agents[place].tool_calls);
        }
        Thing::Compaction(place) => {
            let compaction = &mapper.session.compactions[place];
            list.name(seed::COMPACTION_TRIGGER, compaction.trigger.as_ref());
            let mut of_event = AttributeList::with_capacity(4, mapper.privacy());
            of_event.name(seed::TRIGGER, compaction.trigger.as_ref());
            event(span, seed::CONTEXT_COMPACTION, compaction.timing.end, of_event);
        }
        Thing::Hook => {}
        Thing::Segment(place) => session(mapper, &mapper.session.segments[place], &mut list, span),
    }
    add(&mut span.attributes, list.finish());
}

fn system(list: &mut AttributeList<'_>, span: &Span) {
    list.text(seed::GEN_AI_SYSTEM, get(span, name::GEN_AI_PROVIDER_NAME));
}

fn tokens(list: &mut AttributeList<'_>, usage: &TokenUsage) {
    list.count(seed::TOKENS_INPUT, usage.input);
    list.count(seed::TOKENS_OUTPUT, usage.output);
    list.count(seed::TOKENS_CACHE_READ, usage.cache_read);
    list.count(seed::TOKENS_CACHE_CREATION, usage.cache_creation);
    list.count(seed::TOKENS_TOTAL, usage.total_input().saturating_add(usage.output));
}

/// Adds an event; those of a span stand in the order of their times.
fn event(span: &mut Span, name: &'static str, time: i64, list: AttributeList<'_>) {
    span.events.push(SpanEvent { name, time_unix_nano: nanos(time), attributes: list.finish() });
    span.events.sort_by_key(|event| event.time_unix_nano);
}

/// A length, where neither end is a guess.
fn length(timing: &Timing) -> Option<i64> {
    let is_guess = [timing.start_source, timing.end_source].iter().any(|of| of.certainty() == Certainty::Estimated);
    (!is_guess).then(|| timing.duration())
}

fn tool(mapper: &Mapper<'_>, place: usize, list: &mut AttributeList<'_>, span: &mut Span) {
    let tool = &mapper.session.tools[place];
    let status = if tool.outcome == ToolOutcome::Success { "success" } else { "error" };
    list.push(seed::TOOL_NAME, gate(&tool.name, mapper.privacy()));
    list.text(seed::TOOL_USE_ID, get(span, name::GEN_AI_TOOL_CALL_ID));
    list.int(seed::DURATION_MS, length(&tool.timing));
    list.int(seed::TOOL_DURATION_MS, length(&tool.timing));
    list.int(seed::EXIT_CODE, tool.exit_code);
    list.bool(seed::ERROR, span.error);
    if tool.has_result {
        list.bool(seed::TOOL_IS_ERROR, tool.is_error);
    }
    list.fixed(seed::TOOL_STATUS, status);
    list.count(seed::RESPONSE_BYTES, tool.result_size);
    list.flag(seed::RESPONSE_TRUNCATED, tool.is_truncated);
    list.count(seed::STDOUT_BYTES, tool.stdout_size);
    list.count(seed::STDERR_BYTES, tool.stderr_size);
    // A content level has put these on the span, or it has not.
    let (input, response) = (get(span, name::GEN_AI_TOOL_CALL_ARGUMENTS), get(span, name::GEN_AI_TOOL_CALL_RESULT));
    list.text(seed::TOOL_INPUT_COMMAND, get(span, name::CLAUDE_CODE_TOOL_COMMAND));
    list.text(seed::TOOL_INPUT_FILE_PATH, get(span, name::CLAUDE_CODE_TOOL_FILE_PATH));
    list.text(seed::INPUT_SUMMARY, input.clone());
    list.text(seed::TOOL_INPUT, input);
    if span.error {
        list.text(seed::TOOL_ERROR, response.clone());
        list.text(seed::ERROR_MESSAGE, response.clone());
    }
    list.text(seed::TOOL_RESPONSE, response);
    let mut started = AttributeList::with_capacity(4, mapper.privacy());
    started.push(seed::TOOL_NAME_OF_EVENT, gate(&tool.name, mapper.privacy()));
    let mut completed = AttributeList::with_capacity(4, mapper.privacy());
    completed.push(seed::TOOL_NAME_OF_EVENT, gate(&tool.name, mapper.privacy()));
    completed.fixed(seed::STATUS, status);
    event(span, seed::TOOL_STARTED, tool.timing.start, started);
    if tool.has_result {
        event(span, seed::TOOL_COMPLETED, tool.timing.end, completed);
    }
}

fn turn(mapper: &Mapper<'_>, place: usize, list: &mut AttributeList<'_>, span: &mut Span) {
    let turn = &mapper.session.turns[place];
    let totals = &mapper.totals.turns[place];
    system(list, span);
    tokens(list, &totals.usage);
    list.count(seed::TURNS, 1_u64);
    list.count(seed::TOOLS_USED, totals.tool_calls);
    list.int(seed::DURATION_MS, length(&turn.timing));
    list.bool(seed::ERROR, turn.outcome == RunOutcome::Error);
    list.text(seed::PROMPT, get(span, name::CLAUDE_CODE_PROMPT));
    list.text(seed::ERROR_MESSAGE, get(span, name::CLAUDE_CODE_ERROR_MESSAGE));
    if turn.prompt_length.is_some() {
        event(span, seed::USER_PROMPT_SUBMITTED, turn.timing.start, AttributeList::with_capacity(4, mapper.privacy()));
    }
    let mut completed = AttributeList::with_capacity(4, mapper.privacy());
    completed.count(seed::TURN, turn.index);
    completed.count(seed::INPUT_TOKENS, totals.usage.input);
    completed.count(seed::OUTPUT_TOKENS, totals.usage.output);
    completed.count(seed::TOKENS_CACHE_READ, totals.usage.cache_read);
    completed.count(seed::TOKENS_CACHE_CREATION, totals.usage.cache_creation);
    event(span, seed::TURN_COMPLETED, turn.timing.end, completed);
}

fn session(mapper: &Mapper<'_>, segment: &Segment, list: &mut AttributeList<'_>, span: &mut Span) {
    let session = mapper.session;
    let mut sum = WorkTotals::default();
    segment.turns.iter().for_each(|turn| sum.add(&mapper.totals.everything[*turn]));
    let is_inside = |parent: Parent| mapper.turn_of(parent).is_some_and(|turn| segment.turns.contains(&turn));
    system(list, span);
    tokens(list, &sum.usage);
    list.count(seed::TURNS, segment.turns.len() as u64);
    list.count(seed::TOOLS_USED, sum.tool_calls);
    let tools = session.tools.iter().filter(|tool| tool.is_owned && is_inside(tool.parent));
    let tools: BTreeSet<String> = tools.map(|tool| shown(&gate(&tool.name, mapper.privacy())).to_owned()).collect();
    if !tools.is_empty() {
        let names: Vec<&str> = tools.iter().map(String::as_str).collect();
        list.text(seed::TOOL_NAMES, mapper.privacy().text(&names.join(",")).map(Value::Str));
    }
    // The model that answered last, of several.
    let own = session.calls.iter().filter(|call| call.is_owned && matches!(call.parent, Parent::Turn(_)));
    let latest = own.filter(|call| is_inside(call.parent)).rfind(|call| call.model.is_some());
    list.text(
        seed::MODEL,
        latest.and_then(|call| call.model.as_ref()).map(|model| model_name(model, mapper.privacy())),
    );
    list.int(seed::SESSION_DURATION_MS, segment.timing.duration());
    let latencies: Vec<i64> = segment.turns.iter().filter_map(|turn| length(&session.turns[*turn].timing)).collect();
    if let (Some(least), Some(most)) = (latencies.iter().min(), latencies.iter().max()) {
        let count = i64::try_from(latencies.len()).unwrap_or(i64::MAX);
        list.int(seed::PROMPT_LATENCY_AVG_MS, latencies.iter().sum::<i64>() / count);
        list.int(seed::PROMPT_LATENCY_MIN_MS, *least);
        list.int(seed::PROMPT_LATENCY_MAX_MS, *most);
        list.int(seed::PROMPT_LATENCY_COUNT, count);
    }
    for turn in &segment.turns {
        let timing = &session.turns[*turn].timing;
        let mut latency = AttributeList::with_capacity(4, mapper.privacy());
        latency.int(seed::DURATION_MS, length(timing));
        event(span, seed::PROMPT_LATENCY, timing.end, latency);
    }
    let mut in_all = AttributeList::with_capacity(4, mapper.privacy());
    tokens(&mut in_all, &sum.usage);
    event(span, seed::TOKENS_FINAL, segment.timing.end, in_all);
    event(span, seed::SESSION_COMPLETED, segment.timing.end, AttributeList::with_capacity(4, mapper.privacy()));
}
