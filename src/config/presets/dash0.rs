//! Dash0: everything over every transport, at an address with the region.

use std::time::Duration;

use super::{OldData, PLAIN, Preset, PresetError, needed};
use crate::config::env::DASH0_AUTH_TOKEN;

const NAME: &str = "dash0";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    variables: &[DASH0_AUTH_TOKEN],
    endpoint: |_| Err(PresetError::NoEndpoint { preset: NAME, example: "https://ingress.eu-west-1.aws.dash0.com" }),
    headers: |env| Ok(vec![("authorization", format!("Bearer {}", needed(env, NAME, DASH0_AUTH_TOKEN)?))]),
    max_age: Some(Duration::from_hours(14 * 24)),
    old_data: OldData::Skip,
    ..PLAIN
};
