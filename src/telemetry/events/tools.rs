//! `claude_code.tool_decision` and `claude_code.tool_result`.

use std::sync::Arc;

use super::{Event, at_end, digits, duration, event, ids, truth};
use crate::session::facts::{ToolCall, ToolOutcome};
use crate::session::timing::Certainty;
use crate::telemetry::attributes::gate;
use crate::telemetry::common::api_id;
use crate::telemetry::gate::Gate;
use crate::telemetry::log::{LogRecord, Severity};
use crate::telemetry::mapper::Mapper;
use crate::telemetry::semconv as name;
use crate::telemetry::span::{Span, Value};
use crate::telemetry::tool_span::error_type;

pub(in crate::telemetry) fn tool_events(mapper: &Mapper<'_>, place: usize, span: &Span, out: &mut Vec<LogRecord>) {
    let Some(mut events) = mapper.collect(ids(span), out) else { return };
    let tool = &mapper.session.tools[place];
    let common = || {
        let mut list = mapper.event_attributes(tool.context, mapper.turn_of(tool.parent), 14);
        list.push(event::TOOL_NAME, gate(&tool.name, mapper.privacy()));
        list.push(event::TOOL_USE_ID, api_id(&tool.id, mapper.privacy()));
        list.text(
            event::REQUEST_ID,
            mapper.session.calls[tool.call].request_id.as_ref().map(|id| api_id(id, mapper.privacy())),
        );
        mapper.agent_of(&mut list, tool.parent);
        list
    };
    if let Some((decision, source)) = decision(tool, mapper.privacy()) {
        let mut list = common();
        list.push(event::DECISION, decision);
        list.text(event::SOURCE, source);
        list.fixed(event::TOOL_SOURCE, if tool.name.starts_with("mcp__") { "mcp" } else { "builtin" });
        // No line has the time of the decision. It came after the call was asked for, and before its result, which
        // follows a refusal at once.
        let is_refusal = matches!(tool.outcome, ToolOutcome::Rejected | ToolOutcome::Denied);
        let (time, certainty) =
            if is_refusal { at_end(&tool.timing) } else { (tool.timing.start, tool.timing.start_source.certainty()) };
        events.add(Event {
            name: event::TOOL_DECISION,
            key: Arc::clone(&tool.id),
            time: (time, certainty.max(Certainty::Bounded)),
            severity: Severity::Info,
            attributes: list,
        });
    }
    if !has_run(tool) {
        return;
    }
    let is_success = tool.outcome == ToolOutcome::Success;
    let mut list = common();
    // The client takes the result at its word, also where a call that ran out of time goes on in the background.
    list.push(event::SUCCESS, truth(!tool.is_error));
    duration(&mut list, &tool.timing, true);
    list.push(event::TOOL_INPUT_SIZE_BYTES, digits(tool.input_size));
    list.text(event::TOOL_RESULT_SIZE_BYTES, tool.result_size.map(digits));
    if let Some((decision, source)) = &tool.permission {
        list.name(event::DECISION_TYPE, Some(decision));
        list.name(event::DECISION_SOURCE, source.as_ref());
    }
    list.fixed(name::CLAUDE_CODE_TOOL_OUTCOME, tool.outcome.name());
    if let Some(error) = error_type(tool) {
        list.fixed(name::ERROR_TYPE, error);
    }
    events.add(Event {
        name: event::TOOL_RESULT,
        key: Arc::clone(&tool.id),
        time: at_end(&tool.timing),
        severity: if is_success { Severity::Info } else { Severity::Warn },
        attributes: list,
    });
}

/// What was decided and by what, as far as it is on record or follows from the outcome: what did its work was allowed,
/// what a person or a rule stopped was not. An error may have come before any decision.
fn decision(tool: &ToolCall, privacy: &Gate<'_>) -> Option<(Value, Option<Value>)> {
    if let Some((decision, source)) = &tool.permission {
        return Some((gate(decision, privacy), source.as_ref().map(|source| gate(source, privacy))));
    }
    match tool.outcome {
        ToolOutcome::Rejected => Some((Value::Static("reject"), Some(Value::Static("user_reject")))),
        ToolOutcome::Denied => Some((Value::Static("reject"), None)),
        ToolOutcome::Success | ToolOutcome::TimedOut => Some((Value::Static("accept"), None)),
        ToolOutcome::Error | ToolOutcome::Interrupted | ToolOutcome::Orphaned => None,
    }
}

/// Whether it has a result that it made itself; as with the client, a refusal is none.
const fn has_run(tool: &ToolCall) -> bool {
    tool.has_result && !matches!(tool.outcome, ToolOutcome::Rejected | ToolOutcome::Denied | ToolOutcome::Orphaned)
}
