//! One try at a destination, told in all detail.
//!
//! What is tried is encoded, compressed, sent and judged by the code that delivers everything else. It is tried once: it
//! is neither repeated nor cut nor set aside, and nothing counts it.

use std::time::{Duration, SystemTime};

use opentelemetry_proto::tonic::{logs, metrics, trace};
use prost::bytes::Bytes;

use super::advice::Advice;
use super::batch::Batch;
use super::clock::{Clock, SystemClock};
use super::delivery::{Exchange, Reply, Transport};
use super::destination::OtlpDestination;
use super::encode::{Encoder, Encoding};
use super::error::ExportError;
use super::item::Item;
use super::message::OtlpMessage;
use super::open;
use super::packing::Packed;
use super::verdict::Verdict;
use crate::telemetry::signal::{Signal, Signals};
use crate::telemetry::span::{Resource, Span};

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whether it was taken.
    pub result: Result<Taken, Refusal>,
    /// From the first byte to the answer, the connection included.
    pub took: Duration,
    /// The time of day at the destination, where it says so.
    pub server_time: Option<SystemTime>,
}

/// It was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// How many items were not kept all the same.
    pub rejected: u64,
    /// What the destination said, fit to be shown; often nothing.
    pub said: String,
}

/// It was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why not.
    pub why: Why,
    /// What the destination or the network said, fit to be shown.
    pub said: String,
    /// What to do, where this stage knows.
    pub advice: Option<String>,
}

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No answer came, or none that could be understood.
    Unanswered,
    /// Certificates do not fit.
    Certificates,
    /// The key or token is not accepted.
    Credentials,
    /// Nothing takes this signal at this address.
    Address,
    /// The encoding or the compression is not read.
    Encoding,
    /// It is to be tried later.
    Later,
    /// What was sent is not liked, though it is small and well-formed.
    Content,
    /// The receiver failed.
    Server,
}

/// Sends one span to where spans go; none when they are switched off.
pub async fn span(to: &OtlpDestination, resource: &Resource, span: &Span) -> Result<Option<Probe>, ExportError> {
    type Message = <Span as Item>::Message;
    let made = |encoding: Encoding| {
        let encoder = Encoder::<Message>::new(encoding, resource)?;
        let Packed { bytes, parts } = Packed::of([span], encoding)?;
        Ok(encoder.request(&Batch::new(bytes, parts)))
    };
    request::<Message>(to, made).await
}

/// Sends a request without content to where a signal goes; none when it is switched off.
pub async fn nothing(to: &OtlpDestination, signal: Signal) -> Result<Option<Probe>, ExportError> {
    let made = |encoding| {
        Ok(match encoding {
            Encoding::Protobuf => Bytes::new(),
            Encoding::Json => Bytes::from_static(b"{}"),
        })
    };
    match signal {
        Signal::Traces => request::<trace::v1::Span>(to, made).await,
        Signal::Metrics => request::<metrics::v1::Metric>(to, made).await,
        Signal::Logs => request::<logs::v1::LogRecord>(to, made).await,
    }
}

async fn request<M: OtlpMessage>(
    to: &OtlpDestination,
    made: impl FnOnce(Encoding) -> Result<Bytes, serde_json::Error>,
) -> Result<Option<Probe>, ExportError> {
    let Some(options) = to.of(M::SIGNAL) else { return Ok(None) };
    let name = options.describe();
    let (transport, encoding) = open::otlp_transport(M::SIGNAL, options.clone(), &name).await?;
    let internal = |problem: String| ExportError::Internal { destination: name.clone(), problem };
    let body = made(encoding).map_err(|error| internal(error.to_string()))?;
    let clock = SystemClock::start();
    let Some(exchange) = exchange(&transport, body, clock.now()).await.map_err(internal)? else { return Ok(None) };
    let took = clock.elapsed();
    let is_answered = exchange.is_answered;
    let result = match exchange.reply {
        Reply::Accepted { rejected, note } => Ok(Taken { rejected, said: note }),
        Reply::Refused { verdict, said } => {
            let (why, advice) = meant(verdict, is_answered, is_unreadable(&transport, verdict).await);
            Err(Refusal { why, said, advice: advice.map(|advice| advice.words(M::SIGNAL, to.signals())) })
        }
    };
    Ok(Some(Probe { result, took, server_time: exchange.server_time }))
}

/// None for files, to which nothing is sent.
async fn exchange(transport: &Transport, body: Bytes, now: SystemTime) -> Result<Option<Exchange>, String> {
    Ok(match transport {
        Transport::Http(http) => {
            let body = http.prepare(body).map_err(|error| error.to_string())?;
            Some(http.exchange(body, now).await)
        }
        Transport::Grpc(grpc) => Some(grpc.exchange(body).await),
        Transport::File(_) => None,
    })
}

/// Whether nothing that is encoded like this is read, as a delivery asks too before it sets content aside.
async fn is_unreadable(transport: &Transport, verdict: Verdict) -> bool {
    match (transport, verdict) {
        (Transport::Http(http), Verdict::BadContent) => http.is_unreadable().await,
        _ => false,
    }
}

fn meant(verdict: Verdict, is_answered: bool, is_unreadable: bool) -> (Why, Option<Advice>) {
    match verdict {
        Verdict::Retry { .. } if is_answered => (Why::Later, None),
        Verdict::Retry { .. } => (Why::Unanswered, None),
        Verdict::BadContent if is_unreadable => (Why::Encoding, Some(Advice::Encoding)),
        Verdict::TooLarge | Verdict::BadContent => (Why::Content, None),
        Verdict::BadDestination { advice } => {
            let why = match advice {
                Advice::Credentials => Why::Credentials,
                Advice::Address | Advice::Service => Why::Address,
                Advice::Compression | Advice::Encoding => Why::Encoding,
                Advice::Certificates => Why::Certificates,
                Advice::Server => Why::Server,
            };
            (why, Some(advice))
        }
    }
}

/// The signals of a destination that are tried without content, for want of something harmless to send.
pub fn tried_empty(to: &OtlpDestination) -> Signals {
    to.signals().without(Signal::Traces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_from_a_wish_to_wait() {
        let later = Verdict::Retry { after: None };
        assert_eq!(meant(later, true, false), (Why::Later, None));
        assert_eq!(meant(later, false, false), (Why::Unanswered, None));
    }

    #[test]
    fn content_that_is_refused_may_be_an_encoding_that_is_not_read() {
        assert_eq!(meant(Verdict::BadContent, true, false), (Why::Content, None));
        assert_eq!(meant(Verdict::BadContent, true, true), (Why::Encoding, Some(Advice::Encoding)));
    }
}
