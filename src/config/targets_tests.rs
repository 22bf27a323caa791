//! Which destinations flags, variables and the file add up to.

use super::*;
use crate::config::file;

type Variables<'a> = &'a [(&'a str, &'a str)];

fn resolve_with(flags: &TargetFlags, variables: Variables<'_>, text: &str) -> Result<Vec<Target>, TargetError> {
    let env = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let file = file::parse(Path::new("/co.toml"), text, None).unwrap();
    let read = |path: &Path| match path.to_str() {
        Some("/keys") => Ok("x-key=s3cret-of-file\n".to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    let file = Some(&file).filter(|_| !text.is_empty());
    resolve_targets(flags, Sources { env: &env, file, state_dir: Path::new("/state"), read: &read })
}

fn targets(variables: Variables<'_>, text: &str) -> Vec<Target> {
    resolve_with(&TargetFlags::default(), variables, text).unwrap()
}

fn error(variables: Variables<'_>, text: &str) -> String {
    resolve_with(&TargetFlags::default(), variables, text).unwrap_err().to_string()
}

fn at(endpoint: &str) -> TargetFlags {
    TargetFlags {
        destination: DestinationFlags { endpoint: Some(endpoint.to_owned()), ..DestinationFlags::default() },
        ..TargetFlags::default()
    }
}

fn origin(target: &Target, name: &str) -> String {
    target.shown.iter().find(|shown| shown.name == name).unwrap().origin.clone()
}

fn value(target: &Target, name: &str) -> Option<String> {
    target.shown.iter().find(|shown| shown.name == name).unwrap().value.clone()
}

fn place(target: &Target) -> String {
    target.destination.identity()
}

#[test]
fn a_destination_comes_from_the_first_place_that_names_one() {
    let text = "endpoint = \"http://file:1\"";
    let token = ("LOGFIRE_TOKEN", "pylf_v1_us_s3cret");
    let otel = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:1");
    let own = ("CLAUDE_OTEL_ENDPOINT", "http://own:1");
    let seen = [
        place(&resolve_with(&at("http://flag:1"), &[token, otel, own], text).unwrap()[0]),
        place(&targets(&[token, otel, own], text)[0]),
        place(&targets(&[token, otel], text)[0]),
        place(&targets(&[token], text)[0]),
        place(&targets(&[token], "paths = \"name\"")[0]),
        place(&targets(&[], "")[0]),
    ];
    let http = |host: &str| format!("http://{host}:1/v1/traces");
    let logfire = "https://logfire-us.pydantic.dev:443/v1/traces".to_owned();
    assert_eq!(seen, [http("flag"), http("own"), http("otel"), http("file"), logfire, "file:/state/otlp".to_owned()]);
}

#[test]
fn details_follow_the_order_of_precedence_and_say_where_they_are_from() {
    let text = "\nendpoint = \"http://file:1\"\ncompression = \"zstd\"\ntimeout = \"3s\"\n";
    let target = &targets(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")], text)[0];
    assert_eq!(
        (value(target, "compression").as_deref(), origin(target, "compression").as_str()),
        (Some("gzip"), "OTEL_EXPORTER_OTLP_COMPRESSION")
    );
    assert_eq!(
        (value(target, "timeout").as_deref(), origin(target, "timeout").as_str()),
        (Some("3s"), "/co.toml:4 (timeout)")
    );
    assert_eq!(origin(target, "endpoint"), "/co.toml:2 (endpoint)");
    assert_eq!(
        (value(target, "protocol").as_deref(), origin(target, "protocol").as_str()),
        (Some("http/protobuf"), "default")
    );
    // Details of the file hold for another place too, keys do not.
    let text = "endpoint = \"http://file:1\"\nheaders_file = \"/keys\"\ncompression = \"zstd\"";
    let flagged = &resolve_with(&at("http://flag:1"), &[], text).unwrap()[0];
    assert_eq!(value(flagged, "compression").as_deref(), Some("zstd"));
    assert_eq!(value(flagged, "headers"), None);
    assert_eq!(value(&targets(&[], text)[0], "headers").as_deref(), Some("x-key=***"));
}

#[test]
fn destinations_with_names_stand_by_themselves() {
    let text =
        "[destinations.a]\nendpoint = \"http://a:1\"\nheaders_env = \"A_KEYS\"\n[destinations.b]\notlp_file = \"/out\"";
    let variables =
        [("A_KEYS", "x-a=s3cret"), ("CLAUDE_OTEL_HEADERS", "x-other=1"), ("CLAUDE_OTEL_COMPRESSION", "gzip")];
    let both = targets(&variables, text);
    let seen: Vec<_> = both.iter().map(|target| (target.name.as_deref(), place(target))).collect();
    assert_eq!(seen, [(Some("a"), "http://a:1/v1/traces".to_owned()), (Some("b"), "file:/out".to_owned())]);
    assert_eq!(value(&both[0], "headers").as_deref(), Some("x-a=***"));
    assert_eq!(origin(&both[0], "headers"), "A_KEYS");
    assert_eq!(origin(&both[0], "compression"), "default");
    let named = |name: &str| {
        resolve_with(&TargetFlags { name: Some(name.to_owned()), ..TargetFlags::default() }, &variables, text)
    };
    assert_eq!(place(&named("b").unwrap()[0]), "file:/out");
    assert_eq!(named("c").unwrap_err().to_string(), "there is no destination c; the configuration file has a, b");
    assert_eq!(
        place(&targets(&[variables[0], ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:1")], text)[0]),
        "http://otel:1/v1/traces"
    );
}

#[test]
fn mistakes_in_the_file_are_named_by_their_place() {
    assert_eq!(
        error(&[], "[destinations.a]\nendpoint = \"h\""),
        "/co.toml:2 (destinations.a.endpoint) must start with http:// or https://"
    );
    assert!(error(&[], "[destinations.a]\ncompression = \"gzip\"").contains("the destination a names no place"));
    assert!(
        error(&[], "endpoint = \"http://h\"\notlp_file = \"/o\"")
            .contains("the configuration file has an otlp_file and")
    );
    assert!(
        error(&[], "endpoint = \"http://h\"\ntimeout = \"10\"")
            .starts_with("/co.toml:2 (timeout) is no length of time")
    );
    assert!(error(&[], "endpoint = \"http://h\"\nprotocol = \"tcp\"").starts_with("/co.toml:2 (protocol) is \"tcp\""));
    assert!(error(&[], "endpoint = \"http://h\"\nold_data = \"keep\"").contains("send, skip"));
    assert!(error(&[], "endpoint = \"http://h\"\nheaders_env = \"NOPE\"").contains("names NOPE for the headers"));
    assert!(
        error(&[], "endpoint = \"http://h\"\nheaders_file = \"/nope\"")
            .contains("the headers in /nope (from /co.toml:2")
    );
}

#[test]
fn a_preset_hides_the_variables_of_another_receiver() {
    let otel = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:1"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-other=1"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ];
    let variables = [&otel[..], &[("LOGFIRE_TOKEN", "pylf_v1_eu_s3cret")]].concat();
    let flags = TargetFlags { preset: Some("logfire".to_owned()), ..TargetFlags::default() };
    let target = &resolve_with(&flags, &variables, "").unwrap()[0];
    assert_eq!(place(target), "https://logfire-eu.pydantic.dev:443/v1/traces");
    assert_eq!(value(target, "headers").as_deref(), Some("authorization=***"));
    assert_eq!((origin(target, "headers").as_str(), origin(target, "preset").as_str()), ("preset logfire", "--preset"));
    assert_eq!(target.skips_beyond(), Some(Duration::from_hours(24)));
    assert!(!format!("{:?}", target.shown).contains("s3cret"));
    // Without the flag, the address that somebody wrote beats the key that happens to be there.
    assert_eq!(place(&targets(&variables, "")[0]), "http://otel:1/");
    assert!(
        error(&[("LOGFIRE_TOKEN", "t"), ("CLAUDE_OTEL_PROTOCOL", "grpc")], "").contains("logfire does not take grpc")
    );
    assert!(error(&[("LOGFIRE_TOKEN", "t"), ("HONEYCOMB_API_KEY", "k")], "").contains("logfire and honeycomb"));
}

#[test]
fn headers_of_the_user_come_on_top_of_those_of_a_preset() {
    let text = "preset = \"honeycomb\"\nheaders_file = \"/keys\"";
    let target = &targets(&[("HONEYCOMB_API_KEY", "k")], text)[0];
    assert_eq!(value(target, "headers").as_deref(), Some("x-key=***, x-honeycomb-team=***"));
    let own = &targets(&[("HONEYCOMB_API_KEY", "k"), ("CLAUDE_OTEL_HEADERS", "x-honeycomb-team=other")], "")[0];
    assert_eq!(
        (value(own, "headers").as_deref(), origin(own, "headers").as_str()),
        (Some("x-honeycomb-team=***"), "CLAUDE_OTEL_HEADERS")
    );
}

#[test]
fn old_data_is_skipped_where_the_preset_or_the_user_says_so() {
    let token = ("LOGFIRE_TOKEN", "pylf_v1_us_x");
    assert_eq!(targets(&[token, ("CLAUDE_OTEL_OLD_DATA", "send")], "")[0].skips_beyond(), None);
    assert_eq!(targets(&[token, ("CLAUDE_OTEL_MAX_AGE", "2h")], "")[0].skips_beyond(), Some(Duration::from_hours(2)));
    let text = "endpoint = \"http://h\"\nmax_age = \"7d\"";
    assert_eq!(targets(&[], text)[0].skips_beyond(), Some(Duration::from_hours(168)));
    assert_eq!(targets(&[], "endpoint = \"http://h\"")[0].skips_beyond(), None);
    let flags = TargetFlags { old_data: Some(OldData::Send), ..TargetFlags::default() };
    assert_eq!(resolve_with(&flags, &[], text).unwrap()[0].skips_beyond(), None);
}

#[test]
fn grafana_cloud_is_known_by_its_address() {
    let target =
        &targets(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp")], "")[0];
    assert_eq!(target.limits.attribute_bytes, Some(2048));
    assert_eq!(origin(target, "preset"), "its address");
}
