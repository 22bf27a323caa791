//! The span by which `doctor` tries a destination.

use std::borrow::Cow;

use super::ids::{IdKind, Identity};
use super::semconv::doctor::{CLAUDE_OTEL_DOCTOR, SPAN_NAME};
use super::span::{Span, SpanKind, Value};

/// A span of one moment that tells of no session. `try_of` says whose try it is, so that no two have the same ids.
pub fn test_span(now_unix_nano: u64, try_of: &str) -> Span {
    let identity = Identity::new(IdKind::Doctor, try_of, &now_unix_nano.to_string());
    Span {
        trace_id: identity.trace_id(),
        span_id: identity.span_id(),
        parent_span_id: None,
        name: Cow::Borrowed(SPAN_NAME),
        kind: SpanKind::Internal,
        start_unix_nano: now_unix_nano,
        end_unix_nano: now_unix_nano,
        attributes: vec![(CLAUDE_OTEL_DOCTOR, Value::Bool(true))],
        events: Vec::new(),
        links: Vec::new(),
        error: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_try_has_an_id_of_its_own() {
        let first = test_span(1, "host 7");
        assert_eq!(first, test_span(1, "host 7"));
        assert_ne!(first.trace_id, test_span(2, "host 7").trace_id);
        assert_ne!(first.trace_id, test_span(1, "host 8").trace_id);
        assert!(first.attributes.contains(&("claude_otel.doctor", Value::Bool(true))));
    }
}
