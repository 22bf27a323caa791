//! Delivery of spans, log records and metrics side by side, the same cases over every transport.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use claude_otel::export::destination::{Compression, Destination, OtlpDestination, OtlpOptions, Protocol, TlsOptions};
use claude_otel::export::endpoint::Endpoint;
use claude_otel::export::error::ExportError;
use claude_otel::export::exporter::{BatchLimits, ExportOptions, Exporter};
use claude_otel::export::metric_exporter::MetricExporter;
use claude_otel::export::totals::DeliveryTotals;
use claude_otel::telemetry::log::LogRecord;
use claude_otel::telemetry::signal::{Signal, Signals};
use claude_otel::telemetry::span::{Span, Telemetry};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as ProtoNumber;
use tempfile::TempDir;
use tokio::sync::Notify;
use tonic::Code;

use crate::support::clock::TestClock;
use crate::support::otlp_server::{Listen, OtlpServer, Step, refuse};
use crate::support::spans::{counter, large_log, log, logs, resource, spans};

const ALL: [Protocol; 3] = [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc];

/// A server that takes all signals, and how to reach it.
struct Scene {
    server: OtlpServer,
    destination: OtlpDestination,
    options: ExportOptions,
    clock: Arc<TestClock>,
    dead_letters: TempDir,
}

impl Scene {
    async fn new(protocol: Protocol) -> Self {
        Self::with(protocol, Compression::None, usize::MAX).await
    }

    async fn with(protocol: Protocol, compression: Compression, max_body: usize) -> Self {
        let listen = if protocol == Protocol::Grpc { Listen::Grpc } else { Listen::Http };
        let server = OtlpServer::start_with_limit(listen, [], max_body).await;
        let base = Endpoint::parse(&format!("http://{}", server.addr)).unwrap();
        let options = |path: &str| OtlpOptions {
            endpoint: if protocol == Protocol::Grpc { base.clone() } else { base.join_path(path) },
            protocol,
            headers: Vec::new(),
            compression,
            timeout: Duration::from_secs(10),
            tls: TlsOptions::default(),
        };
        let destination = OtlpDestination {
            traces: Some(options("v1/traces")),
            metrics: Some(options("v1/metrics")),
            logs: Some(options("v1/logs")),
        };
        let clock = Arc::new(TestClock::default());
        let dead_letters = tempfile::tempdir().unwrap();
        let options = ExportOptions { clock: clock.clone(), ..ExportOptions::new(dead_letters.path()) };
        Self { server, destination, options, clock, dead_letters }
    }

    async fn exporter(&self) -> Exporter {
        let destination = Destination::Otlp(self.destination.clone());
        Exporter::open(destination, resource(), self.options.clone()).await.unwrap()
    }

    async fn metrics(&self) -> MetricExporter {
        let destination = Destination::Otlp(self.destination.clone());
        MetricExporter::open(&destination, &resource(), &self.options).await.unwrap().unwrap()
    }

    fn dead_letters(&self, name: &str) -> String {
        fs::read_to_string(self.dead_letters.path().join(name)).unwrap_or_default()
    }
}

fn both(spans: Vec<Span>, logs: Vec<LogRecord>) -> Telemetry {
    Telemetry { spans, logs }
}

/// What became of a signal, without sizes and requests.
fn fate(totals: &DeliveryTotals) -> (u64, u64, u64) {
    (totals.delivered, totals.rejected, totals.dead_lettered)
}

#[tokio::test]
async fn spans_and_log_records_arrive_each_at_its_place() {
    for protocol in ALL {
        let scene = Scene::new(protocol).await;
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(0..3), logs(1..3))).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (5, 0), "{protocol}");
        assert_eq!((scene.server.numbers(), scene.server.log_numbers()), (vec![vec![0, 1, 2]], vec![vec![1, 2]]));
        assert_eq!(fate(exporter.totals()), (3, 0, 0));
        assert_eq!(fate(exporter.totals_of(Signal::Logs)), (2, 0, 0));
        assert_eq!(exporter.totals_of(Signal::Metrics), &DeliveryTotals::default());
        let received = scene.server.received_logs();
        let resource_logs = &received[0].request.resource_logs[0];
        assert_eq!(resource_logs.resource.as_ref().unwrap().attributes[0].key, "service.name", "{protocol}");
        assert_eq!(resource_logs.schema_url, "https://opentelemetry.io/schemas/1.44.0");
        let scope_logs = &resource_logs.scope_logs[0];
        assert_eq!(scope_logs.scope.as_ref().unwrap().name, "claude_otel");
        let record = &scope_logs.log_records[0];
        assert_eq!((record.event_name.as_str(), record.severity_number), ("claude_code.tool_result", 9), "{protocol}");
        assert_eq!((record.flags, &record.body), (1, &None), "{protocol}");
    }
}

#[tokio::test]
async fn metrics_arrive_whole_however_many_points_they_have() {
    for protocol in ALL {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let mut scene = Scene::with(protocol, compression, usize::MAX).await;
            scene.options.limits = Some(BatchLimits { max_items: 100, ..BatchLimits::OTLP });
            let mut exporter = scene.metrics().await;
            exporter.export(&[counter("a", 150), counter("b", 0), counter("c", 70)]).await.unwrap();
            assert_eq!(fate(exporter.totals()), (220, 0, 0), "{protocol}");
            assert_eq!(arrived(&scene, "a"), (0..150).collect::<Vec<_>>(), "{protocol}");
            assert_eq!(arrived(&scene, "c"), (0..70).collect::<Vec<_>>(), "{protocol}");
            let sizes: Vec<usize> = requests(&scene).iter().map(Vec::len).collect();
            assert!(sizes.len() > 2 && sizes.iter().all(|points| (1..=100).contains(points)), "{protocol}: {sizes:?}");
        }
    }
}

/// The points of every request, by metric and value.
fn requests(scene: &Scene) -> Vec<Vec<(String, i64)>> {
    let mut requests = Vec::new();
    for received in scene.server.received_metrics() {
        let scopes = received.request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
        let mut points = Vec::new();
        for metric in scopes.flat_map(|scope| scope.metrics) {
            let Some(Data::Sum(sum)) = metric.data else { panic!("no sum: {metric:?}") };
            assert!(sum.is_monotonic && sum.aggregation_temporality == 2, "{sum:?}");
            assert_eq!((metric.unit.as_str(), metric.description.as_str()), ("{token}", "Tokens."));
            points.extend(sum.data_points.into_iter().map(|point| match point.value {
                Some(ProtoNumber::AsInt(number)) => (metric.name.clone(), number),
                other => panic!("no whole number: {other:?}"),
            }));
        }
        requests.push(points);
    }
    requests
}

/// The values of a metric in the order in which they came in, taken or not; each once.
fn arrived(scene: &Scene, name: &str) -> Vec<i64> {
    let mut values: Vec<i64> =
        requests(scene).concat().into_iter().filter(|(metric, _)| metric == name).map(|(_, value)| value).collect();
    values.sort_unstable();
    values
}

#[tokio::test]
async fn every_signal_counts_its_own_partial_success() {
    for protocol in ALL {
        let scene = Scene::new(protocol).await;
        scene.server.script_logs([Step::Partial(2, "too old"), Step::EmptyPartial]);
        scene.server.script_metrics([Step::Partial(3, "no such unit"), Step::Partial(99, "odd")]);
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(0..4), logs(0..5))).await.unwrap();
        exporter.flush().await.unwrap();
        exporter.send(both(Vec::new(), logs(5..6))).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!(fate(exporter.totals()), (4, 0, 0), "{protocol}");
        assert_eq!(fate(exporter.totals_of(Signal::Logs)), (4, 2, 0), "{protocol}");
        assert_eq!(exporter.acknowledged(), 10);
        let mut metrics = scene.metrics().await;
        metrics.export(&[counter("a", 10)]).await.unwrap();
        assert_eq!(fate(metrics.totals()), (7, 3, 0), "{protocol}");
        metrics.export(&[counter("a", 10)]).await.unwrap();
        assert_eq!(fate(metrics.totals()), (7, 13, 0), "{protocol}: no more is rejected than was sent");
    }
}

#[tokio::test]
async fn a_slow_signal_holds_the_acknowledgement_of_the_other_back() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol).await;
        scene.options.limits = Some(BatchLimits { max_items: 2, ..BatchLimits::OTLP });
        let told = Arc::new(Notify::new());
        scene.server.script_logs([Step::Ok, Step::Wait(Arc::clone(&told))]);
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(0..2), logs(0..2))).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!(exporter.acknowledged(), 4, "{protocol}");
        exporter.send(both(spans(2..4), logs(2..4))).await.unwrap();
        exporter.send(spans(4..6)).await.unwrap();
        // Everything but the log records is there, and known to be: until then, nothing can be waited for but answers.
        while exporter.totals().delivered < 6 {
            tokio::task::yield_now().await;
            exporter.send(Telemetry::default()).await.unwrap();
        }
        assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (6, 4), "{protocol}: spans 4 and 5 wait");
        told.notify_one();
        exporter.flush().await.unwrap();
        assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (10, 0), "{protocol}");
    }
}

#[tokio::test]
async fn a_signal_that_is_switched_off_is_not_sent_and_counts_as_done() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol).await;
        scene.destination.logs = None;
        scene.destination.metrics = None;
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(0..2), logs(0..3))).await.unwrap();
        assert_eq!(exporter.acknowledged(), 0, "{protocol}: their turn comes after the spans'");
        exporter.flush().await.unwrap();
        assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (5, 0), "{protocol}");
        assert!(scene.server.received_logs().is_empty());
        let destination = Destination::Otlp(scene.destination.clone());
        assert!(MetricExporter::open(&destination, &resource(), &scene.options).await.unwrap().is_none());
        (scene.destination.logs, scene.destination.traces) = (scene.destination.traces.take(), None);
        if protocol != Protocol::Grpc {
            let endpoint = Endpoint::parse(&format!("http://{}/v1/logs", scene.server.addr)).unwrap();
            scene.destination.logs.as_mut().unwrap().endpoint = endpoint;
        }
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(2..4), logs(3..5))).await.unwrap();
        assert_eq!(exporter.acknowledged(), 2, "{protocol}");
        exporter.flush().await.unwrap();
        assert_eq!(exporter.acknowledged(), 4, "{protocol}");
        assert_eq!((scene.server.numbers(), scene.server.log_numbers()), (vec![vec![0, 1]], vec![vec![3, 4]]));
    }
}

#[tokio::test]
async fn a_receiver_without_a_place_for_one_signal_refuses_and_says_which() {
    for protocol in ALL {
        for (http, grpc) in [(404, Code::NotFound), (405, Code::Unimplemented), (404, Code::Unimplemented)] {
            let mut scene = Scene::new(protocol).await;
            scene.server.script_logs([refuse(http, grpc, "unknown service")]);
            scene.server.script_metrics([refuse(http, grpc, "unknown service")]);
            let mut exporter = scene.exporter().await;
            exporter.send(both(spans(0..2), logs(0..2))).await.unwrap();
            let error = exporter.flush().await.unwrap_err();
            assert!(matches!(error, ExportError::Refused { .. }), "{protocol}: {error}");
            let text = error.to_string();
            assert!(text.contains("takes no logs, leave them out with --signals traces,metrics"), "{protocol}: {text}");
            assert!(exporter.acknowledged() <= 2, "{protocol}: nothing is skipped silently");
            assert!(exporter.send(Telemetry::default()).await.is_err(), "a failed exporter is not used again");
            assert_eq!(scene.dead_letters("refused-logs.jsonl"), "");
            scene.destination.logs = None;
            let mut metrics = scene.metrics().await;
            let text = metrics.export(&[counter("a", 1)]).await.unwrap_err().to_string();
            assert!(text.contains("takes no metrics, leave them out with --signals traces"), "{protocol}: {text}");
            metrics.export(&[counter("a", 1)]).await.unwrap();
            assert_eq!(fate(metrics.totals()), (1, 0, 0), "{protocol}: the next round is a new one");
        }
    }
}

#[tokio::test]
async fn passing_trouble_of_one_signal_is_waited_out() {
    for protocol in ALL {
        let scene = Scene::new(protocol).await;
        scene.server.script_logs([refuse(503, Code::Unavailable, "busy")]);
        scene.server.script_metrics([refuse(429, Code::Unavailable, "busy"), refuse(503, Code::Aborted, "busy")]);
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(0..1), logs(0..2))).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!((exporter.totals().retries, exporter.totals_of(Signal::Logs).retries), (0, 1), "{protocol}");
        assert_eq!(scene.server.log_numbers(), [[0, 1], [0, 1]], "{protocol}");
        let mut metrics = scene.metrics().await;
        metrics.export(&[counter("a", 1)]).await.unwrap();
        assert_eq!((metrics.totals().retries, metrics.totals().delivered), (2, 1), "{protocol}");
        assert_eq!(scene.clock.waited_seconds(), [1, 1, 2], "{protocol}");
    }
}

#[tokio::test]
async fn refused_content_is_set_aside_by_signal() {
    for protocol in ALL {
        let scene = Scene::new(protocol).await;
        scene.server.script_logs([refuse(400, Code::InvalidArgument, "bad event")]);
        scene.server.script_metrics([refuse(400, Code::InvalidArgument, "bad unit")]);
        let mut exporter = scene.exporter().await;
        exporter.send(both(spans(0..1), logs(0..2))).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!(fate(exporter.totals_of(Signal::Logs)), (0, 0, 2), "{protocol}");
        assert_eq!((exporter.acknowledged(), fate(exporter.totals())), (3, (1, 0, 0)), "{protocol}");
        let mut metrics = scene.metrics().await;
        metrics.export(&[counter("a", 3)]).await.unwrap();
        assert_eq!(fate(metrics.totals()), (0, 0, 3), "{protocol}");
        // What was set aside is what was refused, to the letter.
        let refused = serde_json::from_str(scene.dead_letters("refused-logs.jsonl").trim_end()).unwrap();
        assert_eq!(scene.server.received_logs()[0].request, refused, "{protocol}");
        let refused = serde_json::from_str(scene.dead_letters("refused-metrics.jsonl").trim_end()).unwrap();
        assert_eq!(scene.server.received_metrics()[0].request, refused, "{protocol}");
        assert_eq!(scene.dead_letters("refused-traces.jsonl"), "");
    }
}

#[tokio::test]
async fn too_large_requests_are_halved_whatever_they_carry() {
    for protocol in ALL {
        let scene = Scene::with(protocol, Compression::None, 4000).await;
        let mut exporter = scene.exporter().await;
        exporter.send(both(Vec::new(), (0..8).map(|number| large_log(number, 900)).collect())).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!(fate(exporter.totals_of(Signal::Logs)), (8, 0, 0), "{protocol}");
        assert_eq!(scene.server.log_numbers().concat(), (0..8).collect::<Vec<_>>(), "{protocol}");
        assert!(scene.server.log_numbers().len() > 1, "{protocol}");
        // A metric of 64 points is larger than this by itself and is taken apart.
        let scene = Scene::with(protocol, Compression::None, 2000).await;
        let mut metrics = scene.metrics().await;
        metrics.export(&[counter("a", 64)]).await.unwrap();
        assert_eq!(fate(metrics.totals()), (64, 0, 0), "{protocol}");
        assert_eq!(arrived(&scene, "a"), (0..64).collect::<Vec<_>>(), "{protocol}");
        assert!(scene.server.received_metrics().len() > 1, "{protocol}");
    }
}

#[tokio::test]
async fn a_log_record_too_large_by_itself_is_cut_and_then_set_aside_whole() {
    for protocol in ALL {
        let scene = Scene::with(protocol, Compression::None, 4000).await;
        let mut exporter = scene.exporter().await;
        exporter.send(both(Vec::new(), vec![log(0), large_log(1, 9000), log(2)])).await.unwrap();
        exporter.flush().await.unwrap();
        let totals = *exporter.totals_of(Signal::Logs);
        assert_eq!((totals.delivered, totals.cut, totals.dead_lettered), (3, 1, 0), "{protocol}");
        assert_eq!(scene.server.log_numbers().concat(), [0, 1, 2], "{protocol}");

        let scene = Scene::with(protocol, Compression::None, 800).await;
        let mut exporter = scene.exporter().await;
        exporter.send(both(Vec::new(), vec![large_log(1, 9000)])).await.unwrap();
        exporter.flush().await.unwrap();
        assert_eq!(fate(exporter.totals_of(Signal::Logs)), (0, 0, 1), "{protocol}");
        assert!(scene.dead_letters("refused-logs.jsonl").contains(&"x".repeat(9000)), "{protocol}: before it was cut");
    }
}

#[tokio::test]
async fn a_cancelled_send_loses_nothing_of_either_signal() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol).await;
        scene.options.limits = Some(BatchLimits { max_items: 2, ..BatchLimits::OTLP });
        scene.options.in_flight = 1;
        let mut exporter = scene.exporter().await;
        let finished = tokio::select! {
            biased;
            result = exporter.send(both(spans(0..9), logs(0..7))) => { result.unwrap(); true }
            () = tokio::task::yield_now() => false,
        };
        assert!(!finished && !exporter.has_room(), "{protocol}: the second batches wait for the first");
        exporter.flush().await.unwrap();
        assert_eq!(scene.server.numbers(), [vec![0, 1], vec![2, 3], vec![4, 5], vec![6, 7], vec![8]], "{protocol}");
        assert_eq!(scene.server.log_numbers(), [vec![0, 1], vec![2, 3], vec![4, 5], vec![6]], "{protocol}");
        assert_eq!((exporter.acknowledged(), exporter.unacknowledged()), (16, 0));
    }
}

#[test]
fn the_signals_of_a_destination_are_those_with_an_address() {
    let none = Destination::Otlp(OtlpDestination::default());
    assert_eq!((none.signals(), none.describe().as_str()), (Signals::default(), "nowhere"));
}
