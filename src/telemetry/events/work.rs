//! `claude_code.subagent_completed`, `.compaction` and `.hook`.

use std::sync::Arc;

use super::{Event, at_end, digits, duration, event, ids, truth};
use crate::session::facts::{Parent, RunOutcome};
use crate::session::timing::Certainty;
use crate::telemetry::common::model_name;
use crate::telemetry::log::{LogRecord, Severity};
use crate::telemetry::mapper::Mapper;
use crate::telemetry::span::Span;

pub(in crate::telemetry) fn agent_events(mapper: &Mapper<'_>, place: usize, span: &Span, out: &mut Vec<LogRecord>) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let session = mapper.session;
    let run = &session.agents[place];
    let mut list = mapper.event_attributes(run.context, run.turn, 18);
    list.name(event::AGENT_TYPE, run.agent_type.as_ref());
    mapper.agent_of(&mut list, Parent::Agent(place));
    if let Some(failure) = run.failure.as_ref().filter(|_| run.outcome == RunOutcome::Error) {
        super::turns::failed(&mut list, failure, mapper.privacy());
        events.add(Event {
            name: event::API_ERROR,
            key: Arc::clone(&run.id),
            time: at_end(&run.timing),
            severity: Severity::Error,
            attributes: list,
        });
        return;
    }
    // As with the client: what was stopped, or has no end on record, did not complete.
    if run.outcome != RunOutcome::Completed {
        return;
    }
    list.bool(event::IS_ASYNC, run.is_background);
    let work = &mapper.agent_work[place];
    let calls = work.calls.map(|(first, last)| (&session.calls[first], &session.calls[last]));
    if let Some((first, last)) = calls {
        list.count(event::TOTAL_TOKENS, last.usage.total_input().saturating_add(last.usage.output));
        let name_of = |model| model_name(model, mapper.privacy());
        list.text(event::MODEL, first.model.as_ref().map(name_of));
        list.text(event::FINAL_MODEL, last.model.as_ref().map(name_of));
        if let (Some(first), Some(last)) = (&first.model, &last.model) {
            list.bool(event::MODEL_SWAPPED, first != last);
        }
    }
    list.count(event::TOTAL_TOOL_USES, work.tools);
    duration(&mut list, &run.timing, false);
    events.add(Event {
        name: event::SUBAGENT_COMPLETED,
        key: Arc::clone(&run.id),
        time: at_end(&run.timing),
        severity: Severity::Info,
        attributes: list,
    });
}

pub(in crate::telemetry) fn compaction_events(
    mapper: &Mapper<'_>,
    place: usize,
    span: &Span,
    out: &mut Vec<LogRecord>,
) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let compaction = &mapper.session.compactions[place];
    let mut list = mapper.event_attributes(compaction.context, compaction.turn, 6);
    list.name(event::TRIGGER, compaction.trigger.as_ref());
    list.text(event::PRE_TOKENS, compaction.pre_tokens.map(digits));
    list.text(event::POST_TOKENS, compaction.post_tokens.map(digits));
    // The mark is written when it has worked.
    list.fixed(event::SUCCESS, "true");
    duration(&mut list, &compaction.timing, true);
    events.add(Event {
        name: event::COMPACTION,
        key: Arc::clone(&compaction.key),
        time: at_end(&compaction.timing),
        severity: Severity::Info,
        attributes: list,
    });
}

pub(in crate::telemetry) fn hook_events(mapper: &Mapper<'_>, place: usize, span: &Span, out: &mut Vec<LogRecord>) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let hook = &mapper.session.hooks[place];
    let mut list = mapper.event_attributes(hook.context, hook.turn, 4);
    list.name(event::HOOK_EVENT, hook.event.as_ref());
    list.push(event::SUCCESS, truth(!hook.failed));
    duration(&mut list, &hook.timing, false);
    events.add(Event {
        name: event::HOOK,
        key: Arc::clone(&hook.key),
        time: (hook.timing.end, Certainty::Recorded),
        severity: if hook.failed { Severity::Warn } else { Severity::Info },
        attributes: list,
    });
}
