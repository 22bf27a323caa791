//! `execute_tool {tool}`: one call of a tool.

use super::attributes::{AttributeList, gate, is_name};
use super::common::{agent_attributes, api_id, shown, timing_attributes};
use super::content::tool_texts;
use super::gate::Gate;
use super::ids::IdKind;
use super::mapper::{Mapper, work_span};
use super::semconv as name;
use super::span::{Span, Value};
use crate::session::facts::{Parent, ToolCall, ToolOutcome};

pub(super) fn tool_span(mapper: &Mapper<'_>, place: usize) -> Span {
    let tool = &mapper.session.tools[place];
    let mut list = mapper.attributes(tool.context, 30);
    let privacy = mapper.privacy();
    let tool_name = gate(&tool.name, privacy);
    let span_name = ["execute_tool ", shown(&tool_name)].concat();
    list.fixed(name::GEN_AI_OPERATION_NAME, "execute_tool");
    list.fixed(name::GEN_AI_PROVIDER_NAME, "anthropic");
    list.push(name::GEN_AI_TOOL_NAME, tool_name);
    list.push(name::GEN_AI_TOOL_CALL_ID, api_id(&tool.id, privacy));
    list.name(name::GEN_AI_SKILL_NAME, tool.skill.as_ref());
    mcp(&mut list, tool, privacy);
    list.fixed(name::CLAUDE_CODE_TOOL_OUTCOME, tool.outcome.name());
    if tool.has_result {
        list.bool(name::CLAUDE_CODE_TOOL_IS_ERROR, tool.is_error);
    }
    list.count(name::CLAUDE_CODE_TOOL_INPUT_SIZE, tool.input_size);
    list.count(name::CLAUDE_CODE_TOOL_RESULT_SIZE, tool.result_size);
    list.count(name::CLAUDE_CODE_TOOL_STDOUT_SIZE, tool.stdout_size);
    list.count(name::CLAUDE_CODE_TOOL_STDERR_SIZE, tool.stderr_size);
    list.flag(name::CLAUDE_CODE_TOOL_TRUNCATED, tool.is_truncated);
    list.flag(name::CLAUDE_CODE_TOOL_BACKGROUND, tool.is_background);
    list.int(name::PROCESS_EXIT_CODE, tool.exit_code);
    list.name(name::PROCESS_EXECUTABLE_NAME, tool.program.as_ref());
    let extension = tool.file_extension.as_ref();
    list.text(
        name::CLAUDE_CODE_TOOL_FILE_EXTENSION,
        extension.map(|text| if is_name(text, 10) { gate(text, privacy) } else { Value::Static(name::OTHER) }),
    );
    list.count(name::CLAUDE_CODE_TOOL_LINES_ADDED, tool.lines_added);
    list.count(name::CLAUDE_CODE_TOOL_LINES_REMOVED, tool.lines_removed);
    if let Some((decision, source)) = &tool.permission {
        list.name(name::CLAUDE_CODE_PERMISSION_DECISION, Some(decision));
        list.name(name::CLAUDE_CODE_PERMISSION_SOURCE, source.as_ref());
    }
    if let Some(error) = error_type(tool) {
        list.fixed(name::ERROR_TYPE, error);
    }
    if let Parent::Agent(agent) = tool.parent {
        agent_attributes(&mut list, mapper.session, &mapper.session.agents[agent]);
    }
    tool_texts(&mut list, mapper, tool);
    timing_attributes(&mut list, &tool.timing);
    let at = mapper.place_below(tool.parent);
    Span {
        error: error_type(tool).is_some(),
        ..work_span(at, mapper.identity(IdKind::Tool, &tool.id).span_id(), span_name, &tool.timing, list)
    }
}

/// A failure of the tool; what a person or a rule stopped did not fail.
pub(super) fn error_type(tool: &ToolCall) -> Option<&'static str> {
    match tool.outcome {
        ToolOutcome::Error => Some("tool_error"),
        ToolOutcome::TimedOut => Some("timeout"),
        _ => None,
    }
}

/// `mcp__<server>__<tool>` is a call of an MCP server's tool.
fn mcp(list: &mut AttributeList<'_>, tool: &ToolCall, privacy: &Gate<'_>) {
    let Some((server, called)) = tool.name.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) else {
        list.fixed(name::GEN_AI_TOOL_TYPE, "function");
        return;
    };
    list.fixed(name::GEN_AI_TOOL_TYPE, "extension");
    list.fixed(name::MCP_METHOD_NAME, "tools/call");
    if privacy.shared(&tool.name).is_none_or(|clean| *clean != *tool.name) {
        // A part of a secret is not known as one.
        return;
    }
    list.name(name::CLAUDE_CODE_MCP_SERVER, Some(&server.into()));
    list.name(name::CLAUDE_CODE_MCP_TOOL, Some(&called.into()));
}
