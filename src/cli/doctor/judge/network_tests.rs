//! What each kind of answer, and each kind of silence, comes to.

use super::*;
use crate::export::destination::Protocol;
use crate::export::probe::Taken;
use crate::telemetry::signal::Signals;
use crate::telemetry::span::TraceId;

const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn seen(signal: Signal, result: Result<Taken, Refusal>) -> ProbeSeen {
    let probe = Probe { result, took: Duration::from_millis(12), server_time: None };
    let trace = (signal == Signal::Traces).then(|| TraceId::from_bytes([7; 16]));
    ProbeSeen { signal, trace, protocol: Protocol::HttpProtobuf, timeout: Duration::from_secs(10), probe: Ok(probe) }
}

fn refusal(why: Why, said: &str) -> Refusal {
    Refusal { why, said: said.to_owned(), advice: Some("advice".to_owned()) }
}

fn taken(rejected: u64, said: &str) -> Taken {
    Taken { rejected, said: said.to_owned() }
}

fn one(signal: Signal, result: Result<Taken, Refusal>) -> Finding {
    let mut all = probe(&seen(signal, result), NOW);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn every_refusal_has_a_finding_of_its_own() {
    let cases = [
        (Why::Unanswered, Id::AnswerNone),
        (Why::Certificates, Id::CertificateWrong),
        (Why::Credentials, Id::KeysRefused),
        (Why::Address, Id::AddressWrong),
        (Why::Encoding, Id::EncodingUnread),
        (Why::Later, Id::ReceiverBusy),
        (Why::Content, Id::SpanRefused),
        (Why::Server, Id::ReceiverFails),
    ];
    for (why, id) in cases {
        let found = one(Signal::Traces, Err(refusal(why, "HTTP 999 no")));
        assert_eq!(found.id, id);
        assert!(found.said.contains("HTTP 999 no") && found.todo.is_some(), "{found:?}");
        assert_eq!(found.facts["latency_ms"], 12);
    }
    let empty = one(Signal::Logs, Err(refusal(Why::Content, "HTTP 400")));
    assert_eq!(empty.id, Id::SignalUncertain, "no content, no fault");
    assert_eq!(one(Signal::Logs, Err(refusal(Why::Address, "HTTP 404"))).id, Id::AddressWrong);
}

#[test]
fn what_is_taken_says_where_to_look_for_it() {
    let found = one(Signal::Traces, Ok(taken(0, "")));
    assert_eq!(found.id, Id::SpanTaken);
    assert!(found.said.ends_with("in 12 ms; look for the trace 07070707070707070707070707070707"), "{}", found.said);
    assert_eq!(found.facts["trace_id"], "07070707070707070707070707070707");
    assert_eq!(one(Signal::Metrics, Ok(taken(0, ""))).id, Id::SignalTaken);
}

#[test]
fn a_partial_success_is_told_from_a_remark() {
    let rejected = one(Signal::Traces, Ok(taken(1, "too old")));
    assert_eq!(rejected.id, Id::SpanRejected);
    assert!(rejected.said.ends_with("does not keep the test span: too old"), "{}", rejected.said);
    assert_eq!(one(Signal::Traces, Ok(taken(0, "use gzip"))).id, Id::SpanRemarked);
}

#[test]
fn certificates_are_explained_in_words() {
    let of = |said: &str| one(Signal::Traces, Err(refusal(Why::Certificates, said)));
    let cases = [
        ("invalid peer certificate: UnknownIssuer", "does not know", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
        ("invalid peer certificate: certificate expired: verification time", "has expired", "renew"),
        ("invalid peer certificate: certificate not valid for name \"h\"; certificate is", "another host", "host"),
        ("received fatal alert: CertificateRequired", "who we are", "CLIENT_KEY"),
        ("something new", "do not fit", "advice"),
    ];
    for (said, words, todo) in cases {
        let found = of(said);
        assert!(found.said.contains(words), "{}", found.said);
        assert!(found.todo.as_ref().is_some_and(|text| text.contains(todo)), "{found:?}");
    }
}

#[test]
fn silence_is_explained_where_it_is_known() {
    let todo = |said: &str| one(Signal::Traces, Err(refusal(Why::Unanswered, said))).todo.unwrap();
    assert!(todo("invalid HTTP version parsed").contains("--protocol grpc"));
    assert!(todo("h2: frame with invalid size").contains("--protocol http/protobuf"));
    assert!(todo("operation timed out").contains("mostly 4318 (a port for gRPC takes --protocol grpc)"));
    assert!(todo("operation timed out").contains("--timeout is 10s"));
}

#[test]
fn clocks_that_differ_are_told_once() {
    let at = |signal, theirs: u64, ours: u64| {
        let mut seen = seen(signal, Ok(taken(0, "")));
        if let Ok(probe) = &mut seen.probe {
            probe.server_time = Some(NOW + Duration::from_secs(theirs));
        }
        let found = probe(&seen, NOW + Duration::from_secs(ours));
        found.into_iter().skip(1).map(|finding| finding.said).collect::<Vec<_>>()
    };
    assert!(at(Signal::Traces, 100, 130).is_empty());
    assert_eq!(at(Signal::Traces, 0, 120), ["this machine's clock is 2 min ahead of the destination's"]);
    assert_eq!(at(Signal::Traces, 120, 0), ["this machine's clock is 2 min behind the destination's"]);
    assert!(at(Signal::Metrics, 0, 120).is_empty());
}

fn way() -> ReceiverSeen {
    ReceiverSeen {
        address: "https://otlp.example:443".to_owned(),
        signals: Signals::ALL,
        protocol: Protocol::HttpProtobuf,
        proxy: ProxySeen::None,
        host: "otlp.example".to_owned(),
        port: 443,
        addresses: Ok(vec!["192.0.2.1".parse().unwrap()]),
        connected: Some(Ok(Duration::from_millis(3))),
    }
}

#[test]
fn every_step_of_the_way_has_a_finding_of_its_own() {
    let ids = |way: &ReceiverSeen| receiver(way).iter().map(|finding| finding.id).collect::<Vec<_>>();
    let found = receiver(&way());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].said, "otlp.example:443 (192.0.2.1) connected in 3 ms");
    assert_eq!(ids(&ReceiverSeen { addresses: Err("no".to_owned()), connected: None, ..way() }), [Id::NameUnknown]);
    let refused = ReceiverSeen { connected: Some(Err("Connection refused".to_owned())), ..way() };
    assert_eq!(ids(&refused), [Id::ConnectFailed]);
    let used = ReceiverSeen { proxy: ProxySeen::Used("http://p:3128".to_owned()), ..refused };
    assert_eq!(ids(&used), [Id::ProxyUsed, Id::ConnectFailed]);
    assert!(receiver(&used)[1].todo.as_ref().is_some_and(|todo| todo.starts_with("start the proxy")));
    let passed_by = ReceiverSeen { proxy: ProxySeen::PassedBy("http://p:3128".to_owned()), ..way() };
    assert_eq!(ids(&passed_by), [Id::ProxyPassedBy, Id::Connected]);
}

#[test]
fn what_cannot_be_set_up_is_a_fault_of_the_configuration() {
    let seen = ProbeSeen { probe: Err("cannot read ca.pem".to_owned()), ..seen(Signal::Traces, Ok(taken(0, ""))) };
    assert_eq!(probe(&seen, NOW)[0].id, Id::ConfigWrong);
}
