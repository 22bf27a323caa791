//! Spans as they would leave, for people to read before anything does.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};

use super::convert;
use crate::telemetry::span::{Resource, Span};

/// One line of OTLP/JSON: the request that would carry these spans.
pub fn otlp_json(resource: &Resource, spans: &[Span]) -> Result<String, serde_json::Error> {
    let spans = spans.iter().map(|span| convert::span(span.clone())).collect();
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    let resource = Some(convert::resource(resource));
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }],
    };
    serde_json::to_string(&request)
}
