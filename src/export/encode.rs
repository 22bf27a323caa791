//! Spans to bytes, once; requests from those bytes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan};
use prost::Message;
use prost::bytes::{Buf, Bytes};
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use super::batch::Batch;
use super::convert;
use crate::telemetry::span::{Resource, Span};

/// The instrumentation scope of every span.
const SCOPE_NAME: &str = "claude_otel";
/// Semantic conventions of the resource.
const RESOURCE_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";
/// Semantic conventions of the spans: those for generative AI have a registry of their own, unreleased so far, which
/// publishes itself under this address and builds on core 1.44.0.
const SCOPE_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";
/// What a span too large to be taken whole keeps of each long text.
const CUT_TO_BYTES: usize = 1024;

/// The two encodings of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Binary.
    Protobuf,
    /// Text.
    Json,
}

/// Encodes spans, and puts requests around them.
#[derive(Debug)]
pub(super) struct Encoder {
    encoding: Encoding,
    envelope: Envelope,
}

/// What stands around the spans of a request, encoded once. Binary messages hold lengths, so that their parts are kept
/// apart; text is simply what comes before and after.
#[derive(Debug)]
enum Envelope {
    Protobuf { resource: Vec<u8>, scope: Vec<u8> },
    Json { head: String, tail: String },
}

impl Encoder {
    /// Prepares the envelope.
    pub(super) fn new(encoding: Encoding, resource: &Resource) -> Result<Self, serde_json::Error> {
        let scope = InstrumentationScope {
            name: SCOPE_NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let scope_spans = ScopeSpans { scope: Some(scope), spans: Vec::new(), schema_url: SCOPE_SCHEMA_URL.to_owned() };
        let mut resource_spans = ResourceSpans {
            resource: Some(convert::resource(resource)),
            scope_spans: Vec::new(),
            schema_url: RESOURCE_SCHEMA_URL.to_owned(),
        };
        let envelope = match encoding {
            Encoding::Protobuf => {
                Envelope::Protobuf { resource: resource_spans.encode_to_vec(), scope: scope_spans.encode_to_vec() }
            }
            Encoding::Json => {
                resource_spans.scope_spans.push(scope_spans);
                let whole = serde_json::to_string(&ExportTraceServiceRequest { resource_spans: vec![resource_spans] })?;
                // No attribute's text can look like this, for its quotes are escaped.
                let hole = whole.find("\"spans\":[]").map_or(whole.len(), |at| at + "\"spans\":[".len());
                Envelope::Json { head: whole[..hole].to_owned(), tail: whole[hole..].to_owned() }
            }
        };
        Ok(Self { encoding, envelope })
    }

    /// Appends one span to `buffer`, framed so that framed spans can simply follow one another.
    pub(super) fn encode(&self, span: Span, buffer: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        self.encode_message(&convert::span(span), buffer)
    }

    /// The largest number of bytes that `spans_len` bytes of spans become.
    pub(super) fn request_len(&self, spans_len: usize) -> usize {
        match &self.envelope {
            Envelope::Protobuf { resource, scope } => {
                // Two keys of a byte and two lengths of at most five.
                resource.len() + scope.len() + spans_len + 12
            }
            Envelope::Json { head, tail } => head.len() + spans_len + tail.len(),
        }
    }

    /// The request that carries a batch.
    pub(super) fn request(&self, batch: &Batch) -> Bytes {
        let spans = batch.bytes();
        let mut request = Vec::with_capacity(self.request_len(spans.len()));
        match &self.envelope {
            Envelope::Protobuf { resource, scope } => {
                let scope_spans_len = scope.len() + spans.len();
                let inner_len = resource.len() + 1 + encoded_len_varint(scope_spans_len as u64) + scope_spans_len;
                encode_key(1, WireType::LengthDelimited, &mut request);
                encode_varint(inner_len as u64, &mut request);
                request.extend_from_slice(resource);
                encode_key(2, WireType::LengthDelimited, &mut request);
                encode_varint(scope_spans_len as u64, &mut request);
                request.extend_from_slice(scope);
                request.extend_from_slice(spans);
            }
            Envelope::Json { head, tail } => {
                request.extend_from_slice(head.as_bytes());
                request.extend_from_slice(spans.strip_suffix(b",").unwrap_or(spans));
                request.extend_from_slice(tail.as_bytes());
            }
        }
        request.into()
    }

    /// The request that carries a batch as one line of OTLP/JSON, without the newline.
    pub(super) fn json_line(&self, batch: &Batch) -> Result<Bytes, EncodeError> {
        let request = self.request(batch);
        match self.encoding {
            Encoding::Json => Ok(request),
            Encoding::Protobuf => Ok(serde_json::to_vec(&ExportTraceServiceRequest::decode(request)?)?.into()),
        }
    }

    /// A lone span with its long texts cut, or none when there was nothing to cut.
    pub(super) fn cut(&self, single: &Batch) -> Result<Option<Batch>, EncodeError> {
        let mut span = self.decode(single)?;
        if !cut_span(&mut span) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.encode_message(&span, &mut bytes)?;
        let end = bytes.len();
        Ok(Some(Batch::new(bytes, vec![end])))
    }

    fn encode_message(&self, span: &ProtoSpan, buffer: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self.encoding {
            Encoding::Protobuf => prost::encoding::message::encode(2, span, buffer),
            Encoding::Json => {
                serde_json::to_writer(&mut *buffer, span)?;
                buffer.push(b',');
            }
        }
        Ok(())
    }

    fn decode(&self, single: &Batch) -> Result<ProtoSpan, EncodeError> {
        let mut bytes = single.bytes().clone();
        match self.encoding {
            Encoding::Protobuf => {
                // The frame: a key of one byte and the length.
                bytes.advance(1);
                Ok(ProtoSpan::decode_length_delimited(bytes)?)
            }
            Encoding::Json => Ok(serde_json::from_slice(bytes.strip_suffix(b",").unwrap_or(&bytes))?),
        }
    }
}

/// Our own bytes could not be read back.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncodeError {
    /// As binary.
    #[error("cannot read an encoded span back: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// As text.
    #[error("cannot write or read a span as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

fn cut_span(span: &mut ProtoSpan) -> bool {
    let mut cut = cut_attributes(&mut span.attributes);
    for event in &mut span.events {
        cut |= cut_attributes(&mut event.attributes);
    }
    for link in &mut span.links {
        cut |= cut_attributes(&mut link.attributes);
    }
    cut
}

fn cut_attributes(attributes: &mut [KeyValue]) -> bool {
    attributes
        .iter_mut()
        .filter_map(|attribute| attribute.value.as_mut())
        .fold(false, |cut, value| cut_value(value) | cut)
}

fn cut_value(value: &mut AnyValue) -> bool {
    match &mut value.value {
        Some(any_value::Value::StringValue(text)) if text.len() > CUT_TO_BYTES => {
            let end = (0..=CUT_TO_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
            text.truncate(end);
            true
        }
        Some(any_value::Value::ArrayValue(array)) => {
            array.values.iter_mut().fold(false, |cut, value| cut_value(value) | cut)
        }
        _ => false,
    }
}
