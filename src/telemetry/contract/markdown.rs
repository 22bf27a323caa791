//! The contract for people: the tables of the page on telemetry.

use super::metrics::{MetricRow, metrics};
use super::spans::{LINKS, SPANS, spoken};
use super::values::{ValueList, lists};
use crate::telemetry::semconv::{Attribute, Carrier, EVENTS, TABLES, Table, events, seed};

/// One table, with the name by which a page asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// The table.
    pub text: String,
}

/// All tables, in the order of the documentation.
pub fn sections() -> Vec<Section> {
    let of = |name: &str, text: String| Section { name: name.to_owned(), text };
    let mut all = vec![of("spans", spans()), of("ids", ids()), of("links", links())];
    all.extend(TABLES.iter().map(|table| of(&format!("attributes: {}", table.topic), attributes(table))));
    all.push(of("span events", span_events(EVENTS)));
    all.push(of("span events: seed", span_events(seed::EVENTS)));
    all.push(of("log events", log_events()));
    all.push(of("attributes of spans on log events", shared()));
    // What links mean stands in a table of its own.
    let lists = lists();
    let lists = lists.iter().filter(|list| list.topic != "link");
    all.extend(lists.map(|list| of(&format!("values: {}", list.topic), values(list))));
    let metrics = metrics();
    all.push(of("metrics", metric_table(&metrics)));
    all.push(of("attributes on metrics", metric_attributes(&metrics)));
    all.push(of("buckets", buckets(&metrics)));
    all
}

/// A table of Markdown; empty cells stay empty.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| {
        let cells: String =
            cells.iter().map(|cell| if cell.is_empty() { " |".to_owned() } else { format!(" {cell} |") }).collect();
        format!("|{cells}\n")
    };
    let head_line = line(head.iter().map(|cell| (*cell).to_owned()).collect());
    let rule = format!("|{}\n", " --- |".repeat(head.len()));
    [head_line, rule].into_iter().chain(rows.into_iter().map(line)).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn codes<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(code).collect::<Vec<_>>().join(", ")
}

fn spans() -> String {
    let row = |row: &super::spans::SpanRow| {
        vec![code(row.name), row.span_kind.to_owned(), row.parent.to_owned(), row.meaning.to_owned()]
    };
    table(&["name", "kind", "parent", "what it is"], SPANS.iter().map(row))
}

fn ids() -> String {
    let row = |row: &super::spans::SpanRow| vec![code(row.kind), spoken(row.carrier).to_owned(), row.key.to_owned()];
    table(&["kind", "span", "key"], SPANS.iter().map(row))
}

fn links() -> String {
    let row = |row: &super::spans::LinkRow| vec![code(row.meaning), row.on.to_owned(), row.target.to_owned()];
    table(&["`claude_otel.link`", "on", "points to"], LINKS.iter().map(row))
}

/// The type of an attribute with what it counts.
fn kind(row: &Attribute) -> String {
    if row.unit.is_empty() { row.kind.name().to_owned() } else { format!("{}, {}", row.kind.name(), row.unit) }
}

/// What an attribute is on. Where a page is on log events, their names have no prefix.
fn on(row: &Attribute, is_of_logs: bool) -> String {
    let word = |carrier: &Carrier| match carrier {
        Carrier::Log(name) if is_of_logs => Some(code(short(name))),
        Carrier::Logs if is_of_logs => Some("all".to_owned()),
        // The pages say these elsewhere: one table for log events, one for metrics.
        Carrier::Log(_) | Carrier::Logs | Carrier::Metrics | Carrier::Health => None,
        Carrier::Event(name) => Some(format!("event {}", code(name))),
        other => Some(spoken(*other).to_owned()),
    };
    let mut words: Vec<String> = row.on.iter().filter_map(word).collect();
    words.extend(Some(row.when.to_owned()).filter(|when| !when.is_empty()));
    words.join(", ")
}

fn short(name: &str) -> &str {
    name.strip_prefix("claude_code.").unwrap_or(name)
}

fn attributes(of: &Table) -> String {
    let has = |column: fn(&Attribute) -> bool| of.rows.iter().any(column);
    let is_of_logs = has(|row| row.on.iter().all(|on| matches!(on, Carrier::Log(_) | Carrier::Logs)));
    let has_place = is_of_logs
        || has(|row| row.on.iter().any(|on| !matches!(on, Carrier::Metrics | Carrier::Health | Carrier::Resource)));
    let has_source = has(|row| !row.source.is_empty());
    let heading = match of.topic {
        "log events" => "event attribute",
        "metrics" | "the agent's own health" => "metric attribute",
        "resource" => "resource attribute",
        _ => "attribute",
    };
    let mut head = vec![heading, "type"];
    head.extend(has_place.then_some("on"));
    head.push("meaning");
    head.extend(has_source.then_some("source"));
    let row = |row: &Attribute| {
        let mut cells = vec![code(row.name), kind(row)];
        cells.extend(has_place.then(|| on(row, is_of_logs)));
        cells.push(row.meaning.to_owned());
        cells.extend(has_source.then(|| row.source.to_owned()));
        cells
    };
    table(&head, of.rows.iter().map(row))
}

fn span_events(rows: &[crate::telemetry::semconv::SpanEventRow]) -> String {
    let row = |row: &crate::telemetry::semconv::SpanEventRow| {
        let on: Vec<&str> = row.on.iter().map(|on| spoken(*on)).collect();
        vec![code(row.name), on.join(", "), row.meaning.to_owned()]
    };
    table(&["event", "on", "meaning"], rows.iter().map(row))
}

fn log_events() -> String {
    let whose = [("the client", events::OF_THE_CLIENT), ("ours", events::OF_OURS)];
    let rows = whose.iter().flat_map(|(whose, rows)| rows.iter().map(move |row| (*whose, row)));
    let cells = rows.map(|(whose, row)| {
        vec![code(row.name), whose.to_owned(), row.span.to_owned(), row.time.to_owned(), row.severity.to_owned()]
    });
    table(&["log event", "whose", "span", "time", "severity"], cells)
}

/// Attributes that spans and single log events have in common.
fn shared() -> String {
    let names = |row: &Attribute| {
        let name = |on: &Carrier| if let Carrier::Log(name) = on { Some(short(name)) } else { None };
        row.on.iter().filter_map(name).collect::<Vec<_>>()
    };
    let is_of_spans = |row: &&Attribute| Carrier::SPANS.iter().any(|span| row.may_be_on(*span));
    let rows = TABLES.iter().flat_map(|table| table.rows).filter(is_of_spans);
    let cells = rows.map(|row| (row, names(row))).filter(|(_, names)| !names.is_empty());
    table(&["attribute of spans", "on log events"], cells.map(|(row, names)| vec![code(row.name), codes(names)]))
}

fn values(list: &ValueList) -> String {
    let has_certainty = list.values.iter().any(|row| row.certainty.is_some());
    let mut head = vec![list.topic];
    head.extend(has_certainty.then_some("certainty"));
    head.push(if has_certainty { "what the time is" } else { "meaning" });
    let row = |row: &super::values::ValueRow| {
        let mut cells = vec![code(row.value)];
        cells.extend(row.certainty.map(str::to_owned));
        cells.push(row.meaning.to_owned());
        cells
    };
    table(&head, list.values.iter().map(row))
}

/// The table of some metrics.
pub fn metric_table(metrics: &[MetricRow]) -> String {
    let row = |row: &MetricRow| {
        let unit = if row.unit.is_empty() { String::new() } else { code(row.unit) };
        let mut attributes: Vec<&str> = row.attributes.clone();
        for (name, _) in &row.fixed {
            if !attributes.contains(name) {
                attributes.push(name);
            }
        }
        let cells = [code(row.name), row.instrument.to_owned(), unit];
        let more = [codes(attributes), row.description.to_owned(), row.needs.to_owned()];
        cells.into_iter().chain(more).collect()
    };
    table(&["metric", "instrument", "unit", "attributes", "what it says", "only with"], metrics.iter().map(row))
}

/// Attributes of spans that metrics have as well.
fn metric_attributes(metrics: &[MetricRow]) -> String {
    let rows = TABLES.iter().filter(|table| table.topic != "metrics").flat_map(|table| table.rows);
    let of_metrics = rows.filter(|row| row.may_be_on(Carrier::Metrics));
    let row = |row: &Attribute| {
        let bearers = metrics.iter().filter(|metric| bears(metric, row.name)).map(|metric| metric.name);
        vec![code(row.name), kind(row), codes(bearers)]
    };
    table(&["attribute of spans and metrics", "type", "on metrics"], of_metrics.map(row))
}

/// Whether points of a metric may have an attribute.
pub(super) fn bears(metric: &MetricRow, attribute: &str) -> bool {
    metric.attributes.contains(&attribute) || metric.fixed.iter().any(|(name, _)| *name == attribute)
}

fn buckets(metrics: &[MetricRow]) -> String {
    let mut kinds: Vec<(&[f64], &str, Vec<&str>)> = Vec::new();
    for metric in metrics.iter().filter(|metric| !metric.bounds.is_empty()) {
        match kinds.iter_mut().find(|(bounds, unit, _)| *bounds == metric.bounds && *unit == metric.unit) {
            Some((_, _, names)) => names.push(metric.name),
            None => kinds.push((&metric.bounds, metric.unit, vec![metric.name])),
        }
    }
    let row = |(bounds, unit, names): (&[f64], &str, Vec<&str>)| {
        let bounds: Vec<String> = bounds.iter().map(ToString::to_string).collect();
        vec![codes(names), code(unit), bounds.join(", ")]
    };
    table(&["histogram", "unit", "upper bounds"], kinds.into_iter().map(row))
}
