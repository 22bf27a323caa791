//! An OTLP receiver in this process that answers by a script, over HTTP or gRPC, encrypted or not.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::io::Read;
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tonic::Code;
use tonic::transport::ServerTlsConfig;

use super::otlp_grpc::serve_grpc;

/// One answer.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Takes everything.
    Ok,
    /// Takes everything, with an empty partial success, as the Collector always sends it over gRPC.
    EmptyPartial,
    /// Takes everything but so many, and says why.
    Partial(i64, &'static str),
    /// Takes nothing.
    Refuse(Refusal),
    /// Takes everything, but not before it is told to.
    Wait(Arc<Notify>),
    /// Never answers.
    Hang,
    /// Closes every connection.
    Cut,
}

/// A refusal in the words of either transport.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) http: u16,
    pub(crate) grpc: Code,
    pub(crate) message: String,
    /// `Retry-After` over HTTP.
    pub(crate) retry_after: Option<&'static str>,
    /// `RetryInfo` over gRPC.
    pub(crate) retry_info: Option<u8>,
}

/// A refusal without a wish.
pub(crate) fn refuse(http: u16, grpc: Code, message: &str) -> Step {
    Step::Refuse(Refusal { http, grpc, message: message.to_owned(), retry_after: None, retry_info: None })
}

/// A refusal that asks to wait for 7 seconds, in the words of either transport.
pub(crate) fn refuse_for_7_s(http: u16, grpc: Code) -> Step {
    Step::Refuse(Refusal { http, grpc, message: "later".to_owned(), retry_after: Some("7"), retry_info: Some(7) })
}

/// Which transport the server speaks, and its certificates.
pub(crate) enum Listen {
    Http,
    Grpc,
    HttpTls(Arc<rustls::ServerConfig>),
    GrpcTls(ServerTlsConfig),
}

/// What came in of one signal.
#[derive(Debug, Clone)]
pub(crate) struct Received<R> {
    pub(crate) headers: HeaderMap,
    pub(crate) request: R,
}

fn number(id: &[u8]) -> u64 {
    u64::from_be_bytes(id.try_into().unwrap())
}

impl Received<ExportTraceServiceRequest> {
    /// The numbers of the spans, from their ids.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let scopes = self.request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| &scope.spans).map(|span| number(&span.span_id)).collect()
    }
}

impl Received<ExportLogsServiceRequest> {
    /// The numbers of the log records, from the ids of their spans.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let scopes = self.request.resource_logs.iter().flat_map(|resource| &resource.scope_logs);
        scopes.flat_map(|scope| &scope.log_records).map(|record| number(&record.span_id)).collect()
    }
}

/// A request of one of the signals, and how it is answered.
pub(super) trait Signal: Message + Default + Serialize + DeserializeOwned + 'static {
    type Answer: Message + Default + Serialize;

    /// What the server knows of this signal.
    fn side(state: &State) -> &Side<Self>;

    /// Success, perhaps partial.
    fn answer(partial: Option<(i64, &str)>) -> Self::Answer;
}

macro_rules! signal {
    ($side:ident, $request:ident, $answer:ident, $partial:ident, $rejected:ident) => {
        impl Signal for $request {
            type Answer = $answer;

            fn side(state: &State) -> &Side<Self> {
                &state.$side
            }

            fn answer(partial: Option<(i64, &str)>) -> $answer {
                let partial_success =
                    partial.map(|(rejected, said)| $partial { $rejected: rejected, error_message: said.to_owned() });
                $answer { partial_success }
            }
        }
    };
}

signal!(traces, ExportTraceServiceRequest, ExportTraceServiceResponse, ExportTracePartialSuccess, rejected_spans);
signal!(logs, ExportLogsServiceRequest, ExportLogsServiceResponse, ExportLogsPartialSuccess, rejected_log_records);
signal!(
    metrics,
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
    ExportMetricsPartialSuccess,
    rejected_data_points
);

/// What the server does and knows of one signal.
pub(super) struct Side<R> {
    script: Mutex<VecDeque<Step>>,
    received: Mutex<Vec<Received<R>>>,
}

impl<R> Default for Side<R> {
    fn default() -> Self {
        Self { script: Mutex::default(), received: Mutex::default() }
    }
}

/// A running server.
pub(crate) struct OtlpServer {
    pub(crate) addr: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
pub(super) struct State {
    traces: Side<ExportTraceServiceRequest>,
    logs: Side<ExportLogsServiceRequest>,
    metrics: Side<ExportMetricsServiceRequest>,
    connections: Mutex<Vec<std::net::TcpStream>>,
    /// Larger bodies are refused by their size before the script is asked.
    pub(super) max_body: usize,
}

impl OtlpServer {
    /// Starts a server that goes through `script` with spans and then takes everything.
    pub(crate) async fn start(listen: Listen, script: impl IntoIterator<Item = Step>) -> Self {
        Self::start_with_limit(listen, script, usize::MAX).await
    }

    /// The same, with a limit on the size of requests.
    pub(crate) async fn start_with_limit(
        listen: Listen,
        script: impl IntoIterator<Item = Step>,
        max_body: usize,
    ) -> Self {
        let state = Arc::new(State { max_body, ..State::default() });
        state.traces.script.lock().unwrap().extend(script);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        match listen {
            Listen::Http => drop(tokio::spawn(serve_http(listener, None, Arc::clone(&state)))),
            Listen::HttpTls(config) => {
                drop(tokio::spawn(serve_http(listener, Some(config.into()), Arc::clone(&state))));
            }
            Listen::Grpc => drop(tokio::spawn(serve_grpc(listener, None, Arc::clone(&state)))),
            Listen::GrpcTls(config) => drop(tokio::spawn(serve_grpc(listener, Some(config), Arc::clone(&state)))),
        }
        Self { addr, state }
    }

    /// What the server answers to spans before it takes everything again.
    pub(crate) fn script_traces(&self, script: impl IntoIterator<Item = Step>) {
        self.state.traces.script.lock().unwrap().extend(script);
    }

    /// What the server answers to log records before it takes everything.
    pub(crate) fn script_logs(&self, script: impl IntoIterator<Item = Step>) {
        self.state.logs.script.lock().unwrap().extend(script);
    }

    /// The same for metrics.
    pub(crate) fn script_metrics(&self, script: impl IntoIterator<Item = Step>) {
        self.state.metrics.script.lock().unwrap().extend(script);
    }

    /// Every request with spans that came in whole, taken or not.
    pub(crate) fn received(&self) -> Vec<Received<ExportTraceServiceRequest>> {
        self.state.traces.received.lock().unwrap().clone()
    }

    /// The same with log records.
    pub(crate) fn received_logs(&self) -> Vec<Received<ExportLogsServiceRequest>> {
        self.state.logs.received.lock().unwrap().clone()
    }

    /// The same with metrics.
    pub(crate) fn received_metrics(&self) -> Vec<Received<ExportMetricsServiceRequest>> {
        self.state.metrics.received.lock().unwrap().clone()
    }

    /// The spans' numbers of every request.
    pub(crate) fn numbers(&self) -> Vec<Vec<u64>> {
        self.received().iter().map(Received::<ExportTraceServiceRequest>::numbers).collect()
    }

    /// The log records' numbers of every request.
    pub(crate) fn log_numbers(&self) -> Vec<Vec<u64>> {
        self.received_logs().iter().map(Received::<ExportLogsServiceRequest>::numbers).collect()
    }
}

impl State {
    pub(super) fn next<R: Signal>(&self, received: Received<R>) -> Step {
        let side = R::side(self);
        side.received.lock().unwrap().push(received);
        side.script.lock().unwrap().pop_front().unwrap_or(Step::Ok)
    }

    /// Remembers a connection so that it can be cut.
    pub(super) fn register(&self, stream: TcpStream) -> TcpStream {
        let raw = stream.into_std().unwrap();
        self.connections.lock().unwrap().push(raw.try_clone().unwrap());
        TcpStream::from_std(raw).unwrap()
    }

    pub(super) async fn cut<T>(&self) -> T {
        for connection in self.connections.lock().unwrap().drain(..) {
            // It may be closed already.
            let _closed = connection.shutdown(Shutdown::Both);
        }
        pending().await
    }
}

/// What a step takes, as the answer to it says.
pub(super) fn answer<R: Signal>(step: &Step) -> R::Answer {
    R::answer(match step {
        Step::Partial(rejected, message) => Some((*rejected, message)),
        Step::EmptyPartial => Some((0, "")),
        _ => None,
    })
}

async fn serve_http(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = state.register(stream);
        let (state, tls) = (Arc::clone(&state), tls.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| http_answer(request, &state));
            let connection = http1::Builder::new();
            // Clients that break off and handshakes that fail are what some tests are about.
            match tls {
                Some(tls) => {
                    let Ok(stream) = tls.accept(stream).await else { return };
                    let _ended = connection.serve_connection(TokioIo::new(stream), service).await;
                }
                None => {
                    let _ended = connection.serve_connection(TokioIo::new(stream), service).await;
                }
            }
        });
    }
}

async fn http_answer(
    request: hyper::Request<Incoming>,
    state: &State,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.method(), "POST");
    match request.uri().path() {
        "/v1/traces" => http_answer_to::<ExportTraceServiceRequest>(request, state).await,
        "/v1/logs" => http_answer_to::<ExportLogsServiceRequest>(request, state).await,
        "/v1/metrics" => http_answer_to::<ExportMetricsServiceRequest>(request, state).await,
        _ => {
            let message = format!("no {} here", request.uri());
            Ok(hyper::Response::builder().status(404).body(message.into()).unwrap())
        }
    }
}

async fn http_answer_to<R: Signal>(
    request: hyper::Request<Incoming>,
    state: &State,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let response = hyper::Response::builder();
    let headers = request.headers().clone();
    let Ok(body) = request.into_body().collect().await else { return pending().await };
    let body = decompress(&headers, &body.to_bytes());
    if body.len() > state.max_body {
        return Ok(response.status(413).body("request entity too large".into()).unwrap());
    }
    let json = headers[CONTENT_TYPE] == "application/json";
    let request: R = if json {
        serde_json::from_slice(&body).unwrap()
    } else {
        assert_eq!(headers[CONTENT_TYPE], "application/x-protobuf");
        R::decode(body.as_slice()).unwrap()
    };
    let content_type = headers[CONTENT_TYPE].clone();
    let step = state.next(Received { headers, request });
    let response = response.header(CONTENT_TYPE, content_type);
    if let Step::Wait(told) = &step {
        told.notified().await;
    }
    Ok(match step {
        Step::Ok | Step::EmptyPartial | Step::Partial(..) | Step::Wait(_) => {
            let answer = answer::<R>(&step);
            let body = if json { serde_json::to_vec(&answer).unwrap() } else { answer.encode_to_vec() };
            response.body(body.into()).unwrap()
        }
        Step::Refuse(refusal) => {
            let mut response = hyper::Response::builder().status(refusal.http);
            if let Some(after) = refusal.retry_after {
                response = response.header(RETRY_AFTER, after);
            }
            if refusal.http / 100 == 3 {
                response = response.header(LOCATION, "/v1/traces");
            }
            response.header(CONTENT_TYPE, "text/plain").body(refusal.message.into()).unwrap()
        }
        Step::Hang => pending().await,
        Step::Cut => state.cut().await,
    })
}

fn decompress(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    match headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap()) {
        None => body.to_vec(),
        Some("gzip") => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
            plain
        }
        Some("zstd") => zstd::decode_all(body).unwrap(),
        Some(other) => panic!("unknown content encoding {other}"),
    }
}
