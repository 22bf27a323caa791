//! `compaction` and `hook {event}`: facts inside a turn that take time.

use super::attributes::gate;
use super::common::{shown, timing_attributes};
use super::ids::IdKind;
use super::mapper::{Mapper, Place, work_span};
use super::semconv as name;
use super::span::{Span, Value};

pub(super) fn compaction_span(mapper: &Mapper<'_>, place: usize) -> Span {
    let compaction = &mapper.session.compactions[place];
    let mut list = mapper.attributes(compaction.context, 8);
    list.fixed(name::GEN_AI_PROVIDER_NAME, "anthropic");
    list.name(name::CLAUDE_CODE_COMPACTION_TRIGGER, compaction.trigger.as_ref());
    list.count(name::CLAUDE_CODE_COMPACTION_PRE_TOKENS, compaction.pre_tokens);
    list.count(name::CLAUDE_CODE_COMPACTION_POST_TOKENS, compaction.post_tokens);
    timing_attributes(&mut list, &compaction.timing);
    let at = mapper.place_below_turn(compaction.turn);
    let identity = mapper.identity(IdKind::Compaction, &compaction.key);
    work_span(
        Place {
            trace_id: if compaction.turn.is_some() { at.trace_id } else { identity.trace_id() },
            parent: at.parent,
        },
        identity.span_id(),
        "compaction",
        &compaction.timing,
        list,
    )
}

pub(super) fn hook_span(mapper: &Mapper<'_>, place: usize) -> Span {
    let hook = &mapper.session.hooks[place];
    let event = hook.event.as_ref().map_or(Value::Static(name::OTHER), |event| gate(event, mapper.privacy()));
    let span_name = format!("hook {}", shown(&event));
    let mut list = mapper.attributes(hook.context, 8);
    list.fixed(name::GEN_AI_PROVIDER_NAME, "anthropic");
    list.push(name::CLAUDE_CODE_HOOK_EVENT, event);
    if hook.failed {
        list.fixed(name::ERROR_TYPE, "hook_error");
    }
    timing_attributes(&mut list, &hook.timing);
    let at = mapper.place_below_turn(hook.turn);
    Span {
        error: hook.failed,
        ..work_span(at, mapper.identity(IdKind::Hook, &hook.key).span_id(), span_name, &hook.timing, list)
    }
}
