//! Spans and log records straight to OTLP's binary form, without a message in between.
//!
//! A backfill makes hundreds of thousands of them, and a message owns every name and every text of its own. **Invariant:**
//! the bytes are those of the messages that [`super::convert`] makes, which a property test holds them to.

use prost::encoding::{encode_varint, encoded_len_varint};

use super::convert::{FLAGS, TRACE_FLAGS, kind};
use crate::telemetry::log::LogRecord;
use crate::telemetry::span::{Attributes, Link, Span, SpanEvent, Value};

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LENGTH: u8 = 2;
const FIXED32: u8 = 5;
/// `STATUS_CODE_ERROR`.
const ERROR: u64 = 2;

/// The key of a field whose number is below 16.
const fn key(field: u8, wire: u8) -> u8 {
    field << 3 | wire
}

/// Appends a span, framed as an item of its request.
pub(super) fn span(span: &Span, out: &mut Vec<u8>) {
    message::<2>(key(2, LENGTH), out, |out| {
        bytes(1, &span.trace_id.to_bytes(), out);
        bytes(2, &span.span_id.to_bytes(), out);
        if let Some(parent) = span.parent_span_id {
            bytes(4, &parent.to_bytes(), out);
        }
        text(5, &span.name, out);
        number(6, kind(span.kind) as u64, out);
        fixed64(7, span.start_unix_nano, out);
        fixed64(8, span.end_unix_nano, out);
        attributes(key(9, LENGTH), &span.attributes, out);
        for event in &span.events {
            message::<1>(key(11, LENGTH), out, |out| span_event(event, out));
        }
        for of in &span.links {
            message::<1>(key(13, LENGTH), out, |out| link(of, out));
        }
        message::<1>(key(15, LENGTH), out, |out| {
            if span.error {
                number(3, ERROR, out);
            }
        });
        // The key of field 16 takes two bytes.
        out.extend_from_slice(&[key(0, FIXED32) | 0x80, 1]);
        out.extend_from_slice(&FLAGS.to_le_bytes());
    });
}

/// Appends a log record, framed as an item of its request.
pub(super) fn log_record(record: &LogRecord, out: &mut Vec<u8>) {
    message::<2>(key(2, LENGTH), out, |out| {
        fixed64(1, record.time_unix_nano, out);
        number(2, record.severity as u64, out);
        text(3, record.severity.text(), out);
        attributes(key(6, LENGTH), &record.attributes, out);
        out.push(key(8, FIXED32));
        out.extend_from_slice(&TRACE_FLAGS.to_le_bytes());
        bytes(9, &record.trace_id.to_bytes(), out);
        bytes(10, &record.span_id.to_bytes(), out);
        fixed64(11, record.time_unix_nano, out);
        text(12, record.event_name, out);
    });
}

fn span_event(event: &SpanEvent, out: &mut Vec<u8>) {
    fixed64(1, event.time_unix_nano, out);
    text(2, event.name, out);
    attributes(key(3, LENGTH), &event.attributes, out);
}

fn link(link: &Link, out: &mut Vec<u8>) {
    bytes(1, &link.trace_id.to_bytes(), out);
    bytes(2, &link.span_id.to_bytes(), out);
    attributes(key(4, LENGTH), &link.attributes, out);
    out.push(key(6, FIXED32));
    out.extend_from_slice(&FLAGS.to_le_bytes());
}

fn attributes(key_of_each: u8, attributes: &Attributes, out: &mut Vec<u8>) {
    for (name, value) in attributes {
        if short_attribute(key_of_each, name, value, out) {
            continue;
        }
        message::<1>(key_of_each, out, |out| {
            text(1, name, out);
            message::<1>(key(2, LENGTH), out, |out| any_value(value, out));
        });
    }
}

/// Most attributes: those whose lengths all take one byte, and are known beforehand. False when it is none of them.
fn short_attribute(key_of_each: u8, name: &str, value: &Value, out: &mut Vec<u8>) -> bool {
    // Two keys and two lengths, one of either for the name and for the value.
    const AROUND: usize = 4;
    let mut head = |in_value: usize| {
        let whole = AROUND + name.len() + in_value;
        let is_short = whole < 0x80 && !name.is_empty();
        if is_short {
            out.extend_from_slice(&[key_of_each, whole as u8, key(1, LENGTH), name.len() as u8]);
            out.extend_from_slice(name.as_bytes());
        }
        is_short
    };
    let mut digits = itoa::Buffer::new();
    let text = match value {
        Value::Str(text) => Some(&**text),
        Value::Static(text) => Some(*text),
        Value::Digits(number) => Some(digits.format(*number)),
        _ => None,
    };
    if let Some(text) = text {
        let is_short = head(2 + text.len());
        if is_short {
            out.extend_from_slice(&[key(2, LENGTH), text.len() as u8 + 2, key(1, LENGTH), text.len() as u8]);
            out.extend_from_slice(text.as_bytes());
        }
        return is_short;
    }
    match value {
        Value::Int(number) => {
            let len = encoded_len_varint(number.cast_unsigned());
            let is_short = head(1 + len);
            if is_short {
                out.extend_from_slice(&[key(2, LENGTH), 1 + len as u8, key(3, VARINT)]);
                encode_varint(number.cast_unsigned(), out);
            }
            is_short
        }
        Value::Bool(truth) => {
            let is_short = head(2);
            if is_short {
                out.extend_from_slice(&[key(2, LENGTH), 2, key(2, VARINT), u8::from(*truth)]);
            }
            is_short
        }
        _ => false,
    }
}

/// One of several fields, which is there even when it is zero or empty.
fn any_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Str(text) => bytes(1, text.as_bytes(), out),
        Value::Static(text) => bytes(1, text.as_bytes(), out),
        Value::Digits(number) => bytes(1, itoa::Buffer::new().format(*number).as_bytes(), out),
        Value::Bool(truth) => out.extend_from_slice(&[key(2, VARINT), u8::from(*truth)]),
        Value::Int(value) => {
            out.push(key(3, VARINT));
            encode_varint(value.cast_unsigned(), out);
        }
        Value::Double(value) => {
            out.push(key(4, FIXED64));
            out.extend_from_slice(&value.to_le_bytes());
        }
        Value::List(texts) => message::<1>(key(5, LENGTH), out, |out| {
            for text in texts {
                message::<1>(key(1, LENGTH), out, |out| bytes(1, text.as_bytes(), out));
            }
        }),
        Value::Array(values) => message::<1>(key(5, LENGTH), out, |out| {
            for value in values {
                message::<1>(key(1, LENGTH), out, |out| any_value(value, out));
            }
        }),
        Value::Map(values) => message::<1>(key(6, LENGTH), out, |out| attributes(key(1, LENGTH), values, out)),
    }
}

/// A text, left out when it is empty.
fn text(field: u8, text: &str, out: &mut Vec<u8>) {
    if !text.is_empty() {
        bytes(field, text.as_bytes(), out);
    }
}

fn bytes(field: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(key(field, LENGTH));
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// A number, left out when it is zero.
fn number(field: u8, number: u64, out: &mut Vec<u8>) {
    if number != 0 {
        out.push(key(field, VARINT));
        encode_varint(number, out);
    }
}

/// The same, eight bytes long.
fn fixed64(field: u8, number: u64, out: &mut Vec<u8>) {
    if number != 0 {
        out.push(key(field, FIXED64));
        out.extend_from_slice(&number.to_le_bytes());
    }
}

/// A message within a message. Its length stands before it and is known behind it: so many bytes are kept free as the
/// length of most takes, and the rest is moved where it takes another number.
fn message<const ROOM: usize>(key: u8, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(key);
    let start = out.len();
    out.extend_from_slice(&[0; ROOM]);
    write(out);
    let len = (out.len() - start - ROOM) as u64;
    let mut length = [0; 10];
    let needed = encoded_len_varint(len);
    encode_varint(len, &mut length.as_mut_slice());
    let length = length.get(..needed).unwrap_or_default();
    match out.get_mut(start..start + ROOM) {
        Some(room) if needed == ROOM => room.copy_from_slice(length),
        _ => {
            out.splice(start..start + ROOM, length.iter().copied());
        }
    }
}

#[cfg(test)]
#[path = "binary_tests.rs"]
mod tests;
