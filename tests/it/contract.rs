//! Everything that leaves is in the registry, with its type and on what it may be on; everything in the registry leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use claude_otel::checkpoint::rows::SeriesRow;
use claude_otel::health::table::INSTRUMENTS;
use claude_otel::pipeline::measuring::table_of;
use claude_otel::privacy::options::{ContentLevel, ContentOptions};
use claude_otel::telemetry::contract::metrics::{MetricRow, metrics};
use claude_otel::telemetry::contract::values::lists;
use claude_otel::telemetry::measure::gauges::{self, OpenWork};
use claude_otel::telemetry::measure::table::TableOptions;
use claude_otel::telemetry::metric::{Metric, Points};
use claude_otel::telemetry::options::{HistogramKind, MapOptions, PathMode, Vocabularies, Vocabulary};
use claude_otel::telemetry::resource::{self, ResourceFacts};
use claude_otel::telemetry::semconv::{Attribute, Carrier, EVENTS, Kind, TABLES, events, seed};
use claude_otel::telemetry::span::{Attributes, Span, Value};
use claude_otel::telemetry::test_span::test_span;

use crate::golden::{Rebuilt, folders, options, rebuild};
use crate::metrics::rows as series_rows;

/// What no fixture has, by name and place, each with the reason.
const NEVER: [(&str, &str, &str); 2] = [
    ("parent_agent_id", "Log(\"claude_code.api_error\")", "it takes an agent in an agent that fails for good"),
    ("claude_code.session.kind", "", "a session in the background is one as a whole, and few are"),
];

/// One attribute as it left: its name, what it was on, and its value.
type Seen = (&'static str, Carrier, Value);

/// Everything that leaves of all scenarios, with the scenario's name.
struct Everything {
    attributes: Vec<(String, Seen)>,
    events: BTreeSet<(&'static str, Carrier)>,
    metrics: Vec<Metric>,
}

fn map(level: ContentLevel) -> MapOptions {
    MapOptions {
        vocab: Vocabulary::ALL.into_iter().collect(),
        content: ContentOptions { level, ..ContentOptions::default() },
        paths: PathMode::Full,
        ..MapOptions::default()
    }
}

fn at_level(level: ContentLevel) -> Vec<Rebuilt> {
    let of = |folder: &std::path::PathBuf| {
        let mut options = options(folder, 1);
        options.map = map(level);
        options.read.decode.texts = options.map.content.wants_texts();
        rebuild(folder, options)
    };
    folders().iter().map(of).collect()
}

/// Which kind of span it is: told by its name, and of the two that invoke agents by what only turns have.
fn carrier(span: &Span) -> Carrier {
    let is_turn = span.attributes.iter().any(|(name, _)| *name == "claude_code.turn.index");
    match span.name.split(' ').next().unwrap() {
        "invoke_agent" if is_turn => Carrier::Turn,
        "invoke_agent" => Carrier::Agent,
        "chat" => Carrier::Chat,
        "execute_tool" => Carrier::Tool,
        "compaction" => Carrier::Compaction,
        "hook" => Carrier::Hook,
        "session" => Carrier::Session,
        other => panic!("{other} is no kind of span"),
    }
}

fn everything(level: ContentLevel) -> Everything {
    let mut all = Everything { attributes: Vec::new(), events: BTreeSet::new(), metrics: Vec::new() };
    let mut rows: Vec<SeriesRow> = Vec::new();
    for rebuilt in at_level(level) {
        let mut add = |attributes: &Attributes, carrier: Carrier| {
            let seen = attributes.iter().map(|(name, value)| (rebuilt.name.clone(), (*name, carrier, value.clone())));
            all.attributes.extend(seen);
        };
        for span in &rebuilt.spans {
            add(&span.attributes, carrier(span));
            span.links.iter().for_each(|link| add(&link.attributes, Carrier::Link));
            for event in &span.events {
                add(&event.attributes, Carrier::Event(event.name));
                all.events.insert((event.name, carrier(span)));
            }
        }
        let by_id: BTreeMap<_, _> = rebuilt.spans.iter().map(|span| (span.span_id.to_bytes(), carrier(span))).collect();
        for record in &rebuilt.logs {
            add(&record.attributes, Carrier::Log(record.event_name));
            if let Some(carrier) = by_id.get(&record.span_id.to_bytes()) {
                all.events.insert((record.event_name, *carrier));
            }
        }
        rows.extend(series_rows(&rebuilt));
    }
    let vocabularies: Vocabularies = Vocabulary::ALL.into_iter().collect();
    for histograms in [HistogramKind::Explicit, HistogramKind::Exponential] {
        let options = TableOptions { vocabularies, histograms, ..TableOptions::default() };
        all.metrics.extend(table_of(&rows, options).cumulative(4_000_000_000_000));
    }
    all.metrics.extend(gauges::metrics(&OpenWork { tools: 1, turns: 1, unexported: vec![(3, 1)] }, 1));
    all
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Str(_) | Value::Static(_) | Value::Digits(_) => Kind::Text,
        Value::Int(_) => Kind::Int,
        Value::Double(_) => Kind::Double,
        Value::Bool(_) => Kind::Bool,
        Value::List(_) => Kind::Texts,
        Value::Array(_) | Value::Map(_) => Kind::Maps,
    }
}

/// The attributes of all points of a metric.
fn points(metric: &Metric) -> Vec<&Attributes> {
    match &metric.points {
        Points::Sum(_, points) | Points::Gauge(points) => points.iter().map(|point| &point.attributes).collect(),
        Points::Histogram(_, points) => points.iter().map(|point| &point.attributes).collect(),
        Points::Exponential(_, points) => points.iter().map(|point| &point.attributes).collect(),
    }
}

fn instrument(metric: &Metric) -> &'static str {
    match metric.points {
        Points::Sum(..) => "counter",
        Points::Gauge(_) => "gauge",
        Points::Histogram(..) | Points::Exponential(..) => "histogram",
    }
}

/// All rows, each with the lowest level of content at which it leaves.
fn registry() -> impl Iterator<Item = (&'static Attribute, Option<ContentLevel>)> {
    TABLES.iter().flat_map(|table| table.rows.iter().map(|row| (row, table.content)))
}

/// Whether the registry lets an attribute leave.
fn is_allowed((name, carrier, value): &Seen, level: ContentLevel) -> bool {
    let fits = |(row, lowest): (&Attribute, Option<ContentLevel>)| {
        let has_level = lowest.is_none_or(|lowest| level >= lowest);
        row.name == *name && row.kind == kind(value) && row.may_be_on(*carrier) && has_level
    };
    registry().any(fits)
}

#[test]
fn nothing_leaves_that_the_registry_does_not_allow() {
    for level in ContentLevel::ALL {
        let everything = everything(level);
        let wrong: BTreeSet<String> = everything
            .attributes
            .iter()
            .filter(|(_, seen)| !is_allowed(seen, level))
            .map(|(scenario, (name, carrier, value))| {
                format!("{name} ({:?}) on {carrier:?} in {scenario}", kind(value))
            })
            .collect();
        assert!(wrong.is_empty(), "at {}: {wrong:#?}", level.name());
        for (name, carrier) in &everything.events {
            let of_spans = EVENTS.iter().chain(seed::EVENTS).map(|row| (row.name, row.on));
            let of_logs = events::OF_THE_CLIENT.iter().chain(events::OF_OURS).map(|row| (row.name, row.on));
            let mut known = of_spans.chain(of_logs);
            assert!(known.any(|(of, on)| of == *name && on.contains(carrier)), "{name} of {carrier:?}");
        }
        let known = metrics();
        for metric in &everything.metrics {
            let row = known.iter().find(|row| row.name == metric.name);
            let row = row.unwrap_or_else(|| panic!("{} is in no table", metric.name));
            assert_eq!((row.unit, row.description), (metric.unit, metric.description), "{}", metric.name);
            assert_eq!(row.instrument, instrument(metric), "{}", metric.name);
            for (name, value) in points(metric).into_iter().flatten() {
                let has = row.attributes.contains(name) || row.fixed.iter().any(|(of, _)| of == name);
                assert!(has, "{name} on {}", metric.name);
                assert!(is_allowed(&(*name, Carrier::Metrics, value.clone()), level), "{name} on {}", metric.name);
            }
        }
    }
}

/// What a row says that it may be on, one by one.
fn places(row: &Attribute) -> Vec<Carrier> {
    let logs = || events::OF_THE_CLIENT.iter().chain(events::OF_OURS).map(|event| Carrier::Log(event.name));
    let of = |on: &Carrier| match on {
        Carrier::All => Carrier::SPANS.to_vec(),
        Carrier::Sums => vec![Carrier::Turn, Carrier::Agent, Carrier::Session],
        Carrier::Logs => logs().collect(),
        other => vec![*other],
    };
    row.on.iter().flat_map(of).collect()
}

/// Whether there is a reason why no fixture has it there.
fn is_never(row: &Attribute, place: Carrier) -> bool {
    let place = format!("{place:?}");
    NEVER.iter().any(|(name, at, _)| *name == row.name && (at.is_empty() || *at == place))
}

#[test]
fn every_row_leaves_wherever_it_says() {
    let everything = everything(ContentLevel::Full);
    let mut seen: BTreeSet<(&str, String, &str)> = BTreeSet::new();
    for (_, (name, carrier, value)) in &everything.attributes {
        seen.insert((name, format!("{carrier:?}"), kind(value).name()));
    }
    for metric in &everything.metrics {
        for (name, value) in points(metric).into_iter().flatten() {
            seen.insert((name, format!("{:?}", Carrier::Metrics), kind(value).name()));
        }
    }
    for label in INSTRUMENTS.iter().filter_map(|instrument| instrument.label) {
        seen.insert((label, format!("{:?}", Carrier::Health), Kind::Text.name()));
    }
    for (name, value) in test_span(1, "a try").attributes {
        seen.insert((name, format!("{:?}", Carrier::Doctor), kind(&value).name()));
    }
    let facts = ResourceFacts { host_name: Some("desk".to_owned()), ..ResourceFacts::default() };
    let resource = resource::build(facts, &Arc::default());
    let of_resource: BTreeSet<String> = resource.attributes.iter().map(|(name, _)| name.to_string()).collect();
    let is_seen = |row: &Attribute, place: Carrier| match place {
        Carrier::Resource => of_resource.contains(row.name),
        place => seen.contains(&(row.name, format!("{place:?}"), row.kind.name())),
    };
    let missing: Vec<String> = registry()
        .flat_map(|(row, _)| places(row).into_iter().map(move |place| (row, place)))
        .filter(|(row, place)| !is_seen(row, *place) && !is_never(row, *place))
        .map(|(row, place)| format!("(\"{}\", \"{place:?}\"),", row.name))
        .collect();
    assert!(missing.is_empty(), "no fixture has\n{}", missing.join("\n"));
    let known: usize = registry().filter(|(row, _)| row.may_be_on(Carrier::Resource)).count();
    assert_eq!(known, of_resource.len(), "{of_resource:?}");
}

#[test]
fn every_metric_and_every_event_leaves() {
    let everything = everything(ContentLevel::Full);
    let found: BTreeSet<&str> = everything.metrics.iter().map(|metric| metric.name).collect();
    let missing: Vec<MetricRow> = metrics().into_iter().filter(|row| !found.contains(row.name)).collect();
    assert!(missing.is_empty(), "no fixture has {missing:?}");
    let of_spans = EVENTS.iter().chain(seed::EVENTS).map(|row| (row.name, row.on));
    let of_logs = events::OF_THE_CLIENT.iter().chain(events::OF_OURS).map(|row| (row.name, row.on));
    for (name, on) in of_spans.chain(of_logs) {
        for carrier in on {
            assert!(everything.events.contains(&(name, *carrier)), "no fixture has {name} of {carrier:?}");
        }
    }
}

#[test]
fn a_closed_list_is_closed_and_has_nothing_in_excess() {
    let everything = everything(ContentLevel::None);
    for list in lists() {
        let of_list = |name: &str| list.attributes.contains(&name);
        let text = |value: &Value| match value {
            Value::Static(text) => (*text).to_owned(),
            Value::Str(text) => text.to_string(),
            other => panic!("{other:?} in {}", list.topic),
        };
        let values = everything.attributes.iter().filter(|(_, (name, ..))| of_list(name));
        let found: BTreeSet<String> = values.map(|(_, (.., value))| text(value)).collect();
        let known: BTreeSet<String> = list.values.iter().map(|row| row.value.to_owned()).collect();
        assert!(known.is_subset(&found), "{}: {:?} never occurs", list.topic, known.difference(&found));
        assert!(list.is_open || found.is_subset(&known), "{}: {:?}", list.topic, found.difference(&known));
    }
}

fn program(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_claude-otel")).args(arguments).env_clear().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The shape of a document: every path to a value, with the types that are found there.
fn shape(value: &serde_json::Value, path: &str, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    use serde_json::Value as Json;
    let mut note = |kind| found.entry(path.to_owned()).or_default().insert(kind);
    match value {
        Json::Null => _ = note("null"),
        Json::Bool(_) => _ = note("bool"),
        Json::Number(_) => _ = note("number"),
        Json::String(_) => _ = note("string"),
        Json::Array(items) => {
            note("array");
            for item in items {
                shape(item, &format!("{path}[]"), found);
            }
        }
        Json::Object(fields) => {
            note("object");
            for (name, field) in fields {
                shape(field, &format!("{path}.{name}"), found);
            }
        }
    }
}

#[test]
fn the_shape_of_the_document_is_kept() {
    let document: serde_json::Value = serde_json::from_str(&program(&["contract", "--json"])).unwrap();
    let mut found = BTreeMap::new();
    shape(&document, "", &mut found);
    let lines: Vec<String> = found
        .iter()
        .map(|(path, kinds)| format!("{path}: {}", kinds.iter().copied().collect::<Vec<_>>().join(" or ")))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    crate::golden::snapshots(&folder).bind(|| insta::assert_snapshot!("contract-shape", lines.join("\n")));
    assert_eq!(document["contract_version"], 1);
    assert_eq!(document["id_scheme"], "claude-otel/1");
    assert_eq!(document["program"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_document_has_every_row_once() {
    let document: serde_json::Value = serde_json::from_str(&program(&["contract", "--json"])).unwrap();
    let names = |list: &str| -> Vec<String> {
        document[list].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut attributes = names("attributes");
    attributes.extend(names("resource"));
    let mut known: Vec<String> = registry().map(|(row, _)| row.name.to_owned()).collect();
    attributes.sort();
    known.sort();
    assert_eq!(attributes, known);
    let known = metrics().into_iter().map(|row| row.name).chain(INSTRUMENTS.iter().map(|instrument| instrument.name));
    assert_eq!(names("metrics"), known.map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(names("spans").len(), Carrier::SPANS.len());
    assert_eq!(
        names("events").len(),
        EVENTS.len() + seed::EVENTS.len() + events::OF_THE_CLIENT.len() + events::OF_OURS.len()
    );
}

#[test]
fn no_name_stands_twice_for_one_place() {
    let rows: Vec<&Attribute> = registry().map(|(row, _)| row).collect();
    for (number, row) in rows.iter().enumerate() {
        for other in rows[number + 1..].iter().filter(|other| other.name == row.name) {
            let both: Vec<Carrier> = places(row).into_iter().filter(|place| other.may_be_on(*place)).collect();
            // Two vocabularies may say the same by the same name.
            assert!(both.is_empty() || row.kind == other.kind, "{} on {both:?}", row.name);
        }
    }
}
