//! Pydantic Logfire: HTTP only; the token says the region and stands in the header without `Bearer`.

use std::time::Duration;

use super::{OldData, PLAIN, Preset, PresetError, needed};
use crate::config::env::{self, Environment, LOGFIRE_BASE_URL, LOGFIRE_TOKEN};

const NAME: &str = "logfire";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    detected_by: &[LOGFIRE_TOKEN],
    variables: &[LOGFIRE_TOKEN, LOGFIRE_BASE_URL],
    protocols: &["http/protobuf", "http/json"],
    endpoint,
    headers: |env| Ok(vec![("authorization", needed(env, NAME, LOGFIRE_TOKEN)?)]),
    // It has dropped older spans and answered that all was well.
    max_age: Some(Duration::from_hours(24)),
    old_data: OldData::Skip,
    ..PLAIN
};

fn endpoint(env: &Environment<'_>) -> Result<Option<String>, PresetError> {
    if let Some(own) = env::get(env, LOGFIRE_BASE_URL) {
        return Ok(Some(own));
    }
    let token = needed(env, NAME, LOGFIRE_TOKEN)?;
    // `pylf_v1_us_...`; tokens from before there were regions name none, and belong to the first one.
    let region = token.strip_prefix("pylf_v").and_then(|rest| rest.split('_').nth(1));
    let region = if region == Some("eu") { "eu" } else { "us" };
    Ok(Some(format!("https://logfire-{region}.pydantic.dev")))
}
