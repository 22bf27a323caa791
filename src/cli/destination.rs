//! Flags that choose destinations, and what they lead to.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::Surroundings;
use super::arguments::duration;
use super::output::note;
use super::state_of::name_of;
use crate::config::file::is_name;
use crate::config::presets::OldData;
use crate::config::resource::resolve_resource;
use crate::config::settings::Setting;
use crate::config::targets::{names, resolve_targets};
use crate::config::{ConfigError, DestinationFlags, Sources, Target, TargetError, TargetFlags};
use crate::export::exporter::{BatchLimits, ExportOptions};
use crate::privacy::Sanitizer;
use crate::telemetry::resource::{self, ResourceFacts};
use crate::telemetry::span::Resource;

/// Where telemetry goes.
#[derive(Debug, Default, Args)]
pub(super) struct DestinationArgs {
    /// Only this destination of the configuration file, or the state of this name [default: all of the file]
    #[arg(long = "destination", value_name = "NAME", value_parser = state_name, help_heading = "Destination")]
    pub(super) name: Option<String>,
    /// What is known of a backend: its address, its headers, its bounds
    #[arg(long, value_name = "NAME", help_heading = "Destination")]
    preset: Option<String>,
    // Spelled out, since a bare address in a doc comment is taken for a broken link.
    #[arg(
        long,
        value_name = "URL",
        help = "Send to this OTLP receiver, such as http://localhost:4318",
        help_heading = "Destination"
    )]
    endpoint: Option<String>,
    /// How to talk to it: grpc, http/protobuf or http/json [default: http/protobuf]
    #[arg(long, value_name = "PROTOCOL", value_parser = ["grpc", "http/protobuf", "http/json"], hide_possible_values = true, help_heading = "Destination")]
    protocol: Option<String>,
    /// Write OTLP/JSON lines into this folder instead
    #[arg(long, value_name = "DIR", help_heading = "Destination")]
    otlp_file: Option<PathBuf>,
    /// Send the headers in this file with every request, a line NAME=VALUE for each
    #[arg(long, value_name = "FILE", help_heading = "Destination")]
    headers_file: Option<PathBuf>,
    /// Compress requests: none, gzip or zstd [default: none]
    #[arg(long, value_name = "KIND", value_parser = ["none", "gzip", "zstd"], hide_possible_values = true, help_heading = "Destination")]
    compression: Option<String>,
    /// Give up on one request after this long [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Destination")]
    timeout: Option<Duration>,
    /// Send only these signals: traces, metrics, logs, with commas between them [default: all]
    #[arg(long, value_name = "SIGNALS", help_heading = "Destination")]
    signals: Option<String>,
    /// How old a turn may be when it is sent [default: what the preset says]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Destination")]
    max_age: Option<Duration>,
    /// What becomes of older turns: send or skip [default: what the preset says]
    #[arg(long, value_name = "POLICY", value_parser = ["send", "skip"], hide_possible_values = true, help_heading = "Destination")]
    old_data: Option<String>,
}

impl DestinationArgs {
    /// Whether a flag says which destination is meant.
    pub(super) const fn is_given(&self) -> bool {
        self.name.is_some() || self.endpoint.is_some() || self.otlp_file.is_some() || self.preset.is_some()
    }

    /// All destinations by flags, environment and file.
    pub(super) fn resolve(&self, surroundings: &Surroundings) -> Result<Vec<Target>, TargetError> {
        self.resolve_named(self.name.as_deref(), surroundings, &read_private)
    }

    /// Each by itself, so that one that is wrong hides none of the others, with another way to read files with keys.
    /// What is wrong comes under the name of its destination, where it is one of several.
    pub(super) fn resolve_each(
        &self,
        surroundings: &Surroundings,
        read: &dyn Fn(&Path) -> io::Result<String>,
    ) -> (Vec<Target>, Vec<(Option<String>, TargetError)>) {
        let error = match self.resolve_named(self.name.as_deref(), surroundings, read) {
            Ok(targets) => return (targets, Vec::new()),
            Err(error) => error,
        };
        let known: Vec<String> =
            surroundings.config.iter().flat_map(|file| file.destinations.keys().cloned()).collect();
        if self.is_given() || known.len() < 2 {
            return (Vec::new(), vec![(None, error)]);
        }
        let (mut targets, mut wrong) = (Vec::new(), Vec::new());
        for name in known {
            match self.resolve_named(Some(&name), surroundings, read) {
                Ok(mut found) => targets.append(&mut found),
                Err(error) => wrong.push((Some(name), error)),
            }
        }
        (targets, wrong)
    }

    fn resolve_named(
        &self,
        name: Option<&str>,
        surroundings: &Surroundings,
        read: &dyn Fn(&Path) -> io::Result<String>,
    ) -> Result<Vec<Target>, TargetError> {
        let flags = TargetFlags {
            name: name.map(str::to_owned),
            preset: self.preset.clone(),
            headers_file: self.headers_file.clone(),
            max_age: self.max_age,
            old_data: self.old_data.as_deref().and_then(OldData::named),
            destination: DestinationFlags {
                endpoint: self.endpoint.clone(),
                otlp_file: self.otlp_file.clone(),
                protocol: self.protocol.clone(),
                headers: Vec::new(),
                compression: self.compression.clone(),
                timeout: self.timeout,
                signals: self.signals.clone(),
            },
        };
        let sources = Sources {
            env: &|name: &str| surroundings.variable(name),
            file: surroundings.config.as_deref(),
            state_dir: &surroundings.state_dir(),
            read,
        };
        resolve_targets(&flags, sources)
    }

    /// The one destination that is meant.
    pub(super) fn resolve_one(&self, surroundings: &Surroundings) -> Result<Target, TargetError> {
        let mut targets = self.resolve(surroundings)?;
        if let (Some(target), true) = (targets.pop(), targets.is_empty()) {
            return Ok(target);
        }
        let possible = surroundings.config.as_deref().map(names).unwrap_or_default();
        Err(TargetError::Several { possible })
    }
}

/// Reads a file with keys, and says when others can read it too.
fn read_private(path: &Path) -> io::Result<String> {
    let text = fs::read_to_string(path)?;
    if is_open(path)? {
        let path = path.display();
        note(&format!("warning: {path} holds keys and others on this machine can read it; chmod 600 {path} closes it"));
    }
    Ok(text)
}

/// Whether others than its owner can read a file.
pub(super) fn is_open(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// A name that is good for a folder.
fn state_name(text: &str) -> Result<String, String> {
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err("a name has 1 to 64 letters, digits, dots, dashes or underscores".to_owned())
}

/// The resource that all telemetry bears.
pub(super) fn resource_of(
    target: &Target,
    privacy: &Sanitizer,
    surroundings: &Surroundings,
) -> Result<Resource, ConfigError> {
    let of_file = |variable: &str| {
        let setting = crate::config::settings::ALL.iter().find(|setting: &&Setting| setting.variables == [variable])?;
        let value = surroundings.config.as_deref()?.values.get(setting.name)?;
        Some(value.texts.join(","))
    };
    let chosen = resolve_resource(&|name: &str| surroundings.variable(name).or_else(|| of_file(name)))?;
    let of_preset = target.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let facts = ResourceFacts {
        service_name: chosen.service_name,
        // Whoever chooses an attribute beats the preset.
        attributes: of_preset.chain(chosen.attributes).collect(),
        host_name: surroundings.host_name.clone(),
        host_id: surroundings.host_id.clone(),
        user_id: surroundings.user_id.clone(),
        destination: target.destination.identity(),
        destination_name: target.name.clone(),
        arch: std::env::consts::ARCH.to_owned(),
        os: std::env::consts::OS.to_owned(),
    };
    Ok(resource::build(facts, privacy))
}

/// How to deliver there.
pub(super) fn export_options(target: &Target, surroundings: &Surroundings) -> ExportOptions {
    let dead_letters = surroundings.state_dir().join("dead-letter").join(name_of(target));
    let bounds = target.limits;
    let limits = (bounds.batch_bytes.or(bounds.batch_items).is_some()).then(|| BatchLimits {
        max_bytes: bounds.batch_bytes.unwrap_or(usize::MAX).min(BatchLimits::OTLP.max_bytes),
        max_items: bounds.batch_items.unwrap_or(usize::MAX).min(BatchLimits::OTLP.max_items),
    });
    ExportOptions { limits, ..ExportOptions::new(dead_letters) }
}
