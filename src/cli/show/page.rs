//! The whole page: the session at a glance, then turn after turn, each on an axis of its own.

use super::fold::FoldArgs;
use super::row::{Layout, branch};
use super::{detail, head};
use crate::cli::draw::Canvas;
use crate::cli::draw::bar::Axis;
use crate::cli::draw::paint::Ink;
use crate::cli::draw::width::{cut, plain, width};
use crate::cli::words::{counted, took};
use crate::cli::zone::Zone;
use crate::view::item::{Item, ItemKind, Standing};
use crate::view::story::Story;

/// The page.
pub(super) fn of(story: &Story, fold: &FoldArgs, is_one_turn: bool, zone: Zone, canvas: Canvas) -> String {
    let mut lines = head::lines(&story.session, zone, canvas);
    let drawn = fold.drawn(&story.items, is_one_turn);
    let layout = Layout::of(canvas);
    let mut until = None;
    let mut first = 0;
    for group in story.items.chunk_by(|_, item| item.parent.is_some()) {
        let group_drawn = drawn.get(first..first + group.len()).unwrap_or_default();
        let page = Group { items: group, drawn: group_drawn, zone, canvas, layout: &layout, is_one_turn };
        page.draw(&mut until, fold.is_asked(), &mut lines);
        first += group.len();
    }
    if story.items.is_empty() {
        lines.push(String::new());
        lines.push("nothing in it is its own: it is a copy of another session, or nothing happened yet".to_owned());
    }
    let signs = legend(&story.items, &drawn, is_one_turn);
    if !signs.is_empty() {
        lines.push(String::new());
        lines.extend(joined(&signs, canvas.columns).iter().map(|line| canvas.paint.text(Ink::Faint, line)));
    }
    lines.join("\n")
}

/// What hangs below one item that hangs below nothing: mostly a turn.
struct Group<'a> {
    items: &'a [Item],
    drawn: &'a [bool],
    zone: Zone,
    canvas: Canvas,
    layout: &'a Layout,
    is_one_turn: bool,
}

impl Group<'_> {
    fn draw(&self, until: &mut Option<i64>, is_asked: bool, lines: &mut Vec<String>) {
        let Some(top) = self.items.first() else { return };
        let start = top.times.start_unix_ms;
        let end = self.items.iter().map(|item| item.times.end_unix_ms).max().unwrap_or(start);
        let gap = until.map_or(0, |until| start - until);
        *until = Some(until.map_or(end, |until: i64| until.max(top.times.end_unix_ms)));
        if !self.drawn.contains(&true) {
            return;
        }
        lines.push(String::new());
        if gap >= 1000 && !is_asked {
            let text = format!("{} later", took(gap));
            lines.push(self.canvas.paint.text(Ink::Faint, &text));
        }
        lines.push(self.title(top));
        let axis = Axis {
            start: self.items.iter().map(|item| item.times.start_unix_ms).min().unwrap_or(start),
            end,
            columns: self.layout.bar,
        };
        lines.push(self.layout.heading(axis));
        let mut lasts: Vec<bool> = Vec::new();
        for (place, item) in self.items.iter().enumerate().filter(|(place, _)| self.is_drawn(*place)) {
            let depth = item.depth as usize;
            lasts.truncate(depth.saturating_sub(1));
            if depth > 0 {
                lasts.push(self.is_last(place, item));
            }
            lines.push(self.layout.line(item, &branch(&lasts), axis));
            if self.is_one_turn {
                lines.extend(detail::lines(item, depth, self.zone, self.canvas));
            }
        }
        let left_out = self.drawn.iter().filter(|drawn| !**drawn).count() as u64;
        if left_out > 0 && !is_asked {
            let how =
                top.turn.map_or("--all shows them".to_owned(), |turn| format!("--turn {turn} or --all shows them"));
            let text = format!("… {} more that took less and ended well; {how}", counted(left_out, "item"));
            lines.push(self.canvas.paint.text(Ink::Faint, &text));
        }
    }

    fn is_drawn(&self, place: usize) -> bool {
        self.drawn.get(place) == Some(&true)
    }

    /// Whether nothing that is drawn below hangs from the same item.
    fn is_last(&self, place: usize, item: &Item) -> bool {
        let rest = self.items.iter().enumerate().skip(place + 1);
        let mut rest = rest.take_while(|(_, next)| next.depth >= item.depth);
        !rest.any(|(next_place, next)| next.depth == item.depth && self.is_drawn(next_place))
    }

    fn title(&self, top: &Item) -> String {
        let time = self.zone.format(top.times.start_unix_ms, "%m-%d %H:%M:%S");
        let (title, about) = match (top.kind, top.turn) {
            (ItemKind::Turn, Some(turn)) => (format!("turn {turn}"), plain(&top.name).replace("unknown", "")),
            _ => ("outside of turns".to_owned(), String::new()),
        };
        let outcome = top.outcome.filter(|outcome| *outcome != "completed");
        let outcome = if top.is_running() { Some("running") } else { outcome };
        let prompt =
            top.summary.as_deref().filter(|_| top.kind == ItemKind::Turn).map(|prompt| plain(prompt).into_owned());
        let parts = [Some(time), Some(about).filter(|about| !about.is_empty()), outcome.map(str::to_owned), prompt];
        let rest = parts.into_iter().flatten().collect::<Vec<_>>().join("  ");
        let room = self.canvas.columns.saturating_sub(title.len() + 2);
        format!("{}  {}", self.canvas.paint.text(Ink::Strong, &title), cut(&rest, room))
    }
}

/// What the signs mean that were used.
fn legend(items: &[Item], drawn: &[bool], is_one_turn: bool) -> Vec<String> {
    let drawn = || items.iter().zip(drawn).filter(|(_, drawn)| **drawn).map(|(item, _)| item);
    let is_any = |standing| drawn().any(|item| item.standing == standing);
    let mut signs = Vec::new();
    if drawn().any(|item| item.times.is_start_inexact || item.times.is_end_inexact) {
        let more = if is_one_turn { "" } else { "; --turn N names what it rests on" };
        signs.push(format!("~ and ░: no line of its own says when{more}"));
    }
    let known = [
        (Standing::Running, "▸ running"),
        (Standing::Failed, "✗ failed"),
        (Standing::Stopped, "⊘ stopped by a person or a rule"),
        (Standing::Unknown, "? no end on record"),
    ];
    signs.extend(known.iter().filter(|(standing, _)| is_any(*standing)).map(|(_, text)| (*text).to_owned()));
    if drawn().any(|item| {
        item.cost.is_some_and(|cost| cost.is_lower_bound) || item.tokens.is_some_and(|tokens| tokens.is_lower_bound)
    }) {
        signs.push("≥ at least".to_owned());
    }
    signs
}

/// Signs on as few lines as hold them.
fn joined(signs: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for sign in signs {
        match lines.last_mut() {
            Some(line) if width(line) + width(sign) + 3 <= columns => {
                line.push_str(" · ");
                line.push_str(sign);
            }
            _ => lines.push(sign.clone()),
        }
    }
    lines
}
