//! The status for people.

use std::collections::BTreeMap;
use std::path::Path;

use super::View;
use super::look::{Look, Reason, Unsent};
use crate::checkpoint::mirror::{Mirror, MirrorSession};
use crate::cli::words::{age, counted, grouped, shortened, size, utc, wrapped};

/// The column in which what is said of each subject begins.
const INDENT: usize = 11;
/// How many of each list are shown.
const SHOWN: usize = 5;
/// How the names of counts of tokens begin.
const TOKENS: &str = "tokens.";
/// Prose that is wider is hard to read.
const WIDEST: usize = 100;

/// What is said when nothing was ever kept.
pub(super) fn nothing(destinations: &Path) -> String {
    format!(
        "nothing was delivered yet: there is no state in {}\n`claude-otel watch` follows sessions from now on; `claude-otel backfill` exports what is there, once",
        destinations.display()
    )
}

/// One state in some lines; `columns` is the width of a terminal.
pub(super) fn of(view: &View, columns: Option<usize>) -> String {
    let mut page = Page { lines: Vec::new(), columns };
    let title = view.mirror.as_ref().map(|mirror| mirror.destination.describe.as_str());
    let title = title.filter(|title| !title.is_empty()).or(view.wanted.as_deref()).unwrap_or(&view.name);
    page.lines.push(title.to_owned());
    page.say("state", &view.dir.display().to_string());
    page.say("holder", &holder(view));
    let (Some(mirror), Some(look)) = (&view.mirror, &view.look) else {
        page.say("copy", &missing(view));
        set_aside(&mut page, view);
        return page.lines.join("\n");
    };
    let ago = |time: i64| format!("{} ago ({})", age(view.now - time), utc(time));
    let acknowledged = mirror.last_acknowledged_unix_ms.map_or_else(|| "nothing yet".to_owned(), ago);
    page.say("delivered", &format!("last acknowledged {acknowledged}"));
    page.say("copy", &format!("written {} by version {}", ago(mirror.written_unix_ms), mirror.app_version));
    page.say("health", &health(mirror));
    set_aside(&mut page, view);
    let (tokens, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        mirror.totals.clone().into_iter().partition(|(name, _)| name.starts_with(TOKENS));
    page.say("totals", &counts(&others));
    if !tokens.is_empty() {
        let tokens = tokens.into_iter().map(|(name, count)| (name.replacen(TOKENS, "", 1), count));
        page.say("tokens", &counts(&tokens.collect()));
    }
    page.say("problems", &problems(mirror.problems.iter().map(|(name, count)| (name.as_str(), *count))));
    open(&mut page, mirror, view.now);
    lag(&mut page, look, view.now);
    left_out(&mut page, look, mirror);
    retention(&mut page, look, view.now);
    page.lines.join("\n")
}

fn holder(view: &View) -> String {
    match &view.holder {
        Some(holder) => {
            let (since, long) = (utc(holder.since), age(view.now - holder.since));
            format!("`{}`, pid {}, for {long} (since {since})", holder.command, holder.pid)
        }
        None => "nobody; `claude-otel watch` catches up and follows".to_owned(),
    }
}

/// Why there is nothing to be told.
fn missing(view: &View) -> String {
    let text = match (view.holder.is_some(), view.dir.exists()) {
        (true, _) => "none yet; it is written some seconds after the first delivery",
        (false, true) => "none that can be read; the next run writes it; `claude-otel state check` looks at the state",
        (false, false) => {
            "nothing was delivered to this destination yet; `claude-otel watch` or `claude-otel backfill` does it"
        }
    };
    text.to_owned()
}

fn health(mirror: &Mirror) -> String {
    let mut text = format!("format {}, ids of scheme {}", mirror.schema, mirror.id_scheme);
    if mirror.health.rebuilds > 0 {
        text.push_str(", begun anew since it was damaged");
    }
    if let Some(degraded) = &mirror.health.degraded {
        text.push_str(", nothing can be kept now: ");
        text.push_str(degraded);
    }
    text
}

fn set_aside(page: &mut Page, view: &View) {
    if let Some(last) = view.set_aside.last() {
        let count = view.set_aside.len() as u64;
        let last = last.file_name().unwrap_or_default().to_string_lossy();
        page.say("set aside", &format!("{} in set-aside, the last one is {last}", counted(count, "state")));
    }
}

/// What was counted, in words that stay together with their counts.
fn counts(counts: &BTreeMap<String, u64>) -> String {
    list(counts.iter().map(|(name, count)| format!("{}\u{a0}{}", grouped(*count), name.replace('_', "\u{a0}"))))
}

/// Problems by the names under which they are described.
fn problems<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    list(counts.into_iter().map(|(name, count)| format!("{name}\u{a0}{}", grouped(count))))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    let text = parts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "none".to_owned() } else { text }
}

fn open(page: &mut Page, mirror: &Mirror, now: i64) {
    let mut open: Vec<&MirrorSession> = mirror.sessions.iter().filter(|session| session.row.open_turns > 0).collect();
    // The latest first: that is what somebody is working on.
    open.sort_by_key(|session| std::cmp::Reverse(session.row.last_activity));
    let waiting = mirror.sessions.iter().filter(|session| session.row.open_turns == 0 && session.row.due.is_some());
    let waiting = match waiting.count() as u64 {
        0 => String::new(),
        count => format!("; {} only for their own span to end", counted(count, "session")),
    };
    if open.is_empty() && waiting.is_empty() {
        page.say("open", "nothing");
        return;
    }
    page.say("open", &format!("{} with open turns{waiting}", counted(open.len() as u64, "session")));
    for session in open.iter().take(SHOWN) {
        let row = &session.row;
        let due = match row.due {
            Some(due) if due <= now => "the next run sends more of it".to_owned(),
            Some(due) => format!("quiet closes more of it in {}", age(due - now)),
            None => "waits for what the client writes next".to_owned(),
        };
        let id: String = session.id.chars().take(8).collect();
        let (turns, quiet) = (counted(row.open_turns, "turn"), age(now - row.last_activity));
        page.item(&format!("{id}  {turns}, quiet for {quiet}; {due}"));
    }
    page.more(open.len());
}

fn lag(page: &mut Page, look: &Look, now: i64) {
    for root in look.roots.iter().filter(|root| !root.is_there) {
        page.say("root", &format!("{} cannot be listed", root.path.display()));
    }
    if !look.problems.is_empty() {
        page.say("not seen", &problems(look.problems.iter().map(|(name, count)| (*name, *count))));
    }
    let lag = look.lag();
    let all = counted(look.transcripts as u64, "transcript");
    if lag.is_empty() {
        page.say("behind", &format!("nothing, in {all}"));
        return;
    }
    let bytes = lag.iter().map(|unsent| unsent.behind).sum();
    let oldest = lag.iter().map(|unsent| unsent.written).min().unwrap_or(now);
    let count = grouped(lag.len() as u64);
    page.say("behind", &format!("{count} of {all}: {}, up to {} old", size(bytes), age(now - oldest)));
    page.table(&lag, |unsent| [size(unsent.behind), age(now - unsent.written)]);
}

fn left_out(page: &mut Page, look: &Look, mirror: &Mirror) {
    let count = look.left_out().count() as u64;
    let in_part = look.unsent.iter().filter(|unsent| unsent.reason == Reason::LeftOutInPart).count() as u64;
    if count + in_part == 0 {
        return;
    }
    let mut parts = Vec::new();
    if count > 0 {
        let bytes = look.left_out().map(|unsent| unsent.size).sum();
        parts.push(format!("{} ({}) from before the first start", counted(count, "transcript"), size(bytes)));
    }
    if in_part > 0 {
        parts.push(format!("{} in part", counted(in_part, "transcript")));
    }
    let horizon = mirror.horizon.map_or_else(String::new, |horizon| format!(" before {}", utc(horizon)));
    let parts = parts.join(", ");
    page.say(
        "left out",
        &format!("{parts}: turns{horizon} that no run has taken; `claude-otel backfill` exports them"),
    );
}

fn retention(page: &mut Page, look: &Look, now: i64) {
    let mut keeping: Vec<String> = look
        .roots
        .iter()
        .map(|root| match &root.keeping.named_in {
            Some(path) => format!("{} by {}", counted(root.keeping.days, "day"), path.display()),
            None => format!("{} by default", counted(root.keeping.days, "day")),
        })
        .collect();
    keeping.dedup();
    let keeping = keeping.join(", ");
    let all = look.by_deletion();
    if all.is_empty() {
        page.say("retention", &format!("the client keeps transcripts for {keeping}; all of them are delivered"));
        return;
    }
    let count = counted(all.len() as u64, "transcript");
    let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
    for unsent in &all {
        *reasons.entry(unsent.reason).or_default() += 1;
    }
    let reasons = list(reasons.iter().map(|(reason, count)| format!("{} {}", grouped(*count), reason.name())));
    page.say(
        "retention",
        &format!("the client keeps transcripts for {keeping}; {count} not wholly delivered ({reasons})"),
    );
    page.table(&all, |unsent| [left(unsent, now), unsent.reason.name().to_owned()]);
    let urgent: Vec<&&Unsent> = all.iter().filter(|unsent| unsent.is_urgent(now)).collect();
    if !urgent.is_empty() {
        let only_open = urgent.iter().all(|unsent| unsent.reason == Reason::Open);
        let command = if only_open { "claude-otel backfill --finish" } else { "claude-otel backfill" };
        let count = counted(urgent.len() as u64, "transcript");
        page.say("WARNING", &format!("the client deletes {count} within 3 days, undelivered; `{command}` exports now"));
    }
}

/// How long a transcript has left.
fn left(unsent: &Unsent, now: i64) -> String {
    if unsent.deleted <= now { "next start".to_owned() } else { age(unsent.deleted - now) }
}

/// Lines that are made one after the other.
struct Page {
    lines: Vec<String>,
    columns: Option<usize>,
}

impl Page {
    /// Says something of a subject, in as many lines as it takes.
    fn say(&mut self, subject: &str, text: &str) {
        let width = self.columns.unwrap_or(WIDEST).clamp(INDENT + 20, WIDEST);
        for (place, line) in wrapped(text, width - INDENT).iter().enumerate() {
            let subject = if place == 0 { subject } else { "" };
            self.lines.push(format!("{subject:<INDENT$}{}", line.replace('\u{a0}', " ")));
        }
    }

    /// One of several things that were spoken of.
    fn item(&mut self, text: &str) {
        self.lines.push(format!("{:INDENT$}{text}", ""));
    }

    /// The first of several files, each with two things that are said of it.
    fn table(&mut self, files: &[&Unsent], cells: impl Fn(&Unsent) -> [String; 2]) {
        let rows: Vec<([String; 2], &Path)> =
            files.iter().take(SHOWN).map(|unsent| (cells(unsent), unsent.relative.as_path())).collect();
        let width = |cell: usize| rows.iter().filter_map(|(cells, _)| cells.get(cell)).map(String::len).max();
        let (first, second) = (width(0).unwrap_or_default(), width(1).unwrap_or_default());
        let room = self.columns.map_or(usize::MAX, |columns| columns.saturating_sub(INDENT + first + second + 4));
        for ([one, other], path) in &rows {
            let path = shortened(&path.display().to_string(), room.max(20));
            self.item(&format!("{one:>first$}  {other:<second$}  {path}"));
        }
        self.more(files.len());
    }

    /// How many of a list are not shown.
    fn more(&mut self, all: usize) {
        if all > SHOWN {
            self.item(&format!("and {} more; --json lists all", grouped((all - SHOWN) as u64)));
        }
    }
}
