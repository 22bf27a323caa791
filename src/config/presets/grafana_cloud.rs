//! Grafana Cloud: everything over HTTP, at a gateway whose address and key the portal shows.

use super::{Limits, PLAIN, Preset, PresetError};

const NAME: &str = "grafana-cloud";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    protocols: &["http/protobuf", "http/json"],
    endpoint: |_| {
        Err(PresetError::NoEndpoint { preset: NAME, example: "https://otlp-gateway-REGION.grafana.net/otlp" })
    },
    // Tempo cuts longer values.
    limits: Limits { attribute_bytes: Some(2048), ..PLAIN.limits },
    ..PLAIN
};
