//! What a lane carries, before it is encoded.

use opentelemetry_proto::tonic::{logs, metrics, trace};

use super::message::OtlpMessage;
use super::{binary, convert, convert_metric};
use crate::telemetry::log::LogRecord;
use crate::telemetry::metric::Metric;
use crate::telemetry::span::Span;

/// Something that can be sent.
pub(super) trait Item {
    /// What it is on the wire.
    type Message: OtlpMessage;

    /// Says it in the words of OTLP.
    fn message(&self) -> Self::Message;

    /// Appends it in the binary form, framed so that framed items can simply follow one another, and says what it
    /// counts for.
    fn append_binary(&self, buffer: &mut Vec<u8>) -> u64;
}

impl Item for Span {
    type Message = trace::v1::Span;

    fn message(&self) -> Self::Message {
        convert::span(self)
    }

    fn append_binary(&self, buffer: &mut Vec<u8>) -> u64 {
        binary::span(self, buffer);
        1
    }
}

impl Item for LogRecord {
    type Message = logs::v1::LogRecord;

    fn message(&self) -> Self::Message {
        convert::log_record(self)
    }

    fn append_binary(&self, buffer: &mut Vec<u8>) -> u64 {
        binary::log_record(self, buffer);
        1
    }
}

impl Item for Metric {
    type Message = metrics::v1::Metric;

    fn message(&self) -> Self::Message {
        convert_metric::metric(self)
    }

    fn append_binary(&self, buffer: &mut Vec<u8>) -> u64 {
        let message = self.message();
        prost::encoding::message::encode(2, &message, buffer);
        message.count()
    }
}
