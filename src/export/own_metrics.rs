//! The way out for metrics that OpenTelemetry's SDK makes: the program's own health.
//!
//! `opentelemetry-otlp` encodes them and judges the answers; what carries them is this stage's own client or channel, so
//! that address, headers, certificates, proxy and compression are those of the destination's other metrics. That crate
//! reads the environment by itself, where the same variables may stand for another receiver: whatever it makes of them is
//! replaced here before anything leaves.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    Compression as SdkCompression, MetricExporter, Protocol as SdkProtocol, RetryPolicy, WithExportConfig,
    WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality as SdkTemporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use prost::bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task;
use tonic::metadata::MetadataMap;

use super::destination::{Compression, OtlpOptions, Protocol};
use super::encode::Encoding;
use super::error::ExportError;
use super::grpc::channel;
use super::http::{HttpTransport, header_map};
use super::tls::TlsMaterial;
use crate::telemetry::metric::Temporality;
use crate::telemetry::signal::Signal;

/// Sends what the SDK has collected, once: the totals of what is lost are told by the next.
#[derive(Debug)]
pub struct OwnMetricExporter {
    inner: MetricExporter,
}

impl OwnMetricExporter {
    /// Reads certificates, and connects to nothing yet. It has to be opened inside the runtime that carries its
    /// requests, and may be used outside of it.
    pub async fn open(options: &OtlpOptions, temporality: Temporality) -> Result<Self, ExportError> {
        let destination = options.describe();
        let setup = |problem| ExportError::Setup { destination: destination.clone(), problem };
        let (tls_options, is_wanted) = (options.tls.clone(), options.endpoint.is_tls());
        let tls = task::spawn_blocking(move || TlsMaterial::load(&tls_options, is_wanted)).await;
        let tls = tls.map_err(|error| setup(error.to_string()))?.map_err(setup)?;
        let builder = MetricExporter::builder().with_temporality(match temporality {
            Temporality::Cumulative => SdkTemporality::Cumulative,
            Temporality::Delta => SdkTemporality::Delta,
        });
        let built = if options.protocol == Protocol::Grpc {
            let metadata = MetadataMap::from_headers(header_map(options).map_err(setup)?);
            let timeout = options.timeout;
            let builder = builder
                .with_tonic()
                .with_channel(channel(options, &tls).map_err(setup)?)
                .with_timeout(timeout)
                .with_retry_policy(RetryPolicy::disabled())
                .with_interceptor(move |mut request: tonic::Request<()>| {
                    *request.metadata_mut() = metadata.clone();
                    request.set_timeout(timeout);
                    Ok(request)
                });
            match options.compression {
                Compression::None => builder,
                Compression::Gzip => builder.with_compression(SdkCompression::Gzip),
                Compression::Zstd => builder.with_compression(SdkCompression::Zstd),
            }
            .build()
        } else {
            let (encoding, protocol) = match options.protocol {
                Protocol::HttpJson => (Encoding::Json, SdkProtocol::HttpJson),
                Protocol::HttpProtobuf | Protocol::Grpc => (Encoding::Protobuf, SdkProtocol::HttpBinary),
            };
            let transport = HttpTransport::new(Signal::Metrics, options.clone(), encoding, &tls).map_err(setup)?;
            builder
                .with_http()
                .with_http_client(Carrier { transport: transport.into(), runtime: Handle::current() })
                .with_endpoint(options.endpoint.to_string())
                .with_protocol(protocol)
                .with_timeout(options.timeout)
                .with_retry_policy(RetryPolicy::disabled())
                .build()
        };
        Ok(Self { inner: built.map_err(|error| setup(error.to_string()))? })
    }
}

impl PushMetricExporter for OwnMetricExporter {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        if let Err(error) = self.inner.export(metrics).await {
            // Nobody is waiting for them, and the next ones say it all again.
            tracing::debug!(%error, "the program's own metrics were not taken");
        }
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> SdkTemporality {
        self.inner.temporality()
    }
}

/// Carries bodies by this stage's client.
#[derive(Debug)]
struct Carrier {
    transport: std::sync::Arc<HttpTransport>,
    /// The SDK sends from a thread of its own, where no connection could be waited for.
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let transport = std::sync::Arc::clone(&self.transport);
        let body = request.into_body();
        let (status, answer) = self.runtime.spawn(async move { transport.post(body).await }).await??;
        Ok(Response::builder().status(status).body(answer.into())?)
    }
}
