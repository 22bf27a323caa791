//! The file destination, as a reader of its files sees it.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use claude_otel::export::destination::{Destination, FileOptions};
use claude_otel::export::error::ExportError;
use claude_otel::export::exporter::{ExportOptions, Exporter};
use claude_otel::privacy::{Sanitized, Sanitizer};
use claude_otel::telemetry::span::{Link, Resource, Span, SpanEvent, SpanId, SpanKind, TraceId, Value};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use serde_json::json;

use crate::support::spans::{large_span, resource, span, spans};

async fn open(options: FileOptions) -> Result<Exporter, ExportError> {
    Exporter::open(Destination::File(options), resource(), ExportOptions::new("unused")).await
}

fn requests(path: &Path) -> Vec<ExportTraceServiceRequest> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(requests: &[ExportTraceServiceRequest]) -> Vec<String> {
    let scopes = requests.iter().flat_map(|request| &request.resource_spans).flat_map(|spans| &spans.scope_spans);
    scopes.flat_map(|scope| &scope.spans).map(|span| span.name.clone()).collect()
}

#[tokio::test]
async fn a_line_is_an_otlp_json_request_to_the_letter() {
    let dir = tempfile::tempdir().unwrap();
    // The resource holds the very text that the envelope is cut at.
    let resource = Resource { attributes: vec![(Cow::Borrowed("a"), Value::Static("\"spans\":[]"))] };
    let options = Destination::File(FileOptions::new(dir.path()));
    let mut exporter = Exporter::open(options, resource, ExportOptions::new("unused")).await.unwrap();
    let whole = Span {
        trace_id: TraceId::from(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
        span_id: SpanId::from(0x0102_0304_0506_0708),
        parent_span_id: Some(SpanId::from(0xff00_ff00_ff00_ff00)),
        name: Cow::Borrowed("chat"),
        kind: SpanKind::Client,
        start_unix_nano: 1_700_000_000_000_000_001,
        end_unix_nano: 1_700_000_000_000_000_002,
        attributes: vec![
            ("bool", Value::Bool(true)),
            ("double", Value::Double(0.5)),
            ("int", Value::Int(-9_007_199_254_740_993)),
            ("list", Value::List(vec![Sanitized::of_ours("stop")])),
            ("str", Value::Str(Sanitizer::default().text("é\n").unwrap())),
        ],
        events: vec![SpanEvent { name: "retry", time_unix_nano: 5, attributes: vec![("n", Value::Int(1))] }],
        links: vec![Link { trace_id: TraceId::from(1_u128), span_id: SpanId::from(2_u64), attributes: Vec::new() }],
        error: true,
    };
    exporter.send(vec![whole]).await.unwrap();
    exporter.flush().await.unwrap();
    let text = fs::read_to_string(dir.path().join("traces.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    let expected = json!({"resourceSpans": [{
        "resource": {
            "attributes": [{"key": "a", "value": {"stringValue": "\"spans\":[]"}}],
            "droppedAttributesCount": 0, "entityRefs": [],
        },
        "schemaUrl": "https://opentelemetry.io/schemas/1.44.0",
        "scopeSpans": [{
            "scope": {
                "name": "claude_otel", "version": env!("CARGO_PKG_VERSION"),
                "attributes": [], "droppedAttributesCount": 0,
            },
            "schemaUrl": "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
            "spans": [{
                "traceId": "0102030405060708090a0b0c0d0e0f10",
                "spanId": "0102030405060708",
                "parentSpanId": "ff00ff00ff00ff00",
                "traceState": "",
                "flags": 257,
                "name": "chat",
                "kind": 3,
                "startTimeUnixNano": "1700000000000000001",
                "endTimeUnixNano": "1700000000000000002",
                "attributes": [
                    {"key": "bool", "value": {"boolValue": true}},
                    {"key": "double", "value": {"doubleValue": 0.5}},
                    {"key": "int", "value": {"intValue": "-9007199254740993"}},
                    {"key": "list", "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}},
                    {"key": "str", "value": {"stringValue": "é\n"}},
                ],
                "droppedAttributesCount": 0,
                "events": [{
                    "name": "retry", "timeUnixNano": "5", "droppedAttributesCount": 0,
                    "attributes": [{"key": "n", "value": {"intValue": "1"}}],
                }],
                "droppedEventsCount": 0,
                "links": [{
                    "traceId": "00000000000000000000000000000001", "spanId": "0000000000000002",
                    "traceState": "", "flags": 257, "attributes": [], "droppedAttributesCount": 0,
                }],
                "droppedLinksCount": 0,
                "status": {"message": "", "code": 2},
            }],
        }],
    }]});
    assert_eq!(line, expected);
}

#[tokio::test]
async fn the_same_spans_give_the_same_bytes() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for dir in [&one, &other] {
        let mut exporter = open(FileOptions::new(dir.path())).await.unwrap();
        exporter.send(spans(0..50)).await.unwrap();
        exporter.flush().await.unwrap();
    }
    let read = |dir: &Path| fs::read(dir.join("traces.jsonl")).unwrap();
    assert_eq!(read(one.path()), read(other.path()));
}

#[tokio::test]
async fn runs_append_and_a_line_cut_by_a_crash_goes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("traces.jsonl");
    let mut exporter = open(FileOptions::new(dir.path())).await.unwrap();
    exporter.send(spans(0..2)).await.unwrap();
    exporter.flush().await.unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [whole.as_slice(), &whole[..whole.len() / 2]].concat()).unwrap();
    let mut exporter = open(FileOptions::new(dir.path())).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), whole, "opening cuts back");
    exporter.send(spans(2..3)).await.unwrap();
    exporter.flush().await.unwrap();
    assert_eq!(names(&requests(&path)), ["span 0", "span 1", "span 2"]);
    assert_eq!((exporter.totals().delivered, exporter.totals().requests), (1, 1));
}

#[tokio::test]
async fn lines_stay_below_what_a_collector_takes() {
    let dir = tempfile::tempdir().unwrap();
    let mut exporter = open(FileOptions::new(dir.path())).await.unwrap();
    let mut sent: Vec<_> = (0..40).map(|number| large_span(number, 90_000)).collect();
    sent.push(span(40));
    exporter.send(sent).await.unwrap();
    exporter.flush().await.unwrap();
    let text = fs::read_to_string(dir.path().join("traces.jsonl")).unwrap();
    assert!(text.lines().all(|line| line.len() < 1 << 20));
    assert_eq!(text.lines().count(), 4);
    assert_eq!(names(&requests(&dir.path().join("traces.jsonl"))).len(), 41);
}

#[tokio::test]
async fn a_full_folder_stops_the_run_and_keeps_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut exporter = open(FileOptions { max_total_bytes: 250_000, ..FileOptions::new(dir.path()) }).await.unwrap();
    exporter.send(vec![large_span(0, 100_000)]).await.unwrap();
    exporter.flush().await.unwrap();
    exporter.send(vec![large_span(1, 200_000)]).await.unwrap();
    let error = exporter.flush().await.unwrap_err();
    assert!(matches!(error, ExportError::Full { .. }), "{error}");
    assert!(!error.is_configuration());
    assert!(error.to_string().contains("CLAUDE_OTEL_OTLP_FILE_MAX_BYTES"), "{error}");
    assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (1, 1));
    assert_eq!(names(&requests(&dir.path().join("traces.jsonl"))), ["span 0"]);
}

#[tokio::test]
async fn two_writers_share_a_folder_without_mixing_lines() {
    let dir = tempfile::tempdir().unwrap();
    let write = |from: u64| {
        let options = FileOptions { rotate_bytes: 100_000, ..FileOptions::new(dir.path()) };
        async move {
            let mut exporter = open(options).await.unwrap();
            for number in from..from + 40 {
                exporter.send(vec![large_span(number, 20_000)]).await.unwrap();
                exporter.flush().await.unwrap();
            }
        }
    };
    tokio::join!(write(0), write(100));
    let files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "jsonl")).collect();
    assert!(files.len() > 10, "rotated: {files:?}");
    let mut found: Vec<_> = files.iter().flat_map(|path| names(&requests(path))).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 80);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("taken");
    fs::write(&file, "").unwrap();
    let error = open(FileOptions::new(file.join("otlp"))).await.unwrap_err();
    assert!(matches!(error, ExportError::Disk { .. }), "{error}");
    assert!(error.to_string().contains("taken/otlp"), "{error}");
}

#[tokio::test]
async fn a_destination_that_is_switched_off_opens_nothing() {
    let destination = Destination::Disabled { reason: "OTEL_SDK_DISABLED is true".to_owned() };
    let error = Exporter::open(destination, resource(), ExportOptions::new("unused")).await.unwrap_err();
    assert!(error.is_configuration());
    assert!(error.to_string().contains("OTEL_SDK_DISABLED is true"), "{error}");
}
