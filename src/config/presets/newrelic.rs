//! New Relic: everything over every transport; keys of the European region begin with its name.

use super::{Limits, PLAIN, Preset, needed};
use crate::config::env::NEW_RELIC_LICENSE_KEY;

const NAME: &str = "newrelic";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    variables: &[NEW_RELIC_LICENSE_KEY],
    endpoint: |env| {
        let is_european = needed(env, NAME, NEW_RELIC_LICENSE_KEY)?.starts_with("eu01");
        let region = if is_european { ".eu01" } else { "" };
        Ok(Some(format!("https://otlp{region}.nr-data.net")))
    },
    headers: |env| Ok(vec![("api-key", needed(env, NAME, NEW_RELIC_LICENSE_KEY)?)]),
    // One request may have a megabyte, and longer values are cut.
    limits: Limits { batch_bytes: Some(1_000_000), attribute_bytes: Some(4095), ..PLAIN.limits },
    ..PLAIN
};
