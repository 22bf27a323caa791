//! What metrics count to at the receiver, against one run over everything.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};

/// Attributes that may say otherwise in the end than they did when something was counted.
const PROVISIONAL: [&str; 8] = [
    "claude_code.turn.outcome",
    "claude_code.tool.outcome",
    "claude_code.agent.outcome",
    "claude_otel.cost.lower_bound",
    "claude_code.api_error.final",
    "error.type",
    "gen_ai.agent.name",
    "start_type",
];

/// A series by its metric and attributes, written out.
type Series = (String, String);

/// What has arrived of metrics.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    /// The last point of each series: its start, its time, its value.
    last: BTreeMap<Series, (u64, u64, f64)>,
    /// What must never be, in words.
    pub(crate) faults: Vec<String>,
    pub(crate) requests: u64,
}

impl Counts {
    /// Takes a request in, and looks whether anything goes backwards.
    pub(crate) fn take(&mut self, request: ExportMetricsServiceRequest) {
        self.requests += 1;
        let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        for metric in scopes.flat_map(|scope| scope.metrics) {
            for (attributes, start, time, value) in points(&metric) {
                let series = (metric.name.clone(), attributes);
                let Some(before) = self.last.insert(series.clone(), (start, time, value)) else { continue };
                if value < before.2 || start > before.0 || time < before.1 {
                    self.faults.push(format!("went back: {series:?} {before:?} -> {:?}", (start, time, value)));
                }
            }
        }
    }

    /// The sums by all attributes that say the same from the beginning.
    fn sums(&self) -> BTreeMap<Series, f64> {
        let mut sums = BTreeMap::new();
        for ((name, attributes), (_, _, value)) in &self.last {
            let lasting = attributes
                .split(';')
                .filter(|pair| pair.split_once('=').is_some_and(|(name, _)| !PROVISIONAL.contains(&name)));
            *sums.entry((name.clone(), lasting.collect::<Vec<_>>().join(";"))).or_insert(0.0) += value;
        }
        sums
    }

    /// Everything that is not as in `truth`.
    pub(crate) fn compare(&self, truth: &Self) -> Vec<String> {
        let (found, expected) = (self.sums(), truth.sums());
        let mut faults = Vec::new();
        for series in found.keys().chain(expected.keys()).collect::<std::collections::BTreeSet<_>>() {
            let value = |sums: &BTreeMap<Series, f64>| sums.get(series).copied().unwrap_or(0.0);
            if (value(&found) - value(&expected)).abs() > 1e-6 {
                faults.push(format!("counts to {} instead of {}: {series:?}", value(&found), value(&expected)));
            }
        }
        faults
    }

    pub(crate) fn series(&self) -> usize {
        self.last.len()
    }
}

/// The cumulative points of a metric; gauges say nothing about the past.
fn points(metric: &Metric) -> Vec<(String, u64, u64, f64)> {
    match &metric.data {
        Some(metric::Data::Sum(sum)) => sum
            .data_points
            .iter()
            .map(|point| {
                let value = match point.value {
                    Some(number_data_point::Value::AsInt(value)) => value as f64,
                    Some(number_data_point::Value::AsDouble(value)) => value,
                    None => panic!("a point of {} has no value", metric.name),
                };
                (written(&point.attributes), point.start_time_unix_nano, point.time_unix_nano, value)
            })
            .collect(),
        // What was observed may turn out to have lasted longer; how often never changes.
        Some(metric::Data::Histogram(histogram)) => histogram
            .data_points
            .iter()
            .map(|point| {
                let count = point.count as f64;
                assert_eq!(point.count, point.bucket_counts.iter().sum::<u64>(), "{}", metric.name);
                (written(&point.attributes), point.start_time_unix_nano, point.time_unix_nano, count)
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn written(attributes: &[KeyValue]) -> String {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let text = |pair: &KeyValue| match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => format!("{}={text}", pair.key),
        other => format!("{}={other:?}", pair.key),
    };
    attributes.iter().map(text).collect::<Vec<_>>().join(";")
}
