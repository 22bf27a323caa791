//! An event as one line.

use super::words::{amounts, fitted, short_id};
use crate::cli::draw::width::{cut, left, plain, width};
use crate::cli::words::{brief, size, took};
use crate::cli::zone::Zone;
use crate::view::live::event::{Event, EventKind};

/// Longer lines are cut where nobody says how wide they may be.
const USUAL_COLUMNS: usize = 160;

/// How lines are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineStyle {
    pub zone: Zone,
    /// Pictures instead of words.
    pub has_emoji: bool,
    pub has_colours: bool,
    /// The width of the terminal.
    pub columns: Option<usize>,
}

/// What stands in front of a line, as a picture and as a word, and its colour.
fn mark(event: &Event) -> (&'static str, &'static str, &'static str) {
    let is_end = matches!(event.event, EventKind::ToolEnd | EventKind::AgentEnd | EventKind::TurnEnd);
    match (event.event, event.outcome) {
        (EventKind::TurnStart, _) => ("🤖", "turn", "1"),
        (EventKind::ToolStart, _) => ("🔧", "tool", "36"),
        (EventKind::AgentStart, _) => ("🧩", "agent", "35"),
        (EventKind::Waiting, _) => ("⏳", "waiting", "33"),
        (EventKind::Retry, _) => ("⏳", "retry", "33"),
        (EventKind::Compaction, _) => ("🗜", "compacted", "34"),
        (EventKind::TurnEnd, Some("completed")) => ("🎉", "done", "32"),
        (EventKind::ToolEnd, Some("success")) | (EventKind::AgentEnd, Some("completed")) => ("✅", "ok", "32"),
        (_, Some("rejected" | "denied" | "interrupted")) if is_end => ("🛑", "stopped", "33"),
        (_, Some("error" | "timed_out")) if is_end => ("❌", "failed", "31"),
        _ => ("❔", "ended", "33"),
    }
}

/// The line of an event.
pub(super) fn line(event: &Event, style: LineStyle) -> String {
    let paint = |code: &str, text: &str| {
        if style.has_colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let time = style.zone.format(event.time_unix_ms, "%H:%M:%S");
    let project = event.project.as_ref().map_or_else(|| "-".to_owned(), |project| fitted(project, 24));
    let (picture, word, code) = mark(event);
    let mark = if style.has_emoji { picture } else { word };
    let columns = if style.has_emoji { 2 } else { 9 };
    let prefix = format!("{time} {project} {}", short_id(&event.session));
    let room = style.columns.unwrap_or(USUAL_COLUMNS).saturating_sub(width(&prefix) + columns + 2).max(20);
    format!("{} {} {}", paint("2", &prefix), paint(code, &left(mark, columns)), what(event, room))
}

/// What happened, in at most so many columns: of everything, the summary gives way first.
fn what(event: &Event, room: usize) -> String {
    let names: Vec<_> = event.agents.iter().chain([&event.name]).map(|name| plain(name)).collect();
    let name = names.join(" › ");
    let turn = event.turn.map_or_else(|| "turn".to_owned(), |turn| format!("turn {turn}"));
    let head = match event.event {
        // Where a turn came from is not always on record.
        EventKind::TurnStart if *event.name == *"unknown" => turn,
        EventKind::TurnStart => format!("{turn} from {name}"),
        EventKind::TurnEnd => turn,
        EventKind::Waiting => format!("{name} waits for the person"),
        EventKind::Retry => format!("{turn}: a request failed"),
        EventKind::Compaction => format!("context compacted ({name})"),
        EventKind::ToolStart | EventKind::AgentStart | EventKind::ToolEnd | EventKind::AgentEnd => name,
    };
    let mut facts: Vec<String> = Vec::new();
    let is_plain_end = matches!(event.outcome, None | Some("success" | "completed"));
    facts.extend(event.outcome.filter(|_| !is_plain_end).map(|outcome| outcome.replace('_', " ")));
    facts.extend(event.duration_ms.map(|millis| match event.event {
        EventKind::Retry => format!("next in {}", took(millis)),
        _ => took(millis),
    }));
    facts.extend(event.exit_code.filter(|code| *code != 0).map(|code| format!("exit {code}")));
    facts.extend(event.status.map(|status| format!("status {status}")));
    facts.extend(event.attempt.map(|attempt| format!("attempt {attempt}")));
    facts.extend(event.context_tokens.map(|(before, after)| {
        let words = |tokens: i64| brief(tokens.max(0).unsigned_abs());
        match after {
            Some(after) => format!("{} → {} tokens", words(before), words(after)),
            None => format!("{} tokens before", words(before)),
        }
    }));
    facts.extend(event.result_bytes.filter(|bytes| *bytes > 0).map(|bytes| size(bytes.unsigned_abs())));
    facts.extend(amounts(event.tokens.as_ref(), event.cost.as_ref()));
    let facts = facts.join(" · ");
    let mut text = head;
    if !facts.is_empty() {
        text = format!("{text}  {facts}");
    }
    let left = room.saturating_sub(width(&text) + 2);
    match event.summary.as_ref().filter(|_| left >= 4) {
        Some(summary) => format!("{text}  {}", fitted(summary, left)),
        None => cut(&text, room).into_owned(),
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
