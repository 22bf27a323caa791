//! The gRPC side of the scripted receiver: three services on one port.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::task::{Context, Poll};

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tokio::net::TcpListener;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::ServerTlsConfig;
use tonic::{Request, Response, Status};

use super::otlp_server::{Received, Refusal, Signal, State, Step, answer};

pub(super) async fn serve_grpc(listener: TcpListener, tls: Option<ServerTlsConfig>, state: Arc<State>) {
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
    macro_rules! service {
        ($kind:ident) => {
            $kind::new(GrpcService(Arc::clone(&state)))
                .max_decoding_message_size(max_body)
                .accept_compressed(CompressionEncoding::Gzip)
                .accept_compressed(CompressionEncoding::Zstd)
                .send_compressed(CompressionEncoding::Gzip)
        };
    }
    let services = Services {
        traces: service!(TraceServiceServer),
        logs: service!(LogsServiceServer),
        metrics: service!(MetricsServiceServer),
    };
    server.serve_with_incoming(services, UnboundedReceiverStream::new(streams)).await.unwrap();
}

/// The three services, told apart by their paths.
#[derive(Clone)]
struct Services {
    traces: TraceServiceServer<GrpcService>,
    logs: LogsServiceServer<GrpcService>,
    metrics: MetricsServiceServer<GrpcService>,
}

impl Service<http::Request<Body>> for Services {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path();
        if path.contains(".logs.v1.") {
            self.logs.call(request)
        } else if path.contains(".metrics.v1.") {
            self.metrics.call(request)
        } else {
            self.traces.call(request)
        }
    }
}

struct GrpcService(Arc<State>);

impl GrpcService {
    async fn answer<R: Signal>(&self, request: Request<R>) -> Result<Response<R::Answer>, Status> {
        let headers = request.metadata().clone().into_headers();
        let step = self.0.next(Received { headers, request: request.into_inner() });
        if let Step::Wait(told) = &step {
            told.notified().await;
        }
        match step {
            Step::Ok | Step::EmptyPartial | Step::Partial(..) | Step::Wait(_) => Ok(Response::new(answer::<R>(&step))),
            Step::Refuse(refusal) => Err(status(&refusal)),
            Step::Hang => pending().await,
            Step::Cut => self.0.cut().await,
        }
    }
}

#[tonic::async_trait]
impl TraceService for GrpcService {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.answer(request).await
    }
}

#[tonic::async_trait]
impl LogsService for GrpcService {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.answer(request).await
    }
}

#[tonic::async_trait]
impl MetricsService for GrpcService {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.answer(request).await
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
