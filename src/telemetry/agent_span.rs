//! `invoke_agent {agent type}`: one run of a subagent.

use super::attributes::gate;
use super::common::{agent_attributes, shown, timing_attributes};
use super::content::agent_texts;
use super::ids::IdKind;
use super::mapper::{Mapper, Place, work_span};
use super::semconv as name;
use super::span::{Span, Value};
use super::turn_span::work_totals;
use crate::session::facts::RunOutcome;

pub(super) fn agent_span(mapper: &Mapper<'_>, place: usize) -> Span {
    let run = &mapper.session.agents[place];
    let agent_type = run.agent_type.as_ref().map_or(Value::Static("agent"), |kind| gate(kind, mapper.privacy()));
    let span_name = format!("invoke_agent {}", shown(&agent_type));
    let mut list = mapper.attributes(run.context, 28);
    list.fixed(name::GEN_AI_OPERATION_NAME, "invoke_agent");
    list.fixed(name::GEN_AI_PROVIDER_NAME, "anthropic");
    list.push(name::GEN_AI_AGENT_NAME, agent_type);
    agent_attributes(&mut list, mapper.session, run);
    list.bool(name::CLAUDE_CODE_AGENT_BACKGROUND, run.is_background);
    list.fixed(name::CLAUDE_CODE_AGENT_OUTCOME, run.outcome.name());
    list.count(name::CLAUDE_CODE_PROMPT_LENGTH, run.prompt_length);
    work_totals(&mut list, &mapper.totals.agents[place]);
    if let Some(guess) = run.join.guess() {
        list.fixed(name::CLAUDE_OTEL_JOIN, guess);
    }
    if run.outcome == RunOutcome::Error {
        let class = run.failure.as_ref().map(|failure| gate(&failure.class, mapper.privacy()));
        list.push(name::ERROR_TYPE, class.unwrap_or(Value::Static(name::OTHER)));
    }
    agent_texts(&mut list, mapper, run);
    timing_attributes(&mut list, &run.timing);
    let identity = mapper.agent_identity(place);
    let trace_id = run.turn.map_or_else(|| identity.trace_id(), |turn| mapper.trace_of_turn(turn));
    let parent = match (run.tool, run.turn) {
        (Some(tool), _) => Some(mapper.identity(IdKind::Tool, &mapper.session.tools[tool].id).span_id()),
        (None, Some(turn)) => Some(mapper.turn_span_id(turn)),
        (None, None) => None,
    };
    // Without any turn the run is a trace of its own, tied to its session by a link.
    let session_link = || {
        let segment = &mapper.session.segments[mapper.segment_of_loose(run)?];
        mapper.session_link(*segment.turns.first()?)
    };
    let links = if parent.is_none() { session_link().into_iter().collect() } else { Vec::new() };
    Span {
        links,
        error: run.outcome == RunOutcome::Error,
        ..work_span(Place { trace_id, parent }, identity.span_id(), span_name, &run.timing, list)
    }
}
