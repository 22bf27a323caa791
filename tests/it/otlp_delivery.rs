//! Delivery to a scripted OTLP receiver, the same cases over every transport.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

mod headers;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use claude_otel::export::destination::{Compression, Destination, OtlpDestination, OtlpOptions, Protocol, TlsOptions};
use claude_otel::export::endpoint::Endpoint;
use claude_otel::export::error::ExportError;
use claude_otel::export::exporter::{BatchLimits, ExportOptions, Exporter};
use claude_otel::export::retry::RetryPolicy;
use claude_otel::export::secret::Secret;
use claude_otel::export::totals::DeliveryTotals;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use tempfile::TempDir;
use tonic::Code;

use crate::support::clock::TestClock;
use crate::support::otlp_server::{Listen, OtlpServer, Refusal, Step, refuse, refuse_for_7_s};
use crate::support::spans::{large_span, resource, span, spans};

mod unreadable;

const ALL: [Protocol; 3] = [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc];

/// A server, its exporter, and what the exporter leaves behind.
struct Scene {
    server: OtlpServer,
    exporter: Exporter,
    clock: Arc<TestClock>,
    dead_letters: TempDir,
    options: OtlpOptions,
    export: ExportOptions,
}

struct Setting {
    options: OtlpOptions,
    export: ExportOptions,
    max_body: usize,
}

impl Scene {
    async fn new(protocol: Protocol, script: impl IntoIterator<Item = Step>) -> Self {
        Self::with(protocol, script, |_| {}).await
    }

    async fn with(
        protocol: Protocol,
        script: impl IntoIterator<Item = Step>,
        adjust: impl FnOnce(&mut Setting),
    ) -> Self {
        let clock = Arc::new(TestClock::default());
        let dead_letters = tempfile::tempdir().unwrap();
        let export = ExportOptions { clock: clock.clone(), ..ExportOptions::new(dead_letters.path()) };
        let options = OtlpOptions {
            endpoint: Endpoint::parse("http://127.0.0.1").unwrap(),
            protocol,
            headers: Vec::new(),
            compression: Compression::None,
            timeout: Duration::from_secs(10),
            tls: TlsOptions::default(),
        };
        let mut setting = Setting { options, export, max_body: usize::MAX };
        adjust(&mut setting);
        let listen = if protocol == Protocol::Grpc { Listen::Grpc } else { Listen::Http };
        let server = OtlpServer::start_with_limit(listen, script, setting.max_body).await;
        setting.options.endpoint = endpoint(&server, protocol);
        let Setting { options, export, .. } = setting;
        let exporter = Exporter::open(traces_to(options.clone()), resource(), export.clone()).await.unwrap();
        Self { server, exporter, clock, dead_letters, options, export }
    }

    /// Sends spans 0 to `count` and flushes.
    async fn deliver(&mut self, count: u64) -> Result<DeliveryTotals, ExportError> {
        self.exporter.send(spans(0..count)).await?;
        self.exporter.flush().await?;
        Ok(DeliveryTotals { bytes: 0, ..*self.exporter.totals() })
    }

    fn dead_letters(&self) -> Vec<ExportTraceServiceRequest> {
        let Ok(text) = fs::read_to_string(self.dead_letter_file()) else { return Vec::new() };
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn dead_letter_file(&self) -> PathBuf {
        self.dead_letters.path().join("refused-traces.jsonl")
    }
}

fn endpoint(server: &OtlpServer, protocol: Protocol) -> Endpoint {
    let endpoint = Endpoint::parse(&format!("http://{}", server.addr)).unwrap();
    if protocol == Protocol::Grpc { endpoint } else { endpoint.join_path("v1/traces") }
}

fn traces_to(options: OtlpOptions) -> Destination {
    Destination::Otlp(OtlpDestination { traces: Some(options), ..OtlpDestination::default() })
}

fn delivered(delivered: u64, requests: u64, retries: u64) -> DeliveryTotals {
    DeliveryTotals { delivered, requests, retries, ..DeliveryTotals::default() }
}

#[tokio::test]
async fn everything_arrives_once_with_its_resource_and_scope() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, []).await;
        assert_eq!(scene.deliver(3).await.unwrap(), delivered(3, 1, 0), "{protocol}");
        assert_eq!((scene.exporter.acknowledged(), scene.exporter.unacknowledged()), (3, 0));
        let received = scene.server.received();
        assert_eq!(scene.server.numbers(), [[0, 1, 2]], "{protocol}");
        let user_agent = received[0].headers["user-agent"].to_str().unwrap();
        assert!(user_agent.starts_with(concat!("claude-otel/", env!("CARGO_PKG_VERSION"))), "{user_agent}");
        let resource_spans = &received[0].request.resource_spans[0];
        assert_eq!(resource_spans.resource.as_ref().unwrap().attributes[0].key, "service.name");
        assert_eq!(resource_spans.schema_url, "https://opentelemetry.io/schemas/1.44.0");
        let scope_spans = &resource_spans.scope_spans[0];
        assert_eq!(scope_spans.scope.as_ref().unwrap().name, "claude_otel");
        assert_eq!(scope_spans.schema_url, "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev");
        assert_eq!((scope_spans.spans[2].name.as_str(), scope_spans.spans[2].flags), ("span 2", 0x101));
    }
}

#[tokio::test]
async fn nothing_is_sent_when_there_is_nothing() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, []).await;
        assert_eq!(scene.deliver(0).await.unwrap(), delivered(0, 0, 0), "{protocol}");
        assert!(scene.server.received().is_empty());
    }
}

#[tokio::test]
async fn batches_hold_so_many_spans_and_so_many_bytes() {
    for protocol in ALL {
        let limits = BatchLimits { max_bytes: 3000, max_items: 4 };
        let adjust = |setting: &mut Setting| {
            setting.export.limits = Some(limits);
            setting.export.in_flight = 1;
        };
        let mut scene = Scene::with(protocol, [], adjust).await;
        let mut sent = spans(0..6);
        sent.extend([large_span(6, 2000), large_span(7, 2000), large_span(8, 9000), span(9)]);
        scene.exporter.send(sent).await.unwrap();
        scene.exporter.flush().await.unwrap();
        let numbers = scene.server.numbers();
        assert_eq!(numbers.concat(), (0..10).collect::<Vec<_>>(), "{protocol}");
        assert_eq!(numbers[0], [0, 1, 2, 3], "{protocol}");
        assert!(numbers.contains(&vec![8]), "the giant travels alone: {numbers:?}");
        assert!(!numbers.iter().any(|batch| batch.contains(&6) && batch.contains(&7)), "{protocol}: {numbers:?}");
    }
}

#[tokio::test]
async fn full_batches_go_before_the_flush_and_acknowledgements_follow_the_order() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| {
            setting.export.limits = Some(BatchLimits { max_items: 10, ..BatchLimits::OTLP });
        };
        let mut scene = Scene::with(protocol, [refuse(503, Code::Unavailable, "busy")], adjust).await;
        scene.exporter.send(spans(0..95)).await.unwrap();
        assert!(scene.exporter.acknowledged() >= 50, "at most four are in flight");
        assert_eq!(scene.exporter.acknowledged() % 10, 0);
        assert_eq!(scene.exporter.acknowledged() + scene.exporter.unacknowledged(), 95);
        scene.exporter.flush().await.unwrap();
        assert_eq!(scene.exporter.unacknowledged(), 0);
        assert_eq!(scene.exporter.totals().delivered, 95);
    }
}

#[tokio::test]
async fn refused_content_is_set_aside_and_the_rest_goes_on() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| {
            setting.export.limits = Some(BatchLimits { max_items: 2, ..BatchLimits::OTLP });
            setting.export.in_flight = 1;
        };
        let mut scene = Scene::with(protocol, [refuse(400, Code::InvalidArgument, "bad id")], adjust).await;
        let totals = scene.deliver(4).await.unwrap();
        assert_eq!(totals, DeliveryTotals { dead_lettered: 2, ..delivered(2, 2, 0) }, "{protocol}");
        assert_eq!(scene.exporter.unacknowledged(), 0);
        // What was set aside is what was refused, to the letter.
        assert_eq!(scene.dead_letters(), [scene.server.received()[0].request.clone()], "{protocol}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(scene.dead_letter_file()).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[tokio::test]
async fn a_full_dead_letter_folder_stops_the_delivery() {
    let adjust = |setting: &mut Setting| setting.export.dead_letter_max_bytes = 100;
    let mut scene = Scene::with(ALL[0], [refuse(400, Code::InvalidArgument, "bad id")], adjust).await;
    let error = scene.deliver(1).await.unwrap_err();
    assert!(matches!(error, ExportError::Full { .. }), "{error}");
    assert_eq!((scene.exporter.acknowledged(), scene.exporter.totals().dead_lettered), (0, 0));
}

#[tokio::test]
async fn a_refused_destination_ends_the_delivery_and_sets_nothing_aside() {
    let refusals = [
        (401, Code::Unauthenticated),
        (403, Code::PermissionDenied),
        (404, Code::NotFound),
        (405, Code::Unimplemented),
        (500, Code::Internal),
        (307, Code::Unknown),
    ];
    for protocol in ALL {
        for (http, grpc) in refusals {
            let mut scene = Scene::new(protocol, [refuse(http, grpc, "no such tenant")]).await;
            let error = scene.deliver(3).await.unwrap_err();
            assert!(matches!(error, ExportError::Refused { .. }), "{protocol} {http}: {error}");
            assert!(error.to_string().contains("no such tenant"), "{error}");
            assert_eq!(scene.server.received().len(), 1, "{protocol} {http}: not repeated, not redirected");
            assert_eq!((scene.exporter.acknowledged(), scene.exporter.unacknowledged()), (0, 3));
            assert!(scene.dead_letters().is_empty());
            assert!(scene.exporter.send(spans(0..1)).await.is_err(), "a failed exporter is not used again");
        }
    }
}

#[tokio::test]
async fn passing_trouble_is_waited_out_with_growing_waits() {
    for protocol in ALL {
        for (http, grpc) in [(503, Code::Unavailable), (502, Code::Aborted), (504, Code::DeadlineExceeded)] {
            let trouble = refuse(http, grpc, "starting");
            let mut scene = Scene::new(protocol, [trouble.clone(), trouble.clone(), trouble]).await;
            assert_eq!(scene.deliver(2).await.unwrap(), delivered(2, 4, 3), "{protocol} {http}");
            assert_eq!(scene.clock.waited_seconds(), [1, 2, 4]);
            assert_eq!(scene.server.numbers(), vec![vec![0, 1]; 4], "the same each time");
        }
    }
}

#[tokio::test]
async fn a_servers_wish_to_wait_is_granted() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, [refuse_for_7_s(429, Code::ResourceExhausted)]).await;
        assert_eq!(scene.deliver(2).await.unwrap(), delivered(2, 2, 1), "{protocol}");
        // Seven seconds and the tenth of jitter that the clock of these tests gives.
        assert_eq!(scene.clock.waited_seconds(), [7]);
    }
}

#[tokio::test]
async fn a_wish_too_long_for_a_bounded_policy_is_told() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| {
            setting.export.retry = RetryPolicy { max_elapsed: Some(Duration::from_secs(5)), ..RetryPolicy::BOUNDED };
        };
        let mut scene = Scene::with(protocol, [refuse_for_7_s(503, Code::Unavailable)], adjust).await;
        let error = scene.deliver(1).await.unwrap_err();
        assert!(matches!(error, ExportError::Unreachable { tries: 1, .. }), "{protocol}: {error}");
        assert!(error.to_string().contains("it asks to wait for 7 s"), "{protocol}: {error}");
        assert!(scene.clock.waited_seconds().is_empty());
    }
}

#[tokio::test]
async fn a_wish_may_be_a_date() {
    let after = Some("Sun, 06 Nov 1994 08:49:57 GMT");
    let refusal = Refusal { http: 503, grpc: Code::Ok, message: String::new(), retry_after: after, retry_info: None };
    let mut scene = Scene::new(Protocol::HttpProtobuf, [Step::Refuse(refusal)]).await;
    assert_eq!(scene.deliver(1).await.unwrap(), delivered(1, 2, 1));
    assert_eq!(scene.clock.waited_seconds(), [22]);
}

#[tokio::test]
async fn exhaustion_without_retry_info_is_not_repeated() {
    let mut scene = Scene::new(Protocol::Grpc, [refuse(0, Code::ResourceExhausted, "quota used up")]).await;
    let error = scene.deliver(1).await.unwrap_err();
    assert!(matches!(error, ExportError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_bounded_policy_gives_up_and_says_so() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, vec![refuse(503, Code::Unavailable, "down"); 50]).await;
        let error = scene.deliver(2).await.unwrap_err();
        assert!(matches!(error, ExportError::Unreachable { tries: 6, .. }), "{protocol}: {error}");
        assert!(error.to_string().contains("down"), "{error}");
        assert_eq!(scene.clock.waited_seconds(), [1, 2, 4, 8, 16], "31 s, and 30 more would pass a minute");
        assert_eq!(scene.exporter.unacknowledged(), 2);
        assert!(scene.dead_letters().is_empty());
    }
}

#[tokio::test]
async fn an_unbounded_policy_does_not_give_up() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| setting.export.retry = RetryPolicy::FOR_EVER;
        let mut scene = Scene::with(protocol, vec![refuse(503, Code::Unavailable, "down"); 50], adjust).await;
        assert_eq!(scene.deliver(2).await.unwrap(), delivered(2, 51, 50), "{protocol}");
    }
}

#[tokio::test]
async fn too_large_requests_are_halved_until_they_pass() {
    for protocol in ALL {
        let words = "grpc: received message larger than max (5 vs. 4)";
        let too_large = refuse(413, Code::ResourceExhausted, words);
        let mut scene = Scene::new(protocol, [too_large.clone(), too_large]).await;
        assert_eq!(scene.deliver(8).await.unwrap(), delivered(8, 5, 0), "{protocol}");
        assert_eq!(
            scene.server.numbers(),
            [(0..8).collect(), (0..4).collect(), vec![0, 1], vec![2, 3], (4..8).collect()] as [Vec<u64>; 5]
        );
        assert!(scene.dead_letters().is_empty());
    }
}

#[tokio::test]
async fn a_receivers_own_limit_is_met_by_halving() {
    for protocol in ALL {
        // Over gRPC this is tonic's own OUT_OF_RANGE, over HTTP a 413.
        let mut scene = Scene::with(protocol, [], |setting| setting.max_body = 4000).await;
        let sent: Vec<_> = (0..8).map(|number| large_span(number, 900)).collect();
        scene.exporter.send(sent).await.unwrap();
        scene.exporter.flush().await.unwrap();
        assert_eq!(scene.exporter.totals().delivered, 8, "{protocol}");
        assert_eq!(scene.server.numbers().concat(), (0..8).collect::<Vec<_>>(), "{protocol}");
        assert_eq!(scene.exporter.totals().retries, 0);
    }
}

#[tokio::test]
async fn a_span_too_large_by_itself_is_cut() {
    for protocol in ALL {
        let mut scene = Scene::with(protocol, [], |setting| setting.max_body = 4000).await;
        scene.exporter.send(vec![span(0), large_span(1, 9000), span(2)]).await.unwrap();
        scene.exporter.flush().await.unwrap();
        let totals = *scene.exporter.totals();
        assert_eq!((totals.delivered, totals.cut, totals.dead_lettered), (3, 1, 0), "{protocol}");
        assert_eq!(scene.server.numbers().concat(), [0, 1, 2], "{protocol}");
    }
}

#[tokio::test]
async fn a_span_too_large_even_when_cut_is_set_aside_whole() {
    for protocol in ALL {
        let mut scene = Scene::with(protocol, [], |setting| setting.max_body = 800).await;
        scene.exporter.send(vec![large_span(1, 9000)]).await.unwrap();
        scene.exporter.flush().await.unwrap();
        let totals = *scene.exporter.totals();
        assert_eq!((totals.delivered, totals.cut, totals.dead_lettered), (0, 0, 1), "{protocol}");
        let dead_letters = serde_json::to_string(&scene.dead_letters()).unwrap();
        assert!(dead_letters.contains(&"x".repeat(9000)), "{protocol}: set aside before it was cut");
    }
}

#[tokio::test]
async fn partial_success_is_counted_and_not_repeated() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, [Step::Partial(2, "too old")]).await;
        let totals = scene.deliver(5).await.unwrap();
        assert_eq!(totals, DeliveryTotals { rejected: 2, ..delivered(3, 1, 0) }, "{protocol}");
        assert_eq!((scene.exporter.acknowledged(), scene.server.received().len()), (5, 1));
    }
}

#[tokio::test]
async fn an_empty_partial_success_is_success() {
    for protocol in ALL {
        for step in [Step::EmptyPartial, Step::Partial(0, "deprecated attribute")] {
            let mut scene = Scene::new(protocol, [step]).await;
            assert_eq!(scene.deliver(5).await.unwrap(), delivered(5, 1, 0), "{protocol}");
        }
    }
}

#[tokio::test]
async fn more_rejected_than_sent_is_not_believed() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, [Step::Partial(99, "odd")]).await;
        let totals = scene.deliver(5).await.unwrap();
        assert_eq!((totals.delivered, totals.rejected), (0, 5), "{protocol}");
    }
}

#[tokio::test]
async fn a_cut_connection_is_tried_again() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, [Step::Cut, Step::Ok, Step::Cut]).await;
        assert_eq!(scene.deliver(2).await.unwrap(), delivered(2, 2, 1), "{protocol}");
        scene.exporter.send(spans(2..4)).await.unwrap();
        scene.exporter.flush().await.unwrap();
        assert_eq!(scene.exporter.totals().delivered, 4, "{protocol}: also when it was in use before");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_tried_again_after_the_timeout() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| {
            setting.options.timeout = Duration::from_millis(300);
            setting.export.retry = RetryPolicy::FOR_EVER;
        };
        let mut scene = Scene::with(protocol, [Step::Hang], adjust).await;
        let totals = scene.deliver(2).await.unwrap();
        assert_eq!(totals.delivered, 2, "{protocol}");
        assert!(totals.retries >= 1, "{protocol}");
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    for protocol in ALL {
        let mut scene = Scene::new(protocol, []).await;
        let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let endpoint = Endpoint::parse(&format!("http://{unused}")).unwrap();
        let options = traces_to(OtlpOptions { endpoint, ..scene.options.clone() });
        scene.exporter = Exporter::open(options, resource(), scene.export.clone()).await.unwrap();
        let error = scene.deliver(1).await.unwrap_err();
        assert!(matches!(error, ExportError::Unreachable { .. }), "{protocol}: {error}");
        assert!(error.to_string().to_lowercase().contains("refused"), "the cause is named: {error}");
    }
}

#[tokio::test]
async fn a_cancelled_send_loses_nothing_and_sends_nothing_twice() {
    for protocol in ALL {
        let adjust = |setting: &mut Setting| {
            setting.export.limits = Some(BatchLimits { max_items: 2, ..BatchLimits::OTLP });
            setting.export.in_flight = 1;
        };
        let mut scene = Scene::with(protocol, [], adjust).await;
        let finished = tokio::select! {
            biased;
            result = scene.exporter.send(spans(0..9)) => { result.unwrap(); true }
            () = tokio::task::yield_now() => false,
        };
        assert!(!finished, "the second batch waits for the first");
        scene.exporter.flush().await.unwrap();
        assert_eq!(scene.server.numbers(), [vec![0, 1], vec![2, 3], vec![4, 5], vec![6, 7], vec![8]], "{protocol}");
        assert_eq!((scene.exporter.acknowledged(), scene.exporter.unacknowledged()), (9, 0));
    }
}
