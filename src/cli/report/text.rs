//! The report for people.

use super::By;
use super::tables;
use crate::cli::draw::bar::share;
use crate::cli::draw::paint::Ink;
use crate::cli::draw::width::{cut, left, plain, right};
use crate::cli::draw::{Canvas, money, output, percent};
use crate::cli::words::{brief, counted, grouped, took, wrapped};
use crate::cli::zone::Zone;
use crate::view::report::{Report, Waits};

/// The column in which what is said of each subject begins.
const INDENT: usize = 10;
/// The longest bar beside the times.
const BAR: usize = 30;

/// The page.
pub(super) fn of(report: &Report, by: Option<By>, zone: Zone, now: i64, canvas: Canvas) -> String {
    let mut page = Page { lines: Vec::new(), canvas };
    page.lines.push(canvas.paint.text(Ink::Strong, &cut(&period(report, zone, now), canvas.columns)));
    if report.is_empty() {
        page.lines.push("nothing began in it".to_owned());
        return page.lines.join("\n");
    }
    page.say("work", &work(report));
    let cached = percent(report.cache_hit_ratio);
    let tokens = &report.totals.tokens;
    page.say(
        "tokens",
        &format!("{} in ({cached} from the cache), {} out", brief(tokens.total_input()), output(tokens)),
    );
    page.say("cost", &cost(report));
    page.say("errors", &errors(report));
    match by {
        Some(by) => page.table(report, by, usize::MAX),
        None => {
            page.times(&report.waits);
            for by in [By::Project, By::Model, By::Day, By::Tool] {
                page.table(report, by, tables::MOST_ROWS);
            }
        }
    }
    page.lines.join("\n")
}

struct Page {
    lines: Vec<String>,
    canvas: Canvas,
}

impl Page {
    fn say(&mut self, subject: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        for (number, part) in wrapped(text, self.canvas.columns.saturating_sub(INDENT)).iter().enumerate() {
            let subject = if number == 0 { left(subject, INDENT) } else { " ".repeat(INDENT) };
            self.lines.push(format!("{}{part}", self.canvas.paint.text(Ink::Faint, &subject)));
        }
    }

    fn times(&mut self, waits: &Waits) {
        self.lines.push(String::new());
        let whole = waits.busy_ms.max(waits.model_ms + waits.tools_ms + waits.other_ms) as f64;
        let dialogs = waits
            .dialog_ms
            .map(|dialog| ("dialogs", dialog, format!("known of {}", counted(waits.dialog_turns, "turn"))));
        let parts = [
            Some(("in turns", waits.busy_ms, String::new())),
            Some(("  models", waits.model_ms, String::new())),
            Some(("  tools", waits.tools_ms, "without a model; permissions included".to_owned())),
            Some(("  neither", waits.other_ms, String::new())),
            dialogs.map(|(_, time, note)| ("  dialogs", time, format!("within the above, {note}"))),
            Some(("idle", waits.idle_ms, format!("between turns, {}", counted(waits.idles, "time"))))
                .filter(|_| waits.idles > 0),
            Some(("away", waits.away_ms, format!("longer pauses, {}", counted(waits.aways, "time"))))
                .filter(|_| waits.aways > 0),
        ];
        let bar_columns = BAR.min(self.canvas.columns / 4);
        for (name, time, note) in parts.into_iter().flatten() {
            // Pauses are of another size than work, and would make everything else small.
            let is_pause = matches!(name, "idle" | "away");
            let bar = if is_pause { String::new() } else { share(time as f64, whole, bar_columns) };
            let line = format!(
                "{} {}  {} {}",
                left(name, INDENT - 1),
                right(&took(time), 7),
                self.canvas.paint.text(Ink::Model, &left(&bar, bar_columns)),
                self.canvas
                    .paint
                    .text(Ink::Faint, &cut(&note, self.canvas.columns.saturating_sub(INDENT + 10 + bar_columns)))
            );
            self.lines.push(line.trim_end().to_owned());
        }
    }

    fn table(&mut self, report: &Report, by: By, most: usize) {
        let (table, left_out) = tables::of(report, by, most);
        self.lines.push(String::new());
        self.lines.extend(table.lines(self.canvas));
        if left_out > 0 {
            let text = format!("… {} more; --by {} shows all", grouped(left_out as u64), tables::name(by));
            self.lines.push(self.canvas.paint.text(Ink::Faint, &text));
        }
    }
}

fn period(report: &Report, zone: Zone, now: i64) -> String {
    let period = &report.period;
    let time = |time: i64| zone.format(time, "%Y-%m-%d %H:%M");
    let start = period.since_unix_ms.or(period.first_unix_ms).map_or_else(|| "the beginning".to_owned(), time);
    let end = period.until_unix_ms.map_or_else(|| format!("now ({})", time(now)), time);
    format!("{start} to {end}, {} days", zone.name())
}

fn work(report: &Report) -> String {
    let totals = &report.totals;
    let parts = [
        (totals.sessions, "session"),
        (totals.turns, "turn"),
        (totals.llm_calls, "model call"),
        (totals.tool_calls, "tool call"),
        (totals.agents, "agent"),
        (totals.compactions, "compaction"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, what)| counted(*count, what)).collect::<Vec<_>>().join(", ")
}

fn cost(report: &Report) -> String {
    let cost = money(&report.totals.cost);
    let cost = if cost.is_empty() { "unknown: no call has a price".to_owned() } else { cost };
    let unpriced = match report.totals.llm_calls_unpriced {
        0 => String::new(),
        calls => format!(" ({} without a price)", counted(calls, "call")),
    };
    let hidden = report.hidden_cost.as_ref().map(money).filter(|hidden| !hidden.is_empty() && hidden != "$0");
    let hidden = hidden
        .map_or_else(String::new, |hidden| format!(", and {hidden} more that the client counted and no line shows"));
    format!("{cost}{unpriced}{hidden}")
}

fn errors(report: &Report) -> String {
    let errors = &report.errors;
    let mut parts: Vec<String> = (errors.tool_outcomes.iter())
        .filter(|(outcome, _)| **outcome != "success")
        .map(|(outcome, count)| format!("{} {}", counted(*count, "tool call"), ended(outcome)))
        .collect();
    let others =
        [(errors.api_retries, "failed attempt"), (errors.api_errors, "API error"), (errors.interrupts, "interrupt")];
    parts.extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(*count, what)));
    parts.extend(
        (errors.turn_error_types.iter())
            .map(|(class, count)| format!("{} of {}", counted(*count, "failed turn"), plain(class))),
    );
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// How a call of a tool ended, in words that go on a sentence.
fn ended(outcome: &str) -> &str {
    match outcome {
        "error" => "failed",
        "timed_out" => "timed out",
        "orphaned" => "without a result",
        others => others,
    }
}
