//! What is known of backends: a file each, without more logic than it takes to put an address and a header together.
//!
//! To add one: its file, its place in [`ALL`], its row in `docs/backends/presets.md` (a test compares them), and its
//! variables in `env`. Only documented facts belong here; a limit that nobody documents is absent.

mod dash0;
mod datadog;
mod dynatrace;
mod grafana_cloud;
mod honeycomb;
mod langfuse;
mod logfire;
mod mlflow;
mod newrelic;
mod otlp;
mod phoenix;
mod sentry;

use std::time::Duration;

use super::env::Environment;

/// What is known of a backend.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// The variables that choose it when nobody has chosen anything: all of them have to be there.
    pub detected_by: &'static [&'static str],
    /// All variables that it reads.
    pub variables: &'static [&'static str],
    /// The transports that it takes, the one to use first.
    pub protocols: &'static [&'static str],
    /// The signals that it takes.
    pub signals: &'static [&'static str],
    /// Its address, before `/v1/traces`; none where only the user knows it.
    pub endpoint: fn(&Environment<'_>) -> Result<Option<String>, PresetError>,
    /// The headers that open its door.
    pub headers: fn(&Environment<'_>) -> Result<Headers, PresetError>,
    /// What it wants to find on the resource.
    pub attributes: fn(&Environment<'_>) -> Vec<(&'static str, String)>,
    /// How old data may be when it arrives.
    pub max_age: Option<Duration>,
    /// What is done with older data unless the user says something else.
    pub old_data: OldData,
    /// Bounds that are narrower than those of others.
    pub limits: Limits,
}

/// Headers by name; the values are secret.
pub type Headers = Vec<(&'static str, String)>;

/// What is done with data that is older than the backend keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldData {
    /// It is sent all the same.
    Send,
    /// It is left out, and counted.
    Skip,
}

impl OldData {
    /// As a user writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Skip => "skip",
        }
    }

    /// What a user may write.
    pub fn named(text: &str) -> Option<Self> {
        [Self::Send, Self::Skip].into_iter().find(|policy| policy.name() == text)
    }
}

/// Bounds of a backend; none where it has no narrower one than we have ourselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one request.
    pub batch_bytes: Option<usize>,
    /// Spans or records of one request.
    pub batch_items: Option<usize>,
    /// Bytes of one attribute's value.
    pub attribute_bytes: Option<usize>,
}

/// What keeps a preset from being used; no value is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresetError {
    /// Nobody knows a preset of this name.
    #[error("there is no preset {name:?}; there are {possible}")]
    Unknown {
        /// The name.
        name: String,
        /// All names.
        possible: String,
    },
    /// It needs a variable.
    #[error("the preset {preset} needs {variable}, which is not set")]
    Missing {
        /// The preset.
        preset: &'static str,
        /// The variable.
        variable: &'static str,
    },
    /// It needs an address that only the user knows.
    #[error("the preset {preset} needs the address of yours: {example} with --endpoint or endpoint")]
    NoEndpoint {
        /// The preset.
        preset: &'static str,
        /// What such an address looks like.
        example: &'static str,
    },
    /// A variable is not what it should be.
    #[error("{variable} is not {wanted}, so the preset {preset} cannot use it")]
    Malformed {
        /// The preset.
        preset: &'static str,
        /// The variable.
        variable: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// A transport that it does not take.
    #[error("{preset} does not take {protocol}; it takes {possible}")]
    Protocol {
        /// The preset.
        preset: &'static str,
        /// The transport.
        protocol: String,
        /// Those that it takes.
        possible: String,
    },
    /// Signals that it does not take.
    #[error("{preset} does not take {signals}; it takes {possible}: name those with --signals or signals")]
    Signals {
        /// The preset.
        preset: &'static str,
        /// What it was to take.
        signals: String,
        /// Those that it takes.
        possible: String,
    },
    /// More than one backend is at hand.
    #[error(
        "the environment holds keys for {found}, and nothing says which is meant; choose one with --preset or {variable}, or name both in the configuration file under [destinations]",
        variable = super::env::CLAUDE_OTEL_PRESET
    )]
    Ambiguous {
        /// Those whose variables are there.
        found: String,
    },
}

/// All presets, in the order of the documentation.
pub const ALL: &[Preset] = &[
    otlp::PRESET,
    logfire::PRESET,
    sentry::PRESET,
    langfuse::PRESET,
    phoenix::PRESET,
    mlflow::PRESET,
    honeycomb::PRESET,
    datadog::PRESET,
    grafana_cloud::PRESET,
    dynatrace::PRESET,
    dash0::PRESET,
    newrelic::PRESET,
];

const ALL_PROTOCOLS: &[&str] = &["http/protobuf", "http/json", "grpc"];
const ALL_SIGNALS: &[&str] = &["traces", "metrics", "logs"];

/// A plain receiver, from which the presets differ by what is known of them.
const PLAIN: Preset = Preset {
    name: "otlp",
    detected_by: &[],
    variables: &[],
    protocols: ALL_PROTOCOLS,
    signals: ALL_SIGNALS,
    endpoint: |_| Ok(None),
    headers: |_| Ok(Vec::new()),
    attributes: |_| Vec::new(),
    max_age: None,
    old_data: OldData::Send,
    limits: Limits { batch_bytes: None, batch_items: None, attribute_bytes: None },
};

/// The preset of this name.
pub fn named(name: &str) -> Result<&'static Preset, PresetError> {
    ALL.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let possible: Vec<&str> = ALL.iter().map(|preset| preset.name).collect();
        PresetError::Unknown { name: name.to_owned(), possible: possible.join(", ") }
    })
}

/// The preset whose variables are all there; none when there is none, an error when there are several.
pub fn detected(env: &Environment<'_>) -> Result<Option<&'static Preset>, PresetError> {
    let is_there = |preset: &&Preset| {
        !preset.detected_by.is_empty() && preset.detected_by.iter().all(|name| super::env::get(env, name).is_some())
    };
    let found: Vec<&Preset> = ALL.iter().filter(is_there).collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let names: Vec<&str> = several.iter().map(|preset| preset.name).collect();
            Err(PresetError::Ambiguous { found: names.join(" and ") })
        }
    }
}

impl Preset {
    /// Whether a transport is one of those that it takes.
    pub fn check_protocol(&self, protocol: &str) -> Result<(), PresetError> {
        if self.protocols.contains(&protocol) {
            return Ok(());
        }
        let (protocol, possible) = (protocol.to_owned(), self.protocols.join(", "));
        Err(PresetError::Protocol { preset: self.name, protocol, possible })
    }

    /// Whether signals are among those that it takes.
    pub fn check_signals<'a>(&self, signals: impl Iterator<Item = &'a str>) -> Result<(), PresetError> {
        let others: Vec<&str> = signals.filter(|signal| !signal.is_empty() && !self.signals.contains(signal)).collect();
        if others.is_empty() {
            return Ok(());
        }
        let (signals, possible) = (others.join(", "), self.signals.join(", "));
        Err(PresetError::Signals { preset: self.name, signals, possible })
    }
}

/// A variable that a preset cannot do without.
fn needed(env: &Environment<'_>, preset: &'static str, variable: &'static str) -> Result<String, PresetError> {
    super::env::get(env, variable).ok_or(PresetError::Missing { preset, variable })
}

/// `Basic` credentials.
fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

#[cfg(test)]
#[path = "presets_tests.rs"]
mod tests;
