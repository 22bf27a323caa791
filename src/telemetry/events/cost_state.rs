//! `claude_code.session.cost_state`: what the client says that a session came to, and what of it no line shows.
//!
//! One event for each of the client's records. A record never changes, while what a session came to does with each
//! resume: a count goes on over clean resumes, so the last record of each count holds the ones before.

use std::collections::BTreeMap;

use super::{Event, event, ids};
use crate::session::facts::{ClientModel, ClientTotals, Session};
use crate::session::money::Picodollars;
use crate::session::timing::Certainty;
use crate::session::usage::TokenUsage;
use crate::telemetry::common::model_name;
use crate::telemetry::gate::Gate;
use crate::telemetry::log::{LogRecord, Severity};
use crate::telemetry::mapper::Mapper;
use crate::telemetry::semconv as name;
use crate::telemetry::span::{Span, Value};

/// Adds the events of the records that were written during a segment or after it, before the next one.
pub(in crate::telemetry) fn cost_state_events(
    mapper: &Mapper<'_>,
    segment: usize,
    span: &Span,
    out: &mut Vec<LogRecord>,
) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let session = mapper.session;
    let segments = &session.segments;
    let first = segments[segment].turns.first().copied().unwrap_or(0);
    for (place, totals) in session.client_totals.iter().enumerate() {
        // The first segment takes what came before it: a count begins before the first prompt.
        let began = segments.iter().rposition(|of| of.timing.start <= totals.time).unwrap_or(0);
        if began != segment {
            continue;
        }
        let mut list = mapper.event_attributes(session.turns[first].context, None, 16);
        let sum = totals.models.iter().fold(TokenUsage::default(), |mut sum, model| {
            sum += &model.usage;
            sum
        });
        list.count(event::CLAUDE_CODE_TOTAL_INPUT_TOKENS, sum.total_input());
        list.count(event::CLAUDE_CODE_TOTAL_OUTPUT_TOKENS, sum.output);
        list.count(event::CLAUDE_CODE_TOTAL_CACHE_READ_INPUT_TOKENS, sum.cache_read);
        list.count(event::CLAUDE_CODE_TOTAL_CACHE_CREATION_INPUT_TOKENS, sum.cache_creation);
        list.text(event::CLAUDE_CODE_TOTAL_COST_USD, totals.cost.map(dollars));
        list.flag(event::CLAUDE_CODE_COST_STATE_UNKNOWN_COST, totals.has_unknown_cost);
        list.count(event::CLAUDE_CODE_TOTAL_LINES_ADDED, totals.lines_added);
        list.count(event::CLAUDE_CODE_TOTAL_LINES_REMOVED, totals.lines_removed);
        list.int(event::CLAUDE_CODE_COST_STATE_DURATION_MS, totals.start_time.map(|start| totals.time - start));
        list.push(
            event::CLAUDE_CODE_COST_STATE_MODELS,
            Value::Array(totals.models.iter().map(|model| by_model(model, mapper.privacy())).collect()),
        );
        if let Some(hidden) = hidden(session, totals) {
            list.count(event::CLAUDE_CODE_HIDDEN_INPUT_TOKENS, hidden.total_input());
            list.count(event::CLAUDE_CODE_HIDDEN_OUTPUT_TOKENS, hidden.output);
            list.count(event::CLAUDE_CODE_HIDDEN_CACHE_READ_INPUT_TOKENS, hidden.cache_read);
            list.count(event::CLAUDE_CODE_HIDDEN_CACHE_CREATION_INPUT_TOKENS, hidden.cache_creation);
        }
        let is_same = |other: &&ClientTotals| other.start_time == totals.start_time && other.time == totals.time;
        let number = session.client_totals[..place].iter().filter(is_same).count();
        let start = totals.start_time.map_or_else(String::new, |start| start.to_string());
        events.add(Event {
            name: event::COST_STATE,
            key: format!("{start}/{}/{number}", totals.time).into(),
            time: (totals.time, if totals.start_time.is_some() { Certainty::Recorded } else { Certainty::Estimated }),
            severity: Severity::Info,
            attributes: list,
        });
    }
}

/// What a record has more than the calls that were over when it was written; `None` where it has less of anything.
/// Where two clients write one session the calls of both are taken away: then it is a lower bound.
fn hidden(session: &Session, totals: &ClientTotals) -> Option<TokenUsage> {
    let start = totals.start_time?;
    let mut seen: BTreeMap<&str, TokenUsage> = BTreeMap::new();
    for call in session.calls.iter().filter(|call| (start..=totals.time).contains(&call.timing.end)) {
        *seen.entry(call.model.as_deref().unwrap_or_default()).or_default() += &call.usage;
    }
    let mut sum = TokenUsage::default();
    for model in &totals.models {
        let mut seen = seen.get(&*model.name).copied().unwrap_or_default();
        if !model.has_lifetimes {
            (seen.cache_creation_5m, seen.cache_creation_1h) = (0, 0);
        }
        sum += &model.usage.checked_sub(&seen)?;
    }
    Some(sum)
}

fn by_model(model: &ClientModel, privacy: &Gate<'_>) -> Value {
    let count = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let mut values = vec![
        (event::CACHE_CREATION_TOKENS, count(model.usage.cache_creation)),
        (event::CACHE_READ_TOKENS, count(model.usage.cache_read)),
    ];
    values.extend(model.cost.map(|cost| (event::COST_USD, dollars(cost))));
    values.push((event::INPUT_TOKENS, count(model.usage.input)));
    values.push((event::MODEL, model_name(&model.name, privacy)));
    values.push((event::OUTPUT_TOKENS, count(model.usage.output)));
    if model.usage.web_searches > 0 {
        values.push((name::CLAUDE_CODE_USAGE_WEB_SEARCH_REQUESTS, count(model.usage.web_searches)));
    }
    Value::Map(values)
}

fn dollars(amount: Picodollars) -> Value {
    Value::Double(amount.dollars())
}
