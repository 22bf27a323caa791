//! What each kind of item says beside its times.

use super::item::{Fact, FactValue, Standing, Texts};
use crate::privacy::Sanitized;
use crate::session::content::SessionContent;
use crate::session::facts::{AgentRun, LlmCall, RunOutcome, ToolCall, ToolOutcome};
use crate::telemetry::shown::Shown;

/// A summary is cut here; views cut it again to their widths.
const SUMMARY_CHARS: usize = 160;

/// Facts as they are found; what is absent is left out.
#[derive(Default)]
pub(super) struct Facts(pub Vec<Fact>);

impl Facts {
    pub(super) fn number(&mut self, name: &'static str, number: Option<i64>) {
        self.0.extend(number.map(|number| (name, FactValue::Number(number))));
    }

    pub(super) fn count(&mut self, name: &'static str, count: Option<u64>) {
        self.number(name, count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)));
    }

    pub(super) fn flag(&mut self, name: &'static str, is_so: bool) {
        if is_so {
            self.0.push((name, FactValue::Flag(true)));
        }
    }

    pub(super) fn name(&mut self, name: &'static str, text: Option<Sanitized>) {
        self.0.extend(text.map(|text| (name, FactValue::Name(text))));
    }
}

/// How a turn or an agent run stands.
pub(super) const fn standing_of_run(outcome: RunOutcome, is_open: bool) -> Standing {
    match outcome {
        _ if is_open => Standing::Running,
        RunOutcome::Completed => Standing::Done,
        RunOutcome::Interrupted => Standing::Stopped,
        RunOutcome::Error => Standing::Failed,
        RunOutcome::Unfinished => Standing::Unknown,
    }
}

/// How a call of a tool stands.
pub(super) const fn standing_of_tool(outcome: ToolOutcome, is_open: bool) -> Standing {
    match outcome {
        _ if is_open => Standing::Running,
        ToolOutcome::Success => Standing::Done,
        ToolOutcome::Error | ToolOutcome::TimedOut => Standing::Failed,
        ToolOutcome::Rejected | ToolOutcome::Denied | ToolOutcome::Interrupted => Standing::Stopped,
        ToolOutcome::Orphaned => Standing::Unknown,
    }
}

pub(super) fn facts_of_call(call: &LlmCall, shown: &Shown<'_>) -> Vec<Fact> {
    let mut facts = Facts::default();
    facts.name("request_id", call.request_id.as_ref().map(|id| shown.api_id(id)));
    facts.name("stop_reason", call.stop_reason.as_ref().map(|reason| shown.name(reason)));
    facts.name("effort", call.effort.as_ref().map(|effort| shown.name(effort)));
    facts.name("speed", call.speed.as_ref().map(|speed| shown.name(speed)));
    facts.name("cache_miss_reason", call.cache_miss_reason.as_ref().map(|reason| shown.name(reason)));
    facts.count("attempts", call.attempts.filter(|attempts| *attempts > 1));
    facts.number("thinking_ms", call.thinking_duration);
    facts.flag("is_aborted", call.is_aborted);
    facts.flag("is_auxiliary", call.is_auxiliary);
    facts.0
}

pub(super) fn facts_of_tool(tool: &ToolCall, shown: &Shown<'_>) -> Vec<Fact> {
    let mut facts = Facts::default();
    facts.name("program", tool.program.as_ref().map(|program| shown.name(program)));
    facts.name("file_extension", tool.file_extension.as_ref().map(|extension| shown.name(extension)));
    facts.name("skill", tool.skill.as_ref().map(|skill| shown.name(skill)));
    facts.number("exit_code", tool.exit_code);
    facts.count("input_bytes", Some(tool.input_size));
    facts.count("result_bytes", tool.result_size);
    facts.count("lines_added", tool.lines_added);
    facts.count("lines_removed", tool.lines_removed);
    if let Some((decision, source)) = &tool.permission {
        facts.name("permission", Some(shown.name(decision)));
        facts.name("permission_source", source.as_ref().map(|source| shown.name(source)));
    }
    facts.flag("is_background", tool.is_background);
    facts.flag("is_truncated", tool.is_truncated);
    facts.0
}

pub(super) fn facts_of_agent(run: &AgentRun, shown: &Shown<'_>) -> Vec<Fact> {
    let mut facts = Facts::default();
    facts.count("prompt_length", run.prompt_length);
    facts.flag("is_background", run.is_background);
    facts.name("join", run.join.guess().map(Sanitized::of_ours));
    facts.name("error_type", run.failure.as_ref().map(|failure| shown.name(&failure.class)));
    facts.0
}

/// What a call of a tool is about: a command, a file or a description where texts are kept, else the names that any
/// level shows.
pub(super) fn tool_summary(tool: &ToolCall, content: Option<&SessionContent>, shown: &Shown<'_>) -> Option<Sanitized> {
    let texts = content.and_then(|content| content.tool(&tool.id));
    if let Some(texts) = texts {
        if let Some(command) = texts.command.as_ref().or(texts.description.as_ref()) {
            return Some(one_line(&shown.text(command)));
        }
        if let Some(path) = texts.file_path.as_ref().and_then(|path| shown.file(path)) {
            return Some(one_line(&path));
        }
        if let Some(input) = texts.input.as_ref().filter(|input| ***input != *"{}") {
            return Some(one_line(&shown.text(input)));
        }
    }
    let skill = tool.skill.as_ref().map(|skill| shown.name(skill));
    let program = tool.program.as_ref().map(|program| shown.name(program));
    skill.or(program).or_else(|| tool.file_extension.as_ref().map(|kind| shown.name(kind)))
}

pub(super) fn tool_texts(tool: &ToolCall, content: Option<&SessionContent>, shown: &Shown<'_>) -> Texts {
    let Some(texts) = content.and_then(|content| content.tool(&tool.id)) else { return Texts::default() };
    Texts { input: text(texts.input.as_ref(), shown), output: text(texts.result.as_ref(), shown), error: None }
}

/// A text, unless it is empty.
pub(super) fn text(text: Option<&Sanitized>, shown: &Shown<'_>) -> Option<Sanitized> {
    text.filter(|text| !text.is_empty()).map(|text| shown.text(text))
}

/// The beginning of a text on one line.
pub(super) fn one_line(text: &Sanitized) -> Sanitized {
    text.one_line(SUMMARY_CHARS)
}
