//! What every span of a session says.

use std::sync::Arc;

use super::attributes::{AttributeList, gate, is_name, sanitized};
use super::gate::{Cleaning, Gate};
use super::options::MapOptions;
use super::paths;
use super::semconv as name;
use super::span::{Attributes, Value};
use crate::session::facts::{AgentRun, Context, Session};
use crate::session::timing::Timing;

/// The attributes that a session's spans share, one list for each place where the client ran.
pub(super) fn context_attributes(session: &Session, options: &MapOptions, gate: &Gate<'_>) -> Vec<Attributes> {
    let id = session_id(&session.id, gate);
    session.contexts.iter().map(|context| of_context(&id, context, options, gate)).collect()
}

/// A session id as it may leave. Ids that look like no id (a file somebody renamed) are told apart by a digest.
pub(super) fn session_id(id: &Arc<str>, privacy: &impl Cleaning) -> Value {
    if is_name(id, 64)
        && let Some(clean) = privacy.shared(id).filter(|clean| **clean == **id)
    {
        return Value::Str(clean);
    }
    sanitized(&shown_instead(id).into(), privacy)
}

/// What is shown instead of an id that looks like none.
pub(super) fn shown_instead(id: &str) -> String {
    let digest = super::ids::Identity::new(super::ids::IdKind::Session, id, "");
    format!("unnamed-{}", digest.span_id())
}

fn of_context(id: &Value, context: &Context, options: &MapOptions, gate: &Gate<'_>) -> Attributes {
    let mut list = AttributeList::with_capacity(10, gate);
    list.push(name::GEN_AI_CONVERSATION_ID, id.clone());
    list.push(name::SESSION_ID, id.clone());
    list.name(name::CLAUDE_CODE_VERSION, context.version.as_ref());
    list.name(name::CLAUDE_CODE_ENTRYPOINT, context.entrypoint.as_ref());
    list.name(name::CLAUDE_CODE_SESSION_KIND, context.session_kind.as_ref());
    let branch = context.branch.as_deref().filter(|branch| !branch.is_empty());
    list.text(name::CLAUDE_CODE_PROJECT_NAME, context.cwd.as_deref().and_then(|cwd| paths::project(cwd, options)));
    list.text(name::VCS_REF_HEAD_NAME, branch.and_then(|branch| paths::branch(branch, options)));
    list.text(name::CLAUDE_CODE_CWD, context.cwd.as_deref().and_then(|cwd| paths::folder(cwd, options)));
    list.finish()
}

/// The span's times and how they are known.
pub(super) fn timing_attributes(list: &mut AttributeList<'_>, timing: &Timing) {
    list.fixed(name::CLAUDE_OTEL_TIMING_START, timing.start_source.certainty().name());
    list.fixed(name::CLAUDE_OTEL_TIMING_END, timing.end_source.certainty().name());
    list.fixed(name::CLAUDE_OTEL_TIMING_START_SOURCE, timing.start_source.name());
    list.fixed(name::CLAUDE_OTEL_TIMING_END_SOURCE, timing.end_source.name());
}

/// What spans inside an agent run say of it.
pub(super) fn agent_attributes(list: &mut AttributeList<'_>, session: &Session, run: &AgentRun) {
    list.name(name::CLAUDE_CODE_AGENT_ID, Some(&run.id));
    list.name(name::CLAUDE_CODE_AGENT_PARENT_ID, run.parent_agent.map(|parent| &session.agents[parent].id));
    list.int(name::CLAUDE_CODE_AGENT_DEPTH, i64::from(run.depth));
}

/// The provider, as far as the model's name or the message id tells.
pub(super) fn provider(model: Option<&str>, message_id: &str) -> &'static str {
    let model = model.unwrap_or_default();
    if model.starts_with("anthropic.")
        || (model.contains('.') && model.contains(".anthropic."))
        || message_id.starts_with("msg_bdrk_")
    {
        "aws.bedrock"
    } else if message_id.starts_with("msg_vrtx_") || (model.starts_with("claude") && model.contains('@')) {
        "gcp.vertex_ai"
    } else {
        "anthropic"
    }
}

/// A model's name, which may bear a suffix in brackets.
pub(super) fn model_name(model: &Arc<str>, privacy: &impl Cleaning) -> Value {
    let is_bare = |model: &str| is_name(model, 96);
    let without_brackets = || model.chars().filter(|c| !"[]()+".contains(*c)).collect::<String>();
    if model.len() <= 96 && (is_bare(model) || is_bare(&without_brackets())) {
        sanitized(model, privacy)
    } else {
        gate(model, privacy)
    }
}

/// An id of the API, which is longer than a name now and then.
pub(super) fn api_id(id: &Arc<str>, privacy: &impl Cleaning) -> Value {
    if is_name(id, 128) { sanitized(id, privacy) } else { Value::Static(name::OTHER) }
}

/// The text of a value, for a span's name.
pub(super) fn shown(value: &Value) -> &str {
    match value {
        Value::Str(text) => text,
        Value::Static(text) => text,
        _ => name::OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_is_told_by_model_or_message() {
        assert_eq!(provider(Some("us.anthropic.claude-sonnet-4"), "msg_1"), "aws.bedrock");
        assert_eq!(provider(Some("claude-sonnet-4"), "msg_vrtx_1"), "gcp.vertex_ai");
        assert_eq!(provider(Some("claude-sonnet-4"), "msg_01"), "anthropic");
    }
}
