//! Honeycomb: everything over every transport. Metrics land in the dataset `unknown_metrics` unless headers name another.

use super::{PLAIN, Preset, needed};
use crate::config::env::{self, HONEYCOMB_API_ENDPOINT, HONEYCOMB_API_KEY};

const NAME: &str = "honeycomb";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    detected_by: &[HONEYCOMB_API_KEY],
    variables: &[HONEYCOMB_API_KEY, HONEYCOMB_API_ENDPOINT],
    endpoint: |env| {
        let own = env::get(env, HONEYCOMB_API_ENDPOINT);
        Ok(Some(own.unwrap_or_else(|| "https://api.honeycomb.io".to_owned())))
    },
    headers: |env| Ok(vec![("x-honeycomb-team", needed(env, NAME, HONEYCOMB_API_KEY)?)]),
    ..PLAIN
};
