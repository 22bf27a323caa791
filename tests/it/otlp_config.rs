//! Which destination flags and environment add up to.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use claude_otel::config::{ConfigError, DestinationFlags, resolve_destination};
use claude_otel::export::destination::{Compression, Destination, FileOptions, OtlpOptions, Protocol};

type Variables<'a> = &'a [(&'a str, &'a str)];

fn resolve(flags: &DestinationFlags, variables: Variables<'_>) -> Result<Destination, ConfigError> {
    let env = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    resolve_destination(flags, &env, Path::new("/state/claude-otel"))
}

fn otlp(flags: &DestinationFlags, variables: Variables<'_>) -> OtlpOptions {
    match resolve(flags, variables).unwrap() {
        Destination::Otlp(otlp) => otlp.traces.unwrap(),
        other => panic!("not OTLP but {other:?}"),
    }
}

fn file(flags: &DestinationFlags, variables: Variables<'_>) -> FileOptions {
    match resolve(flags, variables).unwrap() {
        Destination::File(options) => options,
        other => panic!("not a folder but {other:?}"),
    }
}

fn endpoint(variables: Variables<'_>) -> String {
    otlp(&no_flags(), variables).endpoint.to_string()
}

fn error(variables: Variables<'_>) -> String {
    resolve(&no_flags(), variables).unwrap_err().to_string()
}

fn no_flags() -> DestinationFlags {
    DestinationFlags::default()
}

fn endpoint_flag(endpoint: &str) -> DestinationFlags {
    DestinationFlags { endpoint: Some(endpoint.to_owned()), ..no_flags() }
}

#[test]
fn without_an_endpoint_files_under_the_state_directory_are_written() {
    let options = file(&no_flags(), &[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]);
    assert_eq!(options.dir, Path::new("/state/claude-otel/otlp"));
    assert!(options.defaulted);
    assert_eq!((options.max_total_bytes, options.max_age.as_secs()), (1 << 30, 30 * 86_400));
}

#[test]
fn a_chosen_folder_is_not_a_default_and_has_bounds_to_choose() {
    let variables = [
        ("CLAUDE_OTEL_OTLP_FILE_MAX_BYTES", "5000"),
        ("CLAUDE_OTEL_OTLP_FILE_MAX_DAYS", "2"),
        ("CLAUDE_OTEL_OTLP_FILE", "/b"),
    ];
    let flags = DestinationFlags { otlp_file: Some(PathBuf::from("/a")), ..no_flags() };
    let options = file(&flags, &variables);
    assert_eq!((options.dir.as_path(), options.defaulted), (Path::new("/a"), false));
    assert_eq!((options.max_total_bytes, options.max_age.as_secs()), (5000, 2 * 86_400));
    assert_eq!(file(&no_flags(), &variables).dir, Path::new("/b"));
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    let options = otlp(&endpoint_flag("http://h:4318"), &[]);
    assert_eq!(options.protocol, Protocol::HttpProtobuf);
    assert_eq!(options.compression, Compression::None);
    assert_eq!(options.timeout, Duration::from_secs(10));
    assert!(options.headers.is_empty() && options.tls.certificate.is_none() && options.tls.client.is_none());
}

#[test]
fn every_rank_beats_the_ones_below() {
    let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:1");
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:2/own/path");
    let own = ("CLAUDE_OTEL_ENDPOINT", "http://own:3/base");
    assert_eq!(endpoint(&[general]), "http://general:1/v1/traces");
    assert_eq!(endpoint(&[general, traces]), "http://traces:2/own/path");
    assert_eq!(endpoint(&[general, traces, own]), "http://own:3/base/v1/traces");
    let flagged = otlp(&endpoint_flag("http://flag:4/"), &[general, traces, own]);
    assert_eq!(flagged.endpoint.to_string(), "http://flag:4/v1/traces");
    for (key, values) in
        [("PROTOCOL", ["grpc", "http/protobuf", "http/json"]), ("COMPRESSION", ["gzip", "zstd", "none"])]
    {
        let names = [
            format!("OTEL_EXPORTER_OTLP_{key}"),
            format!("OTEL_EXPORTER_OTLP_TRACES_{key}"),
            format!("CLAUDE_OTEL_{key}"),
        ];
        let mut seen = Vec::new();
        for count in 1..=3 {
            let mut variables: Vec<_> = names.iter().zip(values).map(|(name, value)| (name.as_str(), value)).collect();
            variables.truncate(count);
            let options = otlp(&endpoint_flag("http://h"), &variables);
            seen.push(if key == "PROTOCOL" {
                options.protocol.to_string()
            } else {
                format!("{:?}", options.compression).to_lowercase()
            });
        }
        assert_eq!(seen, values, "{key}");
    }
    let own = [("CLAUDE_OTEL_PROTOCOL", "grpc"), ("CLAUDE_OTEL_COMPRESSION", "gzip"), ("CLAUDE_OTEL_TIMEOUT", "1")];
    let flags = DestinationFlags {
        protocol: Some("http/json".to_owned()),
        compression: Some("zstd".to_owned()),
        timeout: Some(Duration::from_secs(3)),
        ..endpoint_flag("http://h")
    };
    let options = otlp(&flags, &own);
    assert_eq!((options.protocol, options.compression), (Protocol::HttpJson, Compression::Zstd));
    assert_eq!(options.timeout, Duration::from_secs(3));
}

#[test]
fn a_folder_and_an_endpoint_compete_by_rank() {
    let folder = DestinationFlags { otlp_file: Some(PathBuf::from("/a")), ..no_flags() };
    assert_eq!(file(&folder, &[("CLAUDE_OTEL_ENDPOINT", "http://h")]).dir, Path::new("/a"));
    let own_folder = ("CLAUDE_OTEL_OTLP_FILE", "/b");
    assert_eq!(file(&no_flags(), &[own_folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h")]).dir, Path::new("/b"));
    assert_eq!(otlp(&endpoint_flag("http://h"), &[own_folder]).endpoint.to_string(), "http://h:80/v1/traces");
    let both = DestinationFlags { endpoint: Some("http://h".to_owned()), ..folder };
    assert!(matches!(resolve(&both, &[]), Err(ConfigError::Conflict { .. })));
    let both = error(&[own_folder, ("CLAUDE_OTEL_ENDPOINT", "http://h")]);
    assert!(both.contains("CLAUDE_OTEL_ENDPOINT and CLAUDE_OTEL_OTLP_FILE"), "{both}");
}

#[test]
fn switches_beat_everything_and_say_so() {
    let all_off = [("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")];
    for (variables, reason) in [
        (&[("OTEL_SDK_DISABLED", "true")][..], "OTEL_SDK_DISABLED is true"),
        (&all_off[..], "OTEL_TRACES_EXPORTER is none, OTEL_METRICS_EXPORTER is none, OTEL_LOGS_EXPORTER is none"),
        (
            &[all_off[0], ("CLAUDE_OTEL_SIGNALS", "traces")][..],
            "OTEL_TRACES_EXPORTER is none, CLAUDE_OTEL_SIGNALS is traces",
        ),
    ] {
        let destination = resolve(&endpoint_flag("http://h"), variables).unwrap();
        assert_eq!(destination, Destination::Disabled { reason: reason.to_owned() });
    }
    for (name, value) in
        [("OTEL_SDK_DISABLED", "false"), ("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_TRACES_EXPORTER", "console, otlp")]
    {
        otlp(&endpoint_flag("http://h"), &[(name, value)]);
    }
    assert!(error(&[("OTEL_TRACES_EXPORTER", "zipkin")]).contains("OTEL_TRACES_EXPORTER is \"zipkin\""));
    assert!(error(&[("OTEL_LOGS_EXPORTER", "console")]).contains("OTEL_LOGS_EXPORTER is \"console\""));
}

#[test]
fn grpc_takes_addresses_with_and_without_a_scheme() {
    let grpc = ("CLAUDE_OTEL_PROTOCOL", "grpc");
    let bare = ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317");
    assert_eq!(endpoint(&[grpc, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4317")]), "http://h:4317/");
    assert_eq!(endpoint(&[grpc, bare]), "https://collector:4317/");
    assert_eq!(endpoint(&[grpc, bare, ("OTEL_EXPORTER_OTLP_INSECURE", "true")]), "http://collector:4317/");
    let both = [grpc, bare, ("OTEL_EXPORTER_OTLP_INSECURE", "true"), ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "false")];
    assert_eq!(endpoint(&both), "https://collector:4317/");
    assert!(error(&[bare]).contains("must start with http:// or https://"));
}

#[test]
fn headers_are_decoded_and_the_special_ones_replace_the_general() {
    let shown = |options: &OtlpOptions| -> Vec<(String, String)> {
        options.headers.iter().map(|(name, secret)| (name.clone(), secret.reveal().to_owned())).collect()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let general = ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20abc,x-a=1");
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-b=2");
    let flags = endpoint_flag("http://h");
    assert_eq!(shown(&otlp(&flags, &[general])), [pair("authorization", "Bearer abc"), pair("x-a", "1")]);
    assert_eq!(shown(&otlp(&flags, &[general, traces])), [pair("x-b", "2")]);
    let headers = vec!["X-Key=a%20b=c".to_owned()];
    let flagged = DestinationFlags { headers, ..flags };
    assert_eq!(shown(&otlp(&flagged, &[general])), [pair("x-key", "a%20b=c")]);
}

#[test]
fn secrets_are_in_no_error_and_no_debug_text() {
    let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=s3cret");
    let options = resolve(&endpoint_flag("http://h?key=s3cret"), &[headers]).unwrap();
    let shown = format!("{options:?} {} {}", options.describe(), options.identity());
    assert!(!shown.contains("s3cret"), "{shown}");
    for variables in [
        [("CLAUDE_OTEL_HEADERS", "s3cret"), ("CLAUDE_OTEL_ENDPOINT", "http://h")],
        [("CLAUDE_OTEL_HEADERS", "s3cret%zz=a"), ("CLAUDE_OTEL_ENDPOINT", "http://h")],
        [("CLAUDE_OTEL_HEADERS", "a=s3cret%0d%0a"), ("CLAUDE_OTEL_ENDPOINT", "http://h")],
        [("CLAUDE_OTEL_HEADERS", "s3 cret=a"), ("CLAUDE_OTEL_ENDPOINT", "http://h")],
        [("CLAUDE_OTEL_HEADERS", "a=b"), ("CLAUDE_OTEL_ENDPOINT", "http://me:s3cret@h")],
    ] {
        let error = resolve(&no_flags(), &variables).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3") && shown.contains("CLAUDE_OTEL_"), "{shown}");
    }
    let flags = DestinationFlags { headers: vec!["x=s3cret".to_owned()], ..endpoint_flag("http://h?s3cret") };
    assert!(!format!("{flags:?}").contains("s3cret"));
}

#[test]
fn values_that_mean_nothing_are_refused_by_name() {
    let at = ("CLAUDE_OTEL_ENDPOINT", "http://h");
    for (name, value, words) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http", "grpc, http/protobuf, http/json"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "brotli", "none, gzip, zstd"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "whole number of milliseconds"),
        ("CLAUDE_OTEL_TIMEOUT", "0", "above 0"),
    ] {
        let error = error(&[at, (name, value)]);
        assert!(error.contains(name) && error.contains(words), "{error}");
    }
    assert!(error(&[("CLAUDE_OTEL_OTLP_FILE_MAX_DAYS", "-1")]).contains("CLAUDE_OTEL_OTLP_FILE_MAX_DAYS"));
}

#[test]
fn timeouts_are_milliseconds() {
    let options = otlp(&endpoint_flag("http://h"), &[("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")]);
    assert_eq!(options.timeout, Duration::from_millis(2500));
}

#[test]
fn certificates_come_from_all_ranks_and_a_half_identity_is_refused() {
    let flags = endpoint_flag("https://h");
    let options = otlp(
        &flags,
        &[
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/general.pem"),
            ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "/traces.pem"),
            ("CLAUDE_OTEL_CLIENT_KEY", "/own.key"),
        ],
    );
    assert_eq!(options.tls.certificate, Some(PathBuf::from("/ca.pem")));
    let client = options.tls.client.unwrap();
    assert_eq!((client.certificate, client.key), (PathBuf::from("/traces.pem"), PathBuf::from("/own.key")));
    let half = resolve(&flags, &[("CLAUDE_OTEL_CLIENT_KEY", "/own.key")]).unwrap_err();
    assert!(half.to_string().contains("only the key"), "{half}");
}
