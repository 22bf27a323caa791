//! Sentry: traces and log records over HTTP; everything follows from the DSN.

use super::{PLAIN, Preset, PresetError, needed};
use crate::config::env::{Environment, SENTRY_DSN};

const NAME: &str = "sentry";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    detected_by: &[SENTRY_DSN],
    variables: &[SENTRY_DSN],
    protocols: &["http/protobuf", "http/json"],
    signals: &["traces", "logs"],
    endpoint: |env| Ok(Some(parts(env)?.endpoint)),
    headers: |env| Ok(vec![("x-sentry-auth", format!("sentry sentry_key={}", parts(env)?.key))]),
    ..PLAIN
};

struct Parts {
    endpoint: String,
    key: String,
}

/// Takes `https://KEY@HOST/PROJECT` apart; a host of one's own may have a path in front of the project.
fn parts(env: &Environment<'_>) -> Result<Parts, PresetError> {
    let dsn = needed(env, NAME, SENTRY_DSN)?;
    let split = || {
        let (scheme, rest) = dsn.split_once("://")?;
        let (user, address) = rest.split_once('@')?;
        // Old ones have a second, secret half, which nothing needs any more.
        let key = user.split(':').next().filter(|key| !key.is_empty())?;
        let (host, project) = address.trim_end_matches('/').rsplit_once('/')?;
        let (host, path) =
            host.split_once('/').map_or((host, String::new()), |(host, path)| (host, format!("/{path}")));
        let is_number = !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit());
        let is_web = matches!(scheme, "http" | "https");
        (is_number && is_web && !host.is_empty()).then(|| Parts {
            endpoint: format!("{scheme}://{host}{path}/api/{project}/integration/otlp"),
            key: key.to_owned(),
        })
    };
    split().ok_or(PresetError::Malformed { preset: NAME, variable: SENTRY_DSN, wanted: "https://KEY@HOST/PROJECT" })
}
