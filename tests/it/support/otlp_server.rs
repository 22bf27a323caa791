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
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codec::CompressionEncoding;
use tonic::transport::ServerTlsConfig;
use tonic::{Code, Request, Response, Status};

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

/// What came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) request: ExportTraceServiceRequest,
}

impl Received {
    /// The numbers of the spans, from their ids.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let scopes = self.request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        let id = |id: &Vec<u8>| u64::from_be_bytes(id.as_slice().try_into().unwrap());
        scopes.flat_map(|scope| &scope.spans).map(|span| id(&span.span_id)).collect()
    }
}

/// A running server.
pub(crate) struct OtlpServer {
    pub(crate) addr: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    script: Mutex<VecDeque<Step>>,
    received: Mutex<Vec<Received>>,
    connections: Mutex<Vec<std::net::TcpStream>>,
    /// Larger bodies are refused by their size before the script is asked.
    max_body: usize,
}

impl OtlpServer {
    /// Starts a server that goes through `script` and then takes everything.
    pub(crate) async fn start(listen: Listen, script: impl IntoIterator<Item = Step>) -> Self {
        Self::start_with_limit(listen, script, usize::MAX).await
    }

    /// The same, with a limit on the size of requests.
    pub(crate) async fn start_with_limit(
        listen: Listen,
        script: impl IntoIterator<Item = Step>,
        max_body: usize,
    ) -> Self {
        let script = Mutex::new(script.into_iter().collect());
        let state = Arc::new(State { script, max_body, ..State::default() });
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

    /// Every request that came in whole, taken or not.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// The spans' numbers of every request.
    pub(crate) fn numbers(&self) -> Vec<Vec<u64>> {
        self.received().iter().map(Received::numbers).collect()
    }
}

impl State {
    fn next(&self, received: Received) -> Step {
        self.received.lock().unwrap().push(received);
        self.script.lock().unwrap().pop_front().unwrap_or(Step::Ok)
    }

    /// Remembers a connection so that it can be cut.
    fn register(&self, stream: TcpStream) -> TcpStream {
        let raw = stream.into_std().unwrap();
        self.connections.lock().unwrap().push(raw.try_clone().unwrap());
        TcpStream::from_std(raw).unwrap()
    }

    async fn cut<T>(&self) -> T {
        for connection in self.connections.lock().unwrap().drain(..) {
            // It may be closed already.
            let _closed = connection.shutdown(Shutdown::Both);
        }
        pending().await
    }
}

fn answer(step: &Step) -> ExportTraceServiceResponse {
    let partial_success = match step {
        Step::Partial(rejected_spans, message) => {
            Some(ExportTracePartialSuccess { rejected_spans: *rejected_spans, error_message: (*message).to_owned() })
        }
        Step::EmptyPartial => Some(ExportTracePartialSuccess::default()),
        _ => None,
    };
    ExportTraceServiceResponse { partial_success }
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
    let response = hyper::Response::builder();
    assert_eq!(request.method(), "POST");
    if request.uri().path() != "/v1/traces" {
        let message = format!("no {} here", request.uri());
        return Ok(response.status(404).body(message.into()).unwrap());
    }
    let headers = request.headers().clone();
    let Ok(body) = request.into_body().collect().await else { return pending().await };
    let body = decompress(&headers, &body.to_bytes());
    if body.len() > state.max_body {
        return Ok(response.status(413).body("request entity too large".into()).unwrap());
    }
    let json = headers[CONTENT_TYPE] == "application/json";
    let request = if json {
        serde_json::from_slice(&body).unwrap()
    } else {
        assert_eq!(headers[CONTENT_TYPE], "application/x-protobuf");
        ExportTraceServiceRequest::decode(body.as_slice()).unwrap()
    };
    let content_type = headers[CONTENT_TYPE].clone();
    let step = state.next(Received { headers, request });
    let response = response.header(CONTENT_TYPE, content_type);
    Ok(match step {
        Step::Ok | Step::EmptyPartial | Step::Partial(..) if json => {
            response.body(serde_json::to_vec(&answer(&step)).unwrap().into()).unwrap()
        }
        Step::Ok | Step::EmptyPartial | Step::Partial(..) => {
            response.body(answer(&step).encode_to_vec().into()).unwrap()
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

async fn serve_grpc(listener: TcpListener, tls: Option<ServerTlsConfig>, state: Arc<State>) {
    let (sender, streams) = tokio::sync::mpsc::unbounded_channel();
    let registering = Arc::clone(&state);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if sender.send(Ok::<_, Infallible>(registering.register(stream))).is_err() {
                return;
            }
        }
    });
    let mut server = tonic::transport::Server::builder();
    if let Some(tls) = tls {
        server = server.tls_config(tls).unwrap();
    }
    let max_body = state.max_body;
    let service = TraceServiceServer::new(GrpcService(state))
        .max_decoding_message_size(max_body)
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd)
        .send_compressed(CompressionEncoding::Gzip);
    server.serve_with_incoming(service, UnboundedReceiverStream::new(streams)).await.unwrap();
}

struct GrpcService(Arc<State>);

#[tonic::async_trait]
impl TraceService for GrpcService {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        let step = self.0.next(Received { headers, request: request.into_inner() });
        match step {
            Step::Ok | Step::EmptyPartial | Step::Partial(..) => Ok(Response::new(answer(&step))),
            Step::Refuse(refusal) => Err(status(&refusal)),
            Step::Hang => pending().await,
            Step::Cut => self.0.cut().await,
        }
    }
}

fn status(refusal: &Refusal) -> Status {
    let Some(seconds) = refusal.retry_info else { return Status::new(refusal.grpc, &refusal.message) };
    // google.rpc.Status { details: [Any { type_url, value: RetryInfo { retry_delay: { seconds } } }] }, byte by byte, so
    // that the code under test is not checked against itself.
    let url = b"type.googleapis.com/google.rpc.RetryInfo";
    let retry_info = [0x0a, 2, 0x08, seconds];
    let mut any = vec![0x0a, url.len() as u8];
    any.extend(url);
    any.extend([0x12, retry_info.len() as u8]);
    any.extend(retry_info);
    let mut details = vec![0x1a, any.len() as u8];
    details.extend(any);
    Status::with_details(refusal.grpc, &refusal.message, details.into())
}
