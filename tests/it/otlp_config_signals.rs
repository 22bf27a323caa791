//! Which signals go where: every setting has a name of its own for each of them.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::path::{Path, PathBuf};

use claude_otel::config::{ConfigError, DestinationFlags, resolve_destination};
use claude_otel::export::destination::{Destination, OtlpDestination, OtlpOptions};
use claude_otel::telemetry::signal::Signal;

type Variables<'a> = &'a [(&'a str, &'a str)];

fn resolve(flags: &DestinationFlags, variables: Variables<'_>) -> Result<Destination, ConfigError> {
    let env = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    resolve_destination(flags, &env, Path::new("/state/claude-otel"))
}

fn otlp(variables: Variables<'_>) -> OtlpDestination {
    match resolve(&DestinationFlags::default(), variables).unwrap() {
        Destination::Otlp(otlp) => otlp,
        other => panic!("not OTLP but {other:?}"),
    }
}

fn flagged(signals: &str) -> DestinationFlags {
    DestinationFlags {
        endpoint: Some("http://h".to_owned()),
        signals: Some(signals.to_owned()),
        ..DestinationFlags::default()
    }
}

/// One fact of the options of every signal, in the order of traces, metrics, logs.
fn each(otlp: &OtlpDestination, fact: impl Fn(&OtlpOptions) -> String) -> [String; 3] {
    Signal::ALL.map(|signal| otlp.of(signal).map_or_else(|| "-".to_owned(), &fact))
}

const GENERAL: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:1");

#[test]
fn one_address_serves_every_signal_under_its_own_path() {
    let endpoints = |variables| each(&otlp(variables), |options| options.endpoint.to_string());
    assert_eq!(
        endpoints(&[GENERAL]),
        ["http://general:1/v1/traces", "http://general:1/v1/metrics", "http://general:1/v1/logs"]
    );
    let special = [
        GENERAL,
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:2/api/otlp"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l:3/"),
    ];
    assert_eq!(endpoints(&special), ["http://general:1/v1/traces", "http://m:2/api/otlp", "http://l:3/"]);
    let grpc = [GENERAL, ("CLAUDE_OTEL_PROTOCOL", "grpc")];
    assert_eq!(endpoints(&grpc), ["http://general:1/"; 3]);
}

/// A setting; its value for all signals and for each of them; and how to read it back.
type Setting = (&'static str, [&'static str; 4], fn(&OtlpOptions) -> String);

#[test]
fn every_setting_of_a_signal_beats_the_general_one_and_no_other_signal() {
    let facts: [Setting; 7] = [
        ("PROTOCOL", ["http/json", "grpc", "http/protobuf", "grpc"], |options| options.protocol.to_string()),
        ("COMPRESSION", ["zstd", "gzip", "none", "gzip"], |options| {
            format!("{:?}", options.compression).to_lowercase()
        }),
        ("TIMEOUT", ["1", "2", "3", "4"], |options| options.timeout.as_millis().to_string()),
        ("HEADERS", ["a=1", "b=2", "c=3", "d=4"], |options| {
            let pairs = options.headers.iter().map(|(name, secret)| format!("{name}={}", secret.reveal()));
            pairs.collect::<Vec<_>>().join(",")
        }),
        ("CERTIFICATE", ["/g", "/t", "/m", "/l"], |options| shown(options.tls.certificate.as_ref())),
        ("CLIENT_KEY", ["/g", "/t", "/m", "/l"], |options| {
            shown(options.tls.client.as_ref().map(|client| &client.key))
        }),
        ("CLIENT_CERTIFICATE", ["/g", "/t", "/m", "/l"], |options| {
            shown(options.tls.client.as_ref().map(|client| &client.certificate))
        }),
    ];
    for (setting, [general, traces, metrics, logs], fact) in facts {
        let name = |part: &str| format!("OTEL_EXPORTER_OTLP_{part}{setting}");
        let (of_all, of_traces, of_metrics, of_logs) = (name(""), name("TRACES_"), name("METRICS_"), name("LOGS_"));
        // The other half of an identity, which is refused alone.
        let half = if setting == "CLIENT_KEY" { "CLAUDE_OTEL_CLIENT_CERTIFICATE" } else { "CLAUDE_OTEL_CLIENT_KEY" };
        let mut variables = vec![GENERAL, (of_all.as_str(), general)];
        if setting.starts_with("CLIENT") {
            variables.push((half, "/half"));
        }
        assert_eq!(each(&otlp(&variables), fact), [general; 3], "{setting}");
        for (special, value, expected) in [
            (&of_traces, traces, [traces, general, general]),
            (&of_metrics, metrics, [general, metrics, general]),
            (&of_logs, logs, [general, general, logs]),
        ] {
            let with = [variables.as_slice(), &[(special.as_str(), value)]].concat();
            assert_eq!(each(&otlp(&with), fact), expected, "{special}");
        }
        let own = format!("CLAUDE_OTEL_{setting}");
        let specials = [(of_traces.as_str(), traces), (of_metrics.as_str(), metrics), (of_logs.as_str(), logs)];
        let all = [variables.as_slice(), &specials, &[(own.as_str(), traces)]].concat();
        assert_eq!(each(&otlp(&all), fact), [traces; 3], "{own}");
    }
}

fn shown(path: Option<&PathBuf>) -> String {
    path.map_or_else(String::new, |path| path.display().to_string())
}

#[test]
fn each_signal_says_whether_a_bare_grpc_address_is_encrypted() {
    let variables = [
        ("CLAUDE_OTEL_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "h:1"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "true"),
        ("OTEL_EXPORTER_OTLP_LOGS_INSECURE", "false"),
    ];
    assert_eq!(
        each(&otlp(&variables), |options| options.endpoint.to_string()),
        ["http://h:1/", "http://h:1/", "https://h:1/"]
    );
}

#[test]
fn signals_are_chosen_by_flag_then_variable_and_less_what_is_switched_off() {
    let signals =
        |flags: &DestinationFlags, variables: Variables<'_>| resolve(flags, variables).unwrap().signals().names();
    let plain = DestinationFlags { signals: None, ..flagged("") };
    assert_eq!(signals(&plain, &[]), "traces,metrics,logs");
    assert_eq!(signals(&plain, &[("CLAUDE_OTEL_SIGNALS", "logs, traces")]), "traces,logs");
    assert_eq!(signals(&flagged("metrics"), &[("CLAUDE_OTEL_SIGNALS", "logs")]), "metrics");
    assert_eq!(signals(&plain, &[("OTEL_METRICS_EXPORTER", "none")]), "traces,logs");
    assert_eq!(signals(&flagged("metrics,logs"), &[("OTEL_METRICS_EXPORTER", "none")]), "logs");
    let folder = DestinationFlags { otlp_file: Some("/a".into()), endpoint: None, ..flagged("traces,logs") };
    assert_eq!(signals(&folder, &[("OTEL_LOGS_EXPORTER", "none")]), "traces");
    assert_eq!(signals(&DestinationFlags::default(), &[("OTEL_TRACES_EXPORTER", "none")]), "metrics,logs");
}

#[test]
fn signals_that_do_not_exist_are_refused_by_name() {
    for text in ["spans", "traces,", "", ",", "traces logs"] {
        let resolved = resolve(&flagged(text), &[]);
        if text == "traces," {
            assert_eq!(resolved.unwrap().signals().names(), "traces");
            continue;
        }
        let error = resolved.unwrap_err().to_string();
        assert!(error.contains("--signals") && error.contains("traces, metrics, logs"), "{text}: {error}");
    }
    let error = resolve(&DestinationFlags::default(), &[("CLAUDE_OTEL_SIGNALS", "all")]).unwrap_err().to_string();
    assert!(error.contains("CLAUDE_OTEL_SIGNALS is \"all\""), "{error}");
}

#[test]
fn a_signal_without_an_address_goes_nowhere() {
    let destination = otlp(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h/x")]);
    assert_eq!(destination.signals().names(), "traces");
    let text = Destination::Otlp(destination).describe();
    assert_eq!(text, "http://h:80/x (http/protobuf), only traces");
}

#[test]
fn settings_of_a_signal_that_is_switched_off_are_not_judged() {
    let variables = [GENERAL, ("OTEL_LOGS_EXPORTER", "none"), ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "nonsense")];
    assert!(otlp(&variables).logs.is_none());
    assert!(resolve(&DestinationFlags::default(), &[variables[0], variables[2]]).is_err());
}

#[test]
fn a_destination_is_described_once_or_by_signal() {
    let describe = |variables| Destination::Otlp(otlp(variables)).describe();
    assert_eq!(describe(&[GENERAL]), "http://general:1/v1/traces (http/protobuf)");
    let elsewhere = [GENERAL, ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l:3/x"), ("OTEL_METRICS_EXPORTER", "none")];
    assert_eq!(
        describe(&elsewhere),
        "traces to http://general:1/v1/traces (http/protobuf), logs to http://l:3/x (http/protobuf)"
    );
}

#[test]
fn the_identity_is_that_of_the_spans_where_there_are_any() {
    let identity = |signals| resolve(&flagged(signals), &[]).unwrap().identity();
    assert_eq!(identity("traces,metrics,logs"), "http://h:80/v1/traces");
    assert_eq!(identity("traces"), "http://h:80/v1/traces");
    assert_eq!(identity("metrics,logs"), "http://h:80/v1/logs");
    assert_eq!(identity("metrics"), "http://h:80/v1/metrics");
}
