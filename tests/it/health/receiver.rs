//! A receiver of all signals that keeps sums.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{NumberDataPoint, number_data_point};
use prost::Message;
use tokio::net::TcpListener;

/// No answer at all.
pub(super) const SILENCE: u16 = 0;

/// With what requests are refused; those without a status are taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mood {
    pub(super) traces: Option<u16>,
    pub(super) metrics: Option<u16>,
}

/// What came in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) spans: usize,
    pub(super) metric_requests: usize,
}

#[derive(Debug, Default)]
struct State {
    mood: Mood,
    counts: Counts,
    own: BTreeMap<String, f64>,
    service: Option<String>,
}

/// A running receiver.
pub(super) struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&receiver.state);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let state = Arc::clone(&state);
                let service = service_fn(move |request| answer(request, Arc::clone(&state)));
                // Clients may break off.
                tokio::spawn(async move {
                    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        receiver
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn set(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub(super) fn counts(&self) -> Counts {
        self.state.lock().unwrap().counts
    }

    /// The last value of each series of the program's own scope: `name{value of its attribute}`.
    pub(super) fn own(&self) -> BTreeMap<String, f64> {
        self.state.lock().unwrap().own.clone()
    }

    /// The service that they came from.
    pub(super) fn own_service(&self) -> Option<String> {
        self.state.lock().unwrap().service.clone()
    }
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let refusal = {
        let mut state = state.lock().unwrap();
        let refusal = match path.as_str() {
            "/v1/traces" => state.mood.traces,
            "/v1/metrics" => state.mood.metrics,
            _ => None,
        };
        state.counts.metric_requests += usize::from(path == "/v1/metrics");
        if refusal.is_none() {
            take(&mut state, &path, body);
        }
        refusal
    };
    match refusal {
        Some(SILENCE) => pending().await,
        Some(status) => Ok(Response::builder().status(status).body(Full::default()).unwrap()),
        None => Ok(Response::builder().header("content-type", "application/x-protobuf").body(Full::default()).unwrap()),
    }
}

fn take(state: &mut State, path: &str, body: Bytes) {
    if path == "/v1/traces" {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        state.counts.spans += scopes.map(|scope| scope.spans.len()).sum::<usize>();
    } else if path == "/v1/metrics" {
        let request = ExportMetricsServiceRequest::decode(body).unwrap();
        for (series, value) in own_series(&request) {
            state.own.insert(series, value);
        }
        for resource in &request.resource_metrics {
            if resource.scope_metrics.iter().any(|scope| is_own(scope.scope.as_ref().map(|scope| scope.name.as_str())))
            {
                let attributes = &resource.resource.as_ref().unwrap().attributes;
                state.service = attributes.iter().find(|one| one.key == "service.name").map(text);
            }
        }
    }
}

fn is_own(scope: Option<&str>) -> bool {
    scope == Some("claude_otel.self")
}

/// Every series of the program's own scope; of a histogram, how many there are.
pub(super) fn own_series(request: &ExportMetricsServiceRequest) -> Vec<(String, f64)> {
    let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
    let own = scopes.filter(|scope| is_own(scope.scope.as_ref().map(|scope| scope.name.as_str())));
    let mut all = Vec::new();
    for metric in own.flat_map(|scope| &scope.metrics) {
        assert!(metric.name.starts_with("claude_otel."), "{}", metric.name);
        let mut add = |attributes: &[KeyValue], value: f64| {
            let values: Vec<String> = attributes.iter().map(text).collect();
            all.push((format!("{}{{{}}}", metric.name, values.join(",")), value));
        };
        match metric.data.as_ref().unwrap() {
            Data::Sum(sum) => sum.data_points.iter().for_each(|point| add(&point.attributes, number(point))),
            Data::Gauge(gauge) => gauge.data_points.iter().for_each(|point| add(&point.attributes, number(point))),
            Data::Histogram(all) => all.data_points.iter().for_each(|one| add(&one.attributes, one.count as f64)),
            other => panic!("{} is {other:?}", metric.name),
        }
    }
    all
}

fn number(point: &NumberDataPoint) -> f64 {
    match point.value.as_ref().unwrap() {
        number_data_point::Value::AsInt(number) => *number as f64,
        number_data_point::Value::AsDouble(number) => *number,
    }
}

fn text(attribute: &KeyValue) -> String {
    match &attribute.value {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => text.clone(),
        other => panic!("{} is {other:?}", attribute.key),
    }
}
