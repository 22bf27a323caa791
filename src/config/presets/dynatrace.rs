//! Dynatrace: everything over HTTP/protobuf, at an address with the environment's id; it refuses spans that ended more
//! than an hour ago.

use std::time::Duration;

use super::{OldData, PLAIN, Preset, PresetError, needed};
use crate::config::env::DT_API_TOKEN;

const NAME: &str = "dynatrace";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    variables: &[DT_API_TOKEN],
    protocols: &["http/protobuf"],
    endpoint: |_| {
        Err(PresetError::NoEndpoint { preset: NAME, example: "https://ENVIRONMENT.live.dynatrace.com/api/v2/otlp" })
    },
    headers: |env| Ok(vec![("authorization", format!("Api-Token {}", needed(env, NAME, DT_API_TOKEN)?))]),
    max_age: Some(Duration::from_mins(60)),
    old_data: OldData::Skip,
    ..PLAIN
};
