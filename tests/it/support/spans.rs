//! Spans, log records and metrics to send.

use std::borrow::Cow;

use claude_otel::privacy::Sanitizer;
use claude_otel::telemetry::log::{LogRecord, Severity};
use claude_otel::telemetry::metric::{Metric, Number, NumberPoint, Period, Points, Temporality};
use claude_otel::telemetry::span::{Resource, Span, SpanId, SpanKind, TraceId, Value};

/// A small span whose id and name hold its number.
pub(crate) fn span(number: u64) -> Span {
    Span {
        trace_id: TraceId::from(0xabcd_u128),
        span_id: SpanId::from(number),
        parent_span_id: None,
        name: Cow::Owned(format!("span {number}")),
        kind: SpanKind::Client,
        start_unix_nano: 1_700_000_000_000_000_000,
        end_unix_nano: 1_700_000_001_000_000_000,
        attributes: vec![("gen_ai.usage.input_tokens", Value::Int(9_007_199_254_740_993))],
        events: Vec::new(),
        links: Vec::new(),
        error: false,
    }
}

/// A span with a text of so many bytes.
pub(crate) fn large_span(number: u64, bytes: usize) -> Span {
    let text = Value::Str(Sanitizer::default().text(&"x".repeat(bytes)).unwrap());
    Span { attributes: vec![("text", text)], ..span(number) }
}

/// Spans of these numbers.
pub(crate) fn spans(numbers: std::ops::Range<u64>) -> Vec<Span> {
    numbers.map(span).collect()
}

/// A small log record on the span of that number.
pub(crate) fn log(number: u64) -> LogRecord {
    LogRecord {
        id: SpanId::from(number + 1_000_000),
        event_name: "claude_code.tool_result",
        time_unix_nano: 1_700_000_000_000_000_001,
        severity: Severity::Info,
        trace_id: TraceId::from(0xabcd_u128),
        span_id: SpanId::from(number),
        attributes: vec![("n", Value::Int(9_007_199_254_740_993))],
    }
}

/// A log record with a text of so many bytes, inside a map.
pub(crate) fn large_log(number: u64, bytes: usize) -> LogRecord {
    let text = Value::Str(Sanitizer::default().text(&"x".repeat(bytes)).unwrap());
    LogRecord { attributes: vec![("map", Value::Map(vec![("text", text)]))], ..log(number) }
}

/// Log records of these numbers.
pub(crate) fn logs(numbers: std::ops::Range<u64>) -> Vec<LogRecord> {
    numbers.map(log).collect()
}

/// A counter with so many series, the value of each its number.
pub(crate) fn counter(name: &'static str, series: i64) -> Metric {
    let period = Period { start_unix_nano: 1_700_000_000_000_000_000, time_unix_nano: 1_700_000_060_000_000_000 };
    let point =
        |number| NumberPoint { attributes: vec![("series", Value::Int(number))], period, value: Number::Int(number) };
    let points = Points::Sum(Temporality::Cumulative, (0..series).map(point).collect());
    Metric { name, unit: "{token}", description: "Tokens.", points }
}

/// A resource of one attribute.
pub(crate) fn resource() -> Resource {
    Resource { attributes: vec![(Cow::Borrowed("service.name"), Value::Static("test"))] }
}
