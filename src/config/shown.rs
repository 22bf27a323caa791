//! A destination's settings with their origins, ready to be shown.

use super::layers::Layers;
use super::pairs;
use super::settings::{ALL, Part, Setting};
use super::targets::{Target, TargetFlags};

/// A setting as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The setting's name.
    pub name: &'static str,
    /// Its value without secrets; none where nothing holds.
    pub value: Option<String>,
    /// A flag, a variable, a place in the file, a preset, or `default`.
    pub origin: String,
}

/// All settings of a destination.
pub(super) fn of(
    target: &Target,
    flags: &TargetFlags,
    layers: &Layers<'_>,
    preset_origin: &str,
    headers: Option<&(Vec<String>, String)>,
) -> Vec<Shown> {
    let settings = ALL.iter().filter(|setting| setting.part == Part::Destination);
    settings
        .map(|setting| {
            let found = match setting.name {
                "preset" => target.preset.map(|preset| {
                    let origin = if preset_origin.is_empty() { "its address" } else { preset_origin };
                    (preset.name.to_owned(), origin.to_owned())
                }),
                "headers" => headers.map(|(names, origin)| {
                    (names.iter().map(|name| format!("{name}=***")).collect::<Vec<_>>().join(", "), origin.clone())
                }),
                name => flagged(name, flags).map(|value| (value, format!("--{}", setting.flag.unwrap_or(name)))),
            };
            let found =
                found.or_else(|| setting.variables.iter().find_map(|name| layers.find(name)).map(masked(setting)));
            let found = found.or_else(|| of_preset(setting, target));
            let (value, origin) = match found {
                Some((value, origin)) => (Some(value), origin),
                None => (Some(setting.default.to_owned()).filter(|text| !text.is_empty()), "default".to_owned()),
            };
            Shown { name: setting.name, value, origin }
        })
        .collect()
}

fn flagged(name: &str, flags: &TargetFlags) -> Option<String> {
    let given = &flags.destination;
    match name {
        "endpoint" => given.endpoint.as_deref().map(without_query),
        "otlp_file" => given.otlp_file.as_ref().map(|path| path.display().to_string()),
        "protocol" => given.protocol.clone(),
        "signals" => given.signals.clone(),
        "compression" => given.compression.clone(),
        "timeout" => given.timeout.map(|timeout| humantime::format_duration(timeout).to_string()),
        "headers_file" => flags.headers_file.as_ref().map(|path| path.display().to_string()),
        "max_age" => flags.max_age.map(|age| humantime::format_duration(age).to_string()),
        "old_data" => flags.old_data.map(|policy| policy.name().to_owned()),
        _ => None,
    }
}

fn of_preset(setting: &Setting, target: &Target) -> Option<(String, String)> {
    let preset = target.preset?;
    let value = match setting.name {
        "max_age" => humantime::format_duration(preset.max_age?).to_string(),
        "old_data" => preset.old_data.name().to_owned(),
        _ => return None,
    };
    Some((value, format!("preset {}", preset.name)))
}

/// Takes what may be secret out of a value.
fn masked(setting: &Setting) -> impl Fn((String, String)) -> (String, String) {
    move |(value, origin)| {
        let value = match (setting.name, setting.is_secret) {
            ("endpoint", _) => without_query(&value),
            ("timeout", _) if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                let millis = value.parse().unwrap_or_default();
                humantime::format_duration(std::time::Duration::from_millis(millis)).to_string()
            }
            (_, true) => masked_pairs(&value),
            _ => value,
        };
        (value, origin)
    }
}

/// The names alone.
fn masked_pairs(text: &str) -> String {
    let Ok(pairs) = pairs::decode(text) else { return "***".to_owned() };
    pairs.iter().map(|(name, _)| format!("{}=***", name.to_lowercase())).collect::<Vec<_>>().join(", ")
}

/// An address without the parts that may hold keys.
fn without_query(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://***@{rest}"),
        None => address.to_owned(),
    }
}
