//! The screen, drawn.

mod detail;
mod help;
mod overview;
mod row;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use self::row::{Ink, Row};
use super::words::amounts;
use crate::cli::draw::width::plain;
use crate::cli::words::counted;
use crate::cli::zone::Zone;
use crate::view::live::screen::Screen;

/// From this width on, the selected session is drawn beside the others.
const WIDE: u16 = 140;
/// Of a wide screen, sessions take so many columns.
const BESIDE: u16 = 76;

/// What the screen is drawn with.
#[derive(Debug)]
pub(super) struct Scene {
    pub zone: Zone,
    /// What is said at the beginning.
    pub banner: Vec<String>,
    pub has_colours: bool,
}

/// Draws everything, and gives back how many lines of a list are to be seen.
pub(super) fn draw(frame: &mut Frame<'_>, screen: &Screen, scene: &Scene, now: i64) -> usize {
    let time = screen.time(now);
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)]).areas(frame.area());
    put(frame, head, vec![header(screen, scene, time)], scene);
    put(frame, foot, vec![footer(screen)], scene);
    if screen.is_helping() {
        put(frame, body, help::rows(scene), scene);
        return usize::from(body.height);
    }
    if screen.inside().is_some() {
        return detail::draw(frame, body, screen, scene, time);
    }
    if body.width >= WIDE && !screen.sessions(time).is_empty() {
        let [left, _, right] =
            Layout::horizontal([Constraint::Length(BESIDE), Constraint::Length(2), Constraint::Min(0)]).areas(body);
        overview::draw(frame, left, screen, scene, time);
        return detail::draw(frame, right, screen, scene, time);
    }
    overview::draw(frame, body, screen, scene, time);
    usize::from(body.height)
}

/// Puts rows into a place, from its top.
fn put(frame: &mut Frame<'_>, place: Rect, rows: Vec<Row>, scene: &Scene) {
    let columns = usize::from(place.width);
    let lines: Vec<Line<'static>> =
        rows.into_iter().take(usize::from(place.height)).map(|row| row.line(columns, scene.has_colours)).collect();
    frame.render_widget(Paragraph::new(lines), place);
}

fn header(screen: &Screen, scene: &Scene, time: i64) -> Row {
    let sessions = screen.sessions(time);
    let busy = sessions.iter().filter(|one| one.pulse.activity.is_busy()).count();
    let mut row = Row::default();
    row.left(Ink::Strong, "claude-otel live");
    if screen.is_paused() {
        row.left(Ink::Warning, "  paused");
    }
    row.left(Ink::Plain, &format!("  {}, {busy} busy", counted(sessions.len() as u64, "session")));
    if let Some(problem) = &screen.problem {
        row.left(Ink::Bad, &format!("  {}", plain(problem)));
    }
    let (tokens, cost) = screen.today();
    let spent = amounts(Some(&tokens), Some(&cost));
    let today = match (screen.is_caught_up, spent.is_empty()) {
        (false, _) => "reading what was before …".to_owned(),
        (true, true) => "nothing spent today".to_owned(),
        (true, false) => format!("today {}", spent.join(" · ")),
    };
    row.right(Ink::Plain, &today);
    row.right(Ink::Faint, &format!("  {}", scene.zone.format(time, "%H:%M:%S")));
    row
}

fn footer(screen: &Screen) -> Row {
    let keys: &[(&str, &str)] = if screen.is_helping() {
        &[("any key", "back"), ("q", "leave")]
    } else if screen.inside().is_some() {
        &[("Esc", "back"), ("↑↓", "scroll"), ("End", "follow"), ("p", "pause"), ("?", "help"), ("q", "leave")]
    } else {
        &[("↑↓", "choose"), ("Enter", "look into"), ("s", "order"), ("p", "pause"), ("?", "help"), ("q", "leave")]
    };
    let mut row = Row::default();
    for (key, meaning) in keys {
        row.left(Ink::Strong, key);
        row.left(Ink::Faint, &format!(" {meaning}  "));
    }
    if screen.inside().is_none() && !screen.is_helping() {
        row.right(Ink::Faint, &format!("by {}", screen.order().name()));
    } else if screen.inside().is_some() {
        row.right(Ink::Faint, if screen.is_following() { "follows" } else { "scrolled" });
    }
    row
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
