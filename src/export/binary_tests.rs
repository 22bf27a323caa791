//! Our bytes against those of the wire crate, for whatever a span or a record may hold.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::convert;
use super::*;
use crate::telemetry::log::Severity;
use crate::telemetry::span::{SpanId, SpanKind, TraceId};

/// Of many lengths: the length of a length changes at 128 and at 16,384 bytes.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "\\PC{0,20}",
        2 => (100_usize..140).prop_map(|len| "x".repeat(len)),
        1 => (16_300_usize..16_400).prop_map(|len| "y".repeat(len)),
    ]
}

fn any_name() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), Just("a"), Just("gen_ai.usage.cache_read.input_tokens"), Just("ключ")]
}

fn any_value_of_an_attribute() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any_text().prop_map(|text| Value::Str(text.as_str().into())),
        any_name().prop_map(Value::Static),
        any::<i64>().prop_map(Value::Int),
        any::<i64>().prop_map(Value::Digits),
        (0_i64..300).prop_map(Value::Int),
        any::<f64>().prop_map(Value::Double),
        any::<bool>().prop_map(Value::Bool),
        vec(any_text(), 0..3).prop_map(|texts| Value::List(texts.iter().map(|text| text.as_str().into()).collect())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((any_name(), inner), 0..4).prop_map(Value::Map),
        ]
    })
}

fn any_attributes() -> impl Strategy<Value = Attributes> {
    vec((any_name(), any_value_of_an_attribute()), 0..6)
}

fn any_trace_id() -> impl Strategy<Value = TraceId> {
    any::<[u8; 16]>().prop_map(TraceId::from_bytes)
}

fn any_span_id() -> impl Strategy<Value = SpanId> {
    any::<[u8; 8]>().prop_map(SpanId::from_bytes)
}

fn any_time() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), any::<u64>()]
}

prop_compose! {
    fn any_event()(name in any_name(), time_unix_nano in any_time(), attributes in any_attributes()) -> SpanEvent {
        SpanEvent { name, time_unix_nano, attributes }
    }
}

prop_compose! {
    fn any_link()(trace_id in any_trace_id(), span_id in any_span_id(), attributes in any_attributes()) -> Link {
        Link { trace_id, span_id, attributes }
    }
}

prop_compose! {
    fn any_span()(
        (trace_id, span_id, parent_span_id) in (any_trace_id(), any_span_id(), proptest::option::of(any_span_id())),
        name in any_text(),
        (is_client, error) in any::<(bool, bool)>(),
        (start_unix_nano, end_unix_nano) in (any_time(), any_time()),
        attributes in any_attributes(),
        events in vec(any_event(), 0..3),
        links in vec(any_link(), 0..3),
    ) -> Span {
        let kind = if is_client { SpanKind::Client } else { SpanKind::Internal };
        Span {
            trace_id, span_id, parent_span_id, name: name.into(), kind, start_unix_nano, end_unix_nano, attributes,
            events, links, error,
        }
    }
}

prop_compose! {
    fn any_record()(
        (trace_id, span_id) in (any_trace_id(), any_span_id()),
        event_name in any_name(),
        severity in prop_oneof![Just(Severity::Info), Just(Severity::Warn), Just(Severity::Error)],
        time_unix_nano in any_time(),
        attributes in any_attributes(),
    ) -> LogRecord {
        LogRecord { id: SpanId::INVALID, event_name, time_unix_nano, severity, trace_id, span_id, attributes }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn spans_are_the_bytes_of_their_messages(spans in vec(any_span(), 1..3)) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for one in &spans {
            span(one, &mut ours);
            prost::encoding::message::encode(2, &convert::span(one), &mut theirs);
        }
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn log_records_are_the_bytes_of_their_messages(records in vec(any_record(), 1..3)) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for one in &records {
            log_record(one, &mut ours);
            prost::encoding::message::encode(2, &convert::log_record(one), &mut theirs);
        }
        prop_assert_eq!(ours, theirs);
    }
}
