//! What presets make of the environment.

use std::collections::BTreeMap;

use super::*;

fn env<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn made(name: &str, variables: &[(&str, &str)]) -> (String, BTreeMap<&'static str, String>) {
    let (preset, env) = (named(name).unwrap(), env(variables));
    ((preset.endpoint)(&env).unwrap().unwrap(), (preset.headers)(&env).unwrap().into_iter().collect())
}

#[test]
fn logfires_token_says_the_region_and_stands_alone() {
    for (token, region) in [("pylf_v1_eu_s3cret", "eu"), ("pylf_v1_us_s3cret", "us"), ("s3cret_from_long_ago", "us")] {
        let (endpoint, headers) = made("logfire", &[("LOGFIRE_TOKEN", token)]);
        assert_eq!(endpoint, format!("https://logfire-{region}.pydantic.dev"));
        assert_eq!(headers["authorization"], token);
    }
    let own = [("LOGFIRE_TOKEN", "pylf_v1_eu_x"), ("LOGFIRE_BASE_URL", "https://logfire.example.com")];
    assert_eq!(made("logfire", &own).0, "https://logfire.example.com");
}

#[test]
fn sentrys_dsn_says_everything() {
    for (dsn, endpoint) in [
        ("https://abc@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/integration/otlp"),
        (
            "http://abc:old@sentry.example.com:9000/base/7/",
            "http://sentry.example.com:9000/base/api/7/integration/otlp",
        ),
    ] {
        let (found, headers) = made("sentry", &[("SENTRY_DSN", dsn)]);
        assert_eq!(found, endpoint);
        assert_eq!(headers["x-sentry-auth"], "sentry sentry_key=abc");
    }
    for dsn in ["s3cret", "https://host/1", "https://s3cret@host/project", "https://@host/1", "ftp://s3cret@host/1"] {
        let variables = [("SENTRY_DSN", dsn)];
        let error = (named("sentry").unwrap().endpoint)(&env(&variables)).unwrap_err().to_string();
        assert!(error.contains("SENTRY_DSN") && !error.contains("s3cret"), "{error}");
    }
}

#[test]
fn langfuses_keys_are_user_and_password() {
    let keys = [("LANGFUSE_PUBLIC_KEY", "pk"), ("LANGFUSE_SECRET_KEY", "sk"), ("LANGFUSE_HOST", "https://lf.example/")];
    let (endpoint, headers) = made("langfuse", &keys);
    assert_eq!(endpoint, "https://lf.example/api/public/otel");
    assert_eq!(headers["authorization"], "Basic cGs6c2s=");
    assert_eq!(made("langfuse", &keys[..2]).0, "https://cloud.langfuse.com/api/public/otel");
}

#[test]
fn the_others_know_their_doors() {
    let made = |name, variables: &[_]| {
        let (endpoint, headers) = made(name, variables);
        let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{endpoint} {}", headers.join(", "))
    };
    assert_eq!(made("phoenix", &[]), "http://localhost:6006 ");
    assert_eq!(made("phoenix", &[("PHOENIX_API_KEY", "k")]), "http://localhost:6006 authorization: Bearer k");
    assert_eq!(made("mlflow", &[("MLFLOW_EXPERIMENT_ID", "3")]), "http://localhost:5000 x-mlflow-experiment-id: 3");
    assert_eq!(made("honeycomb", &[("HONEYCOMB_API_KEY", "k")]), "https://api.honeycomb.io x-honeycomb-team: k");
    assert_eq!(
        made("datadog", &[("DD_API_KEY", "k"), ("DD_SITE", "datadoghq.eu")]),
        "https://otlp.datadoghq.eu dd-api-key: k, dd-otlp-source: llmobs, dd-protocol: otlp"
    );
    assert_eq!(
        made("newrelic", &[("NEW_RELIC_LICENSE_KEY", "eu01xx")]),
        "https://otlp.eu01.nr-data.net api-key: eu01xx"
    );
    assert_eq!(made("newrelic", &[("NEW_RELIC_LICENSE_KEY", "k")]), "https://otlp.nr-data.net api-key: k");
}

#[test]
fn a_backend_is_detected_when_all_its_keys_are_there_and_it_is_the_only_one() {
    let found = |variables: &[(&str, &str)]| detected(&env(variables)).map(|found| found.map(|preset| preset.name));
    assert_eq!(found(&[]), Ok(None));
    assert_eq!(found(&[("LANGFUSE_PUBLIC_KEY", "pk")]), Ok(None));
    assert_eq!(found(&[("LANGFUSE_PUBLIC_KEY", "pk"), ("LANGFUSE_SECRET_KEY", "sk")]), Ok(Some("langfuse")));
    assert_eq!(found(&[("PHOENIX_API_KEY", "k"), ("MLFLOW_EXPERIMENT_ID", "1")]), Ok(None));
    let both = found(&[("DD_API_KEY", "s3cret"), ("LOGFIRE_TOKEN", "s3cret")]).unwrap_err().to_string();
    assert!(both.contains("logfire and datadog") && both.contains("--preset") && !both.contains("s3cret"), "{both}");
}

#[test]
fn what_is_missing_is_named() {
    let missing = |name: &str| (named(name).unwrap().headers)(&env(&[])).unwrap_err().to_string();
    assert_eq!(missing("mlflow"), "the preset mlflow needs MLFLOW_EXPERIMENT_ID, which is not set");
    let address = (named("dynatrace").unwrap().endpoint)(&env(&[])).unwrap_err().to_string();
    assert!(address.contains("live.dynatrace.com") && address.contains("--endpoint"), "{address}");
    assert!(named("loqfire").unwrap_err().to_string().contains("otlp, logfire, sentry"));
    assert!(named("langfuse").unwrap().check_protocol("grpc").is_err());
}

#[test]
fn every_variable_of_a_preset_is_known() {
    for preset in ALL {
        assert!(preset.variables.iter().all(|name| crate::config::env::ALL.contains(name)), "{}", preset.name);
        assert!(preset.detected_by.iter().all(|name| preset.variables.contains(name)), "{}", preset.name);
    }
}

/// The rows of the page, cell by cell.
fn rows() -> Vec<Vec<String>> {
    let page = include_str!("../../../docs/backends/presets.md");
    let table = page.lines().skip_while(|line| !line.starts_with("| preset |")).skip(2);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    table.take_while(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn the_page_says_what_the_presets_say() {
    let expected: Vec<Vec<String>> = ALL
        .iter()
        .map(|preset| {
            let variables = |name: &str| match name {
                "LOGFIRE_TOKEN" => Some("pylf_v1_REGION_x".to_owned()),
                "SENTRY_DSN" => Some("https://KEY@HOST/1".to_owned()),
                name if name.ends_with("KEY") => Some("x".to_owned()),
                _ => None,
            };
            let address = match (preset.endpoint)(&variables) {
                Ok(Some(address)) => {
                    address.replace("logfire-us", "logfire-REGION").replace("/api/1/", "/api/PROJECT/")
                }
                Ok(None) | Err(PresetError::NoEndpoint { .. }) => "yours".to_owned(),
                Err(error) => panic!("{error}"),
            };
            let age =
                preset.max_age.map(|age| format!("{} {}", humantime::format_duration(age), preset.old_data.name()));
            let Limits { batch_bytes, batch_items, attribute_bytes } = preset.limits;
            let limits = [("request", batch_bytes), ("items", batch_items), ("attribute", attribute_bytes)];
            let limits = limits.iter().filter_map(|(name, limit)| Some(format!("{name} {}", (*limit)?)));
            vec![
                preset.name.to_owned(),
                address,
                preset.detected_by.join(", "),
                preset.protocols.join(", "),
                preset.signals.join(", "),
                age.unwrap_or_default(),
                limits.collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    assert_eq!(rows(), expected);
}
