//! Messages to bytes, once; requests from those bytes.

use std::marker::PhantomData;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use prost::Message;
use prost::bytes::{Buf, Bytes};
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

use super::batch::{Batch, Part};
use super::convert;
use super::json;
use super::message::OtlpMessage;
use super::signal::wire;
use crate::telemetry::contract::metrics::SCOPE;
use crate::telemetry::span::Resource;

/// Semantic conventions of the resource.
const RESOURCE_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";
/// Semantic conventions of what is sent: those for generative AI have a registry of their own, unreleased so far, which
/// publishes itself under this address and builds on core 1.44.0.
const SCOPE_SCHEMA_URL: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";

/// The two encodings of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Binary.
    Protobuf,
    /// Text.
    Json,
}

/// Encodes the messages of one signal, and puts requests around them.
#[derive(Debug)]
pub(super) struct Encoder<M> {
    encoding: Encoding,
    binary: BinaryEnvelope,
    text: TextEnvelope,
    message: PhantomData<fn() -> M>,
}

/// What stands around the messages of a binary request, encoded once. Binary messages hold lengths, so that the parts
/// are kept apart. All signals have the same fields under the same numbers here.
#[derive(Debug)]
struct BinaryEnvelope {
    resource: Vec<u8>,
    scope: Vec<u8>,
}

/// What stands before and behind the messages of a text.
#[derive(Debug)]
struct TextEnvelope {
    head: String,
    tail: String,
}

impl<M: OtlpMessage> Encoder<M> {
    /// Prepares the envelopes.
    pub(super) fn new(encoding: Encoding, resource: &Resource) -> Result<Self, serde_json::Error> {
        let resource = convert::resource(resource);
        let scope = InstrumentationScope {
            name: SCOPE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let names = wire(M::SIGNAL);
        let text = TextEnvelope {
            head: format!(
                "{{\"{}\":[{{\"resource\":{},\"{}\":[{{\"scope\":{},\"{}\":[",
                names.resources,
                serde_json::to_string(&resource)?,
                names.scopes,
                serde_json::to_string(&scope)?,
                names.items,
            ),
            tail: format!("],\"schemaUrl\":\"{SCOPE_SCHEMA_URL}\"}}],\"schemaUrl\":\"{RESOURCE_SCHEMA_URL}\"}}]}}"),
        };
        let scope = ScopeSpans { scope: Some(scope), spans: Vec::new(), schema_url: SCOPE_SCHEMA_URL.to_owned() };
        let resource = ResourceSpans {
            resource: Some(resource),
            scope_spans: Vec::new(),
            schema_url: RESOURCE_SCHEMA_URL.to_owned(),
        };
        let binary = BinaryEnvelope { resource: resource.encode_to_vec(), scope: scope.encode_to_vec() };
        Ok(Self { encoding, binary, text, message: PhantomData })
    }

    /// Appends one message to `buffer`, framed so that framed messages can simply follow one another.
    fn encode(&self, message: &M, buffer: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self.encoding {
            Encoding::Protobuf => prost::encoding::message::encode(2, message, buffer),
            Encoding::Json => {
                json::append(message, buffer)?;
            }
        }
        Ok(())
    }

    /// The largest number of bytes that `len` bytes of messages become.
    pub(super) fn request_len(&self, len: usize) -> usize {
        match self.encoding {
            Encoding::Protobuf => self.binary.headroom() + len,
            Encoding::Json => self.text.head.len() + len + self.text.tail.len(),
        }
    }

    /// How messages are encoded.
    pub(super) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many bytes are to be left free before the messages of a batch, so that its request needs no copy of them.
    pub(super) fn headroom(&self) -> usize {
        match self.encoding {
            Encoding::Protobuf => self.binary.headroom(),
            Encoding::Json => 0,
        }
    }

    /// A batch of what was encoded behind the [`Encoder::headroom`]; the parts count from there.
    pub(super) fn batch(&self, bytes: Vec<u8>, parts: Vec<Part>) -> Batch {
        match self.encoding {
            Encoding::Protobuf => self.binary.batch(bytes, parts),
            Encoding::Json => Batch::new(bytes, parts),
        }
    }

    /// The request that carries a batch.
    pub(super) fn request(&self, batch: &Batch) -> Bytes {
        if let Some(request) = batch.request() {
            return request.clone();
        }
        match self.encoding {
            Encoding::Protobuf => self.binary.around(batch.bytes()),
            Encoding::Json => self.text.around(batch.bytes()),
        }
    }

    /// The request that carries a batch as one line of OTLP/JSON, without the newline.
    pub(super) fn json_line(&self, batch: &Batch) -> Result<Bytes, EncodeError> {
        if self.encoding == Encoding::Json {
            return Ok(self.request(batch));
        }
        let mut bytes = batch.bytes().clone();
        let mut text = Vec::with_capacity(bytes.len() * 2);
        while bytes.has_remaining() {
            json::append(&binary_message::<M>(&mut bytes)?, &mut text)?;
        }
        Ok(self.text.around(&text))
    }

    /// A lone message with its long texts cut, or none when there was nothing to cut.
    pub(super) fn cut(&self, single: &Batch) -> Result<Option<Batch>, EncodeError> {
        let mut message = self.decode(single)?;
        if !message.cut() {
            return Ok(None);
        }
        self.alone(&message).map(Some)
    }

    /// A lone message in two, or none when it cannot be taken apart.
    pub(super) fn split(&self, single: &Batch) -> Result<Option<(Batch, Batch)>, EncodeError> {
        if single.count() < 2 {
            return Ok(None);
        }
        let Some((first, second)) = self.decode(single)?.split() else { return Ok(None) };
        Ok(Some((self.alone(&first)?, self.alone(&second)?)))
    }

    fn alone(&self, message: &M) -> Result<Batch, EncodeError> {
        let mut bytes = Vec::new();
        self.encode(message, &mut bytes)?;
        let part = Part { end: bytes.len(), count: message.count() };
        Ok(Batch::new(bytes, vec![part]))
    }

    fn decode(&self, single: &Batch) -> Result<M, EncodeError> {
        let mut bytes = single.bytes().clone();
        match self.encoding {
            Encoding::Protobuf => binary_message(&mut bytes),
            Encoding::Json => Ok(serde_json::from_slice(bytes.strip_suffix(b",").unwrap_or(&bytes))?),
        }
    }
}

/// Takes one framed message off the front.
fn binary_message<M: OtlpMessage>(bytes: &mut Bytes) -> Result<M, EncodeError> {
    // The frame: a key of one byte and the length.
    bytes.advance(1);
    Ok(M::decode_length_delimited(bytes)?)
}

impl BinaryEnvelope {
    /// Two keys of a byte and two lengths of at most five, and what never changes.
    const fn headroom(&self) -> usize {
        self.resource.len() + self.scope.len() + 12
    }

    /// What stands before so many bytes of messages.
    fn head(&self, messages: usize) -> Vec<u8> {
        let scope_len = self.scope.len() + messages;
        let inner_len = self.resource.len() + 1 + encoded_len_varint(scope_len as u64) + scope_len;
        let mut head = Vec::with_capacity(self.headroom());
        encode_key(1, WireType::LengthDelimited, &mut head);
        encode_varint(inner_len as u64, &mut head);
        head.extend_from_slice(&self.resource);
        encode_key(2, WireType::LengthDelimited, &mut head);
        encode_varint(scope_len as u64, &mut head);
        head.extend_from_slice(&self.scope);
        head
    }

    fn batch(&self, mut bytes: Vec<u8>, parts: Vec<Part>) -> Batch {
        let room = self.headroom();
        let head = self.head(bytes.len().saturating_sub(room));
        let unused = room.saturating_sub(head.len());
        if let Some(place) = bytes.get_mut(unused..room) {
            place.copy_from_slice(&head);
        }
        Batch::within(Bytes::from(bytes).slice(unused..), head.len(), parts)
    }

    fn around(&self, messages: &[u8]) -> Bytes {
        let mut request = self.head(messages.len());
        request.extend_from_slice(messages);
        request.into()
    }
}

impl TextEnvelope {
    fn around(&self, messages: &[u8]) -> Bytes {
        let mut request = Vec::with_capacity(self.head.len() + messages.len() + self.tail.len());
        request.extend_from_slice(self.head.as_bytes());
        request.extend_from_slice(messages.strip_suffix(b",").unwrap_or(messages));
        request.extend_from_slice(self.tail.as_bytes());
        request.into()
    }
}

/// Our own bytes could not be written or read back.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncodeError {
    /// As binary.
    #[error("cannot read what was encoded back: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// As text.
    #[error("cannot write or read JSON: {0}")]
    Json(#[from] serde_json::Error),
}
