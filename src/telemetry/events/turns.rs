//! What happens to a turn: `claude_code.user_prompt`, `.api_error`, `.api_retry`, `.interrupt`, `.model_change`, and
//! `.turn_completed` at its end.

use std::sync::Arc;

use super::{Event, at_end, digits, duration, event, ids};
use crate::session::facts::{ApiFailure, MomentKind, RunOutcome, Turn, TurnOrigin};
use crate::session::timing::Certainty;
use crate::telemetry::attributes::{AttributeList, gate};
use crate::telemetry::common::{api_id, model_name};
use crate::telemetry::gate::Gate;
use crate::telemetry::log::{LogRecord, Severity};
use crate::telemetry::mapper::Mapper;
use crate::telemetry::semconv as name;
use crate::telemetry::span::{Span, Value};
use crate::telemetry::totals::WorkTotals;
use crate::telemetry::turn_span::work_totals;

pub(in crate::telemetry) fn turn_events(mapper: &Mapper<'_>, place: usize, span: &Span, out: &mut Vec<LogRecord>) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let turn = &mapper.session.turns[place];
    if is_prompt(turn) {
        let mut list = mapper.event_attributes(turn.context, Some(place), 5);
        list.text(event::PROMPT_LENGTH, turn.prompt_length.map(digits));
        list.name(event::MESSAGE_UUID, Some(&turn.key));
        list.fixed(name::CLAUDE_CODE_TURN_ORIGIN, turn.origin.name());
        list.name(name::CLAUDE_CODE_PERMISSION_MODE, turn.permission_mode.as_ref());
        events.add(Event {
            name: event::USER_PROMPT,
            key: Arc::clone(&turn.key),
            time: (turn.timing.start, turn.timing.start_source.certainty()),
            severity: Severity::Info,
            attributes: list,
        });
    }
    for (number, moment) in turn.moments.iter().enumerate() {
        let mut list = mapper.event_attributes(turn.context, Some(place), 4);
        let (name, severity) = match &moment.kind {
            MomentKind::ApiError { status, attempt, retry_in } => {
                list.int(event::STATUS_CODE, *status);
                list.count(event::ATTEMPT, *attempt);
                list.int(name::CLAUDE_CODE_RETRY_IN_MS, *retry_in);
                (event::API_RETRY, Severity::Warn)
            }
            MomentKind::ApiFailure(failure) => {
                failed(&mut list, failure, mapper.privacy());
                (event::API_ERROR, Severity::Error)
            }
            MomentKind::Interrupt => (event::INTERRUPT, Severity::Info),
            MomentKind::ModelChange { to } => {
                list.text(event::MODEL, to.as_ref().map(|model| model_name(model, mapper.privacy())));
                (event::MODEL_CHANGE, Severity::Info)
            }
            MomentKind::QueuedPrompt | MomentKind::Microcompaction => continue,
        };
        let key = format!("{}/{number}", turn.key).into();
        events.add(Event { name, key, time: (moment.time, Certainty::Recorded), severity, attributes: list });
    }
}

/// What is known of a request that failed for good.
pub(super) fn failed(list: &mut AttributeList<'_>, failure: &ApiFailure, privacy: &Gate<'_>) {
    list.push(name::ERROR_TYPE, gate(&failure.class, privacy));
    list.int(event::STATUS_CODE, failure.status);
    list.text(event::REQUEST_ID, failure.request_id.as_ref().map(|id| api_id(id, privacy)));
}

/// Whether it began with a prompt, as the client counts them: the end of a task that starts work by itself is one.
const fn is_prompt(turn: &Turn) -> bool {
    match turn.origin {
        TurnOrigin::Human
        | TurnOrigin::Sdk
        | TurnOrigin::Scheduled
        | TurnOrigin::Peer
        | TurnOrigin::TaskNotification => true,
        TurnOrigin::Unknown => turn.prompt_length.is_some(),
        TurnOrigin::Command => false,
    }
}

/// The turn's work, and the session's up to its end: what the turns up to this one say of themselves, in the order of
/// their first lines. Work that outlived its turn is in neither.
pub(in crate::telemetry) fn completed_event(
    mapper: &Mapper<'_>,
    place: usize,
    (turns, total): (u64, &WorkTotals),
    out: &mut Vec<LogRecord>,
) {
    let Some(mut events) = mapper.collect((mapper.trace_of_turn(place), mapper.turn_span_id(place)), out) else {
        return;
    };
    let turn = &mapper.session.turns[place];
    let mut list = mapper.event_attributes(turn.context, Some(place), 28);
    list.count(name::CLAUDE_CODE_TURN_INDEX, turn.index);
    list.fixed(name::CLAUDE_CODE_TURN_ORIGIN, turn.origin.name());
    list.fixed(name::CLAUDE_CODE_TURN_OUTCOME, turn.outcome.name());
    duration(&mut list, &turn.timing, false);
    work_totals(&mut list, &mapper.totals.turns[place]);
    list.count(event::CLAUDE_CODE_TOTAL_TURNS, turns);
    list.count(event::CLAUDE_CODE_TOTAL_LLM_CALLS, total.llm_calls);
    list.count(event::CLAUDE_CODE_TOTAL_TOOL_CALLS, total.tool_calls);
    list.count(event::CLAUDE_CODE_TOTAL_INPUT_TOKENS, total.usage.total_input());
    list.count(event::CLAUDE_CODE_TOTAL_OUTPUT_TOKENS, total.usage.output);
    list.count(event::CLAUDE_CODE_TOTAL_CACHE_READ_INPUT_TOKENS, total.usage.cache_read);
    list.count(event::CLAUDE_CODE_TOTAL_CACHE_CREATION_INPUT_TOKENS, total.usage.cache_creation);
    list.text(event::CLAUDE_CODE_TOTAL_COST_USD, total.cost.map(|cost| Value::Double(cost.dollars())));
    let failed = turn.outcome == RunOutcome::Error;
    if failed {
        list.push(
            name::ERROR_TYPE,
            turn.error_type.as_ref().map_or(Value::Static(name::OTHER), |class| gate(class, mapper.privacy())),
        );
    }
    events.add(Event {
        name: event::TURN_COMPLETED,
        key: Arc::clone(&turn.key),
        time: at_end(&turn.timing),
        severity: if failed { Severity::Warn } else { Severity::Info },
        attributes: list,
    });
}
