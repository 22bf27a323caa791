//! The way to a destination: names, connections, and what is answered to a test span.

use std::net::IpAddr;
use std::time::{Duration, Instant, SystemTime};

use hyper_util::client::proxy::matcher::Matcher;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::cli::Surroundings;
use crate::export::destination::{OtlpDestination, OtlpOptions, Protocol};
use crate::export::probe::{self, Probe, Why};
use crate::telemetry::signal::{Signal, Signals};
use crate::telemetry::span::{Resource, TraceId};
use crate::telemetry::test_span::test_span;

/// Nobody waits for longer than this, however long a request may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything about the way to one destination.
#[derive(Debug, Default)]
pub(in crate::cli::doctor) struct WaySeen {
    pub receivers: Vec<ReceiverSeen>,
    /// Each with the time of day when its answer came.
    pub probes: Vec<(ProbeSeen, SystemTime)>,
}

/// One receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli::doctor) struct ReceiverSeen {
    /// The address without secrets.
    pub address: String,
    pub signals: Signals,
    pub protocol: Protocol,
    pub proxy: ProxySeen,
    /// What is connected to: the receiver, or the proxy.
    pub host: String,
    pub port: u16,
    /// The addresses of the host.
    pub addresses: Result<Vec<IpAddr>, String>,
    /// How long connecting took; none where there was nothing to connect to.
    pub connected: Option<Result<Duration, String>>,
}

/// Whether something stands between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli::doctor) enum ProxySeen {
    None,
    /// It is used; its address without credentials.
    Used(String),
    /// The environment names one, which is not used.
    PassedBy(String),
}

/// One request that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli::doctor) struct ProbeSeen {
    pub signal: Signal,
    /// The trace of the test span; none for a request without content.
    pub trace: Option<TraceId>,
    pub protocol: Protocol,
    pub timeout: Duration,
    /// What came of it, or why nothing could be sent.
    pub probe: Result<Probe, String>,
}

/// Goes the way, and sends a test span at its end.
pub(in crate::cli::doctor) async fn look(
    to: &OtlpDestination,
    resource: &Resource,
    surroundings: &Surroundings,
) -> WaySeen {
    let mut seen = WaySeen::default();
    let to = &hurried(to);
    let mut silent: Vec<usize> = Vec::new();
    for signal in to.signals().iter() {
        let Some(options) = to.of(signal) else { continue };
        let known = seen.receivers.iter().position(|receiver| is_same(receiver, options));
        let place = known.unwrap_or(seen.receivers.len());
        if known.is_none() {
            seen.receivers.push(receiver(options, surroundings).await);
        }
        let Some(receiver) = seen.receivers.get_mut(place) else { continue };
        receiver.signals = receiver.signals.with(signal);
        // What cannot be reached cannot answer, and what did not answer once is not waited for again.
        if !matches!(receiver.connected, Some(Ok(_))) || silent.contains(&place) {
            continue;
        }
        let tried = tried(signal, to, resource, surroundings).await;
        let is_silent = |probe: &Probe| matches!(&probe.result, Err(refusal) if refusal.why == Why::Unanswered);
        if matches!(&tried, Some((_, Ok(probe))) if is_silent(probe)) {
            silent.push(place);
        }
        let (protocol, timeout) = (options.protocol, options.timeout);
        let probe =
            tried.map(|(trace, probe)| (ProbeSeen { signal, trace, protocol, timeout, probe }, SystemTime::now()));
        seen.probes.extend(probe);
    }
    seen
}

/// The same destination, with no longer waits than somebody has who looks on.
fn hurried(to: &OtlpDestination) -> OtlpDestination {
    let mut hurried = to.clone();
    for options in [&mut hurried.traces, &mut hurried.metrics, &mut hurried.logs].into_iter().flatten() {
        options.timeout = options.timeout.min(PATIENCE);
    }
    hurried
}

type Tried = (Option<TraceId>, Result<Probe, String>);

/// Sends a span where spans are sent, and nothing elsewhere; none when the signal is switched off.
async fn tried(
    signal: Signal,
    to: &OtlpDestination,
    resource: &Resource,
    surroundings: &Surroundings,
) -> Option<Tried> {
    if signal != Signal::Traces {
        let probe = probe::nothing(to, signal).await.map_err(|error| error.to_string());
        return probe.transpose().map(|probe| (None, probe));
    }
    let try_of = format!("{} {} {}", surroundings.host_id, surroundings.user_id, std::process::id());
    let now = u64::try_from(surroundings.now).unwrap_or_default().saturating_mul(1_000_000);
    let span = test_span(now, &try_of);
    let probe = probe::span(to, resource, &span).await.map_err(|error| error.to_string());
    probe.transpose().map(|probe| (Some(span.trace_id), probe))
}

fn is_same(receiver: &ReceiverSeen, options: &OtlpOptions) -> bool {
    receiver.address == options.endpoint.origin() && receiver.protocol == options.protocol
}

async fn receiver(options: &OtlpOptions, surroundings: &Surroundings) -> ReceiverSeen {
    let endpoint = &options.endpoint;
    let (mut host, mut port) = (endpoint.host().to_owned(), endpoint.port());
    let proxy = proxy(options, &|name| surroundings.variable(name));
    let proxy = match proxy {
        Some(found) if options.protocol == Protocol::Grpc => ProxySeen::PassedBy(found.address),
        Some(found) => {
            (host, port) = (found.host, found.port);
            ProxySeen::Used(found.address)
        }
        None => ProxySeen::None,
    };
    let patience = options.timeout.min(PATIENCE);
    let late = || format!("no answer within {} s", patience.as_secs_f64());
    let addresses = match timeout(patience, lookup_host((host.as_str(), port))).await {
        Ok(Ok(found)) => Ok(found.collect::<Vec<_>>()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(late()),
    };
    let connected = match &addresses {
        Ok(addresses) => {
            let started = Instant::now();
            Some(match timeout(patience, TcpStream::connect(addresses.as_slice())).await {
                Ok(Ok(_)) => Ok(started.elapsed()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(late()),
            })
        }
        Err(_) => None,
    };
    let mut addresses = addresses.map(|found| found.into_iter().map(|address| address.ip()).collect::<Vec<_>>());
    if let Ok(addresses) = &mut addresses {
        addresses.dedup();
    }
    ReceiverSeen {
        address: endpoint.origin(),
        signals: Signals::default(),
        protocol: options.protocol,
        proxy,
        host,
        port,
        addresses,
        connected,
    }
}

/// A proxy that the environment names.
#[derive(Debug, PartialEq, Eq)]
struct Proxy {
    address: String,
    host: String,
    port: u16,
}

/// The proxy that the variables name for a receiver, by the rules of the library that sends over HTTP.
fn proxy(options: &OtlpOptions, variable: &dyn Fn(&str) -> Option<String>) -> Option<Proxy> {
    if options.endpoint.is_local() {
        return None;
    }
    let first = |names: [&str; 2]| names.into_iter().find_map(variable).unwrap_or_default();
    // What a web server is asked for may set this variable, and is not to choose the way.
    let http = if variable("REQUEST_METHOD").is_some() { String::new() } else { first(["HTTP_PROXY", "http_proxy"]) };
    let matcher = Matcher::builder()
        .all(first(["ALL_PROXY", "all_proxy"]))
        .http(http)
        .https(first(["HTTPS_PROXY", "https_proxy"]))
        .no(first(["NO_PROXY", "no_proxy"]))
        .build();
    let found = matcher.intercept(&options.endpoint.origin().parse().ok()?)?;
    let uri = found.uri();
    let (scheme, host) = (uri.scheme_str()?.to_owned(), uri.host()?.to_owned());
    let usual = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => 1080,
    };
    let port = uri.port_u16().unwrap_or(usual);
    Some(Proxy { address: format!("{scheme}://{host}:{port}"), host, port })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::destination::{Compression, TlsOptions};
    use crate::export::endpoint::Endpoint;

    fn found(endpoint: &str, variables: &[(&str, &str)]) -> Option<String> {
        let options = OtlpOptions {
            endpoint: Endpoint::parse(endpoint).unwrap(),
            protocol: Protocol::HttpProtobuf,
            headers: Vec::new(),
            compression: Compression::None,
            timeout: PATIENCE,
            tls: TlsOptions::default(),
        };
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        proxy(&options, &variable).map(|proxy| proxy.address)
    }

    #[test]
    fn a_proxy_is_found_by_scheme_and_shown_without_credentials() {
        let https = [("HTTPS_PROXY", "http://me:s3cret@proxy.example:3128")];
        assert_eq!(found("https://otlp.example", &https).as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(found("http://otlp.example", &https), None);
        assert_eq!(found("http://o.example", &[("all_proxy", "http://p")]).as_deref(), Some("http://p:80"));
    }

    #[test]
    fn what_is_near_or_excepted_has_none() {
        let all = [("ALL_PROXY", "http://proxy.example:3128"), ("NO_PROXY", ".example,10.0.0.0/8")];
        assert_eq!(found("http://127.0.0.1:4318", &all), None);
        assert_eq!(found("http://otlp.example", &all), None);
        assert_eq!(found("http://10.1.2.3", &all), None);
        assert!(found("http://otlp.test", &all).is_some());
    }
}
