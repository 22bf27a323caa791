//! `invoke_agent claude-code`: one turn.

use super::attributes::{AttributeList, gate};
use super::common::timing_attributes;
use super::content::turn_texts;
use super::gate::Gate;
use super::ids::{IdKind, Identity};
use super::mapper::{Mapper, Place, link, nanos, work_span};
use super::options::TraceScope;
use super::semconv as name;
use super::span::{Span, SpanEvent, Value};
use super::totals::WorkTotals;
use crate::session::facts::{Moment, MomentKind, Previous, RunOutcome, Turn};

pub(super) fn turn_span(mapper: &Mapper<'_>, place: usize) -> Span {
    let turn = &mapper.session.turns[place];
    let mut list = mapper.attributes(turn.context, 28);
    list.fixed(name::GEN_AI_OPERATION_NAME, "invoke_agent");
    list.fixed(name::GEN_AI_PROVIDER_NAME, "anthropic");
    list.fixed(name::GEN_AI_AGENT_NAME, name::AGENT_NAME);
    list.flag(name::GEN_AI_CONVERSATION_COMPACTED, turn.is_compacted);
    list.name(name::CLAUDE_CODE_PROMPT_ID, turn.prompt_id.as_ref());
    list.count(name::CLAUDE_CODE_PROMPT_LENGTH, turn.prompt_length);
    list.count(name::CLAUDE_CODE_PROMPT_IMAGES, Some(u64::from(turn.prompt_images)).filter(|images| *images > 0));
    list.name(name::CLAUDE_CODE_PERMISSION_MODE, turn.permission_mode.as_ref());
    list.count(name::CLAUDE_CODE_TURN_INDEX, turn.index);
    list.fixed(name::CLAUDE_CODE_TURN_ORIGIN, turn.origin.name());
    list.fixed(name::CLAUDE_CODE_TURN_OUTCOME, turn.outcome.name());
    list.int(name::CLAUDE_CODE_TURN_DIALOG_WAIT_MS, dialog_wait(turn));
    work_totals(&mut list, &mapper.totals.turns[place]);
    if turn.outcome == RunOutcome::Error {
        let class = turn.error_type.as_ref().map(|class| gate(class, mapper.privacy()));
        list.push(name::ERROR_TYPE, class.unwrap_or(Value::Static(name::OTHER)));
    }
    turn_texts(&mut list, mapper, place);
    timing_attributes(&mut list, &turn.timing);
    let identity = mapper.turn_identity(place);
    let parent = match mapper.options.trace_scope {
        TraceScope::Turn => None,
        TraceScope::Session => mapper.segment_identity(place).map(|segment| segment.span_id()),
    };
    Span {
        events: turn.moments.iter().filter_map(|moment| event(moment, mapper.privacy())).collect(),
        links: links(mapper, place),
        error: turn.outcome == RunOutcome::Error,
        ..work_span(
            Place { trace_id: mapper.trace_of_turn(place), parent },
            identity.span_id(),
            "invoke_agent claude-code",
            &turn.timing,
            list,
        )
    }
}

/// The turn before it, its session, and for the first turn of a copy the session that was copied.
fn links(mapper: &Mapper<'_>, place: usize) -> Vec<super::span::Link> {
    let session = mapper.session;
    let mut links = Vec::new();
    let previous = session.turns[..place].iter().rposition(|turn| turn.is_owned);
    if let Some(previous) = previous {
        let identity = mapper.turn_identity(previous);
        links.push(link(identity, mapper.trace_of_turn(previous), "previous_turn"));
    } else if let Some(Previous { id, turn: Some((turn, segment)), .. }) = &session.previous {
        let identity = Identity::new(IdKind::Turn, id, turn);
        let trace_id = match mapper.options.trace_scope {
            TraceScope::Turn => identity.trace_id(),
            TraceScope::Session => Identity::new(IdKind::Session, id, segment).trace_id(),
        };
        links.push(link(identity, trace_id, "copied_from"));
    }
    if mapper.options.trace_scope == TraceScope::Turn {
        links.extend(mapper.session_link(place));
    }
    links
}

/// The sums, by names that no viewer adds up a second time.
pub(super) fn work_totals(list: &mut AttributeList<'_>, totals: &WorkTotals) {
    let usage = &totals.usage;
    list.count(name::CLAUDE_CODE_TURN_LLM_CALLS, totals.llm_calls);
    list.count(name::CLAUDE_CODE_TURN_TOOL_CALLS, totals.tool_calls);
    list.count(name::CLAUDE_CODE_TURN_TOOL_ERRORS, totals.tool_errors);
    list.count(name::CLAUDE_CODE_USAGE_INPUT_TOKENS, usage.total_input());
    list.count(name::CLAUDE_CODE_USAGE_UNCACHED_INPUT_TOKENS, usage.input);
    list.count(name::CLAUDE_CODE_USAGE_OUTPUT_TOKENS, usage.output);
    list.count(name::CLAUDE_CODE_USAGE_CACHE_READ_INPUT_TOKENS, usage.cache_read);
    list.count(name::CLAUDE_CODE_USAGE_CACHE_CREATION_INPUT_TOKENS, usage.cache_creation);
    list.count(name::CLAUDE_CODE_USAGE_CACHE_CREATION_5M, usage.cache_creation_5m);
    list.count(name::CLAUDE_CODE_USAGE_CACHE_CREATION_1H, usage.cache_creation_1h);
    list.bool(name::CLAUDE_OTEL_USAGE_FINAL, !totals.has_open_usage);
    list.text(name::CLAUDE_CODE_USAGE_COST_USD, totals.cost.map(|cost| Value::Double(cost.dollars())));
    list.flag(name::CLAUDE_OTEL_COST_LOWER_BOUND, totals.is_cost_lower_bound);
}

/// What the client's own measure leaves out: the time in dialogs. A measure longer than the turn counts from an
/// earlier one (a background agent was running) and says nothing.
fn dialog_wait(turn: &Turn) -> Option<i64> {
    turn.measured.map(|measured| turn.timing.duration() - measured).filter(|wait| *wait >= 0)
}

fn event<'a>(moment: &Moment, privacy: &'a Gate<'a>) -> Option<SpanEvent> {
    let mut list = AttributeList::with_capacity(3, privacy);
    let name = match &moment.kind {
        MomentKind::ApiError { status, attempt, retry_in } => {
            list.int(name::HTTP_RESPONSE_STATUS_CODE, *status);
            list.count(name::CLAUDE_CODE_ATTEMPT, *attempt);
            list.int(name::CLAUDE_CODE_RETRY_IN_MS, *retry_in);
            name::EVENT_API_ERROR
        }
        // The turn's status says so, and a log event.
        MomentKind::ApiFailure(_) => return None,
        MomentKind::Interrupt => name::EVENT_INTERRUPT,
        MomentKind::ModelChange { to } => {
            list.text(name::GEN_AI_RESPONSE_MODEL, to.as_ref().map(|model| super::common::model_name(model, privacy)));
            name::EVENT_MODEL_CHANGE
        }
        MomentKind::QueuedPrompt => name::EVENT_QUEUED_PROMPT,
        MomentKind::Microcompaction => name::EVENT_MICROCOMPACTION,
    };
    Some(SpanEvent { name, time_unix_nano: nanos(moment.time), attributes: list.finish() })
}
