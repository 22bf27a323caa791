//! The resource: who sends, pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use uuid::{Uuid, uuid};

use super::semconv::{OTHER, resource as name};
use super::span::{Resource, Value};
use crate::privacy::Sanitizer;

/// Our name, unless somebody chose another.
pub const SERVICE_NAME: &str = "claude-otel";

/// The namespace that the OpenTelemetry conventions give for instance ids derived by hashing.
const INSTANCE_NAMESPACE: Uuid = uuid!("4d63009a-8d0f-11ee-aad7-4c796ed8e320");

/// What the resource is built from; everything is read by the caller.
#[derive(Debug, Clone, Default)]
pub struct ResourceFacts {
    /// From `OTEL_SERVICE_NAME`; wins over everything.
    pub service_name: Option<String>,
    /// From `OTEL_RESOURCE_ATTRIBUTES`, decoded; wins over what was found out.
    pub attributes: Vec<(String, String)>,
    /// The machine's name.
    pub host_name: Option<String>,
    /// What tells this machine from others for good; only its hash leaves.
    pub host_id: String,
    /// What tells this user from others on the machine; only its hash leaves.
    pub user_id: String,
    /// The destination's identity.
    pub destination: String,
    /// The destination's name, if it has one.
    pub destination_name: Option<String>,
    /// The processor, as Rust names it.
    pub arch: String,
    /// The operating system, as Rust names it.
    pub os: String,
}

/// Builds the resource, sorted by name.
pub fn build(facts: ResourceFacts, privacy: &Sanitizer) -> Resource {
    let text = |text: &str| privacy.text(text).map_or(Value::Static(OTHER), Value::Str);
    let mut attributes: BTreeMap<Cow<'static, str>, Value> = BTreeMap::new();
    let mut set = |name: &'static str, value: Value| attributes.insert(Cow::Borrowed(name), value);
    let version = Value::Static(env!("CARGO_PKG_VERSION"));
    set(name::SERVICE_NAME, Value::Static(SERVICE_NAME));
    set(name::SERVICE_VERSION, version.clone());
    set(name::SERVICE_INSTANCE_ID, text(&instance_id(&facts)));
    set(name::HOST_ARCH, text(arch(&facts.arch)));
    set(name::OS_TYPE, text(os(&facts.os)));
    if let Some(host_name) = facts.host_name {
        set(name::HOST_NAME, text(&host_name));
    }
    for (name, value) in facts.attributes {
        attributes.insert(Cow::Owned(name), text(&value));
    }
    if let Some(service_name) = facts.service_name {
        attributes.insert(Cow::Borrowed(name::SERVICE_NAME), text(&service_name));
    }
    // What made the telemetry is no matter of taste.
    attributes.insert(Cow::Borrowed(name::TELEMETRY_DISTRO_NAME), Value::Static(SERVICE_NAME));
    attributes.insert(Cow::Borrowed(name::TELEMETRY_DISTRO_VERSION), version);
    Resource { attributes: attributes.into_iter().collect() }
}

/// The same machine, user and destination always give the same id, through restarts and re-exports; two writers never
/// share one.
fn instance_id(facts: &ResourceFacts) -> String {
    let ResourceFacts { host_id, user_id, destination, .. } = facts;
    let name = facts.destination_name.as_deref().unwrap_or_default();
    let who = format!("{host_id}\0{user_id}\0{destination}\0{name}");
    Uuid::new_v5(&INSTANCE_NAMESPACE, who.as_bytes()).to_string()
}

/// The conventions' name of a processor; those without one keep Rust's.
fn arch(name: &str) -> &str {
    match name {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

/// The conventions' name of an operating system.
fn os(name: &str) -> &str {
    match name {
        "macos" | "ios" => "darwin",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> ResourceFacts {
        ResourceFacts {
            host_name: Some("desk".to_owned()),
            host_id: "4c4c4544".to_owned(),
            destination: "http://localhost:4318/v1/traces".to_owned(),
            arch: "x86_64".to_owned(),
            os: "macos".to_owned(),
            ..ResourceFacts::default()
        }
    }

    fn shown(resource: &Resource) -> Vec<String> {
        let value = |value: &Value| match value {
            Value::Str(text) => text.to_string(),
            Value::Static(text) => (*text).to_owned(),
            other => format!("{other:?}"),
        };
        resource.attributes.iter().map(|(name, v)| format!("{name}={}", value(v))).collect()
    }

    #[test]
    fn the_whole_resource_is_sorted_by_name() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            shown(&build(facts(), &Sanitizer::default())),
            [
                "host.arch=amd64".to_owned(),
                "host.name=desk".to_owned(),
                "os.type=darwin".to_owned(),
                "service.instance.id=83908cc9-8427-545e-85ba-7270faf2efb3".to_owned(),
                "service.name=claude-otel".to_owned(),
                format!("service.version={version}"),
                "telemetry.distro.name=claude-otel".to_owned(),
                format!("telemetry.distro.version={version}"),
            ]
        );
    }

    #[test]
    fn the_instance_differs_by_host_and_destination_only() {
        let id = |host: &str, user: &str, place: &str, name: Option<&str>| {
            instance_id(&ResourceFacts {
                host_id: host.to_owned(),
                user_id: user.to_owned(),
                destination: place.to_owned(),
                destination_name: name.map(str::to_owned),
                ..ResourceFacts::default()
            })
        };
        let one = id("host", "1000", "there", None);
        assert_eq!(one, id("host", "1000", "there", None));
        let others = [
            id("other", "1000", "there", None),
            id("host", "1001", "there", None),
            id("host", "1000", "elsewhere", None),
            id("host", "1000", "there", Some("a")),
            id("host", "1000", "there", Some("b")),
        ];
        assert!(others.iter().all(|other| *other != one) && others[3] != others[4]);
        assert_ne!(id("a", "bc", "", None), id("ab", "c", "", None));
        assert_eq!(Uuid::parse_str(&one).unwrap().get_version_num(), 5);
    }

    #[test]
    fn the_users_attributes_win_but_for_what_made_the_telemetry() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let attributes = vec![
            pair("service.name", "from-attributes"),
            pair("host.name", "hidden"),
            pair("team", "blue"),
            pair("telemetry.distro.name", "other"),
        ];
        let with_both = ResourceFacts { attributes, service_name: Some("chosen".to_owned()), ..facts() };
        let without_name = ResourceFacts { service_name: None, ..with_both.clone() };
        let lines = shown(&build(with_both, &Sanitizer::default()));
        for line in ["service.name=chosen", "host.name=hidden", "team=blue", "telemetry.distro.name=claude-otel"] {
            assert!(lines.contains(&line.to_owned()), "{line} is not in {lines:?}");
        }
        assert!(
            shown(&build(without_name, &Sanitizer::default())).contains(&"service.name=from-attributes".to_owned())
        );
    }
}
