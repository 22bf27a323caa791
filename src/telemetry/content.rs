//! What people, models and tools wrote, where a content level asks for it. Everything here is without secrets already.

use serde_json::{Value as Json, json};

use super::attributes::AttributeList;
use super::mapper::Mapper;
use super::paths::without_home;
use super::semconv as name;
use super::span::Value;
use crate::privacy::Sanitized;
use crate::session::content::SessionContent;
use crate::session::facts::{AgentRun, LlmCall, Parent, Segment, Session, ToolCall};

/// What was put before each model call: found once for a session.
#[derive(Debug)]
pub(super) struct Talk<'a> {
    content: &'a SessionContent,
    /// The call before each one in the same turn or agent run.
    before: Vec<Option<usize>>,
    /// The calls of tools that each model call asked for.
    tools: Vec<Vec<usize>>,
}

impl<'a> Talk<'a> {
    /// What is known of a session; none when no texts were kept.
    pub(super) fn of(session: &'a Session) -> Option<Self> {
        let content = session.content.as_ref()?;
        let mut last = hashbrown::HashMap::new();
        let key = |parent: Parent| match parent {
            Parent::Turn(turn) => (0, turn),
            Parent::Agent(agent) => (1, agent),
        };
        let before =
            session.calls.iter().enumerate().map(|(place, call)| last.insert(key(call.parent), place)).collect();
        let mut tools = vec![Vec::new(); session.calls.len()];
        for (place, tool) in session.tools.iter().enumerate() {
            if let Some(tools) = tools.get_mut(tool.call) {
                tools.push(place);
            }
        }
        Some(Self { content, before, tools })
    }
}

fn put(list: &mut AttributeList<'_>, mapper: &Mapper<'_>, attribute: &'static str, text: Option<&Sanitized>) {
    let text = text.filter(|text| !text.is_empty()).cloned();
    list.text(attribute, text.map(|text| Value::Str(mapper.options.content.for_span(text))));
}

pub(super) fn turn_texts(list: &mut AttributeList<'_>, mapper: &Mapper<'_>, place: usize) {
    let Some(Talk { content, .. }) = &mapper.talk else { return };
    let prompt = mapper.session.turns.get(place).and_then(|turn| content.prompt(turn.position));
    put(list, mapper, name::CLAUDE_CODE_PROMPT, prompt);
    put(list, mapper, name::CLAUDE_CODE_ERROR_MESSAGE, content.turn_error(place));
}

pub(super) fn agent_texts(list: &mut AttributeList<'_>, mapper: &Mapper<'_>, run: &AgentRun) {
    let Some(Talk { content, .. }) = &mapper.talk else { return };
    put(list, mapper, name::CLAUDE_CODE_PROMPT, content.agent_prompt(&run.id));
    let tool = run.tool.and_then(|tool| content.tool(&mapper.session.tools.get(tool)?.id));
    put(list, mapper, name::CLAUDE_CODE_AGENT_DESCRIPTION, tool.and_then(|tool| tool.description.as_ref()));
    put(list, mapper, name::CLAUDE_CODE_ERROR_MESSAGE, content.agent_error(&run.id));
}

pub(super) fn session_texts(list: &mut AttributeList<'_>, mapper: &Mapper<'_>, segment: &Segment) {
    let Some(Talk { content, .. }) = &mapper.talk else { return };
    // A title that was given when the session went on says nothing of what came before.
    let next = mapper.session.segments.iter().find(|next| next.index == segment.index + 1);
    let end = next.and_then(|next| Some(mapper.session.turns.get(*next.turns.first()?)?.position));
    put(list, mapper, name::CLAUDE_CODE_SESSION_TITLE, content.title(end));
}

pub(super) fn tool_texts(list: &mut AttributeList<'_>, mapper: &Mapper<'_>, tool: &ToolCall) {
    let Some(texts) = mapper.talk.as_ref().and_then(|talk| talk.content.tool(&tool.id)) else { return };
    put(list, mapper, name::GEN_AI_TOOL_CALL_ARGUMENTS, texts.input.as_ref());
    put(list, mapper, name::GEN_AI_TOOL_CALL_RESULT, texts.result.as_ref());
    put(list, mapper, name::CLAUDE_CODE_TOOL_COMMAND, texts.command.as_ref());
    let path = texts.file_path.as_ref().and_then(|path| mapper.privacy().text(&without_home(path, mapper.options)));
    put(list, mapper, name::CLAUDE_CODE_TOOL_FILE_PATH, path.as_ref());
}

/// What the model was given since the call before, and what it said, as the conventions write messages.
pub(super) fn messages(list: &mut AttributeList<'_>, mapper: &Mapper<'_>, place: usize, finish_reason: Option<&str>) {
    let (Some(talk), Some(call)) = (&mapper.talk, mapper.session.calls.get(place)) else { return };
    let limit = mapper.options.content.span_bytes;
    let input = fitted(limit, |bytes| input(mapper, talk, place, call, bytes));
    let output = fitted(limit, |bytes| output(mapper, talk, place, call, finish_reason, bytes));
    for (attribute, json) in [(name::GEN_AI_INPUT_MESSAGES, input), (name::GEN_AI_OUTPUT_MESSAGES, output)] {
        let clean = json.and_then(|json| mapper.privacy().text(&json));
        list.text(attribute, clean.map(Value::Str));
    }
}

/// The messages with their texts cut until the whole is short enough: half a JSON text is none.
fn fitted(limit: usize, messages: impl Fn(usize) -> Option<Json>) -> Option<String> {
    let mut bytes = limit;
    loop {
        let json = messages(bytes)?.to_string();
        if json.len() <= limit {
            return Some(json);
        }
        if bytes == 0 {
            return None;
        }
        bytes /= 2;
    }
}

fn input(mapper: &Mapper<'_>, talk: &Talk<'_>, place: usize, call: &LlmCall, bytes: usize) -> Option<Json> {
    let cut = |text: &Sanitized| mapper.options.content.for_span(text.clone()).cut(bytes).to_string();
    if let Some(before) = talk.before.get(place).copied().flatten() {
        let tools = talk.tools.get(before)?.iter().filter_map(|tool| mapper.session.tools.get(*tool));
        let part = |tool: &ToolCall| {
            let result = talk.content.tool(&tool.id)?.result.as_ref()?;
            let id = super::common::shown(&super::common::api_id(&tool.id, mapper.privacy())).to_owned();
            Some(json!({ "type": "tool_call_response", "id": id, "response": cut(result) }))
        };
        let parts: Vec<Json> = tools.filter_map(part).collect();
        return (!parts.is_empty()).then(|| json!([{ "role": "tool", "parts": parts }]));
    }
    let prompt = match call.parent {
        Parent::Turn(turn) => talk.content.prompt(mapper.session.turns.get(turn)?.position),
        Parent::Agent(agent) => talk.content.agent_prompt(&mapper.session.agents.get(agent)?.id),
    }?;
    Some(json!([{ "role": "user", "parts": [{ "type": "text", "content": cut(prompt) }] }]))
}

fn output(
    mapper: &Mapper<'_>,
    talk: &Talk<'_>,
    place: usize,
    call: &LlmCall,
    finish_reason: Option<&str>,
    bytes: usize,
) -> Option<Json> {
    let cut = |text: &Sanitized| mapper.options.content.for_span(text.clone()).cut(bytes).to_string();
    let said = talk.content.answer(&call.id).iter().map(|text| json!({ "type": "text", "content": cut(text) }));
    let tools = talk.tools.get(place)?.iter().filter_map(|tool| mapper.session.tools.get(*tool));
    let part = |tool: &ToolCall| {
        let id = super::common::shown(&super::common::api_id(&tool.id, mapper.privacy())).to_owned();
        let called = super::common::shown(&super::attributes::gate(&tool.name, mapper.privacy())).to_owned();
        let mut part = json!({ "type": "tool_call", "id": id, "name": called });
        if let Some(input) = talk.content.tool(&tool.id).and_then(|texts| texts.input.as_ref()) {
            let input = cut(input);
            // What was cut is no JSON any more, and goes as a text.
            let arguments = serde_json::from_str(&input).unwrap_or(Json::String(input));
            part["arguments"] = arguments;
        }
        part
    };
    let parts: Vec<Json> = said.chain(tools.map(part)).collect();
    let reason = finish_reason.unwrap_or("unknown");
    (!parts.is_empty()).then(|| json!([{ "role": "assistant", "parts": parts, "finish_reason": reason }]))
}
