//! From spans and events to a receiver: converting, encoding and sending, on one thread.

use claude_otel::export::destination::{Compression, Destination, OtlpDestination, OtlpOptions, Protocol, TlsOptions};
use claude_otel::export::endpoint::Endpoint;
use claude_otel::export::exporter::{ExportOptions, Exporter};
use claude_otel::session::facts::Session;
use claude_otel::telemetry::mapper::map_session;
use claude_otel::telemetry::options::MapOptions;
use claude_otel::telemetry::span::{Resource, Telemetry};
use criterion::{BatchSize, BenchmarkGroup};

use crate::clock::ProcessorTime;
use crate::measure::child;
use crate::measure::sink::{self, Sink};

/// Sends what the sessions come to, to a receiver in another process.
pub(crate) fn bench(group: &mut BenchmarkGroup<'_, ProcessorTime>, sessions: &[Session], map: &MapOptions) {
    let mut parts: Vec<Telemetry> = Vec::new();
    for session in sessions {
        map_session(session, map, |_| true, |part| parts.push(part));
    }
    let receiver = child::part(sink::PART, &[]).and_then(Sink::start);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(receiver), Ok(runtime)) = (receiver, runtime) else { return };
    let to = |path: &str| {
        let endpoint = Endpoint::parse(&receiver.address).ok()?.join_path(path);
        let (headers, timeout) = (Vec::new(), std::time::Duration::from_secs(10));
        let (protocol, compression, tls) = (Protocol::HttpProtobuf, Compression::None, TlsOptions::default());
        Some(OtlpOptions { endpoint, protocol, headers, compression, timeout, tls })
    };
    let destination =
        Destination::Otlp(OtlpDestination { traces: to("v1/traces"), logs: to("v1/logs"), metrics: None });
    let letters = std::env::temp_dir();
    group.bench_function("6 encode and send", |bencher| {
        bencher.iter_batched(
            || parts.clone(),
            |parts| {
                runtime.block_on(async {
                    let resource = Resource { attributes: Vec::new() };
                    let mut exporter =
                        Exporter::open(destination.clone(), resource, ExportOptions::new(&letters)).await?;
                    for part in parts {
                        exporter.send(part).await?;
                    }
                    exporter.flush().await
                })
            },
            BatchSize::PerIteration,
        );
    });
    // What it received is of no matter here.
    let _ = receiver.end();
}
