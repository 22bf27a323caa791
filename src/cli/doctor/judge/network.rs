//! What the way to a destination means, and what is answered at its end.

use std::time::{Duration, SystemTime};

use crate::cli::doctor::finding::{Finding, Id};
use crate::cli::doctor::look::network::{ProbeSeen, ProxySeen, ReceiverSeen};
use crate::cli::words::age;
use crate::export::destination::Protocol;
use crate::export::probe::{Probe, Refusal, Why};
use crate::telemetry::signal::Signal;

/// A date in an answer is exact to a second, and answers take their time.
const CLOCK: Duration = Duration::from_secs(30);

/// What connecting came to.
pub(in crate::cli::doctor) fn receiver(receiver: &ReceiverSeen) -> Vec<Finding> {
    let mut all = Vec::new();
    let (host, port) = (&receiver.host, receiver.port);
    let of_signals = receiver.signals.names();
    match &receiver.proxy {
        ProxySeen::None => {}
        ProxySeen::Used(address) => {
            let text = format!("{} is reached through the proxy {address}", receiver.address);
            let todo = "nothing, if that is meant; NO_PROXY names hosts that are reached without it";
            all.push(Finding::new(Id::ProxyUsed, text).todo(todo).fact("proxy", address.as_str()));
        }
        ProxySeen::PassedBy(address) => {
            let text = format!("the proxy {address} is passed by: gRPC goes straight");
            let todo = "--protocol http/protobuf goes through it, where nothing else leads there";
            all.push(Finding::new(Id::ProxyPassedBy, text).todo(todo).fact("proxy", address.as_str()));
        }
    }
    let whose = if matches!(receiver.proxy, ProxySeen::Used(_)) { "the proxy" } else { "the receiver" };
    let addresses = match &receiver.addresses {
        Ok(addresses) => addresses,
        Err(said) => {
            let text = format!("{host} has no address: {said}");
            let todo =
                format!("correct the name of {whose}, or the network; in a container, names of the host are others");
            all.push(Finding::new(Id::NameUnknown, text).todo(todo).fact("host", host.as_str()));
            return all;
        }
    };
    let each: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let shown = if each.len() > 3 { format!("{}, ...", each[..3].join(", ")) } else { each.join(", ") };
    let is_number = each.contains(host);
    let at = if is_number { String::new() } else { format!(" ({shown})") };
    match &receiver.connected {
        Some(Ok(took)) => {
            let text = format!("{host}:{port}{at} connected in {}", millis(*took));
            let found = Finding::new(Id::Connected, text).fact("host", host.as_str()).fact("port", port);
            let found = found.fact("addresses", each).fact("connect_ms", took.as_millis() as u64);
            all.push(found.fact("signals", of_signals));
        }
        Some(Err(said)) => {
            let text = format!("{host}:{port}{at} cannot be connected to: {said}");
            let todo = format!(
                "start {whose}, or correct host and port: receivers listen on 4318 for HTTP and on 4317 for gRPC; in \
                 a container, localhost is the container itself; otherwise a firewall may be in between"
            );
            let found = Finding::new(Id::ConnectFailed, text).todo(todo).fact("host", host.as_str());
            all.push(found.fact("port", port).fact("addresses", each).fact("signals", of_signals));
        }
        None => {}
    }
    all
}

/// What one request came to. `now` is the time of day when the answer came.
pub(in crate::cli::doctor) fn probe(seen: &ProbeSeen, now: SystemTime) -> Vec<Finding> {
    let signal = seen.signal.name();
    let probe = match &seen.probe {
        Ok(probe) => probe,
        Err(error) => {
            let todo = "correct it; nothing was sent";
            return vec![Finding::new(Id::ConfigWrong, error.as_str()).todo(todo).fact("signal", signal)];
        }
    };
    let mut all = vec![answered(seen, probe)];
    if let Some(differs) = probe.server_time.and_then(|time| clock(time, now)).filter(|_| seen.signal == Signal::Traces)
    {
        all.push(differs);
    }
    let took = probe.took.as_millis() as u64;
    all.into_iter().map(|finding| finding.fact("signal", signal).fact("latency_ms", took)).collect()
}

fn answered(seen: &ProbeSeen, probe: &Probe) -> Finding {
    let took = millis(probe.took);
    let signal = seen.signal.name();
    let taken = match &probe.result {
        Ok(taken) => taken,
        Err(refusal) => return refused(seen, refusal),
    };
    let Some(trace) = seen.trace else {
        return Finding::new(Id::SignalTaken, format!("{signal} are taken (a request without any, in {took})"));
    };
    let said = if taken.said.is_empty() { String::new() } else { format!(": {}", taken.said) };
    let found = if taken.rejected > 0 {
        let text = format!("the receiver answered in {took} that it does not keep the test span{said}");
        let todo =
            "its own log says why; what it does not keep of real spans is counted as rejected, and not sent again";
        Finding::new(Id::SpanRejected, text).todo(todo)
    } else if taken.said.is_empty() {
        Finding::new(Id::SpanTaken, format!("a test span was taken in {took}; look for the trace {trace}"))
    } else {
        let text = format!("a test span was taken in {took} (trace {trace}), with a remark{said}");
        Finding::new(Id::SpanRemarked, text)
            .todo("what the receiver remarks is its own; mostly it wants other settings")
    };
    found.fact("trace_id", trace.to_string())
}

/// What it means that something was not taken.
fn refused(seen: &ProbeSeen, refusal: &Refusal) -> Finding {
    let Refusal { why, said, advice } = refusal;
    let what = if seen.trace.is_some() {
        "the test span".to_owned()
    } else {
        format!("{} (a request without any)", seen.signal.name())
    };
    let of_stage = || advice.clone().unwrap_or_else(|| "look into the receiver's own log".to_owned());
    let (id, text, todo) = match why {
        Why::Unanswered => (Id::AnswerNone, format!("no answer to {what}: {said}"), unanswered(said, seen)),
        Why::Certificates => {
            let (text, todo) = certificate(said);
            (Id::CertificateWrong, format!("{text}: {said}"), todo.unwrap_or_else(of_stage))
        }
        Why::Credentials => (Id::KeysRefused, format!("the key is not accepted for {what}: {said}"), of_stage()),
        Why::Address => (Id::AddressWrong, format!("nothing takes {what} at this address: {said}"), of_stage()),
        Why::Encoding => (Id::EncodingUnread, format!("{what} cannot be read there: {said}"), of_stage()),
        Why::Later => {
            let todo = "nothing, if it passes: it is tried again with growing pauses, and nothing is lost; otherwise \
                        raise the receiver's limits, or look into its own log";
            (Id::ReceiverBusy, format!("{what} shall be sent later: {said}"), todo.to_owned())
        }
        // A request without content has none that could be refused for good reason.
        Why::Content if seen.trace.is_none() => {
            let todo = "nothing: some receivers refuse requests without content, and take others";
            (Id::SignalUncertain, format!("{what} are not taken: {said}"), todo.to_owned())
        }
        Why::Content => (Id::SpanRefused, format!("{what} is refused: {said}"), of_stage()),
        Why::Server => (Id::ReceiverFails, format!("the receiver failed with {what}: {said}"), of_stage()),
    };
    Finding::new(id, text).todo(todo)
}

/// What is behind an answer that did not come.
fn unanswered(said: &str, seen: &ProbeSeen) -> String {
    let known = [
        ("HTTP version", "this is a port for gRPC: --protocol grpc, or the port for HTTP (4318)"),
        ("frame with invalid size", "this is a port for HTTP: --protocol http/protobuf, or the port for gRPC (4317)"),
        (
            "InvalidContentType",
            "nothing is encrypted there: write http:// instead of https://, or name the port with TLS",
        ),
        ("connection closed before message", "something listens there that is no receiver, or wants TLS: try https://"),
    ];
    let words = known.into_iter().find(|(part, _)| said.contains(part)).map(|(_, words)| words.to_owned());
    words.unwrap_or_else(|| {
        let (ports, other) = match seen.protocol {
            Protocol::Grpc => ("its port for gRPC, mostly 4317", "a port for HTTP takes --protocol http/protobuf"),
            Protocol::HttpProtobuf | Protocol::HttpJson => {
                ("its port for HTTP, mostly 4318", "a port for gRPC takes --protocol grpc")
            }
        };
        let timeout = humantime::format_duration(seen.timeout);
        format!(
            "check that this is {ports} ({other}), and that nothing in between holds requests back (--timeout is \
             {timeout})"
        )
    })
}

/// A fault of certificates in words, and what to do about it.
fn certificate(said: &str) -> (&'static str, Option<String>) {
    let name = "OTEL_EXPORTER_OTLP_CERTIFICATE";
    let known = [
        (
            "UnknownIssuer",
            "the receiver's certificate is signed by an authority that this machine does not know",
            format!("{name} names a PEM file with that authority"),
        ),
        ("Expired", "the receiver's certificate has expired", "renew it; or set this machine's clock".to_owned()),
        (
            "NotValidYet",
            "the receiver's certificate is not valid yet",
            "set the clocks of both machines; or wait".to_owned(),
        ),
        (
            "NotValidForName",
            "the receiver's certificate is for another host",
            "write the host of the endpoint as the certificate names it".to_owned(),
        ),
        ("Revoked", "the receiver's certificate is revoked", "renew it".to_owned()),
        (
            "CertificateRequired",
            "the receiver asks who we are",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY name files that say it".to_owned(),
        ),
    ];
    // The parts of the library's names also stand apart, in its sentences.
    let found = known.into_iter().find(|(part, ..)| is_in(said, part));
    found.map_or(("certificates do not fit", None), |(_, words, todo)| (words, Some(todo)))
}

/// Whether a name is in a text, or its words are.
fn is_in(said: &str, name: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    letters(said).contains(&letters(name))
}

/// How far the clocks of both ends are apart.
fn clock(theirs: SystemTime, ours: SystemTime) -> Option<Finding> {
    let (by, word) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if by <= CLOCK {
        return None;
    }
    let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    let text = format!("this machine's clock is {} {word} the destination's", age(millis));
    let todo = "set both by NTP: the wrong one shows spans where nobody looks for them, or has them dropped as too old";
    Some(Finding::new(Id::ClockDiffers, text).todo(todo).fact("differs_ms", millis))
}

fn millis(took: Duration) -> String {
    format!("{} ms", took.as_millis())
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
