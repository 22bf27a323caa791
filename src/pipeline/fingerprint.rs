//! Fingerprints that are remembered between two runs, so they must never depend on the build or the machine.

use std::path::Path;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::telemetry::log::LogRecord;
use crate::telemetry::semconv;
use crate::telemetry::span::{Attributes, Span, SpanKind, Value};

/// Keeps the ids of different kinds of things apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdSpace {
    /// Responses.
    Call = 1,
    /// Tool calls.
    Tool = 2,
    /// Lines that copies of history begin with.
    FirstLine = 3,
    /// Responses that copies of history begin with.
    FirstCall = 4,
    /// Sessions that others say they were copied from.
    Session = 5,
    /// Series that what was counted may move between.
    Kin = 6,
}

/// The fingerprint of an id. Eight bytes tell a billion ids apart but for one chance in forty.
pub fn of_id(space: IdSpace, id: &str) -> u64 {
    xxh3_64_with_seed(id.as_bytes(), space as u64)
}

/// The fingerprint of a path, or of a name that stands for one.
pub fn of_path(path: &Path) -> u64 {
    xxh3_64_with_seed(path.as_os_str().as_encoded_bytes(), 0)
}

/// The bit of a fingerprint that tells an event from a span.
pub const OF_AN_EVENT: u64 = 1;

/// The fingerprint of everything that a span says.
pub fn of_span(span: &Span) -> u64 {
    Printer::default().of_span(span)
}

/// The fingerprint of everything that an event says.
pub fn of_record(record: &LogRecord) -> u64 {
    Printer::default().of_record(record)
}

/// Makes fingerprints. What is said is first put together and then read at once, which is several times faster than
/// piece by piece; the place for it is used again.
#[derive(Debug, Default)]
pub struct Printer {
    said: Vec<u8>,
}

impl Printer {
    /// The fingerprint of everything that a span says.
    pub fn of_span(&mut self, span: &Span) -> u64 {
        let said = &mut self.said;
        said.clear();
        said.extend_from_slice(&span.trace_id.to_bytes());
        said.extend_from_slice(&span.span_id.to_bytes());
        said.extend_from_slice(&span.parent_span_id.map_or([0; 8], opentelemetry::SpanId::to_bytes));
        text(said, &span.name);
        let is_client = u8::from(span.kind == SpanKind::Client);
        said.extend_from_slice(&[is_client, u8::from(span.error)]);
        number(said, span.start_unix_nano);
        number(said, span.end_unix_nano);
        attributes(said, &span.attributes);
        number(said, span.events.len() as u64);
        for event in &span.events {
            text(said, event.name);
            number(said, event.time_unix_nano);
            attributes(said, &event.attributes);
        }
        number(said, span.links.len() as u64);
        for link in &span.links {
            said.extend_from_slice(&link.trace_id.to_bytes());
            said.extend_from_slice(&link.span_id.to_bytes());
            attributes(said, &link.attributes);
        }
        xxh3_64_with_seed(said, 1) & !OF_AN_EVENT
    }

    /// The fingerprint of everything that an event says.
    pub fn of_record(&mut self, record: &LogRecord) -> u64 {
        let said = &mut self.said;
        said.clear();
        said.extend_from_slice(&record.trace_id.to_bytes());
        said.extend_from_slice(&record.span_id.to_bytes());
        text(said, record.event_name);
        number(said, record.time_unix_nano);
        number(said, record.severity as u64);
        attributes(said, &record.attributes);
        xxh3_64_with_seed(said, 2) | OF_AN_EVENT
    }
}

fn number(said: &mut Vec<u8>, number: u64) {
    said.extend_from_slice(&number.to_le_bytes());
}

/// Every text is preceded by its length, so that two texts never run into one.
fn text(said: &mut Vec<u8>, text: &str) {
    number(said, text.len() as u64);
    said.extend_from_slice(text.as_bytes());
}

/// What depends on a table of prices: a newer table makes no correction of what was delivered.
const BY_PRICES: [&str; 5] = [
    semconv::CLAUDE_CODE_COST_USD,
    semconv::CLAUDE_CODE_USAGE_COST_USD,
    semconv::CLAUDE_OTEL_COST_LOWER_BOUND,
    semconv::CLAUDE_OTEL_COST_SOURCE,
    semconv::CLAUDE_OTEL_COST_TABLE,
];

/// Their lengths, one bit each: most names are told apart by that alone.
const LENGTHS_BY_PRICES: u64 = {
    let mut lengths = 0;
    let mut place = 0;
    while place < BY_PRICES.len() {
        lengths |= 1 << BY_PRICES[place].len();
        place += 1;
    }
    lengths
};

fn is_by_prices(name: &str) -> bool {
    let is_as_long = name.len() < 64 && LENGTHS_BY_PRICES >> name.len() & 1 == 1;
    is_as_long && BY_PRICES.contains(&name)
}

fn attributes(said: &mut Vec<u8>, list: &Attributes) {
    let at = said.len();
    number(said, 0);
    let mut count = 0_u64;
    for (name, value) in list.iter().filter(|(name, _)| !is_by_prices(name)) {
        count += 1;
        text(said, name);
        one(said, value);
    }
    if let Some(place) = said.get_mut(at..at + 8) {
        place.copy_from_slice(&count.to_le_bytes());
    }
}

fn one(said: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Str(value) => kind_and_text(said, value),
        Value::Static(value) => kind_and_text(said, value),
        Value::Digits(value) => kind_and_text(said, itoa::Buffer::new().format(*value)),
        Value::Int(value) => kind_and_number(said, 1, *value as u64),
        Value::Double(value) => kind_and_number(said, 2, value.to_bits()),
        Value::Bool(value) => kind_and_number(said, 3, u64::from(*value)),
        Value::List(values) => {
            kind_and_number(said, 4, values.len() as u64);
            for value in values {
                text(said, value);
            }
        }
        Value::Array(values) => {
            kind_and_number(said, 5, values.len() as u64);
            for value in values {
                one(said, value);
            }
        }
        Value::Map(values) => {
            said.push(6);
            attributes(said, values);
        }
    }
}

fn kind_and_number(said: &mut Vec<u8>, kind: u8, value: u64) {
    said.push(kind);
    number(said, value);
}

fn kind_and_text(said: &mut Vec<u8>, value: &str) {
    said.push(0);
    text(said, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::span::{SpanId, TraceId};

    fn span() -> Span {
        Span {
            trace_id: TraceId::from_bytes([1; 16]),
            span_id: SpanId::from_bytes([2; 8]),
            parent_span_id: None,
            name: "chat".into(),
            kind: SpanKind::Client,
            start_unix_nano: 1,
            end_unix_nano: 2,
            attributes: vec![("a", Value::Int(1)), ("b", Value::Str("x".into()))],
            events: Vec::new(),
            links: Vec::new(),
            error: false,
        }
    }

    #[test]
    fn fingerprints_stay_what_they_are() {
        // These values lie in the states of every installation: a change sends everything again.
        assert_eq!(of_id(IdSpace::Call, "msg_1"), xxh3_64_with_seed(b"msg_1", 1));
        assert_eq!(of_span(&span()), FINGERPRINT_OF_SPAN);
    }

    const FINGERPRINT_OF_SPAN: u64 = 0xE613_5C84_9AFA_D692;

    #[test]
    fn another_table_of_prices_is_no_correction() {
        let mut priced = span();
        for (name, value) in BY_PRICES.into_iter().zip([Value::Double(0.5), Value::Double(0.7), Value::Bool(true)]) {
            priced.attributes.push((name, value));
        }
        assert_eq!(of_span(&priced), of_span(&span()));
        priced.attributes.push((semconv::CLAUDE_OTEL_USAGE_FINAL, Value::Bool(true)));
        assert_ne!(of_span(&priced), of_span(&span()));
    }

    #[test]
    fn every_part_of_a_span_shows_in_its_fingerprint() {
        let changes: [fn(&mut Span); 8] = [
            |span| span.end_unix_nano += 1,
            |span| span.name = "chat x".into(),
            |span| span.error = true,
            |span| span.parent_span_id = Some(SpanId::from_bytes([3; 8])),
            |span| span.attributes[0].1 = Value::Int(2),
            |span| span.attributes[0].1 = Value::Double(f64::from_bits(1)),
            |span| span.attributes[1].1 = Value::Static("y"),
            |span| span.kind = SpanKind::Internal,
        ];
        for change in changes {
            let mut other = span();
            change(&mut other);
            assert_ne!(of_span(&other), of_span(&span()));
        }
        let with = |value| {
            let mut other = span();
            other.attributes[1].1 = value;
            of_span(&other)
        };
        assert_eq!(with(Value::Static("x")), of_span(&span()));
        assert_eq!(with(Value::Digits(-12)), with(Value::Static("-12")));
    }
}
