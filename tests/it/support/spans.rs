//! Spans to send.

use std::borrow::Cow;

use claude_otel::privacy::Sanitizer;
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

/// A resource of one attribute.
pub(crate) fn resource() -> Resource {
    Resource { attributes: vec![(Cow::Borrowed("service.name"), Value::Static("test"))] }
}
