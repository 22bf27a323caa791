//! One session: what arrives in it, line by line.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

use super::overview::{doing, title};
use super::row::{Ink, Row};
use super::{Scene, put};
use crate::cli::draw::width::plain;
use crate::cli::live::words::{amounts, fitted, short_id};
use crate::cli::words::{brief, counted, took};
use crate::view::item::{FactValue, Item, ItemKind, Standing};
use crate::view::live::glimpse::Glimpse;
use crate::view::live::screen::{Entry, Screen};

/// Draws the session that is looked into, or that is chosen; gives back how many lines of it are to be seen.
pub(super) fn draw(frame: &mut Frame<'_>, place: Rect, screen: &Screen, scene: &Scene, time: i64) -> usize {
    let chosen = screen.selected(time).cloned();
    let sessions = screen.sessions(time);
    let Some(glimpse) = sessions.into_iter().find(|one| Some(one.id()) == chosen.as_ref()) else { return 0 };
    let [head, list] = Layout::vertical([Constraint::Length(4), Constraint::Min(0)]).areas(place);
    let columns = usize::from(place.width);
    put(frame, head, vec![title(glimpse, false, columns), doing(glimpse, columns, time), counts(glimpse)], scene);
    let page = usize::from(list.height);
    let entries = screen.entries(time);
    let top = screen.top(entries.len(), page);
    let ended: Vec<&Item> = glimpse.pulse.ended.iter().filter_map(|(place, _)| glimpse.item(*place)).collect();
    // A turn that is over by all signs stays open for a while, since more of it could follow.
    let is_over = |item: &Item| ended.iter().any(|turn| item.kind == ItemKind::Turn && turn.id == item.id);
    let rows = entries.iter().skip(top).take(page);
    let rows = rows.map(|entry| row(*entry, is_over(entry.item), columns, scene, time)).collect();
    put(frame, list, rows, scene);
    page
}

fn counts(glimpse: &Glimpse) -> Row {
    let card = &glimpse.story.session;
    let mut parts = vec![short_id(&card.id)];
    parts.extend(card.client_version.as_ref().map(|version| format!("client {}", plain(version))));
    parts.push(counted(card.turns, "turn"));
    parts.push(counted(card.tool_calls, "tool call"));
    parts.extend((card.tool_errors > 0).then(|| counted(card.tool_errors, "error")));
    parts.extend((card.agents > 0).then(|| counted(card.agents, "agent")));
    parts.extend((card.compactions > 0).then(|| counted(card.compactions, "compaction")));
    parts.extend((card.api_retries > 0).then(|| format!("{} retried", counted(card.api_retries, "request"))));
    let mut row = Row::default();
    row.left(Ink::Faint, &format!("  {}", parts.join(" · ")));
    row
}

fn row(entry: Entry<'_>, is_over: bool, columns: usize, scene: &Scene, time: i64) -> Row {
    let Entry { item, depth } = entry;
    let is_running = item.is_running() && !is_over;
    let mut row = Row::default();
    row.left(Ink::Faint, &scene.zone.format(item.times.start_unix_ms, "%H:%M:%S "));
    let (mark, ink) = if is_over { ("▶", Ink::Strong) } else { mark(item) };
    let indent = if item.kind == ItemKind::Turn { 0 } else { 1 + depth.min(8) };
    row.left(ink, &format!("{}{mark} ", "  ".repeat(indent)));
    let took = took(if is_running { time - item.times.start_unix_ms } else { item.times.duration() });
    match item.kind {
        ItemKind::Turn => {
            let number = item.turn.map_or_else(|| "turn".to_owned(), |turn| format!("turn {turn}"));
            row.left(Ink::Strong, &number);
            if *item.name != *"unknown" {
                row.left(Ink::Faint, &format!(" {}", plain(&item.name)));
            }
            for amount in amounts(item.tokens.as_ref(), item.cost.as_ref()) {
                row.right(Ink::Plain, &format!("{amount}  "));
            }
        }
        ItemKind::LlmCall => {
            row.left(Ink::Model, &plain(&item.name));
            if let Some(tokens) = item.tokens {
                let least = if tokens.is_lower_bound { "≥" } else { "" };
                let text = format!("{} → {least}{}  ", brief(tokens.total_input()), brief(tokens.output));
                row.right(Ink::Faint, &text);
            }
        }
        ItemKind::Agent => row.left(Ink::Agent, &plain(&item.name)),
        ItemKind::Compaction => {
            row.left(Ink::Plain, &format!("context compacted ({})", plain(&item.name)));
            if let (Some(FactValue::Number(before)), after) = (item.fact("pre_tokens"), item.fact("post_tokens")) {
                let words = |number: i64| brief(number.max(0).unsigned_abs());
                let after = match after {
                    Some(FactValue::Number(after)) => format!(" → {}", words(*after)),
                    _ => String::new(),
                };
                row.left(Ink::Faint, &format!("  {}{after} tokens", words(*before)));
            }
        }
        ItemKind::Tool | ItemKind::Hook => {
            row.left(Ink::Plain, &plain(&item.name));
            if let Some(FactValue::Number(code)) = item.fact("exit_code")
                && *code != 0
            {
                row.left(Ink::Bad, &format!(" exit {code}"));
            }
        }
    }
    row.right(if is_running { Ink::Live } else { Ink::Faint }, &format!("{took:>7}"));
    if let Some(summary) = item.summary.as_ref().filter(|summary| !summary.is_empty()) {
        let room = row.room(columns).saturating_sub(2);
        row.left(Ink::Faint, &format!("  {}", fitted(summary, room)));
    }
    row
}

fn mark(item: &Item) -> (&'static str, Ink) {
    match (item.standing, item.kind) {
        (Standing::Running, ItemKind::Turn) => ("▶", Ink::Live),
        (Standing::Running, _) => ("●", Ink::Live),
        (Standing::Failed, _) => ("✗", Ink::Bad),
        (Standing::Stopped, _) => ("■", Ink::Warning),
        (_, ItemKind::Turn) => ("▶", Ink::Strong),
        (_, ItemKind::LlmCall) => ("·", Ink::Faint),
        (_, ItemKind::Compaction) => ("≡", Ink::Model),
        (Standing::Unknown, _) => ("?", Ink::Warning),
        (Standing::Done, _) => ("✓", Ink::Good),
    }
}
