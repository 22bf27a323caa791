//! Our spans, log records and resource as OTLP messages.

use std::borrow::Cow;

use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord as ProtoLogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link as ProtoLink, SpanKind as ProtoKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span as ProtoSpan, Status};

use crate::telemetry::log::LogRecord;
use crate::telemetry::span::{Attributes, Link, Resource, Span, SpanEvent, SpanKind, Value};

/// Sampled, and known not to have a remote parent; links say the same of what they point to.
pub(super) const FLAGS: u32 = 0x101;
/// The trace flags of the span that a log record belongs to: sampled.
pub(super) const TRACE_FLAGS: u32 = 0x01;

/// One span.
pub(super) fn span(span: &Span) -> ProtoSpan {
    let code = if span.error { StatusCode::Error } else { StatusCode::Unset };
    ProtoSpan {
        trace_id: span.trace_id.to_bytes().to_vec(),
        span_id: span.span_id.to_bytes().to_vec(),
        parent_span_id: span.parent_span_id.map(|id| id.to_bytes().to_vec()).unwrap_or_default(),
        flags: FLAGS,
        name: span.name.clone().into_owned(),
        kind: kind(span.kind) as i32,
        start_time_unix_nano: span.start_unix_nano,
        end_time_unix_nano: span.end_unix_nano,
        attributes: attributes(&span.attributes),
        events: span.events.iter().map(event).collect(),
        links: span.links.iter().map(link).collect(),
        // Set even when it says nothing: a JSON `null` in its place is more than some readers take.
        status: Some(Status { message: String::new(), code: code as i32 }),
        ..ProtoSpan::default()
    }
}

/// One log record. It has no body: what there is to say is in its attributes.
pub(super) fn log_record(record: &LogRecord) -> ProtoLogRecord {
    ProtoLogRecord {
        time_unix_nano: record.time_unix_nano,
        observed_time_unix_nano: record.time_unix_nano,
        severity_number: record.severity as i32,
        severity_text: record.severity.text().to_owned(),
        body: None,
        attributes: attributes(&record.attributes),
        dropped_attributes_count: 0,
        flags: TRACE_FLAGS,
        trace_id: record.trace_id.to_bytes().to_vec(),
        span_id: record.span_id.to_bytes().to_vec(),
        event_name: record.event_name.to_owned(),
    }
}

/// The resource.
pub(super) fn resource(resource: &Resource) -> ProtoResource {
    let attributes = resource.attributes.iter().map(|(name, value)| key_value(name.clone(), value)).collect();
    ProtoResource { attributes, ..ProtoResource::default() }
}

/// The kind by its name on the wire.
pub(super) fn kind(kind: SpanKind) -> ProtoKind {
    match kind {
        SpanKind::Internal => ProtoKind::Internal,
        SpanKind::Client => ProtoKind::Client,
    }
}

fn event(event: &SpanEvent) -> Event {
    Event {
        time_unix_nano: event.time_unix_nano,
        name: event.name.to_owned(),
        attributes: attributes(&event.attributes),
        dropped_attributes_count: 0,
    }
}

fn link(link: &Link) -> ProtoLink {
    ProtoLink {
        trace_id: link.trace_id.to_bytes().to_vec(),
        span_id: link.span_id.to_bytes().to_vec(),
        attributes: attributes(&link.attributes),
        flags: FLAGS,
        ..ProtoLink::default()
    }
}

/// Attributes in their order.
pub(super) fn attributes(attributes: &Attributes) -> Vec<KeyValue> {
    attributes.iter().map(|(name, value)| key_value(Cow::Borrowed(name), value)).collect()
}

fn key_value(name: Cow<'static, str>, value: &Value) -> KeyValue {
    KeyValue { key: name.into_owned(), value: Some(any_value(value)), ..KeyValue::default() }
}

fn any_value(value: &Value) -> AnyValue {
    let value = match value {
        Value::Str(text) => any_value::Value::StringValue(text.as_ref().to_owned()),
        Value::Static(text) => any_value::Value::StringValue((*text).to_owned()),
        Value::Digits(number) => any_value::Value::StringValue(number.to_string()),
        Value::Int(number) => any_value::Value::IntValue(*number),
        Value::Double(number) => any_value::Value::DoubleValue(*number),
        Value::Bool(truth) => any_value::Value::BoolValue(*truth),
        Value::List(texts) => {
            let text = |text: &str| Some(any_value::Value::StringValue(text.to_owned()));
            let values = texts.iter().map(|each| AnyValue { value: text(each) }).collect();
            any_value::Value::ArrayValue(ArrayValue { values })
        }
        Value::Array(values) => {
            any_value::Value::ArrayValue(ArrayValue { values: values.iter().map(any_value).collect() })
        }
        Value::Map(values) => any_value::Value::KvlistValue(KeyValueList { values: attributes(values) }),
    };
    AnyValue { value: Some(value) }
}
