//! Metrics: they add up to what the summary and the spans say, whatever the transcripts hold.

#![expect(clippy::float_cmp, reason = "sums of whole numbers are whole")]

use std::collections::BTreeMap;

use claude_otel::checkpoint::rows::{Measured, SeriesRow};
use claude_otel::pipeline::history::HistoryOptions;
use claude_otel::pipeline::measuring::table_of;
use claude_otel::telemetry::measure::table::TableOptions;
use claude_otel::telemetry::metric::{HistogramPoint, Metric, Number, NumberPoint, Points, Temporality};
use claude_otel::telemetry::span::{Attributes, Value};

use crate::golden::{Rebuilt, scenarios};

/// The state's rows as they are after one run over everything.
pub(crate) fn rows(rebuilt: &Rebuilt) -> Vec<SeriesRow> {
    let mut rows: BTreeMap<_, SeriesRow> = BTreeMap::new();
    for Measured { series, first, amount, .. } in rebuilt.history.sessions().iter().flat_map(|(_, parts)| parts.clone())
    {
        match rows.get_mut(&series) {
            Some(row) => row.amount.add(&amount),
            None => {
                rows.insert(series.clone(), SeriesRow { series, first, amount, telling: None, told: None });
            }
        }
    }
    rows.into_values().collect()
}

pub(crate) fn metrics(rebuilt: &Rebuilt, options: TableOptions) -> Vec<Metric> {
    table_of(&rows(rebuilt), options).cumulative(4_000_000_000_000)
}

fn text<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    match attributes.iter().find(|(key, _)| *key == name) {
        Some((_, Value::Str(text))) => text,
        Some((_, Value::Static(text))) => text,
        _ => "",
    }
}

fn number(point: &NumberPoint) -> f64 {
    match point.value {
        Number::Int(value) => value as f64,
        Number::Double(value) => value,
    }
}

/// The sums of a metric by some attributes.
fn sums(metrics: &[Metric], name: &str, by: &[&str]) -> BTreeMap<Vec<String>, f64> {
    let mut sums = BTreeMap::new();
    for metric in metrics.iter().filter(|metric| metric.name == name) {
        let mut add = |attributes: &Attributes, value: f64| {
            let key: Vec<_> = by.iter().map(|name| text(attributes, name).to_owned()).collect();
            *sums.entry(key).or_insert(0.0) += value;
        };
        match &metric.points {
            Points::Sum(_, points) | Points::Gauge(points) => {
                for point in points {
                    add(&point.attributes, number(point));
                }
            }
            Points::Histogram(_, points) => {
                for point in points {
                    add(&point.attributes, count(point));
                }
            }
            Points::Exponential(..) => panic!("{name} is exponential"),
        }
    }
    sums
}

fn count(point: &HistogramPoint) -> f64 {
    point.counts.iter().sum::<u64>() as f64
}

fn total(metrics: &[Metric], name: &str) -> f64 {
    sums(metrics, name, &[]).into_values().sum()
}

#[test]
fn metrics_add_up_to_what_the_summary_says_in_every_scenario() {
    let mut seen: BTreeMap<&str, f64> = BTreeMap::new();
    for rebuilt in scenarios() {
        let (metrics, totals, name) = (metrics(&rebuilt, TableOptions::default()), &rebuilt.totals, &rebuilt.name);
        let same = |metric: &'static str, expected: u64| {
            assert_eq!(total(&metrics, metric), expected as f64, "{metric} in {name}");
        };
        same("claude_code.llm.calls", totals.llm_calls());
        same("claude_code.tool.calls", totals.tool_calls());
        same("claude_code.turn.count", totals.turns);
        same("claude_code.agent.count", totals.agents);
        same("claude_code.compaction.count", totals.compactions);
        same("gen_ai.client.inference.duration", totals.llm_calls());
        same("gen_ai.execute_tool.duration", totals.tool_calls());
        same("gen_ai.invoke_agent.duration", totals.turns + totals.agents);
        for (outcome, calls) in sums(&metrics, "claude_code.tool.calls", &["claude_code.tool.outcome"]) {
            assert_eq!(calls, totals.outcomes[outcome[0].as_str()] as f64, "{outcome:?} in {name}");
        }
        let usage = totals.usage();
        let hidden = totals.hidden.values().fold(usage, |mut sum, hidden| {
            sum += hidden;
            sum
        });
        let by_type = sums(&metrics, "claude_code.token.usage", &["type"]);
        let of_type = |kind: &str| by_type.get(&vec![kind.to_owned()]).copied().unwrap_or(0.0) as u64;
        let told = (of_type("input"), of_type("output"), of_type("cacheRead"), of_type("cacheCreation"));
        assert_eq!(told, (hidden.input, hidden.output, hidden.cache_read, hidden.cache_creation), "{name}");
        // What a client does in the dark is no response, so the conventions' metrics leave it out of their histograms.
        let input = sums(&metrics, "gen_ai.client.token.usage", &["gen_ai.token.type"]);
        assert_eq!(input.values().sum::<f64>(), totals.llm_calls() as f64 * 2.0, "{name}");
        for metric in &metrics {
            *seen.entry(metric.name).or_default() += total(&metrics, metric.name);
        }
    }
    // A metric that no scenario has would be compared with nothing.
    let names = claude_otel::telemetry::measure::views::VIEWS
        .iter()
        .filter(|view| view.is_chosen(TableOptions::default().vocabularies, TableOptions::default().semconv));
    for view in names {
        assert!(seen.contains_key(view.name), "no scenario has {}", view.name);
    }
}

#[test]
fn history_ends_where_the_totals_are_and_never_goes_back() {
    for rebuilt in scenarios() {
        let temporality = Temporality::Cumulative;
        let options =
            HistoryOptions { table: TableOptions::default(), temporality, every: 60_000, period: (None, None) };
        let mut last: BTreeMap<(String, String), (u64, f64)> = BTreeMap::new();
        for metric in rebuilt.history.metrics(&[], options).flatten() {
            let Points::Sum(_, points) = &metric.points else { continue };
            for point in points {
                let series = (metric.name.to_owned(), format!("{:?}", point.attributes));
                let now = (point.period.time_unix_nano, number(point));
                if let Some(before) = last.insert(series, now) {
                    assert!(before.0 < now.0 && before.1 <= now.1, "{} in {}", metric.name, rebuilt.name);
                }
            }
        }
        let mut ends: BTreeMap<String, f64> = BTreeMap::new();
        for ((name, _), (_, value)) in last {
            *ends.entry(name).or_default() += value;
        }
        for metric in
            metrics(&rebuilt, TableOptions::default()).iter().filter(|metric| matches!(metric.points, Points::Sum(..)))
        {
            let (end, whole) = (ends[metric.name], sums(std::slice::from_ref(metric), metric.name, &[])[&Vec::new()]);
            assert!((end - whole).abs() < 1e-9, "{} in {}: {end}, {whole}", metric.name, rebuilt.name);
        }
    }
}

#[test]
fn no_metric_names_a_session_a_prompt_or_a_trace() {
    for rebuilt in scenarios() {
        for metric in metrics(&rebuilt, TableOptions::default()) {
            let all: Vec<&Attributes> = match &metric.points {
                Points::Sum(_, points) | Points::Gauge(points) => points.iter().map(|p| &p.attributes).collect(),
                Points::Histogram(_, points) => points.iter().map(|p| &p.attributes).collect(),
                Points::Exponential(_, points) => points.iter().map(|p| &p.attributes).collect(),
            };
            for (name, _) in all.into_iter().flatten() {
                assert!(
                    !["session", "conversation", "prompt", "trace", "span"].iter().any(|id| name.contains(id)),
                    "{name}"
                );
            }
        }
    }
}
