//! Which destinations there are, and everything that belongs to each.
//!
//! A destination comes as a whole from one place, the first of these that names one: a flag, a `CLAUDE_OTEL_*`
//! variable, an `OTEL_EXPORTER_OTLP_*` variable, the file, the keys of a backend in the environment. So a key never goes
//! to an address that it was not meant for.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::env::{self, Environment};
use super::file::{ConfigFile, FileValue, Table};
use super::layers::{Hidden, Layers};
use super::otlp::{DestinationFlags, resolve_destination};
use super::presets::{self, Headers, Limits, OldData, Preset, PresetError};
use super::settings::{ALL, Part, Setting};
use super::shown::{self, Shown};
use super::target_error::TargetError;
use super::{headers, pairs};
use crate::export::destination::Destination;

/// What was said about destinations on the command line.
#[derive(Debug, Clone, Default)]
pub struct TargetFlags {
    /// `--destination NAME`
    pub name: Option<String>,
    /// `--preset NAME`
    pub preset: Option<String>,
    /// `--headers-file FILE`, which `CLAUDE_OTEL_HEADERS_FILE` stands for too.
    pub headers_file: Option<PathBuf>,
    /// `--max-age`
    pub max_age: Option<Duration>,
    /// `--old-data`
    pub old_data: Option<OldData>,
    /// The others.
    pub destination: DestinationFlags,
}

/// What else is looked at.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The environment.
    pub env: &'a Environment<'a>,
    /// The configuration file.
    pub file: Option<&'a ConfigFile>,
    /// Where files are written when nobody names a place.
    pub state_dir: &'a Path,
    /// Reads a file with headers.
    pub read: &'a dyn Fn(&Path) -> io::Result<String>,
}

/// One destination.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Where that is.
    pub destination: Destination,
    /// What is known of the backend.
    pub preset: Option<&'static Preset>,
    /// How old data may be when it is sent.
    pub max_age: Option<Duration>,
    /// What becomes of older data.
    pub old_data: OldData,
    /// What the backend wants to find on the resource.
    pub attributes: Vec<(&'static str, String)>,
    /// The backend's bounds.
    pub limits: Limits,
    /// Every setting with its value, ready to be shown, and where that is from.
    pub shown: Vec<Shown>,
}

impl Target {
    /// The age beyond which data is left out; none when all is sent.
    pub fn skips_beyond(&self) -> Option<Duration> {
        self.max_age.filter(|_| self.old_data == OldData::Skip)
    }
}

/// Decides on the destinations; there is at least one.
pub fn resolve_targets(flags: &TargetFlags, sources: Sources<'_>) -> Result<Vec<Target>, TargetError> {
    let given = &flags.destination;
    let is_flagged = given.endpoint.is_some() || given.otlp_file.is_some() || flags.preset.is_some();
    let is_set = |name: &&str| env::get(sources.env, name).is_some();
    let is_in_env = [env::CLAUDE_OTEL_ENDPOINT, env::CLAUDE_OTEL_OTLP_FILE, env::CLAUDE_OTEL_PRESET].iter().any(is_set)
        || names_of("endpoint").iter().any(is_set);
    let one = |choice: Choice<'_>| Ok(vec![resolve(flags, sources, &choice)?]);
    let Some(file) = sources.file else {
        return one(Choice { is_named_elsewhere: is_flagged || is_in_env, ..Choice::default() });
    };
    if let Some((name, table)) = flags.name.as_ref().and_then(|name| file.destinations.get_key_value(name)) {
        return one(Choice { name: Some(name), table: Some(table), ..Choice::default() });
    }
    if is_flagged || is_in_env || file.destinations.is_empty() {
        let is_named_elsewhere = is_flagged || is_in_env;
        return one(Choice { table: Some(&file.values), is_named_elsewhere, ..Choice::default() });
    }
    if let Some(name) = &flags.name {
        return Err(TargetError::NoSuch { name: name.clone(), possible: names(file) });
    }
    let named = file.destinations.iter();
    named
        .map(|(name, table)| {
            resolve(flags, sources, &Choice { name: Some(name), table: Some(table), ..Choice::default() })
        })
        .collect()
}

/// The names of the file's destinations.
pub fn names(file: &ConfigFile) -> String {
    file.destinations.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Where a destination is described.
#[derive(Default)]
struct Choice<'a> {
    /// Its name in the file.
    name: Option<&'a str>,
    /// What the file says of it, or of any without a name.
    table: Option<&'a Table>,
    /// Whether a flag or a variable says where it is: then the file's address and keys are those of another.
    is_named_elsewhere: bool,
}

fn names_of(setting: &str) -> &'static [&'static str] {
    Setting::named(setting).map_or(&[], |setting| setting.variables)
}

/// What must not go to an address that it was not meant for, and addresses themselves.
const BOUND_TO_ITS_PLACE: [&str; 8] =
    ["preset", "endpoint", "otlp_file", "headers_file", "headers_env", "client_key", "client_certificate", "protocol"];

fn resolve(flags: &TargetFlags, sources: Sources<'_>, choice: &Choice<'_>) -> Result<Target, TargetError> {
    let from_file = |name: &str| {
        let is_another_s = choice.is_named_elsewhere && BOUND_TO_ITS_PLACE.contains(&name);
        choice.table.filter(|_| !is_another_s)?.get(name)
    };
    let origin_of = |name: &str, line: usize| {
        let path = sources.file.map(|file| file.path.display().to_string()).unwrap_or_default();
        let prefix = choice.name.map(|name| format!("destinations.{name}.")).unwrap_or_default();
        format!("{path}:{line} ({prefix}{name})")
    };
    let has_address = from_file("endpoint").or_else(|| from_file("preset")).is_some();
    if has_address && from_file("otlp_file").is_some() {
        let one = choice.name.map(|name| format!("the destination {name}"));
        return Err(TargetError::TwoPlaces(one.unwrap_or_else(|| "the configuration file".to_owned())));
    }

    // The preset: chosen, or found out when nobody has named a place.
    let own = |name| env::get(sources.env, name).filter(|_| choice.name.is_none());
    let chosen = flags.preset.clone().map(|name| (name, "--preset".to_owned()));
    let is_address_flagged = flags.destination.endpoint.is_some() || flags.destination.otlp_file.is_some();
    let of_variable = || Some((own(env::CLAUDE_OTEL_PRESET)?, env::CLAUDE_OTEL_PRESET.to_owned()));
    let chosen = chosen.or_else(|| of_variable().filter(|_| !is_address_flagged)).or_else(|| {
        let value = from_file("preset")?;
        Some((value.text().to_owned(), origin_of("preset", value.line)))
    });
    let is_nowhere = !choice.is_named_elsewhere && from_file("endpoint").is_none() && from_file("otlp_file").is_none();
    let (preset, preset_origin) = match chosen {
        Some((name, origin)) => (Some(presets::named(&name)?), origin),
        None if is_nowhere && choice.name.is_some() => {
            return Err(TargetError::NoPlace(choice.name.unwrap_or_default().to_owned()));
        }
        None if is_nowhere => {
            let found = presets::detected(sources.env)?;
            let origin = found.map(|found| found.detected_by.join(" and "));
            (found, origin.unwrap_or_default())
        }
        None => (None, String::new()),
    };

    // What the file and the preset say stands below the variables.
    let preset_name = preset.map(|preset| format!("preset {}", preset.name)).unwrap_or_default();
    let has_own_address = flags.destination.endpoint.is_some()
        || own(env::CLAUDE_OTEL_ENDPOINT).is_some()
        || from_file("endpoint").is_some();
    let address = match preset.map(|preset| (preset.endpoint)(sources.env)).transpose() {
        Ok(address) => address.flatten(),
        Err(PresetError::NoEndpoint { .. }) if has_own_address || is_otel_address(sources, choice) => None,
        // Whoever names another place needs no variable for this one's.
        Err(PresetError::Missing { .. } | PresetError::Malformed { .. }) if has_own_address => None,
        Err(error) => return Err(error.into()),
    };
    let hidden = match (choice.name, &address) {
        (Some(_), _) => Hidden::All,
        (None, Some(_)) => Hidden::Otel,
        (None, None) => Hidden::Nothing,
    };
    let mut layers = Layers::new(sources.env, hidden);
    for setting in ALL.iter().filter(|setting| setting.part == Part::Destination) {
        let (Some(value), Some(variable)) = (from_file(setting.name), setting.variables.last()) else { continue };
        let origin = origin_of(setting.name, value.line);
        let text = match setting.name {
            "timeout" => duration(value.text(), &origin)?.as_millis().to_string(),
            _ => value.text().to_owned(),
        };
        layers.give(variable, text, origin);
    }
    if let Some(preset) = preset {
        if let Some(address) = address {
            layers.give(env::OTEL_EXPORTER_OTLP_ENDPOINT, address, &preset_name);
        }
        if preset.signals.len() < 3 {
            layers.give(env::CLAUDE_OTEL_SIGNALS, preset.signals.join(","), &preset_name);
        }
        if let Some(protocol) = preset.protocols.first() {
            layers.give(env::OTEL_EXPORTER_OTLP_PROTOCOL, *protocol, &preset_name);
        }
    }

    let place = Place { choice, origin_of: &origin_of, from_file: &from_file };
    let found = find_headers(flags, sources, &place, preset)?;
    let mut destination_flags = flags.destination.clone();
    let of_preset: Headers = preset.map_or_else(|| Ok(Vec::new()), |preset| (preset.headers)(sources.env))?;
    let all = merged(found.as_ref().map(|found| found.headers.clone()).unwrap_or_default(), &of_preset);
    if found.as_ref().is_some_and(|found| found.is_above_variables) {
        destination_flags.headers = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
    } else if !all.is_empty() {
        let origin = found.as_ref().map_or(preset_name.as_str(), |found| &found.origin);
        layers.give(env::OTEL_EXPORTER_OTLP_HEADERS, headers::encode(&all), origin);
    }

    let lookup = |name: &str| layers.get(name);
    let destination = resolve_destination(&destination_flags, &lookup, sources.state_dir).map_err(|error| {
        let text = error.to_string();
        let explained = layers.explain(&text);
        if explained == text { TargetError::Config(error) } else { TargetError::Given(explained) }
    })?;
    let preset = preset.or_else(|| known_by_address(&destination));
    if let (Some(preset), Destination::Otlp(_)) = (preset, &destination) {
        let protocol = flags.destination.protocol.clone();
        let protocol = protocol.or_else(|| names_of("protocol").iter().find_map(|name| layers.get(name)));
        preset.check_protocol(protocol.as_deref().unwrap_or("http/protobuf"))?;
        preset.check_signals(destination.signals().names().split(','))?;
    }

    // The age beyond which data is not welcome.
    let of_variable = |name: &str| layers.find(name);
    let max_age = match (flags.max_age, of_variable(env::CLAUDE_OTEL_MAX_AGE), preset.and_then(|preset| preset.max_age))
    {
        (Some(age), ..) => Some(age),
        (None, Some((text, origin)), _) => Some(duration(&text, &origin)?),
        (None, None, age) => age,
    };
    let old_data = match (flags.old_data, of_variable(env::CLAUDE_OTEL_OLD_DATA), preset) {
        (Some(policy), ..) => policy,
        (None, Some((value, origin)), _) => {
            OldData::named(&value).ok_or(TargetError::Choice { origin, value, choices: "send, skip" })?
        }
        (None, None, Some(preset)) => preset.old_data,
        // Whoever names an age means something by it.
        (None, None, None) if max_age.is_some() => OldData::Skip,
        (None, None, None) => OldData::Send,
    };
    let mut target = Target {
        name: choice.name.map(str::to_owned).or_else(|| flags.name.clone()),
        preset,
        max_age,
        old_data,
        attributes: preset.map(|preset| (preset.attributes)(sources.env)).unwrap_or_default(),
        limits: preset.map(|preset| preset.limits).unwrap_or_default(),
        destination,
        shown: Vec::new(),
    };
    let names = all.iter().map(|(name, _)| name.clone()).collect();
    let above = found.filter(|found| found.is_above_variables).map(|found| (names, found.origin));
    target.shown = shown::of(&target, flags, &layers, &preset_origin, above.as_ref());
    Ok(target)
}

/// Where a destination's values are looked up in the file.
struct Place<'a, 'f> {
    choice: &'a Choice<'f>,
    origin_of: &'a dyn Fn(&str, usize) -> String,
    from_file: &'a dyn Fn(&str) -> Option<&'f FileValue>,
}

/// Headers that the user named.
struct FoundHeaders {
    headers: Vec<(String, String)>,
    origin: String,
    /// Whether they win against `OTEL_EXPORTER_OTLP_*`.
    is_above_variables: bool,
}

/// The user's own headers, except those that stand in variables of their own right.
fn find_headers(
    flags: &TargetFlags,
    sources: Sources<'_>,
    place: &Place<'_, '_>,
    preset: Option<&Preset>,
) -> Result<Option<FoundHeaders>, TargetError> {
    let found = |headers, origin: &str, is_above_variables| {
        Ok(Some(FoundHeaders { headers, origin: origin.to_owned(), is_above_variables }))
    };
    if let Some(path) = &flags.headers_file {
        return found(read_headers(path, "--headers-file", sources)?, "--headers-file", true);
    }
    if place.choice.name.is_none() {
        if let Some(path) = env::get(sources.env, env::CLAUDE_OTEL_HEADERS_FILE) {
            let origin = env::CLAUDE_OTEL_HEADERS_FILE;
            return found(read_headers(Path::new(&path), origin, sources)?, origin, true);
        }
        // Beside a preset they come on top of its own.
        if let (Some(text), Some(_)) = (env::get(sources.env, env::CLAUDE_OTEL_HEADERS), preset) {
            return found(decoded(&text, env::CLAUDE_OTEL_HEADERS)?, env::CLAUDE_OTEL_HEADERS, true);
        }
    }
    if let Some(value) = (place.from_file)("headers_file") {
        let origin = (place.origin_of)("headers_file", value.line);
        return found(read_headers(Path::new(value.text()), &origin, sources)?, &origin, false);
    }
    let Some(value) = (place.from_file)("headers_env") else { return Ok(None) };
    let variable = value.text();
    let text = env::get(sources.env, variable).ok_or_else(|| TargetError::NoHeaders {
        variable: variable.to_owned(),
        origin: (place.origin_of)("headers_env", value.line),
    })?;
    found(decoded(&text, variable)?, variable, false)
}

fn decoded(text: &str, variable: &str) -> Result<Vec<(String, String)>, TargetError> {
    pairs::decode(text).map_err(|problem| {
        TargetError::Given(format!("{variable} cannot be read: {problem}; it needs name=value pairs"))
    })
}

fn read_headers(path: &Path, origin: &str, sources: Sources<'_>) -> Result<Vec<(String, String)>, TargetError> {
    let (path, origin) = (path.to_owned(), origin.to_owned());
    match (sources.read)(&path) {
        Ok(text) => headers::parse(&text).map_err(|problem| TargetError::Headers { path, origin, problem }),
        Err(error) => Err(TargetError::HeadersUnreadable { path, origin, problem: error.to_string() }),
    }
}

/// The user's headers, and those of the preset that the user has not given another value.
fn merged(mut own: Vec<(String, String)>, of_preset: &Headers) -> Vec<(String, String)> {
    for (name, value) in of_preset {
        if own.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name)) {
            own.push(((*name).to_owned(), value.clone()));
        }
    }
    own
}

/// Whether the OpenTelemetry variables name an address that may be the preset's.
fn is_otel_address(sources: Sources<'_>, choice: &Choice<'_>) -> bool {
    choice.name.is_none() && names_of("endpoint").iter().any(|name| env::get(sources.env, name).is_some())
}

/// A backend that its address gives away.
fn known_by_address(destination: &Destination) -> Option<&'static Preset> {
    let identity = destination.identity();
    let host = identity.strip_prefix("https://")?.split([':', '/']).next()?;
    if host.ends_with(".grafana.net") { presets::named("grafana-cloud").ok() } else { None }
}

fn duration(text: &str, origin: &str) -> Result<Duration, TargetError> {
    humantime::parse_duration(text)
        .map_err(|problem| TargetError::Duration { origin: origin.to_owned(), problem: problem.to_string() })
}

#[cfg(test)]
#[path = "targets_tests.rs"]
mod tests;
