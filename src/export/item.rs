//! What a lane carries, before it is encoded.

use opentelemetry_proto::tonic::{logs, metrics, trace};

use super::message::OtlpMessage;
use super::{convert, convert_metric};
use crate::telemetry::log::LogRecord;
use crate::telemetry::metric::Metric;
use crate::telemetry::span::Span;

/// Something that can be sent.
pub(super) trait Item: Send + 'static {
    /// What it is on the wire.
    type Message: OtlpMessage;

    /// Says it in the words of OTLP.
    fn into_message(self) -> Self::Message;
}

impl Item for Span {
    type Message = trace::v1::Span;

    fn into_message(self) -> Self::Message {
        convert::span(self)
    }
}

impl Item for LogRecord {
    type Message = logs::v1::LogRecord;

    fn into_message(self) -> Self::Message {
        convert::log_record(self)
    }
}

impl Item for Metric {
    type Message = metrics::v1::Metric;

    fn into_message(self) -> Self::Message {
        convert_metric::metric(self)
    }
}
