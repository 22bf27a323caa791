//! The list for people.

use super::{List, Listed};
use crate::cli::draw::paint::Ink;
use crate::cli::draw::table::{Cell, Column, Table};
use crate::cli::draw::width::plain;
use crate::cli::draw::{Canvas, money, output};
use crate::cli::words::{brief, counted, grouped, took};
use crate::cli::zone::Zone;
use crate::view::amounts::{Cost, Tokens};

/// As much of an id as tells sessions apart in most lists.
const USUAL_ID_CHARS: usize = 8;

/// The lines.
pub(super) fn of(list: &List, zone: Zone, canvas: Canvas) -> String {
    let mut lines = Vec::new();
    if list.sessions.is_empty() {
        lines.push(if list.found == 0 {
            format!("there are no sessions in {}", plain(&list.folders.join(", ")))
        } else {
            format!("no session is such, of {}", counted(list.found as u64, "session"))
        });
    } else {
        lines.extend(table(list, zone).lines(canvas));
    }
    if list.empty_sessions > 0 {
        let text = match list.empty_sessions {
            1 => "1 more session holds nothing of its own: a copy of another, or no prompt yet".to_owned(),
            more => {
                format!("{} more sessions hold nothing of their own: copies of others, or no prompt yet", grouped(more))
            }
        };
        lines.push(canvas.paint.text(Ink::Faint, &text));
    }
    lines.join("\n")
}

fn table(list: &List, zone: Zone) -> Table {
    let sessions = &list.sessions;
    // Years are told where there are several.
    let mut years: Vec<String> =
        sessions.iter().filter_map(|listed| Some(zone.format(listed.card.start_unix_ms?, "%Y"))).collect();
    years.dedup();
    let format = if years.len() > 1 { "%Y-%m-%d %H:%M" } else { "%m-%d %H:%M" };
    let id_chars = id_chars(sessions);
    let mut table = Table::new(vec![
        Column::text("start", 0, usize::MAX),
        Column::text("", 1, 1),
        Column::text("session", 0, usize::MAX),
        Column::text("project", 0, 12),
        Column::text("branch", 7, 8),
        Column::text("title", 6, 16),
        Column::number("turns", 2),
        Column::number("calls", 12),
        Column::number("tools", 3),
        Column::number("err", 1),
        Column::number("agents", 8),
        Column::number("input", 9),
        Column::number("cached", 10),
        Column::number("output", 5),
        Column::number("cost", 0),
        Column::number("busy", 4),
        Column::text("exported", 5, 8),
    ]);
    for Listed { card, exported } in sessions {
        let running = if card.is_running { "▸" } else { "" };
        let start = card.start_unix_ms.map_or_else(String::new, |start| zone.format(start, format));
        let text = |text: Option<&str>| Cell::from(plain(text.unwrap_or_default()).into_owned());
        table.row(vec![
            start.into(),
            Cell::inked(running.to_owned(), Ink::Live),
            plain(&card.id).chars().take(id_chars).collect::<String>().into(),
            text(card.project.as_deref()),
            text(card.branch.as_deref()),
            text(card.title.as_deref()),
            number(card.turns),
            number(card.llm_calls),
            number(card.tool_calls),
            Cell::inked(some(card.tool_errors + card.api_errors), Ink::Bad),
            number(card.agents),
            brief(card.tokens.total_input()).into(),
            brief(card.tokens.cache_read).into(),
            output(&card.tokens).into(),
            money(&card.cost).into(),
            took(card.busy_ms).into(),
            exported.map_or("", |exported| exported.name()).to_owned().into(),
        ]);
    }
    let sum = |of: fn(&Listed) -> u64| number(sessions.iter().map(of).sum());
    let (mut tokens, mut cost) = (Tokens::default(), Cost::default());
    for listed in sessions {
        tokens += listed.card.tokens;
        cost += listed.card.cost;
    }
    let empty = || Cell::from(String::new());
    table.total(vec![
        counted(sessions.len() as u64, "session").into(),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        sum(|listed| listed.card.turns),
        sum(|listed| listed.card.llm_calls),
        sum(|listed| listed.card.tool_calls),
        Cell::inked(
            some(sessions.iter().map(|listed| listed.card.tool_errors + listed.card.api_errors).sum()),
            Ink::Bad,
        ),
        sum(|listed| listed.card.agents),
        brief(tokens.total_input()).into(),
        brief(tokens.cache_read).into(),
        output(&tokens).into(),
        money(&cost).into(),
        took(sessions.iter().map(|listed| listed.card.busy_ms).sum()).into(),
        empty(),
    ]);
    table
}

fn number(number: u64) -> Cell {
    grouped(number).into()
}

/// A number that is left out when there is nothing to count, so that the others are seen.
fn some(number: u64) -> String {
    if number == 0 { String::new() } else { grouped(number) }
}

/// How much of the ids tells them apart.
fn id_chars(sessions: &[Listed]) -> usize {
    let mut ids: Vec<&str> = sessions.iter().map(|listed| &*listed.card.id).collect();
    ids.sort_unstable();
    let shared =
        ids.iter().zip(ids.iter().skip(1)).map(|(a, b)| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count());
    shared.max().map_or(USUAL_ID_CHARS, |shared| (shared + 1).max(USUAL_ID_CHARS))
}
