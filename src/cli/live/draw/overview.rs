//! All sessions, a block for each.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::row::{Ink, Row};
use super::{Scene, put};
use crate::cli::draw::percent;
use crate::cli::draw::width::plain;
use crate::cli::live::words::{amounts, fitted, short_id};
use crate::cli::words::{brief, took};
use crate::view::amounts::{Cost, Tokens};
use crate::view::item::{FactValue, Item, ItemKind};
use crate::view::live::glimpse::{Activity, Glimpse};
use crate::view::live::screen::{Screen, branches};

/// So many running tools and agents are shown of a session.
const MOST_BRANCHES: usize = 6;

/// From this width on, there is room for the tokens of a turn.
const SPACIOUS: usize = 96;

/// Draws the blocks, scrolled so that the chosen one is to be seen.
pub(super) fn draw(frame: &mut Frame<'_>, place: Rect, screen: &Screen, scene: &Scene, time: i64) {
    let (columns, height) = (usize::from(place.width), usize::from(place.height));
    let sessions = screen.sessions(time);
    if sessions.is_empty() {
        let mut row = Row::default();
        let text = if screen.is_caught_up {
            "  No session was active lately. What begins now appears here by itself."
        } else {
            "  Looking for sessions …"
        };
        row.left(Ink::Faint, text);
        put(frame, place, vec![Row::default(), row], scene);
        return;
    }
    let chosen = screen.selected(time).cloned();
    let (mut rows, mut span) = (Vec::new(), (0, 0));
    for glimpse in sessions {
        let is_chosen = chosen.as_ref() == Some(glimpse.id());
        let begin = rows.len();
        rows.extend(block(glimpse, is_chosen, columns, time));
        if is_chosen {
            span = (begin, rows.len());
        }
        rows.push(Row::default());
    }
    rows.pop();
    // As little as shows all of the chosen block; its beginning, should it be longer than the screen.
    let skipped = span.1.saturating_sub(height).min(span.0);
    put(frame, place, rows.into_iter().skip(skipped).collect(), scene);
}

fn block(glimpse: &Glimpse, is_chosen: bool, columns: usize, time: i64) -> Vec<Row> {
    let mut rows = vec![title(glimpse, is_chosen, columns), doing(glimpse, columns, time)];
    let running = branches(glimpse);
    for branch in running.iter().take(MOST_BRANCHES) {
        let mut row = Row::default();
        row.left(Ink::Faint, &format!("    {}└ ", "  ".repeat(branch.depth.min(8))));
        row.right(Ink::Live, &took(time - branch.item.times.start_unix_ms));
        let ink = if branch.item.kind == ItemKind::Agent { Ink::Agent } else { Ink::Live };
        row.left(ink, &plain(&branch.item.name));
        if let Some(summary) = &branch.item.summary {
            let room = row.room(columns).saturating_sub(2);
            row.left(Ink::Plain, &format!("  {}", fitted(summary, room)));
        }
        rows.push(row);
    }
    if running.len() > MOST_BRANCHES {
        let mut row = Row::default();
        row.left(Ink::Faint, &format!("    … and {} more", running.len() - MOST_BRANCHES));
        rows.push(row);
    }
    rows.extend(glimpse.last_failure().map(|item| failure(item, columns, time)));
    rows
}

/// Which session it is, and how full its context.
pub(super) fn title(glimpse: &Glimpse, is_chosen: bool, columns: usize) -> Row {
    let card = &glimpse.story.session;
    let mut row = Row::default();
    let (mark, ink) = mark(glimpse);
    row.left(ink, &format!("{mark} "));
    row.left(Ink::Strong, &card.project.as_ref().map_or_else(|| "-".into(), |project| plain(project)));
    if let Some(branch) = &card.branch {
        row.left(Ink::Faint, &format!(" {}", fitted(branch, 24)));
    }
    if let Some(model) = &glimpse.pulse.model {
        row.right(Ink::Model, &plain(model));
    }
    if let Some(context) = &glimpse.pulse.context {
        row.right(Ink::Plain, &format!("  context {}", brief(context.total_input())));
        row.right(Ink::Faint, &format!(" {} cached", percent(context.cache_hit_ratio())));
    }
    let title = card.title.as_ref().filter(|title| !title.is_empty());
    let text = title.map_or_else(|| short_id(&card.id), |title| plain(title).into_owned());
    let room = row.room(columns).saturating_sub(2);
    row.left(if title.is_some() { Ink::Plain } else { Ink::Faint }, &format!("  {}", fitted(&text, room)));
    if is_chosen {
        row.choose();
    }
    row
}

/// What it does, for how long, and what that came to.
pub(super) fn doing(glimpse: &Glimpse, columns: usize, time: i64) -> Row {
    let mut row = Row::default();
    let turn = glimpse.turn();
    let is_busy = glimpse.pulse.activity.is_busy();
    if let Some(item) = turn {
        let number = item.turn.map_or_else(String::new, |number| format!(" {number}"));
        let age = if is_busy { time - item.times.start_unix_ms } else { item.times.duration() };
        row.left(Ink::Plain, &format!("  turn{number} {}", took(age)));
    }
    let (ink, words) = activity(glimpse, time);
    row.left(ink, &format!("  {words}"));
    let card = &glimpse.story.session;
    if let Some(item) = turn.filter(|_| columns >= SPACIOUS) {
        row.right(Ink::Plain, &spent("turn", item.tokens.as_ref(), item.cost.as_ref()));
    } else if let Some(item) = turn {
        row.right(Ink::Plain, &spent("turn", None, item.cost.as_ref()));
    }
    let name = if columns >= SPACIOUS { "session" } else { "all" };
    row.right(Ink::Faint, &spent(name, Some(&card.tokens), Some(&card.cost)));
    // The prompt, where there is room for some of it.
    let room = row.room(columns).saturating_sub(2);
    if let Some(summary) = turn.and_then(|item| item.summary.as_ref()).filter(|text| room >= 12 && !text.is_empty()) {
        row.left(Ink::Faint, &format!("  {}", fitted(summary, room)));
    }
    row
}

/// What something came to, in few columns; nothing where that is not known.
fn spent(what: &str, tokens: Option<&Tokens>, cost: Option<&Cost>) -> String {
    let amounts: Vec<String> = amounts(tokens, cost).iter().map(|text| text.replace(" tokens", "")).collect();
    if amounts.is_empty() { String::new() } else { format!("  {what} {}", amounts.join(" ")) }
}

fn mark(glimpse: &Glimpse) -> (&'static str, Ink) {
    match glimpse.pulse.activity {
        Activity::Working => ("●", Ink::Live),
        Activity::Thinking => ("◐", Ink::Live),
        Activity::Asking => ("?", Ink::Warning),
        Activity::Retrying => ("↻", Ink::Warning),
        Activity::Idle => ("○", Ink::Faint),
        Activity::Stopped => ("■", Ink::Warning),
        Activity::Failed => ("✗", Ink::Bad),
    }
}

fn activity(glimpse: &Glimpse, time: i64) -> (Ink, String) {
    let since = took(time - glimpse.pulse.since_unix_ms.unwrap_or(time));
    let background = match branches(glimpse).len() {
        0 => String::new(),
        count => format!(", {count} in background"),
    };
    match glimpse.pulse.activity {
        Activity::Working => (Ink::Live, format!("working {since}")),
        Activity::Thinking => (Ink::Live, format!("waiting for model {since}")),
        Activity::Asking => (Ink::Warning, format!("waiting for you {since}")),
        Activity::Retrying => (Ink::Warning, format!("a request failed {since} ago, trying again")),
        Activity::Idle => (Ink::Faint, format!("idle {since}{background}")),
        Activity::Stopped => (Ink::Warning, format!("interrupted {since} ago{background}")),
        Activity::Failed => (Ink::Bad, format!("failed {since} ago{background}")),
    }
}

fn failure(item: &Item, columns: usize, time: i64) -> Row {
    let mut row = Row::default();
    row.left(Ink::Bad, "  ✗ ");
    row.right(Ink::Faint, &format!("{} ago", took(time - item.times.end_unix_ms)));
    let name = match item.kind {
        ItemKind::Turn => item.turn.map_or_else(|| "turn".to_owned(), |turn| format!("turn {turn}")),
        _ => plain(&item.name).into_owned(),
    };
    row.left(Ink::Plain, &name);
    let class = match item.fact("error_type") {
        Some(FactValue::Name(class)) => Some(plain(class).into_owned()),
        _ => None,
    };
    let code = match item.fact("exit_code") {
        Some(FactValue::Number(code)) if *code != 0 => Some(format!("exit {code}")),
        _ => None,
    };
    let outcome = item.outcome.map(|outcome| outcome.replace('_', " "));
    if let Some(why) = class.or(code).or(outcome) {
        row.left(Ink::Faint, &format!(" {why}"));
    }
    if let Some(summary) = &item.summary {
        let room = row.room(columns).saturating_sub(2);
        row.left(Ink::Faint, &format!("  {}", fitted(summary, room)));
    }
    row
}
