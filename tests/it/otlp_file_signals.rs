//! The file destination with three signals, and OTLP/JSON of log records and metrics to the letter.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use claude_otel::export::destination::{Destination, FileOptions};
use claude_otel::export::error::ExportError;
use claude_otel::export::exporter::{ExportOptions, Exporter};
use claude_otel::export::metric_exporter::MetricExporter;
use claude_otel::export::preview;
use claude_otel::telemetry::log::{LogRecord, Severity};
use claude_otel::telemetry::metric::{
    ExponentialPoint, HistogramPoint, Metric, Number, NumberPoint, Period, Points, Temporality,
};
use claude_otel::telemetry::signal::{Signal, Signals};
use claude_otel::telemetry::span::{SpanId, Telemetry, TraceId, Value};
use serde_json::json;

use crate::support::spans::{counter, large_log, large_span, logs, resource, spans};

const PERIOD: Period = Period { start_unix_nano: 1_700_000_000_000_000_001, time_unix_nano: 1_700_000_000_000_000_002 };

fn folder(options: FileOptions) -> Destination {
    Destination::File(options)
}

async fn open(options: FileOptions) -> Exporter {
    Exporter::open(folder(options), resource(), ExportOptions::new("unused")).await.unwrap()
}

async fn metrics(options: FileOptions) -> Option<MetricExporter> {
    MetricExporter::open(&folder(options), &resource(), &ExportOptions::new("unused")).await.unwrap()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

fn line(path: &Path) -> serde_json::Value {
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "{text}");
    serde_json::from_str(text.trim_end()).unwrap()
}

/// The request around the items, as the specification of OTLP/JSON wants it.
fn request(resources: &str, scopes: &str, items: &str, content: &serde_json::Value) -> serde_json::Value {
    json!({resources: [{
        "resource": {
            "attributes": [{"key": "service.name", "value": {"stringValue": "test"}}],
            "droppedAttributesCount": 0, "entityRefs": [],
        },
        "schemaUrl": "https://opentelemetry.io/schemas/1.44.0",
        scopes: [{
            "scope": {
                "name": "claude_otel", "version": env!("CARGO_PKG_VERSION"),
                "attributes": [], "droppedAttributesCount": 0,
            },
            "schemaUrl": "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
            items: content,
        }],
    }]})
}

#[tokio::test]
async fn a_log_record_is_otlp_json_to_the_letter() {
    let dir = tempfile::tempdir().unwrap();
    let record = LogRecord {
        id: SpanId::from(77),
        event_name: "claude_code.api_error",
        time_unix_nano: 1_700_000_000_000_000_001,
        severity: Severity::Error,
        trace_id: TraceId::from(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
        span_id: SpanId::from(0x0102_0304_0506_0708),
        attributes: vec![
            ("array", Value::Array(vec![Value::Int(-9_007_199_254_740_993), Value::Bool(false)])),
            // The very text that is left out where it is a field.
            ("fake", Value::Static(",\"body\":null")),
            ("map", Value::Map(vec![("role", Value::Static("user")), ("parts", Value::Array(Vec::new()))])),
        ],
    };
    let mut exporter = open(FileOptions::new(dir.path())).await;
    exporter.send(Telemetry { spans: Vec::new(), logs: vec![record.clone()] }).await.unwrap();
    exporter.flush().await.unwrap();
    let expected = json!([{
        "timeUnixNano": "1700000000000000001",
        "observedTimeUnixNano": "1700000000000000001",
        "severityNumber": 17,
        "severityText": "ERROR",
        "attributes": [
            {"key": "array", "value": {"arrayValue": {"values": [
                {"intValue": "-9007199254740993"}, {"boolValue": false},
            ]}}},
            {"key": "fake", "value": {"stringValue": ",\"body\":null"}},
            {"key": "map", "value": {"kvlistValue": {"values": [
                {"key": "role", "value": {"stringValue": "user"}},
                {"key": "parts", "value": {"arrayValue": {"values": []}}},
            ]}}},
        ],
        "droppedAttributesCount": 0,
        "flags": 1,
        "traceId": "0102030405060708090a0b0c0d0e0f10",
        "spanId": "0102030405060708",
        "eventName": "claude_code.api_error",
    }]);
    let expected = request("resourceLogs", "scopeLogs", "logRecords", &expected);
    assert_eq!(line(&dir.path().join("logs.jsonl")), expected);
    let shown: serde_json::Value =
        serde_json::from_str(&preview::otlp_json_of_logs(&resource(), &[record]).unwrap()).unwrap();
    assert_eq!(shown, expected, "what is shown is what leaves");
    assert_eq!(names(dir.path()), ["logs.jsonl"]);
}

/// One metric of every kind.
fn one_of_each() -> [Metric; 4] {
    let attributes = vec![("model", Value::Static("m"))];
    let number = |value| NumberPoint { attributes: attributes.clone(), period: PERIOD, value };
    let metric = |name, points| Metric { name, unit: "{token}", description: "What it says.", points };
    [
        metric(
            "a.sum",
            Points::Sum(
                Temporality::Delta,
                vec![number(Number::Int(9_007_199_254_740_993)), number(Number::Double(0.5))],
            ),
        ),
        metric(
            "a.gauge",
            Points::Gauge(vec![NumberPoint {
                period: Period { start_unix_nano: 0, ..PERIOD },
                attributes: Vec::new(),
                value: Number::Int(-1),
            }]),
        ),
        metric(
            "a.histogram",
            Points::Histogram(
                Temporality::Cumulative,
                vec![HistogramPoint {
                    attributes: attributes.clone(),
                    period: PERIOD,
                    sum: 9.5,
                    min: None,
                    max: Some(7.0),
                    bounds: Arc::from([1.0, 4.5]),
                    counts: vec![1, 0, 9_007_199_254_740_993],
                }],
            ),
        ),
        metric(
            "a.exponential",
            Points::Exponential(
                Temporality::Delta,
                vec![ExponentialPoint {
                    attributes,
                    period: PERIOD,
                    sum: 6.0,
                    min: Some(0.0),
                    max: None,
                    scale: 3,
                    zero_count: 2,
                    offset: -4,
                    counts: vec![1, 9_007_199_254_740_993],
                }],
            ),
        ),
    ]
}

#[tokio::test]
async fn metrics_are_otlp_json_to_the_letter() {
    let dir = tempfile::tempdir().unwrap();
    let mut exporter = metrics(FileOptions::new(dir.path())).await.unwrap();
    exporter.export(&one_of_each()).await.unwrap();
    assert_eq!((exporter.totals().delivered, exporter.totals().requests), (5, 1));
    let (start, time) = ("1700000000000000001", "1700000000000000002");
    let attributes = json!([{"key": "model", "value": {"stringValue": "m"}}]);
    let metric = |name: &str, kind: &str, data: serde_json::Value| json!({"name": name, "description": "What it says.", "unit": "{token}", "metadata": [], kind: data});
    let number = |name: &str, value: serde_json::Value| {
        json!({
            "attributes": attributes, "startTimeUnixNano": start, "timeUnixNano": time, "exemplars": [], "flags": 0,
            name: value,
        })
    };
    let expected = json!([
        metric(
            "a.sum",
            "sum",
            json!({
                "dataPoints": [number("asInt", json!("9007199254740993")), number("asDouble", json!(0.5))],
                "aggregationTemporality": 1, "isMonotonic": true,
            })
        ),
        metric(
            "a.gauge",
            "gauge",
            json!({"dataPoints": [{
                "attributes": [], "startTimeUnixNano": "0", "timeUnixNano": time, "exemplars": [], "flags": 0,
                "asInt": "-1",
            }]})
        ),
        metric(
            "a.histogram",
            "histogram",
            json!({
                "dataPoints": [{
                    "attributes": attributes, "startTimeUnixNano": start, "timeUnixNano": time,
                    "count": "9007199254740994", "sum": 9.5, "max": 7.0,
                    "bucketCounts": ["1", "0", "9007199254740993"], "explicitBounds": [1.0, 4.5],
                    "exemplars": [], "flags": 0,
                }],
                "aggregationTemporality": 2,
            })
        ),
        metric(
            "a.exponential",
            "exponentialHistogram",
            json!({
                "dataPoints": [{
                    "attributes": attributes, "startTimeUnixNano": start, "timeUnixNano": time,
                    "count": "9007199254740996", "sum": 6.0, "min": 0.0, "scale": 3, "zeroCount": "2",
                    "positive": {"offset": -4, "bucketCounts": ["1", "9007199254740993"]},
                    "zeroThreshold": 0.0, "exemplars": [], "flags": 0,
                }],
                "aggregationTemporality": 1,
            })
        ),
    ]);
    let expected = request("resourceMetrics", "scopeMetrics", "metrics", &expected);
    assert_eq!(line(&dir.path().join("metrics.jsonl")), expected);
    let shown: serde_json::Value =
        serde_json::from_str(&preview::otlp_json_of_metrics(&resource(), &one_of_each()).unwrap()).unwrap();
    assert_eq!(shown, expected, "what is shown is what leaves");
}

#[tokio::test]
async fn every_signal_has_a_file_of_its_own_readable_by_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let options = FileOptions { rotate_bytes: 20_000, ..FileOptions::new(dir.path()) };
    let mut exporter = open(options.clone()).await;
    for _ in 0..2 {
        let logs = vec![large_log(0, 15_000)];
        exporter.send(Telemetry { spans: vec![large_span(0, 15_000)], logs }).await.unwrap();
        exporter.flush().await.unwrap();
    }
    metrics(options).await.unwrap().export(&[counter("a", 1)]).await.unwrap();
    let found = names(dir.path());
    let of = |stem: &str| found.iter().filter(|name| name.starts_with(stem)).count();
    assert_eq!((of("traces"), of("logs"), of("metrics"), found.len()), (2, 2, 1, 5), "{found:?}");
    #[cfg(unix)]
    for name in found {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn the_bound_holds_for_all_signals_together() {
    let dir = tempfile::tempdir().unwrap();
    let options = FileOptions { max_total_bytes: 50_000, ..FileOptions::new(dir.path()) };
    let mut exporter = open(options.clone()).await;
    exporter.send(Telemetry { spans: Vec::new(), logs: vec![large_log(0, 25_000)] }).await.unwrap();
    exporter.flush().await.unwrap();
    // Neither alone leaves too little room for the span, and both together do.
    metrics(options).await.unwrap().export(&[counter("a", 60)]).await.unwrap();
    exporter.send(vec![large_span(0, 20_000)]).await.unwrap();
    let error = exporter.flush().await.unwrap_err();
    assert!(matches!(error, ExportError::Full { .. }), "{error}");
    assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (1, 1));
    assert_eq!(names(dir.path()), ["logs.jsonl", "metrics.jsonl"]);
    let held = fs::metadata(dir.path().join("metrics.jsonl")).unwrap().len();
    assert!((5_000..25_000).contains(&held), "{held}");
}

#[tokio::test]
async fn a_signal_that_is_switched_off_has_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let options = FileOptions { signals: Signals::default().with(Signal::Logs), ..FileOptions::new(dir.path()) };
    let mut exporter = open(options.clone()).await;
    exporter.send(Telemetry { spans: spans(0..3), logs: logs(0..2) }).await.unwrap();
    exporter.flush().await.unwrap();
    assert_eq!((exporter.acknowledged(), exporter.totals_of(Signal::Logs).delivered), (5, 2));
    assert!(metrics(options).await.is_none());
    assert_eq!(names(dir.path()), ["logs.jsonl"]);
}
