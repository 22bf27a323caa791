//! The contract for machines: one JSON document, whose shape only grows within one version.

use serde_json::{Value as Json, json};

use super::markdown::bears;
use super::metrics::{MetricRow, SCOPE};
use super::spans::{LINKS, SPANS};
use super::values::{list_of, lists};
use crate::telemetry::ids::SCHEME;
use crate::telemetry::resource::SERVICE_NAME;
use crate::telemetry::semconv::{Attribute, Carrier, EVENTS, TABLES, Table, events, seed};

/// The whole contract, with the metrics that the caller knows of.
pub fn document(metrics: &[MetricRow]) -> Json {
    let of_tables = |is_of_resource: bool| {
        let tables = TABLES.iter().filter(move |table| (table.topic == "resource") == is_of_resource);
        let rows = tables.flat_map(|table| table.rows.iter().map(move |row| (table, row)));
        rows.map(|(table, row)| attribute(table, row, metrics)).collect::<Vec<_>>()
    };
    json!({
        "contract_version": super::VERSION,
        "id_scheme": SCHEME,
        "program": { "name": SERVICE_NAME, "version": env!("CARGO_PKG_VERSION") },
        "attributes": of_tables(false),
        "resource": of_tables(true),
        "spans": SPANS.iter().map(|row| json!({
            "kind": row.kind,
            "name": row.name,
            "span_kind": row.span_kind,
            "parent": row.parent,
            "meaning": plain(row.meaning),
            "id_key": row.key,
        })).collect::<Vec<_>>(),
        "links": LINKS.iter().map(|row| json!({
            "meaning": row.meaning,
            "on": row.on,
            "target": row.target,
        })).collect::<Vec<_>>(),
        "events": all_events(),
        "metrics": metrics.iter().map(metric).collect::<Vec<_>>(),
        "values": lists().iter().map(|list| json!({
            "topic": list.topic,
            "attributes": list.attributes,
            "open": list.is_open,
            "values": list.values.iter().map(|row| json!({
                "value": row.value,
                "meaning": plain(row.meaning),
                "certainty": row.certainty,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn attribute(table: &Table, row: &Attribute, metrics: &[MetricRow]) -> Json {
    let names = |named: fn(&Carrier) -> Option<&'static str>| row.on.iter().filter_map(named).collect::<Vec<_>>();
    let carrier = |metric: &MetricRow| if metric.scope == SCOPE { Carrier::Metrics } else { Carrier::Health };
    let bearers = metrics.iter().filter(|metric| row.may_be_on(carrier(metric)) && bears(metric, row.name));
    json!({
        "name": row.name,
        "type": row.kind.name(),
        "unit": some(row.unit),
        "topic": table.topic,
        "vocabulary": table.vocabulary.map(|vocabulary| vocabulary.name()),
        "content": table.content.map(|level| level.name()),
        "on": {
            "spans": kinds(row.on),
            "span_events": names(|on| if let Carrier::Event(name) = on { Some(*name) } else { None }),
            "links": row.may_be_on(Carrier::Link),
            "log_events": if row.on.contains(&Carrier::Logs) {
                all_logs().collect()
            } else {
                names(|on| if let Carrier::Log(name) = on { Some(*name) } else { None })
            },
            "metrics": bearers.map(|metric| metric.name).collect::<Vec<_>>(),
            "resource": row.may_be_on(Carrier::Resource),
        },
        "when": some(row.when),
        "meaning": plain(row.meaning),
        "source": some(&plain(row.source)),
        "values": list_of(row.name).filter(|_| table.vocabulary.is_none()).map(|list| list.topic),
    })
}

/// The kinds of spans that some carriers stand for.
fn kinds(on: &[Carrier]) -> Vec<&'static str> {
    let is_on = |carrier: Carrier| on.iter().any(|on| on.covers(carrier));
    SPANS.iter().filter(|row| is_on(row.carrier)).map(|row| row.kind).collect()
}

fn all_logs() -> impl Iterator<Item = &'static str> {
    events::OF_THE_CLIENT.iter().chain(events::OF_OURS).map(|row| row.name)
}

fn all_events() -> Vec<Json> {
    let event = |signal: &str, name: &str, vocabulary: Option<&str>, on: &[Carrier], meaning: &str| json!({ "name": name, "signal": signal, "vocabulary": vocabulary, "on": kinds(on), "meaning": plain(meaning) });
    let of_spans = [(EVENTS, None), (seed::EVENTS, Some("seed"))];
    let of_spans = of_spans.iter().flat_map(|(rows, vocabulary)| rows.iter().map(move |row| (row, *vocabulary)));
    let of_logs = [(events::OF_THE_CLIENT, Some("claude_code")), (events::OF_OURS, None)];
    let of_logs = of_logs.iter().flat_map(|(rows, vocabulary)| rows.iter().map(move |row| (row, *vocabulary)));
    let mut all: Vec<Json> =
        of_spans.map(|(row, vocabulary)| event("traces", row.name, vocabulary, row.on, row.meaning)).collect();
    all.extend(of_logs.map(|(row, vocabulary)| {
        let mut event = event("logs", row.name, vocabulary, row.on, row.span);
        event["time"] = row.time.into();
        event["severity"] = row.severity.into();
        event
    }));
    all
}

fn metric(row: &MetricRow) -> Json {
    json!({
        "name": row.name,
        "scope": row.scope,
        "instrument": row.instrument,
        "unit": row.unit,
        "description": row.description,
        "only_with": some(&row.needs.replace('`', "")),
        "attributes": row.attributes,
        "fixed": row.fixed.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "bounds": row.bounds,
    })
}

/// A text, unless there is none.
fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A text without the links that it has on the page.
fn plain(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((words, tail)) = after.split_once("](").and_then(|(words, tail)| {
            let (_, tail) = tail.split_once(')')?;
            Some((words, tail))
        }) else {
            break;
        };
        left.push_str(before);
        left.push_str(words);
        rest = tail;
    }
    left.push_str(rest);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_their_words() {
        assert_eq!(plain("see [times](#times), and [cost](cost.md)."), "see times, and cost.");
        assert_eq!(plain("[REDACTED:rule] is no link"), "[REDACTED:rule] is no link");
    }
}
