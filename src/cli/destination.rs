//! Flags that choose a destination, and the exporter that they lead to.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Surroundings;
use super::arguments::duration;
use crate::config::otlp::ConfigError;
use crate::config::resource::resolve_resource;
use crate::config::{DestinationFlags, resolve_destination};
use crate::export::destination::Destination;
use crate::privacy::Sanitizer;
use crate::telemetry::resource::{self, ResourceFacts};
use crate::telemetry::span::Resource;

/// Where telemetry goes.
#[derive(Debug, Args)]
pub(super) struct DestinationArgs {
    /// Keep the state under this name [default: one made of the destination's address]
    #[arg(long = "destination", value_name = "NAME", value_parser = state_name, help_heading = "Destination")]
    pub(super) name: Option<String>,
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
    /// Send this header with every request; may be repeated
    #[arg(long = "header", value_name = "NAME=VALUE", help_heading = "Destination")]
    headers: Vec<String>,
    /// Compress requests: none, gzip or zstd [default: none]
    #[arg(long, value_name = "KIND", value_parser = ["none", "gzip", "zstd"], hide_possible_values = true, help_heading = "Destination")]
    compression: Option<String>,
    /// Give up on one request after this long [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Destination")]
    timeout: Option<Duration>,
    /// Send only these signals: traces, metrics, logs, with commas between them [default: all]
    #[arg(long, value_name = "SIGNALS", help_heading = "Destination")]
    signals: Option<String>,
}

impl DestinationArgs {
    /// Whether a flag says which destination is meant.
    pub(super) const fn is_given(&self) -> bool {
        self.name.is_some() || self.endpoint.is_some() || self.otlp_file.is_some()
    }

    /// The destination by flags and environment.
    pub(super) fn resolve(&self, surroundings: &Surroundings) -> Result<Destination, ConfigError> {
        let flags = DestinationFlags {
            endpoint: self.endpoint.clone(),
            otlp_file: self.otlp_file.clone(),
            protocol: self.protocol.clone(),
            headers: self.headers.clone(),
            compression: self.compression.clone(),
            timeout: self.timeout,
            signals: self.signals.clone(),
        };
        resolve_destination(&flags, &|name: &str| surroundings.variable(name), &surroundings.state_dir())
    }
}

/// A name that is good for a folder.
fn state_name(text: &str) -> Result<String, String> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || text.len() > 64 || text.starts_with('.') || !text.bytes().all(is_good) {
        return Err("a name has 1 to 64 letters, digits, dots, dashes or underscores".to_owned());
    }
    Ok(text.to_owned())
}

/// The resource that all telemetry bears.
pub(super) fn resource_of(
    destination: &Destination,
    privacy: &Sanitizer,
    surroundings: &Surroundings,
) -> Result<Resource, ConfigError> {
    let chosen = resolve_resource(&|name: &str| surroundings.variable(name))?;
    let facts = ResourceFacts {
        service_name: chosen.service_name,
        attributes: chosen.attributes,
        host_name: surroundings.host_name.clone(),
        host_id: surroundings.host_id.clone(),
        destination: destination.identity(),
        arch: std::env::consts::ARCH.to_owned(),
        os: std::env::consts::OS.to_owned(),
    };
    Ok(resource::build(facts, privacy))
}
