//! Every instrument, once: its name, its words, and where its number comes from.

use super::process;
use super::watched::Watched;
use crate::export::totals::DeliveryTotals;
use crate::telemetry::semconv::health as name;
use crate::telemetry::signal::Signal;

/// The scope of all of them.
pub const SCOPE: &str = "claude_otel.self";

/// How an instrument counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is what it is.
    Gauge,
    /// How often something took how long.
    Histogram,
}

/// One number, with the value of the instrument's attribute if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The attribute's value.
    pub label: Option<String>,
    /// The number.
    pub value: f64,
}

/// Where numbers come from.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// From the watcher of each destination.
    Watcher(fn(&Watched) -> Vec<Reading>),
    /// From the process, whatever it watches.
    Process(fn() -> Vec<Reading>),
    /// From the durations of requests, which are no single numbers.
    Durations,
}

/// One instrument.
#[derive(Debug, Clone, Copy)]
pub struct Instrument {
    /// Its name.
    pub name: &'static str,
    /// Its unit, in UCUM.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// How it counts.
    pub kind: Kind,
    /// The attribute that tells its numbers apart.
    pub label: Option<&'static str>,
    /// Where its numbers come from.
    pub source: Source,
}

/// The instrument of durations, which is told apart from the others everywhere.
pub const DURATION: &str = "claude_otel.export.duration";

const fn of(
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    kind: Kind,
    label: Option<&'static str>,
    source: Source,
) -> Instrument {
    Instrument { name, unit, description, kind, label, source }
}

/// All instruments, in the order of the documentation.
pub const INSTRUMENTS: [Instrument; 18] = [
    of(
        "claude_otel.lag.size",
        "By",
        "Bytes that were written and are not known to be delivered",
        Kind::Gauge,
        None,
        Source::Watcher(|watched| one(watched.shared.counts.behind().bytes as f64)),
    ),
    of(
        "claude_otel.lag.duration",
        "s",
        "Time since the oldest of them was written",
        Kind::Gauge,
        None,
        Source::Watcher(|watched| one(watched.lag_seconds())),
    ),
    of(
        "claude_otel.following",
        "1",
        "1 once everything that was there at the start is handed over or left out",
        Kind::Gauge,
        None,
        Source::Watcher(|watched| one(f64::from(u8::from(watched.shared.counts.is_following())))),
    ),
    of(
        "claude_otel.ready",
        "1",
        "1 while what is written is delivered",
        Kind::Gauge,
        None,
        Source::Watcher(|watched| one(f64::from(u8::from(watched.is_not_ready().is_none())))),
    ),
    of(
        "claude_otel.lines.read",
        "{line}",
        "Lines of transcripts, each as often as it was read",
        Kind::Counter,
        None,
        Source::Watcher(|watched| one(watched.shared.counts.lines() as f64)),
    ),
    of(
        "claude_otel.problems",
        "{problem}",
        "Things that were passed by: in files, in lines, and while following",
        Kind::Counter,
        Some(name::KIND),
        Source::Watcher(problems),
    ),
    of(
        "claude_otel.export.delivered",
        "{item}",
        "Spans, log records and data points that the destination took",
        Kind::Counter,
        Some(name::SIGNAL),
        Source::Watcher(|watched| by_signal(watched, |totals| totals.delivered)),
    ),
    of(
        "claude_otel.export.rejected",
        "{item}",
        "Items that the destination rejected by partial success",
        Kind::Counter,
        Some(name::SIGNAL),
        Source::Watcher(|watched| by_signal(watched, |totals| totals.rejected)),
    ),
    of(
        "claude_otel.export.dead_lettered",
        "{item}",
        "Items that the destination refused and that were set aside",
        Kind::Counter,
        Some(name::SIGNAL),
        Source::Watcher(|watched| by_signal(watched, |totals| totals.dead_lettered)),
    ),
    of(
        "claude_otel.export.retries",
        "{request}",
        "Requests that were sent again after a wait",
        Kind::Counter,
        Some(name::SIGNAL),
        Source::Watcher(|watched| by_signal(watched, |totals| totals.retries)),
    ),
    of(
        DURATION,
        "s",
        "Time from a request to its answer, or to giving up on it",
        Kind::Histogram,
        Some(name::SIGNAL),
        Source::Durations,
    ),
    of(
        "claude_otel.checkpoint.commits",
        "{commit}",
        "Families of sessions whose delivery was remembered",
        Kind::Counter,
        None,
        Source::Watcher(|watched| one(watched.shared.counts.commits() as f64)),
    ),
    of(
        "claude_otel.sweeps",
        "{sweep}",
        "Looks at everything below the roots",
        Kind::Counter,
        None,
        Source::Watcher(|watched| one(watched.shared.counts.sweeps() as f64)),
    ),
    of(
        "claude_otel.missed_events",
        "{sweep}",
        "Sweeps that found what no event had told of",
        Kind::Counter,
        None,
        Source::Watcher(|watched| one(watched.shared.counts.missed_events() as f64)),
    ),
    of(
        "claude_otel.redactions",
        "{redaction}",
        "Secrets that were taken out of what leaves",
        Kind::Counter,
        Some(name::RULE),
        Source::Watcher(redactions),
    ),
    of(
        "claude_otel.unexported_sessions",
        "{session}",
        "Sessions not exported yet, by the days before the client deletes them; 30 stands for more, too",
        Kind::Gauge,
        Some(name::DAYS_LEFT),
        Source::Watcher(unexported),
    ),
    of(
        "claude_otel.process.memory",
        "By",
        "Resident memory; absent where the system does not say it",
        Kind::Gauge,
        None,
        Source::Process(|| process::resident_bytes().map(|bytes| one(bytes as f64)).unwrap_or_default()),
    ),
    of(
        "claude_otel.process.cpu",
        "s",
        "Time that processors have worked for the process",
        Kind::Counter,
        None,
        Source::Process(|| one(process::cpu_seconds())),
    ),
];

fn one(value: f64) -> Vec<Reading> {
    vec![Reading { label: None, value }]
}

fn labelled(label: impl Into<String>, value: u64) -> Reading {
    Reading { label: Some(label.into()), value: value as f64 }
}

fn by_signal(watched: &Watched, count: fn(&DeliveryTotals) -> u64) -> Vec<Reading> {
    Signal::ALL.map(|signal| labelled(signal.name(), count(&watched.live.of(signal).totals()))).to_vec()
}

/// Kinds of both levels have names of one list, so each is one series.
fn problems(watched: &Watched) -> Vec<Reading> {
    let mut counts = watched.shared.counts.problems();
    for (kind, count) in watched.shared.problem_counts() {
        *counts.entry(kind).or_default() += count;
    }
    counts.into_iter().map(|(kind, count)| labelled(kind, count)).collect()
}

fn redactions(watched: &Watched) -> Vec<Reading> {
    let counts = watched.redactions.as_ref().map(|redactions| redactions()).unwrap_or_default();
    counts.into_iter().map(|(rule, count)| labelled(rule, count)).collect()
}

fn unexported(watched: &Watched) -> Vec<Reading> {
    let sessions = watched.shared.open_work().unexported;
    sessions.into_iter().map(|(days, sessions)| labelled(days.to_string(), sessions)).collect()
}
