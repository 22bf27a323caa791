//! A session at a glance.

use crate::cli::draw::paint::Ink;
use crate::cli::draw::width::{cut, left, plain, width};
use crate::cli::draw::{Canvas, money, output, percent};
use crate::cli::words::{brief, counted, grouped, took, wrapped};
use crate::cli::zone::Zone;
use crate::view::amounts::Tokens;
use crate::view::card::Card;

/// The column in which what is said of each subject begins.
const INDENT: usize = 10;
/// So many tools are named.
const MOST_TOOLS: usize = 12;

/// The lines.
pub(super) fn lines(card: &Card, zone: Zone, canvas: Canvas) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(title) = card.title.as_deref().map(plain).filter(|title| !title.trim().is_empty()) {
        lines.push(canvas.paint.text(Ink::Strong, &cut(&title, canvas.columns)));
    }
    let mut say = |subject: &str, text: &str| {
        if text.is_empty() {
            return;
        }
        for (number, part) in wrapped(text, canvas.columns.saturating_sub(INDENT)).iter().enumerate() {
            let subject = if number == 0 { left(subject, INDENT) } else { " ".repeat(INDENT) };
            let part = cut(part, canvas.columns.saturating_sub(INDENT));
            lines.push(format!("{}{part}", canvas.paint.text(Ink::Faint, &subject)));
        }
    };
    say("session", &plain(&card.id));
    say("where", &place(card));
    say("when", &when(card, zone));
    say("from", &origin(card));
    say("work", &work(card));
    let name_width = card.models.keys().map(|name| width(&plain(name))).max().unwrap_or_default();
    for (number, (name, model)) in card.models.iter().enumerate() {
        let line = format!(
            "{}  {}, {}  {}",
            left(&plain(name), name_width),
            counted(model.calls, "call"),
            tokens(&model.tokens),
            money(&model.cost)
        );
        say(if number == 0 { "models" } else { "" }, line.trim_end());
    }
    say("tools", &tools(card));
    let hidden = card.hidden_cost.as_ref().map(money).filter(|hidden| !hidden.is_empty() && hidden != "$0");
    let hidden = hidden
        .map_or_else(String::new, |hidden| format!(", and {hidden} more that the client counted and no line shows"));
    let cost = money(&card.cost);
    say("cost", &if cost.is_empty() { "unknown: no call has a price".to_owned() } else { cost + &hidden });
    let problems: Vec<String> =
        card.problems.iter().map(|(kind, count)| format!("{kind} {}", grouped(*count))).collect();
    say("problems", &problems.join(", "));
    lines
}

fn place(card: &Card) -> String {
    let folder = card.folder.as_ref().or(card.project.as_ref()).map(|folder| plain(folder).into_owned());
    let branch = card.branch.as_ref().map(|branch| format!("branch {}", plain(branch)));
    let entrypoint = card.entrypoint.as_ref().map(|entrypoint| format!(" ({})", plain(entrypoint))).unwrap_or_default();
    let version = card.client_version.as_ref().map(|version| format!("client {}{entrypoint}", plain(version)));
    [folder, branch, version].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn when(card: &Card, zone: Zone) -> String {
    let (Some(start), Some(end)) = (card.start_unix_ms, card.end_unix_ms) else { return String::new() };
    let day = |time| zone.format(time, "%Y-%m-%d");
    let end_format = if day(start) == day(end) { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    let running = if card.is_running { ", running" } else { "" };
    format!(
        "{} to {}{}, busy for {}{running}",
        zone.format(start, "%Y-%m-%d %H:%M:%S"),
        zone.format(end, end_format),
        if zone == Zone::Utc { " UTC" } else { "" },
        took(card.busy_ms)
    )
}

fn origin(card: &Card) -> String {
    let from = card.previous.as_ref().map(|previous| format!("{} of {}", card.start_type, plain(previous)));
    let to = card.continued_in.as_ref().map(|next| format!("goes on in {}", plain(next)));
    [from, to].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn work(card: &Card) -> String {
    let failed = not_well(card.tool_errors, card.tools.values().map(|tool| tool.stopped).sum());
    let parts = [
        (card.turns, "turn", String::new()),
        (card.llm_calls, "model call", String::new()),
        (card.tool_calls, "tool call", failed),
        (card.agents, "agent", String::new()),
        (card.compactions, "compaction", String::new()),
        (card.api_retries, "failed attempt", String::new()),
        (card.api_errors, "API error", String::new()),
        (card.interrupts, "interrupt", String::new()),
    ];
    let parts = parts.iter().filter(|(count, what, _)| *count > 0 || *what == "turn");
    let parts: Vec<String> = parts.map(|(count, what, more)| format!("{}{more}", counted(*count, what))).collect();
    parts.join(", ")
}

/// How many calls did not end well, in brackets. Some of those that were stopped are flagged as errors too.
fn not_well(errors: u64, stopped: u64) -> String {
    match (errors, stopped) {
        (0, 0) => String::new(),
        (errors, 0) => format!(" ({} failed)", grouped(errors)),
        (errors, stopped) if errors <= stopped => format!(" ({} stopped)", grouped(stopped)),
        (errors, _) => format!(" ({} failed or stopped)", grouped(errors)),
    }
}

fn tools(card: &Card) -> String {
    let mut tools: Vec<_> = card.tools.iter().collect();
    tools.sort_by_key(|(_, tool)| std::cmp::Reverse(tool.calls));
    let named = tools.iter().take(MOST_TOOLS).map(|(name, tool)| {
        let failed = not_well(tool.errors, tool.stopped);
        format!("{} {}{failed}", plain(name), grouped(tool.calls))
    });
    let mut named: Vec<String> = named.collect();
    if let more @ 1.. = tools.len().saturating_sub(MOST_TOOLS) {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

/// Tokens in words: what went in, how much of it the cache held, and what came out.
fn tokens(tokens: &Tokens) -> String {
    let cached = percent(tokens.cache_hit_ratio());
    let cached = if cached.is_empty() { cached } else { format!(" ({cached} cached)") };
    format!("{} in{cached}, {} out", brief(tokens.total_input()), output(tokens))
}
