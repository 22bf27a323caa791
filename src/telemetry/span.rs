//! The span as this crate speaks of it, before any wire format.

use std::borrow::Cow;

pub use opentelemetry::trace::{SpanId, TraceId};

use super::log::LogRecord;
use crate::privacy::Sanitized;

/// An attribute's value, one of the kinds that OTLP knows and we use.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, shared between the many spans of a session. Its type says that it was looked through for secrets.
    Str(Sanitized),
    /// Text known at compile time.
    Static(&'static str),
    /// A whole number.
    Int(i64),
    /// A whole number that is written as text.
    Digits(i64),
    /// A fraction.
    Double(f64),
    /// A truth value.
    Bool(bool),
    /// A list of texts.
    List(Vec<Sanitized>),
    /// A list of anything, on log records.
    Array(Vec<Value>),
    /// Named values, on log records.
    Map(Vec<(&'static str, Value)>),
}

/// Attributes in the order of their names, so that the same input gives the same bytes.
pub type Attributes = Vec<(&'static str, Value)>;

/// The OTLP span kinds that occur here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work inside the agent.
    Internal,
    /// A request to a model.
    Client,
}

/// A pointer to a span of another trace (or of this one) that is no parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The trace pointed to.
    pub trace_id: TraceId,
    /// The span pointed to.
    pub span_id: SpanId,
    /// What the link means.
    pub attributes: Attributes,
}

/// A moment inside a span.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanEvent {
    /// The event's name.
    pub name: &'static str,
    /// When it happened, in nanoseconds since 1970.
    pub time_unix_nano: u64,
    /// What is known of it.
    pub attributes: Attributes,
}

/// One finished span.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The trace that this span belongs to.
    pub trace_id: TraceId,
    /// The span's own id.
    pub span_id: SpanId,
    /// The span's parent, absent on a root.
    pub parent_span_id: Option<SpanId>,
    /// The low-cardinality name.
    pub name: Cow<'static, str>,
    /// The kind.
    pub kind: SpanKind,
    /// Start, in nanoseconds since 1970.
    pub start_unix_nano: u64,
    /// End, in nanoseconds since 1970; never before the start.
    pub end_unix_nano: u64,
    /// What is known, sorted by name.
    pub attributes: Attributes,
    /// Moments inside the span.
    pub events: Vec<SpanEvent>,
    /// Related spans elsewhere.
    pub links: Vec<Link>,
    /// Whether the status is `ERROR`; it is unset otherwise.
    pub error: bool,
}

/// Everything that one step of the pipeline has to say to a destination.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telemetry {
    /// Finished spans, children before their parents.
    pub spans: Vec<Span>,
    /// Events, those of a span beside it.
    pub logs: Vec<LogRecord>,
}

impl Telemetry {
    /// How many spans and events there are.
    pub const fn len(&self) -> usize {
        self.spans.len() + self.logs.len()
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Vec<Span>> for Telemetry {
    fn from(spans: Vec<Span>) -> Self {
        Self { spans, logs: Vec::new() }
    }
}

/// The resource that all telemetry of one run shares, sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The resource's attributes; names may come from `OTEL_RESOURCE_ATTRIBUTES`.
    pub attributes: Vec<(Cow<'static, str>, Value)>,
}
