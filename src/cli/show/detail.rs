//! All that is known of one item.

use crate::cli::draw::Canvas;
use crate::cli::draw::paint::Ink;
use crate::cli::draw::width::{cut, plain};
use crate::cli::words::{grouped, wrapped};
use crate::cli::zone::Zone;
use crate::view::item::{FactValue, Item};

/// So many lines of each text are shown.
const MOST_LINES: usize = 8;

/// The lines below an item's own.
pub(super) fn lines(item: &Item, depth: usize, zone: Zone, canvas: Canvas) -> Vec<String> {
    let indent = " ".repeat((depth * 2 + 2).min(canvas.columns / 3));
    let room = canvas.columns.saturating_sub(indent.len());
    let mut lines = Vec::new();
    let mut say = |text: &str, ink: Ink| lines.push(format!("{indent}{}", canvas.paint.text(ink, &cut(text, room))));
    let times = &item.times;
    let time = |time| zone.format(time, "%H:%M:%S%.3f");
    let outcome = item.outcome.map_or_else(String::new, |outcome| format!(", {outcome}"));
    let facts: Vec<String> = item.facts.iter().map(|(name, value)| fact(name, value)).collect();
    let tokens = item.tokens.filter(|tokens| tokens.total() > 0).map_or_else(String::new, |tokens| {
        let thinking = tokens.thinking.filter(|thinking| *thinking > 0);
        let thinking = thinking.map_or_else(String::new, |thinking| format!(" ({} thinking)", grouped(thinking)));
        format!(
            "{} input, {} cache read, {} cache write, {} output{thinking}",
            grouped(tokens.input),
            grouped(tokens.cache_read),
            grouped(tokens.cache_creation),
            grouped(tokens.output)
        )
    });
    let all = [
        format!("{}{outcome}", plain(&item.id)),
        format!(
            "{} ({}) to {} ({})",
            time(times.start_unix_ms),
            times.start_source,
            time(times.end_unix_ms),
            times.end_source
        ),
        tokens,
        facts.join(", "),
    ];
    for text in all.iter().filter(|text| !text.is_empty()) {
        wrapped(text, room).iter().for_each(|line| say(line, Ink::Faint));
    }
    let texts = [("<", &item.texts.input), (">", &item.texts.output), ("!", &item.texts.error)];
    for (sign, text) in texts {
        let Some(text) = text else { continue };
        let mut rest = text.lines().filter(|line| !line.trim().is_empty());
        for line in rest.by_ref().take(MOST_LINES) {
            say(&format!("{sign} {}", plain(line)), Ink::Plain);
        }
        if let more @ 1.. = rest.count() {
            say(&format!("{sign} … {} more lines; --json has them", grouped(more as u64)), Ink::Faint);
        }
    }
    lines
}

fn fact(name: &str, value: &FactValue) -> String {
    let name = name.replace('_', " ");
    match value {
        FactValue::Number(number) => format!("{name} {number}"),
        FactValue::Flag(_) => name,
        FactValue::Name(text) => format!("{name} {}", plain(text)),
    }
}
