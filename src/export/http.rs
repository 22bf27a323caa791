//! OTLP over HTTP, one attempt at a time.

use std::io::{self, Write};
use std::time::SystemTime;

use chrono::DateTime;
use flate2::Compression as GzipLevel;
use flate2::write::GzEncoder;
use prost::Message;
use prost::bytes::Bytes;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use tokio::sync::OnceCell;

use super::advice::Advice;
use super::answer::Answer;
use super::delivery::{Exchange, Reply, USER_AGENT};
use super::destination::{Compression, OtlpOptions};
use super::encode::Encoding;
use super::retry_after;
use super::rpc_status::RpcStatus;
use super::said::{chain, said};
use super::secret::Secret;
use super::signal::wire;
use super::tls::{TlsMaterial, is_certificate_problem};
use super::verdict::{self, Verdict};
use crate::telemetry::signal::Signal;

/// More of an answer is not read; what matters stands at its start.
const LONGEST_ANSWER: usize = 64 * 1024;
const ZSTD_LEVEL: i32 = 1;

/// One receiver, with connections kept open.
#[derive(Debug)]
pub(super) struct HttpTransport {
    client: Client,
    signal: Signal,
    options: OtlpOptions,
    encoding: Encoding,
    /// Header and query values, which servers like to repeat.
    secrets: Vec<(String, Secret)>,
    /// Whether the receiver reads what is encoded like this, or nobody can tell; unknown until something was taken.
    is_read: OnceCell<bool>,
}

impl HttpTransport {
    /// Sets the client up; nothing is connected yet.
    pub(super) fn new(
        signal: Signal,
        options: OtlpOptions,
        encoding: Encoding,
        tls: &TlsMaterial,
    ) -> Result<Self, String> {
        let headers = header_map(&options)?;
        let builder = Client::builder();
        // A proxy elsewhere would look for the receiver on its own machine.
        let builder = if options.endpoint.is_local() { builder.no_proxy() } else { builder };
        let client = builder
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .redirect(Policy::none())
            .timeout(options.timeout)
            .tls_backend_preconfigured(tls.for_http())
            .build()
            .map_err(|error| chain(&error.without_url()))?;
        let secrets = options.headers.iter().cloned().chain(options.endpoint.query_values()).collect();
        let is_plain = options.compression == Compression::None && encoding == Encoding::Protobuf;
        let is_read = OnceCell::new_with(is_plain.then_some(true));
        Ok(Self { client, signal, options, encoding, secrets, is_read })
    }

    /// Compresses a body, once for all attempts.
    pub(super) fn prepare(&self, body: Bytes) -> io::Result<Bytes> {
        match self.options.compression {
            Compression::None => Ok(body),
            Compression::Gzip => {
                // Level 6 costs six times the time for a ninth fewer bytes.
                let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), GzipLevel::fast());
                encoder.write_all(&body)?;
                Ok(encoder.finish()?.into())
            }
            Compression::Zstd => Ok(zstd::encode_all(body.as_ref(), ZSTD_LEVEL)?.into()),
        }
    }

    /// Sends a body once.
    pub(super) async fn attempt(&self, body: Bytes, now: SystemTime) -> Reply {
        self.exchange(body, now).await.reply
    }

    /// The same, with what else the answer shows.
    pub(super) async fn exchange(&self, body: Bytes, now: SystemTime) -> Exchange {
        match self.send_as(body, self.encoding, self.options.compression).await {
            Ok(response) => {
                let server_time = response.headers().get(DATE).and_then(|value| value.to_str().ok());
                let server_time = server_time.and_then(|value| DateTime::parse_from_rfc2822(value).ok());
                let reply = self.judge(response, now).await;
                if matches!(reply, Reply::Accepted { .. }) {
                    let _known_before = self.is_read.set(true);
                }
                Exchange { reply, is_answered: true, server_time: server_time.map(Into::into) }
            }
            Err(error) => {
                let error = error.without_url();
                let verdict = if is_certificate_problem(&error) {
                    Verdict::BadDestination { advice: Advice::Certificates }
                } else {
                    Verdict::Retry { after: None }
                };
                let reply = Reply::Refused { verdict, said: said(&chain(&error), &self.secrets) };
                Exchange { reply, is_answered: false, server_time: None }
            }
        }
    }

    /// Whether the receiver refuses whatever is encoded like this, and not just one content. Some answer 400 to what
    /// they cannot decompress or decode. An empty request, which has no content to refuse, tells: it is refused as
    /// requests are sent, and taken plain.
    pub(super) async fn is_unreadable(&self) -> bool {
        !*self.is_read.get_or_init(|| self.reads_what_is_sent()).await
    }

    async fn reads_what_is_sent(&self) -> bool {
        let empty = match self.encoding {
            Encoding::Protobuf => Bytes::new(),
            Encoding::Json => Bytes::from_static(b"{}"),
        };
        let Ok(empty) = self.prepare(empty) else { return true };
        let as_sent = self.send_as(empty, self.encoding, self.options.compression).await;
        if !as_sent.is_ok_and(|response| matches!(response.status().as_u16(), 400 | 415 | 422)) {
            return true;
        }
        let plain = self.send_as(Bytes::new(), Encoding::Protobuf, Compression::None).await;
        !plain.is_ok_and(|response| response.status().is_success())
    }

    async fn send_as(
        &self,
        body: Bytes,
        encoding: Encoding,
        compression: Compression,
    ) -> Result<Response, reqwest::Error> {
        let content_type = match encoding {
            Encoding::Protobuf => "application/x-protobuf",
            Encoding::Json => "application/json",
        };
        let request = self.client.post(self.options.endpoint.url().clone()).header(CONTENT_TYPE, content_type);
        let request = match compression {
            Compression::None => request,
            Compression::Gzip => request.header(CONTENT_ENCODING, "gzip"),
            Compression::Zstd => request.header(CONTENT_ENCODING, "zstd"),
        };
        request.body(body).send().await
    }

    /// Sends a body once, and leaves the judgement of the answer to the caller.
    pub(super) async fn post(&self, body: Bytes) -> Result<(u16, Vec<u8>), String> {
        let body = self.prepare(body).map_err(|error| error.to_string())?;
        match self.send_as(body, self.encoding, self.options.compression).await {
            Ok(response) => Ok((response.status().as_u16(), read_start(response).await)),
            Err(error) => Err(said(&chain(&error.without_url()), &self.secrets)),
        }
    }

    async fn judge(&self, response: Response, now: SystemTime) -> Reply {
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| retry_after::parse(value, now));
        let json = is_json(response.headers(), self.encoding);
        let is_page = is_web_page(response.headers());
        let body = read_start(response).await;
        if status.is_success() && is_page {
            let line = format!("HTTP {} with a web page instead of an OTLP answer", status.as_u16());
            return Reply::Refused { verdict: verdict::of_web_page(), said: line };
        }
        if status.is_success() {
            let (rejected, note) = partial_success(&body, json, self.signal);
            return Reply::Accepted { rejected, note: said(&note, &self.secrets) };
        }
        let explained = explanation(&body, json);
        let verdict = verdict::of_http(status.as_u16(), after, &explained);
        let line = format!("HTTP {} {explained}", status.as_u16());
        Reply::Refused { verdict, said: said(&line, &self.secrets) }
    }
}

/// The user's headers, marked so that no library prints them.
pub(super) fn header_map(options: &OtlpOptions) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, secret) in &options.headers {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("{name:?} is no header name"))?;
        let mut value = HeaderValue::from_str(secret.reveal())
            .map_err(|_| format!("the value of header {name} holds characters that headers cannot hold"))?;
        value.set_sensitive(true);
        map.append(header, value);
    }
    Ok(map)
}

/// No receiver answers with a page for people; a proxy's login page or a web server does, and keeps nothing.
fn is_web_page(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| kind.starts_with("text/html"))
}

fn is_json(headers: &HeaderMap, sent: Encoding) -> bool {
    match headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        Some(kind) => kind.starts_with("application/json"),
        None => sent == Encoding::Json,
    }
}

/// The first part of the body. A body that breaks off after its status has come is judged by what there is: the
/// status alone says whether the data was taken.
async fn read_start(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < LONGEST_ANSWER {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                tracing::debug!(error = %error.without_url(), "an answer broke off");
                break;
            }
        }
    }
    body.truncate(LONGEST_ANSWER);
    body
}

/// What was rejected and the server's note; an answer that cannot be read rejects nothing, since its status says
/// success.
fn partial_success(body: &[u8], json: bool, signal: Signal) -> (u64, String) {
    if json {
        return Answer::partial_success_in_json(body, wire(signal).rejected);
    }
    Answer::decode(body).unwrap_or_default().partial_success()
}

/// What a refusal says: the message of a `google.rpc.Status` in either encoding, else the body as text.
fn explanation(body: &[u8], json: bool) -> String {
    let message = if json {
        let status: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        status["message"].as_str().map(str::to_owned)
    } else {
        RpcStatus::decode(body).ok().map(|status| status.message).filter(|message| !message.is_empty())
    };
    message.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_success_is_read_in_both_encodings_and_both_spellings() {
        for json in [
            r#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"old"}}"#,
            r#"{"partialSuccess":{"rejectedSpans":3,"errorMessage":"old"}}"#,
        ] {
            assert_eq!(partial_success(json.as_bytes(), true, Signal::Traces), (3, "old".to_owned()));
        }
        // field 1 { field 1: 3, field 2: "old" }
        let binary = b"\x0a\x07\x08\x03\x12\x03old";
        assert_eq!(partial_success(binary, false, Signal::Traces), (3, "old".to_owned()));
    }

    #[test]
    fn each_signal_has_its_own_name_for_what_was_rejected() {
        let json = br#"{"partialSuccess":{"rejectedSpans":"1","rejectedLogRecords":"2","rejectedDataPoints":"3"}}"#;
        let rejected = Signal::ALL.map(|signal| partial_success(json, true, signal).0);
        assert_eq!(rejected, [1, 3, 2]);
    }

    #[test]
    fn answers_that_say_nothing_reject_nothing() {
        for (body, json) in [("{}", true), (r#"{"partialSuccess":{}}"#, true), ("<html>", true), ("", true)] {
            assert_eq!(partial_success(body.as_bytes(), json, Signal::Logs), (0, String::new()));
        }
        assert_eq!(partial_success(b"", false, Signal::Logs), (0, String::new()));
        assert_eq!(partial_success(b"\x0a\x00", false, Signal::Logs), (0, String::new()));
        assert_eq!(partial_success(b"ok", false, Signal::Logs), (0, String::new()));
    }

    #[test]
    fn refusals_explain_themselves_as_status_or_as_text() {
        assert_eq!(explanation(br#"{"code":3,"message":"bad id"}"#, true), "bad id");
        assert_eq!(explanation(b"\x08\x03\x12\x06bad id", false), "bad id");
        assert_eq!(explanation(b"upstream gone", false), "upstream gone");
        assert_eq!(explanation(b"no json", true), "no json");
    }
}
