//! OTLP over gRPC, one attempt at a time.

use std::error::Error;
use std::time::Duration;

use prost::Message;
use prost::bytes::{BufMut, Bytes};
use tonic::client::Grpc;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::advice::Advice;
use super::answer::Answer;
use super::delivery::{Exchange, Reply, USER_AGENT};
use super::destination::{Compression, OtlpOptions};
use super::http::header_map;
use super::rpc_status;
use super::said::{chain, said};
use super::signal::wire;
use super::tls::{TlsMaterial, is_certificate_problem};
use super::verdict::{self, Verdict};
use crate::telemetry::signal::Signal;

/// One receiver behind one connection, made when it is needed and again when it breaks.
#[derive(Debug)]
pub(super) struct GrpcTransport {
    client: Grpc<Channel>,
    method: PathAndQuery,
    metadata: MetadataMap,
    options: OtlpOptions,
}

impl GrpcTransport {
    /// Sets the channel up; nothing is connected yet.
    pub(super) fn new(signal: Signal, options: OtlpOptions, tls: &TlsMaterial) -> Result<Self, String> {
        let metadata = MetadataMap::from_headers(header_map(&options)?);
        // Without accepting what was sent compressed, a compressed answer reads as a failure after the data was taken.
        let client = Grpc::new(channel(&options, tls)?)
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd);
        let client = match options.compression {
            Compression::None => client,
            Compression::Gzip => client.send_compressed(CompressionEncoding::Gzip),
            Compression::Zstd => client.send_compressed(CompressionEncoding::Zstd),
        };
        Ok(Self { client, method: PathAndQuery::from_static(wire(signal).grpc_method), metadata, options })
    }

    /// Sends a body once.
    pub(super) async fn attempt(&self, body: Bytes) -> Reply {
        self.exchange(body).await.reply
    }

    /// The same, with whether the receiver itself has answered.
    pub(super) async fn exchange(&self, body: Bytes) -> Exchange {
        let (reply, is_answered) = match tokio::time::timeout(self.options.timeout, self.call(body)).await {
            Ok(Ok(answer)) => {
                let (rejected, note) = answer.partial_success();
                (Reply::Accepted { rejected, note: said(&note, &self.options.headers) }, true)
            }
            Ok(Err(status)) => (self.judge(&status), status.source().is_none()),
            Err(_) => {
                let verdict = Verdict::Retry { after: None };
                let said = format!("no answer within {}", Shown(self.options.timeout));
                (Reply::Refused { verdict, said }, false)
            }
        };
        // The receivers' libraries send no time of day.
        Exchange { reply, is_answered, server_time: None }
    }

    async fn call(&self, body: Bytes) -> Result<Answer, Status> {
        let mut client = self.client.clone();
        client.ready().await.map_err(|error| Status::from_error(error.into()))?;
        let mut request = Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        request.set_timeout(self.options.timeout);
        Ok(client.unary(request, self.method.clone(), EncodedCodec).await?.into_inner())
    }

    fn judge(&self, status: &Status) -> Reply {
        // Only what the server itself said is without a source; the rest happened on the way.
        let (verdict, text) = match status.source() {
            Some(source) if is_certificate_problem(source) => {
                (Verdict::BadDestination { advice: Advice::Certificates }, chain(source))
            }
            Some(source) => (Verdict::Retry { after: None }, chain(source)),
            None => {
                let after = rpc_status::retry_info(status.details());
                let verdict = verdict::of_grpc(status.code(), after, status.message());
                (verdict, format!("{} {}", code_name(status.code()), status.message()))
            }
        };
        Reply::Refused { verdict, said: said(&text, &self.options.headers) }
    }
}

/// The way to a receiver; nothing is connected yet.
pub(super) fn channel(options: &OtlpOptions, tls: &TlsMaterial) -> Result<Channel, String> {
    let mut endpoint = Endpoint::from_shared(options.endpoint.origin())
        .and_then(|endpoint| endpoint.user_agent(USER_AGENT))
        .map_err(|error| chain(&error))?
        .connect_timeout(options.timeout);
    if options.endpoint.is_tls() {
        endpoint = endpoint.tls_config(tls.for_grpc()).map_err(|error| chain(&error))?;
    }
    Ok(endpoint.connect_lazy())
}

/// Sends requests that are encoded already.
#[derive(Debug, Clone, Copy)]
struct EncodedCodec;

impl Codec for EncodedCodec {
    type Encode = Bytes;
    type Decode = Answer;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for EncodedCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.reserve(item.len());
        into.put(item);
        Ok(())
    }
}

impl Decoder for EncodedCodec {
    type Item = Answer;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Answer>, Status> {
        // The status says that the data was taken, so that an unreadable answer must not make us send it again.
        Ok(Some(Answer::decode(from).unwrap_or_default()))
    }
}

/// A timeout as it was configured.
struct Shown(Duration);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ms", self.0.as_millis())
    }
}

/// The name that the specification gives a code.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
