//! What arrived, against what should have.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Write};
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value;

use super::receiver::Arrival;
use super::writer::Script;

/// The spans that should arrive, by id.
pub(crate) type Truth = HashMap<Vec<u8>, Span>;

pub(crate) fn truth(spans: Vec<Value>) -> Truth {
    let spans = spans.into_iter().map(|span| serde_json::from_value::<Span>(span).unwrap());
    spans.map(|span| (span.span_id.clone(), span)).collect()
}

/// What a run came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    pub(crate) kills: BTreeMap<&'static str, u64>,
    pub(crate) requests: u64,
    pub(crate) expected: u64,
    pub(crate) arrivals: u64,
    /// Arrivals of what had arrived before, byte by byte, from the watcher or a backfill.
    pub(crate) duplicates: u64,
    /// What a `reexport` has sent, which is there to repeat.
    pub(crate) reexported: u64,
    /// Of these, arrivals of what the receiver had already answered for, by taking or by rejecting it.
    pub(crate) repeated: u64,
    /// Span ids that came with more than one content.
    pub(crate) corrected: u64,
    /// Spans that the receiver has rejected and never taken.
    pub(crate) rejected: u64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, count) in &other.kills {
            *self.kills.entry(kind).or_default() += count;
        }
        self.requests += other.requests;
        self.expected += other.expected;
        self.arrivals += other.arrivals;
        self.duplicates += other.duplicates;
        self.reexported += other.reexported;
        self.repeated += other.repeated;
        self.corrected += other.corrected;
        self.rejected += other.rejected;
    }

    pub(crate) fn killed(&self) -> u64 {
        self.kills.values().sum()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills {:?}; {} requests; {} spans expected, {} arrivals, {} duplicates ({} of what was \
             answered) and {} by reexport, {} corrected, {} rejected",
            self.killed(),
            self.kills,
            self.requests,
            self.expected,
            self.arrivals,
            self.duplicates,
            self.repeated,
            self.reexported,
            self.corrected,
            self.rejected
        )
    }
}

/// Everything that is not as it should be, in words; and what was counted.
pub(crate) fn compare(
    truth: &Truth,
    arrivals: &HashMap<Vec<u8>, Vec<Arrival>>,
    script: &Script,
) -> (Vec<String>, Figures) {
    let mut faults = Vec::new();
    let mut figures = Figures { expected: truth.len() as u64, ..Figures::default() };
    for (id, span) in truth {
        let of_id = arrivals.get(id).map_or(&[][..], Vec::as_slice);
        if !of_id.iter().any(|arrival| arrival.is_acknowledged && !arrival.is_reexported) {
            faults.push(format!("lost: {}", named(span, script)));
        }
        if !of_id.is_empty() && of_id.iter().all(|arrival| arrival.is_rejected) {
            figures.rejected += 1;
        }
        let last = of_id.iter().rfind(|arrival| !arrival.is_reexported);
        if let Some(last) = last.filter(|last| *last.span != *span) {
            faults.push(format!("ends wrong: {} {}", named(span, script), difference(&last.span, span)));
        }
    }
    for (id, of_id) in arrivals {
        figures.arrivals += of_id.len() as u64;
        let mut versions: Vec<&Arc<Span>> = Vec::new();
        let mut answered: Vec<&Arc<Span>> = Vec::new();
        for arrival in of_id {
            let is_known = versions.iter().any(|known| **known == arrival.span);
            figures.reexported += u64::from(arrival.is_reexported);
            figures.duplicates += u64::from(is_known && !arrival.is_reexported);
            if !is_known {
                versions.push(&arrival.span);
            }
            if !arrival.is_reexported {
                figures.repeated += u64::from(answered.iter().any(|known| **known == arrival.span));
                answered.extend(arrival.is_acknowledged.then_some(&arrival.span));
            }
        }
        figures.corrected += u64::from(versions.len() > 1);
        if !truth.contains_key(id) {
            faults.push(format!("unexpected: {}", named(&of_id[0].span, script)));
        }
    }
    faults.sort();
    (faults, figures)
}

/// Spans that came with more than one content: what changed, and how often that happened in which story.
pub(crate) fn corrections(arrivals: &HashMap<Vec<u8>, Vec<Arrival>>, script: &Script) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for of_id in arrivals.values() {
        for pair in of_id.windows(2).filter(|pair| pair[0].span != pair[1].span) {
            let change = format!("{} {}", named(&pair[1].span, script), difference(&pair[0].span, &pair[1].span));
            *counts.entry(change).or_default() += 1;
        }
    }
    counts.into_iter().fold(String::new(), |mut text, (change, count)| {
        let _ = writeln!(text, "{count} x {change}");
        text
    })
}

fn named(span: &Span, script: &Script) -> String {
    let session = attributes(span).remove("session.id").unwrap_or_default();
    let story = script.story_of(&session).unwrap_or("no story").to_owned();
    format!("{story}: {}", span.name)
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    let text = |value: &Any| match value {
        Any::StringValue(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let pairs =
        span.attributes.iter().filter_map(|pair| Some((pair.key.clone(), text(pair.value.as_ref()?.value.as_ref()?))));
    pairs.collect()
}

/// What is different between two versions of a span.
fn difference(before: &Span, after: &Span) -> String {
    let mut text = String::new();
    let mut note = |what: &str, before: String, after: String| {
        if before != after {
            let _ = write!(text, "[{what}: {before} -> {after}]");
        }
    };
    let id = |id: &[u8]| id.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    note("trace", id(&before.trace_id), id(&after.trace_id));
    note("parent", id(&before.parent_span_id), id(&after.parent_span_id));
    note("name", before.name.clone(), after.name.clone());
    note("start", before.start_time_unix_nano.to_string(), after.start_time_unix_nano.to_string());
    note("end", before.end_time_unix_nano.to_string(), after.end_time_unix_nano.to_string());
    note("links", format!("{:?}", before.links), format!("{:?}", after.links));
    note("events", format!("{:?}", before.events), format!("{:?}", after.events));
    note("status", format!("{:?}", before.status), format!("{:?}", after.status));
    let (before, after) = (attributes(before), attributes(after));
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        note(key, format!("{:?}", before.get(key)), format!("{:?}", after.get(key)));
    }
    text
}

/// What the state's totals and the summary of a run over everything have in common.
pub(crate) fn compare_totals(mirror: &Value, summary: &Value, faults: &mut Vec<String>) {
    let tokens = ["input", "output", "cache_read", "cache_creation"];
    let pairs = ["turns", "compaction_turns", "llm_calls", "tool_calls", "tool_errors", "agents", "compactions"]
        .map(|name| (name.to_owned(), &summary[name]))
        .into_iter()
        .chain(tokens.map(|name| (format!("tokens.{name}"), &summary["tokens"][name])))
        .chain([("spans".to_owned(), &summary["spans"]["made"])]);
    for (name, expected) in pairs {
        let found = mirror["totals"][&name].as_u64().unwrap_or(0);
        if Some(found) != expected.as_u64() {
            faults.push(format!("total {name}: {found}, expected {expected}"));
        }
    }
}
