//! The program's own metrics over gRPC: with the destination's headers, and with no others.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use claude_otel::export::destination::{Compression, OtlpOptions, Protocol, TlsOptions};
use claude_otel::export::endpoint::Endpoint;
use claude_otel::export::live::LiveTotals;
use claude_otel::export::own_metrics::OwnMetricExporter;
use claude_otel::export::secret::Secret;
use claude_otel::health::own_telemetry::OwnTelemetry;
use claude_otel::health::watched::Watched;
use claude_otel::pipeline::watch::Shared;
use claude_otel::telemetry::metric::Temporality;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use tokio::net::TcpListener;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codec::CompressionEncoding;
use tonic::{Request, Response, Status};

use super::receiver::own_series;
use crate::support::spans::resource;

type Heard = Arc<Mutex<Vec<(Option<String>, ExportMetricsServiceRequest)>>>;

struct Service(Heard);

#[tonic::async_trait]
impl MetricsService for Service {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let key = request.metadata().get("x-key").map(|value| value.to_str().unwrap().to_owned());
        self.0.lock().unwrap().push((key, request.into_inner()));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

async fn server(heard: Heard) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, streams) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if sender.send(Ok::<_, std::io::Error>(stream)).is_err() {
                return;
            }
        }
    });
    let service = MetricsServiceServer::new(Service(heard))
        .accept_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Zstd);
    let served =
        tonic::transport::Server::builder().serve_with_incoming(service, UnboundedReceiverStream::new(streams));
    tokio::spawn(served);
    format!("http://{address}")
}

#[tokio::test]
async fn the_last_telling_arrives_with_the_destinations_headers() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let heard = Heard::default();
        let options = OtlpOptions {
            endpoint: Endpoint::parse(&server(Arc::clone(&heard)).await).unwrap(),
            protocol: Protocol::Grpc,
            headers: vec![("x-key".to_owned(), Secret::new("open sesame"))],
            compression,
            timeout: Duration::from_secs(10),
            tls: TlsOptions::default(),
        };
        let shared = Arc::new(Shared::default());
        shared.count_problem("missed_event");
        let watched = Watched {
            name: "work".to_owned(),
            shared,
            live: LiveTotals::default(),
            clock: Arc::new(|| 0),
            redactions: None,
        };
        let exporter = OwnMetricExporter::open(&options, Temporality::Delta).await.unwrap();
        OwnTelemetry::start(&watched, exporter, &resource(), Duration::from_secs(3600)).end().await;
        let heard = heard.lock().unwrap();
        let [(key, request)] = heard.as_slice() else { panic!("{} requests", heard.len()) };
        assert_eq!(key.as_deref(), Some("open sesame"));
        let series = own_series(request);
        assert!(series.contains(&("claude_otel.problems{missed_event}".to_owned(), 1.0)), "{series:?}");
    }
}
