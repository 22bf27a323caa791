//! The comparison for people.

use super::files::ReadFiles;
use super::sentence::{sentence, short};
use super::table::aligned;
use crate::cli::words::{counted, grouped, shown, size, utc, wrapped};
use crate::reconcile::{Both, CostTally, Finding, OneSided, Outcome, SessionTally, Spread, TokenKind, Tokens};

/// The column in which what is said of each subject begins.
const INDENT: usize = 13;
/// Prose that is wider is hard to read.
const WIDEST: usize = 100;
/// How many differences and sessions are shown unless all are asked for.
const SHOWN: usize = 20;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// The width of the terminal, where there is one.
    pub columns: Option<usize>,
    /// Whether every session and difference is shown.
    pub is_all: bool,
}

/// Everything.
pub(super) fn of(outcome: &Outcome, read: &ReadFiles, view: View) -> String {
    let mut page = Page { lines: Vec::new(), view };
    page.say("telemetry", &telemetry(outcome, read));
    page.say("sessions", &sessions(outcome));
    joined(&mut page, outcome);
    tokens(&mut page, outcome);
    if let Some(text) = cost(outcome) {
        page.say("cost", &text);
    }
    times(&mut page, outcome);
    per_session(&mut page, outcome);
    differences(&mut page, outcome);
    page.lines.join("\n")
}

fn telemetry(outcome: &Outcome, read: &ReadFiles) -> String {
    let counts = &outcome.counts;
    let told = format!(
        "{} ({}): {}, {} and {} of the client",
        counted(read.files, "file"),
        size(read.bytes),
        counted(counts.events, "event"),
        counted(counts.spans, "span"),
        counted(counts.points, "data point"),
    );
    let reach = outcome.reach.map(|(first, last)| format!("from {} to {}", utc(first), utc(last)));
    let also = [
        (counts.repeated, "delivered again, which count once"),
        (counts.of_others, "of other programs"),
        (counts.without_session, "without a session"),
    ];
    let also = also.into_iter().filter(|(count, _)| *count > 0);
    let also = also.map(|(count, what)| format!("{} {what}", counted(count, "record")));
    [told].into_iter().chain(reach).chain(also).collect::<Vec<_>>().join("; ")
}

fn sessions(outcome: &Outcome) -> String {
    let one_sided = |side: &OneSided, whose: &str| match side.sessions {
        0 => format!("none only in the {whose}"),
        count => format!(
            "{} only in the {whose} ({}, {} tokens, {})",
            grouped(count),
            counted(side.calls, "call"),
            grouped(side.tokens.all_input() + side.tokens.of(TokenKind::Output)),
            dollars(side.cost_usd)
        ),
    };
    format!(
        "{} on both sides, {}, {}",
        grouped(outcome.sessions.len() as u64),
        one_sided(&outcome.only_in_transcripts, "transcripts"),
        one_sided(&outcome.only_in_telemetry, "telemetry")
    )
}

/// What was joined by ids, and what was not.
fn joined(page: &mut Page, outcome: &Outcome) {
    let row = |what: &str, both: &Both| {
        let numbers = [both.matched, both.only_in_transcripts, both.only_in_telemetry];
        [what.to_owned()].into_iter().chain(numbers.map(grouped)).collect::<Vec<_>>()
    };
    let head = ["", "both sides", "transcripts only", "telemetry only"];
    let rows = [
        head.map(str::to_owned).to_vec(),
        row("model calls", &outcome.total(|session| &session.calls)),
        row("tool calls", &outcome.total(|session| &session.tools)),
        row("failed requests", &outcome.total(|session| &session.failures)),
    ];
    page.block("joined", aligned(&rows, |column| column == 0));
    if outcome.by_sums_alone > 0 {
        let sessions = counted(outcome.by_sums_alone, "session");
        page.say("", &format!("{sessions} told sums alone: tokens are compared by model, single calls are not"));
    }
    if outcome.not_final > 0 {
        let records = counted(outcome.not_final, "record");
        page.say("", &format!("{records} of what is not over yet left out; --finish compares it"));
    }
}

/// A table of tokens: both sides and what the telemetry has more, model by model.
fn tokens(page: &mut Page, outcome: &Outcome) {
    if outcome.models.is_empty() {
        return;
    }
    let head = ["", "input", "output", "cache read", "cache write"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    let row = |side: &str, cells: [String; 4]| [side.to_owned()].into_iter().chain(cells).collect::<Vec<_>>();
    let plain = |tokens: &Tokens| TokenKind::ALL.map(|kind| grouped(tokens.of(kind)));
    let mut titles = Vec::new();
    for tally in outcome.models.values() {
        titles.push(rows.len() + titles.len());
        rows.push(row("  transcripts", plain(&tally.transcripts)));
        rows.push(row("  telemetry", plain(&tally.telemetry)));
        if tally.transcripts != tally.telemetry {
            let differ = TokenKind::ALL.map(|kind| more(tally.transcripts.of(kind), tally.telemetry.of(kind)));
            rows.push(row("  difference", differ));
        }
    }
    let mut lines = aligned(&rows, |column| column == 0);
    // A model's name may be long: it stands above its rows and not beside them.
    for (place, model) in titles.into_iter().zip(outcome.models.keys()) {
        let name = if model.is_empty() { "(no model on record)".into() } else { shown(model) };
        lines.insert(place, name.into_owned());
    }
    page.block("tokens", lines);
}

/// How much more the second is, with its sign.
fn more(ours: u64, theirs: u64) -> String {
    match theirs.cmp(&ours) {
        std::cmp::Ordering::Equal => "0".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", grouped(theirs - ours)),
        std::cmp::Ordering::Less => format!("-{}", grouped(ours - theirs)),
    }
}

/// What both sides say of the cost; nothing where neither says anything.
fn cost(outcome: &Outcome) -> Option<String> {
    let mut sum = CostTally::default();
    outcome.models.values().for_each(|model| sum.add(&model.cost));
    let (client, prices) = (dollars(sum.matched_by_client), dollars(sum.matched_by_prices));
    let differ = match sum.matched_by_client - sum.matched_by_prices {
        _ if client == prices => "the same".to_owned(),
        less if less < 0.0 => format!("{} less", dollars(-less)),
        more => format!("{} more", dollars(more)),
    };
    let parts = [
        (sum.matched_by_client > 0.0).then(|| {
            format!("calls on both sides cost {client} as the client reckons and {prices} by list prices ({differ})")
        }),
        (sum.only_in_telemetry > 0.0)
            .then(|| format!("those only in the telemetry {} as the client reckons", dollars(sum.only_in_telemetry))),
        (sum.only_in_transcripts > 0.0)
            .then(|| format!("those only in the transcripts {} by list prices", dollars(sum.only_in_transcripts))),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    (!text.is_empty()).then_some(text)
}

fn dollars(amount: f64) -> String {
    format!("${amount:.4}")
}

fn times(page: &mut Page, outcome: &Outcome) {
    let offsets = &outcome.offsets;
    let lists = [
        ("call starts", &offsets.call_starts),
        ("call ends", &offsets.call_ends),
        ("tool starts", &offsets.tool_starts),
        ("tool ends", &offsets.tool_ends),
    ];
    let mut rows =
        vec![["telemetry less transcripts", "n", "p50", "p90 of |x|", "furthest"].map(str::to_owned).to_vec()];
    for (what, list) in lists {
        let Some(spread) = Spread::of(list) else { continue };
        let millis = |offset: i64| format!("{offset} ms");
        rows.push(vec![
            what.to_owned(),
            grouped(spread.count),
            millis(spread.p50),
            millis(spread.p90),
            millis(spread.furthest),
        ]);
    }
    if rows.len() > 1 {
        page.block("times", aligned(&rows, |column| column == 0));
    }
}

fn per_session(page: &mut Page, outcome: &Outcome) {
    let is_all = page.view.is_all;
    let is_shown = |session: &&SessionTally| is_all || session.explained + session.unexplained > 0;
    let chosen: Vec<&SessionTally> = outcome.sessions.iter().filter(is_shown).collect();
    if chosen.is_empty() {
        return;
    }
    let most = if is_all { usize::MAX } else { SHOWN };
    // What needs a look comes first.
    let mut first: Vec<&SessionTally> = chosen.clone();
    first.sort_by_key(|session| std::cmp::Reverse(session.unexplained));
    let head = ["", "model calls", "tool calls", "failed", "explained", "unexplained"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let room = page.width().saturating_sub(INDENT + 62);
    for session in first.iter().take(most) {
        let sides = |both: &Both| {
            let numbers = [both.matched, both.only_in_transcripts, both.only_in_telemetry];
            numbers.map(grouped).join("/")
        };
        let mut row = vec![short(&session.id, room)];
        row.extend([&session.calls, &session.tools, &session.failures].map(sides));
        row.extend([session.explained, session.unexplained].map(grouped));
        rows.push(row);
    }
    let mut lines = aligned(&rows, |column| column == 0);
    if chosen.len() > most {
        lines.push(format!("and {} more; --all shows them", grouped((chosen.len() - most) as u64)));
    }
    lines.push("(both sides/transcripts only/telemetry only)".to_owned());
    page.block("by session", lines);
}

fn differences(page: &mut Page, outcome: &Outcome) {
    let (total, unexplained) = (outcome.findings.len() as u64, outcome.unexplained());
    let verdict = match (total, unexplained) {
        (0, _) => "none: both sides say the same".to_owned(),
        (_, 0) => format!("{}, all of them explained", grouped(total)),
        _ => format!("{}, {} of them unexplained", grouped(total), grouped(unexplained)),
    };
    page.say("differences", &verdict);
    for (reason, count) in outcome.reasons() {
        let Some(reason) = reason else { continue };
        let (name, meaning, advice) = (reason.name(), reason.meaning(), reason.advice());
        page.say("", &format!("{} {name}: {meaning}. What to do: {advice}.", grouped(count)));
    }
    let is_shown = |finding: &&Finding| page.view.is_all || finding.reason.is_none();
    let shown_ones: Vec<&Finding> = outcome.findings.iter().filter(is_shown).collect();
    if shown_ones.is_empty() {
        return;
    }
    let most = if page.view.is_all { usize::MAX } else { SHOWN };
    let mut lines: Vec<String> = shown_ones.iter().take(most).map(|finding| sentence(finding)).collect();
    if shown_ones.len() > most {
        lines.push(format!("and {} more; --all shows them", grouped((shown_ones.len() - most) as u64)));
    }
    let title = if page.view.is_all { "one by one" } else { "unexplained" };
    for (place, line) in lines.iter().enumerate() {
        page.say(if place == 0 { title } else { "" }, line);
    }
}

struct Page {
    lines: Vec<String>,
    view: View,
}

impl Page {
    fn width(&self) -> usize {
        self.view.columns.unwrap_or(WIDEST).max(INDENT + 20)
    }

    /// A subject and what is said of it.
    fn say(&mut self, subject: &str, text: &str) {
        let width = self.width().min(WIDEST.max(INDENT + 20)) - INDENT;
        self.block(subject, wrapped(text, width));
    }

    /// A subject and lines that are not broken.
    fn block(&mut self, subject: &str, lines: Vec<String>) {
        for (place, line) in lines.into_iter().enumerate() {
            let subject = if place == 0 { subject } else { "" };
            self.lines.push(format!("{subject:<INDENT$}{line}").trim_end().to_owned());
        }
    }
}
