//! Datadog's own receiver of OTLP: spans for LLM Observability, and log records, over HTTP/protobuf.
//!
//! Its metrics have to be deltas, so they go through an agent or a Collector. An agent on this machine is a plain
//! receiver and needs no preset.

use std::time::Duration;

use super::{OldData, PLAIN, Preset, needed};
use crate::config::env::{self, DD_API_KEY, DD_SITE};

const NAME: &str = "datadog";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    detected_by: &[DD_API_KEY],
    variables: &[DD_API_KEY, DD_SITE],
    protocols: &["http/protobuf"],
    signals: &["traces", "logs"],
    endpoint: |env| {
        let site = env::get(env, DD_SITE).unwrap_or_else(|| "datadoghq.com".to_owned());
        Ok(Some(format!("https://otlp.{site}")))
    },
    headers: |env| {
        Ok(vec![
            ("dd-api-key", needed(env, NAME, DD_API_KEY)?),
            ("dd-otlp-source", "llmobs".to_owned()),
            ("dd-protocol", "otlp".to_owned()),
        ])
    },
    max_age: Some(Duration::from_hours(24)),
    old_data: OldData::Skip,
    ..PLAIN
};
