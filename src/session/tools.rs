//! Tool calls: outcome, start and end.

use hashbrown::HashMap;

use super::agents::Agents;
use super::builder::SessionBuilder;
use super::draft::{BackgroundEnd, Tool, ToolEnd};
use super::facts::{AgentRun, LlmCall, ToolCall, ToolOutcome, Turn};
use super::timing::{TimeSource, Timing};
use super::turns::TurnMap;
use crate::transcript::entry::ResultText;
use crate::transcript::time::Millis;

/// Builds all tool calls.
pub(super) fn build_tools(
    session: &SessionBuilder,
    map: &TurnMap,
    turns: &[Turn],
    agents: &Agents,
    calls: &[LlmCall],
) -> Vec<ToolCall> {
    let run_of_tool: HashMap<usize, &AgentRun> =
        agents.runs.iter().filter_map(|run| run.tool.map(|tool| (tool, run))).collect();
    let results = MessageResults::of(session);
    let build = |(place, tool): (usize, &Tool)| {
        let run = run_of_tool.get(&place);
        let call = &session.calls[tool.call];
        let turn = map.of(call.first).map(|turn| &turns[turn]);
        let outcome = outcome(session, tool, call.stream);
        let end = end(session, tool, outcome, turn, run.map(|run| run.timing.end));
        let start = start(session, tool, &results, end.0, run.map(|run| run.timing.start));
        let result = tool.result.as_ref();
        ToolCall {
            id: tool.id.clone(),
            parent: calls[tool.call].parent,
            call: tool.call,
            context: tool.context,
            timing: Timing::new(start, end),
            name: tool.name.clone(),
            outcome,
            is_error: result.is_some_and(|result| result.is_error),
            has_result: result.is_some(),
            is_background: result.is_some_and(|result| result.is_background)
                || run.is_some_and(|run| run.is_background)
                || (result.is_none() && tool.notified.is_some()),
            input_size: tool.input_size,
            result_size: result.filter(|result| result.text != ResultText::MadeUp).map(|result| result.size),
            stdout_size: result.and_then(|result| result.stdout_size),
            stderr_size: result.and_then(|result| result.stderr_size),
            is_truncated: result.is_some_and(|result| result.is_truncated),
            exit_code: result.and_then(|result| result.exit_code),
            program: if &*tool.name == "Bash" { tool.program.clone() } else { None },
            file_extension: tool.file_extension.clone(),
            lines_added: result.and_then(|result| result.lines_added),
            lines_removed: result.and_then(|result| result.lines_removed),
            permission: result.and_then(|result| result.permission.clone()),
            skill: tool.skill.clone(),
            is_final: true,
            is_owned: true,
        }
    };
    session.tools.iter().enumerate().map(build).collect()
}

/// The seven outcomes. The fixtures `tool-error`, `denial`, `rejection`, `interrupt-in-tool`, `bash-timeout` and
/// `kill-and-resume` show how each looks.
fn outcome(session: &SessionBuilder, tool: &Tool, stream: usize) -> ToolOutcome {
    let Some(result) = &tool.result else {
        // Started in the background without a word: the notification is all there is (-p, 2.1.270).
        return tool.notified.as_ref().map_or(ToolOutcome::Orphaned, background_outcome);
    };
    let texts = [result.text, result.own_text];
    let says = |text: ResultText| texts.contains(&text);
    if says(ResultText::MadeUp) {
        return ToolOutcome::Orphaned;
    }
    if result.is_interrupted || (result.is_error && says(ResultText::Interrupted)) {
        return ToolOutcome::Interrupted;
    }
    if let Some(reason) = result.denial.as_deref() {
        return match reason {
            // Esc in a running tool and "no" in its dialog leave the same words; only the notice that follows tells
            // them apart, and only since 2.1.270.
            "user-rejected"
                if says(ResultText::Rejected) && !result.denied_before_run && was_cut(session, stream, result) =>
            {
                ToolOutcome::Interrupted
            }
            "user-rejected" if says(ResultText::Rejected) => ToolOutcome::Rejected,
            _ => ToolOutcome::Denied,
        };
    }
    if result.timed_out || (result.is_error && says(ResultText::TimedOut)) {
        return ToolOutcome::TimedOut;
    }
    if result.is_error && says(ResultText::Rejected) {
        return ToolOutcome::Rejected;
    }
    let decision = result.permission.as_ref().map(|(decision, _)| &**decision);
    if decision == Some("reject") || (result.is_error && says(ResultText::Denied)) {
        return ToolOutcome::Denied;
    }
    if result.is_error {
        return ToolOutcome::Error;
    }
    tool.notified.as_ref().map_or(ToolOutcome::Success, background_outcome)
}

/// The outcome that a notification tells.
fn background_outcome(end: &BackgroundEnd) -> ToolOutcome {
    match end.status.as_deref() {
        Some("failed" | "error") => ToolOutcome::Error,
        Some("killed" | "stopped" | "cancelled") => ToolOutcome::Interrupted,
        _ => ToolOutcome::Success,
    }
}

/// Whether the result is that of a tool cut while it ran: `toolDenialBeforeRun` is absent then.
fn was_cut(session: &SessionBuilder, stream: usize, result: &ToolEnd) -> bool {
    let Some(position) = result.position else { return false };
    let after = session.interrupts.partition_point(|(place, ..)| *place <= position);
    let next = session.interrupts[after..].iter().take(64).find(|(_, of, _)| *of == stream);
    next.is_some_and(|(_, _, time)| (time - result.time).abs() <= 2_000)
}

fn end(
    session: &SessionBuilder,
    tool: &Tool,
    outcome: ToolOutcome,
    turn: Option<&Turn>,
    agent_end: Option<Millis>,
) -> (Millis, TimeSource) {
    if let (None, Some(end)) = (&tool.result, &tool.notified) {
        return (end.time, TimeSource::TaskNotification);
    }
    let Some(result) = tool.result.as_ref().filter(|_| outcome != ToolOutcome::Orphaned) else {
        // Nothing says when it ended; the turn's last genuine line, or the agent's, is when it was last known alive.
        let stream = &session.streams[session.calls[tool.call].stream];
        let alive = turn.map(|turn| turn.last_line).or(stream.end_time).unwrap_or(tool.use_time).max(tool.use_time);
        return match agent_end.filter(|end| *end > alive) {
            Some(end) => (end, TimeSource::LastLine),
            None => (alive, TimeSource::TurnLastLine),
        };
    };
    if !result.is_background {
        let line = result.position.map(|position| &session.chain.lines[position]);
        return (result.time, line.map_or(TimeSource::ResultLine, |line| line.source(TimeSource::ResultLine)));
    }
    match (&tool.notified, agent_end) {
        (Some(end), _) => (end.time, TimeSource::TaskNotification),
        (None, Some(last)) => (last, TimeSource::LastLine),
        (None, None) => (result.time, TimeSource::LaunchLine),
    }
}

fn start(
    session: &SessionBuilder,
    tool: &Tool,
    results: &MessageResults,
    end: Millis,
    agent_start: Option<Millis>,
) -> (Millis, TimeSource) {
    let use_line = (tool.use_time, session.chain.lines[tool.position].source(TimeSource::UseLine));
    let result = tool.result.as_ref();
    if result.is_some_and(|result| result.is_background) {
        return use_line;
    }
    let recorded = result
        .filter(|result| result.text != ResultText::MadeUp)
        .and_then(|result| result.duration)
        .or(tool.progress.mcp_elapsed);
    if let Some(duration) = recorded {
        let counted = end - duration;
        // An agent's first line proves that its call ran by then.
        let counted = agent_start.map_or(counted, |first| counted.min(first));
        if counted >= tool.use_time {
            return (counted.min(end), TimeSource::RecordedDuration);
        }
        return use_line;
    }
    // An agent's first line proves that its call ran by then.
    let latest = agent_start.map_or(end, |first| first.max(tool.use_time).min(end));
    if let Some(time) = tool.progress.start.filter(|time| *time > tool.use_time) {
        return (time.min(latest), TimeSource::Progress);
    }
    match results.before(tool) {
        Some(time) if time > tool.use_time && time <= latest => (time, TimeSource::PreviousResult),
        _ => use_line,
    }
}

/// The times of the results of each message, in order: of all its calls, and of those that run alone.
struct MessageResults(HashMap<usize, [Vec<Millis>; 2]>);

impl MessageResults {
    fn of(session: &SessionBuilder) -> Self {
        let mut results: HashMap<usize, [Vec<Millis>; 2]> = HashMap::new();
        for (place, call) in session.calls.iter().enumerate().filter(|(_, call)| call.tools.len() > 1) {
            let [all, alone] = results.entry(place).or_default();
            for tool in call.tools.iter().map(|tool| &session.tools[*tool]) {
                let genuine = |result: &&ToolEnd| !result.is_background && result.text != ResultText::MadeUp;
                let Some(result) = tool.result.as_ref().filter(genuine) else { continue };
                all.push(result.time);
                if !runs_in_parallel(&tool.name) {
                    alone.push(result.time);
                }
            }
            all.sort_unstable();
            alone.sort_unstable();
        }
        Self(results)
    }

    /// The latest result of the same message that had to be there before this call could run: the client runs calls of
    /// one message one after the other unless both only read or start agents. Their lines may stand in any order.
    fn before(&self, tool: &Tool) -> Option<Millis> {
        let [all, alone] = self.0.get(&tool.call)?;
        let own = tool.result.as_ref().map_or(Millis::MAX, |result| result.time);
        let times = if runs_in_parallel(&tool.name) { alone } else { all };
        times[..times.partition_point(|time| *time < own)].last().copied()
    }
}

/// Tools that the client runs beside each other: those that only read, and agents.
fn runs_in_parallel(name: &str) -> bool {
    matches!(
        name,
        "Read"
            | "Grep"
            | "Glob"
            | "LS"
            | "NotebookRead"
            | "WebFetch"
            | "WebSearch"
            | "Task"
            | "Agent"
            | "ToolSearch"
            | "TaskOutput"
            | "BashOutput"
            | "LSP"
            | "TaskGet"
            | "TaskList"
    )
}
