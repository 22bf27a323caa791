//! The log record as this crate speaks of it: an event of the client's, with the span that it belongs to.

use super::span::{Attributes, SpanId, TraceId};

/// How bad an event is; the numbers are OpenTelemetry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Something happened.
    Info = 9,
    /// Something went wrong that the client dealt with.
    Warn = 13,
    /// Something failed.
    Error = 17,
}

impl Severity {
    /// The short name that goes beside the number.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// One event. When it was observed is when it happened: the same transcript gives the same bytes whenever it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    /// The event's identity, by which it is known as delivered. It is not sent: OTLP has no place for it.
    pub id: SpanId,
    /// The event's name, as the client's own telemetry has it.
    pub event_name: &'static str,
    /// When it happened, in nanoseconds since 1970.
    pub time_unix_nano: u64,
    /// How bad it is.
    pub severity: Severity,
    /// The trace of the span that it belongs to.
    pub trace_id: TraceId,
    /// The span that it belongs to.
    pub span_id: SpanId,
    /// What is known of it, sorted by name.
    pub attributes: Attributes,
}
