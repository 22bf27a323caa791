//! What every span of a session says.

use std::sync::Arc;

use super::attributes::{AttributeList, gate, is_name};
use super::options::{MapOptions, PathMode};
use super::semconv as name;
use super::span::{Attributes, Value};
use crate::session::facts::{AgentRun, Context, Session};
use crate::session::timing::Timing;

/// The attributes that a session's spans share, one list for each place where the client ran.
pub(super) fn context_attributes(session: &Session, options: &MapOptions) -> Vec<Attributes> {
    let id = session_id(&session.id);
    session.contexts.iter().map(|context| of_context(&id, context, options)).collect()
}

/// A session id as it may leave. Ids that look like no id (a file somebody renamed) are told apart by a digest.
pub(super) fn session_id(id: &Arc<str>) -> Value {
    if is_name(id, 64) {
        return Value::Str(Arc::clone(id));
    }
    let digest = super::ids::Identity::new(super::ids::IdKind::Session, id, "");
    Value::Str(format!("unnamed-{}", digest.span_id()).into())
}

fn of_context(id: &Value, context: &Context, options: &MapOptions) -> Attributes {
    let mut list = AttributeList::with_capacity(10);
    list.push(name::GEN_AI_CONVERSATION_ID, id.clone());
    list.push(name::SESSION_ID, id.clone());
    list.name(name::CLAUDE_CODE_VERSION, context.version.as_ref());
    list.name(name::CLAUDE_CODE_ENTRYPOINT, context.entrypoint.as_ref());
    list.name(name::CLAUDE_CODE_SESSION_KIND, context.session_kind.as_ref());
    if options.paths != PathMode::None {
        list.text(name::CLAUDE_CODE_PROJECT_NAME, context.cwd.as_ref().map(|cwd| project(cwd, options)));
        let branch = context.branch.as_ref().filter(|branch| !branch.is_empty());
        list.text(name::VCS_REF_HEAD_NAME, branch.map(|branch| printable(branch)));
    }
    if options.paths == PathMode::Full {
        list.text(name::CLAUDE_CODE_CWD, context.cwd.as_ref().map(|cwd| Value::Str(Arc::clone(cwd))));
    }
    list.finish()
}

/// The project's name: the last part of its folder.
fn project(cwd: &Arc<str>, options: &MapOptions) -> Value {
    let folder = cwd.trim_end_matches(['/', '\\']);
    if options.home.as_deref().is_some_and(|home| home.trim_end_matches(['/', '\\']) == folder) || is_a_home(folder) {
        return Value::Static("~");
    }
    let last = folder.rsplit(['/', '\\']).next().unwrap_or_default();
    if last.is_empty() { Value::Static("/") } else { printable(last) }
}

/// A home folder on another machine has the user's name as well.
fn is_a_home(folder: &str) -> bool {
    let parts: Vec<&str> = folder.split(['/', '\\']).filter(|part| !part.is_empty() && !part.ends_with(':')).collect();
    matches!(parts[..], ["root"] | ["home" | "Users", _])
}

/// A short text on one line.
fn printable(text: &str) -> Value {
    let is_plain = text.len() <= 128 && !text.chars().any(char::is_control);
    if is_plain { Value::Str(text.into()) } else { Value::Static(name::OTHER) }
}

/// The span's times and how they are known.
pub(super) fn timing_attributes(list: &mut AttributeList, timing: &Timing) {
    list.fixed(name::CLAUDE_OTEL_TIMING_START, timing.start_source.certainty().name());
    list.fixed(name::CLAUDE_OTEL_TIMING_END, timing.end_source.certainty().name());
    list.fixed(name::CLAUDE_OTEL_TIMING_START_SOURCE, timing.start_source.name());
    list.fixed(name::CLAUDE_OTEL_TIMING_END_SOURCE, timing.end_source.name());
}

/// What spans inside an agent run say of it.
pub(super) fn agent_attributes(list: &mut AttributeList, session: &Session, run: &AgentRun) {
    list.name(name::CLAUDE_CODE_AGENT_ID, Some(&run.id));
    list.name(name::CLAUDE_CODE_AGENT_PARENT_ID, run.parent_agent.map(|parent| &session.agents[parent].id));
    list.int(name::CLAUDE_CODE_AGENT_DEPTH, i64::from(run.depth));
}

/// The provider, as far as the model's name or the message id tells.
pub(super) fn provider(model: Option<&str>, message_id: &str) -> &'static str {
    let model = model.unwrap_or_default();
    if model.starts_with("anthropic.") || model.contains(".anthropic.") || message_id.starts_with("msg_bdrk_") {
        "aws.bedrock"
    } else if message_id.starts_with("msg_vrtx_") || (model.starts_with("claude") && model.contains('@')) {
        "gcp.vertex_ai"
    } else {
        "anthropic"
    }
}

/// A model's name, which may bear a suffix in brackets.
pub(super) fn model_name(model: &Arc<str>) -> Value {
    let bare: String = model.chars().filter(|c| !"[]()+".contains(*c)).collect();
    if is_name(&bare, 96) && model.len() <= 96 { Value::Str(Arc::clone(model)) } else { gate(model) }
}

/// An id of the API, which is longer than a name now and then.
pub(super) fn api_id(id: &Arc<str>) -> Value {
    if is_name(id, 128) { Value::Str(Arc::clone(id)) } else { Value::Static(name::OTHER) }
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
    fn a_home_folder_does_not_tell_its_owner() {
        let options = MapOptions { home: Some("/data/people/ann".into()), ..MapOptions::default() };
        for home in ["/home/ann", "/Users/ann/", "/root", "C:\\Users\\ann", "/data/people/ann"] {
            assert_eq!(project(&home.into(), &options), Value::Static("~"), "{home}");
        }
        assert_eq!(project(&"/home/ann/src/api".into(), &options), Value::Str("api".into()));
    }

    #[test]
    fn the_provider_is_told_by_model_or_message() {
        assert_eq!(provider(Some("us.anthropic.claude-sonnet-4"), "msg_1"), "aws.bedrock");
        assert_eq!(provider(Some("claude-sonnet-4"), "msg_vrtx_1"), "gcp.vertex_ai");
        assert_eq!(provider(Some("claude-sonnet-4"), "msg_01"), "anthropic");
    }
}
