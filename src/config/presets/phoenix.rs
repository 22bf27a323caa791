//! Arize Phoenix: spans only, over HTTP/protobuf or gRPC; a key where it was told to want one.

use super::{PLAIN, Preset};
use crate::config::env::{self, PHOENIX_API_KEY, PHOENIX_COLLECTOR_ENDPOINT, PHOENIX_PROJECT_NAME};

pub(super) const PRESET: Preset = Preset {
    name: "phoenix",
    variables: &[PHOENIX_COLLECTOR_ENDPOINT, PHOENIX_API_KEY, PHOENIX_PROJECT_NAME],
    protocols: &["http/protobuf", "grpc"],
    signals: &["traces"],
    endpoint: |env| {
        let own = env::get(env, PHOENIX_COLLECTOR_ENDPOINT);
        Ok(Some(own.unwrap_or_else(|| "http://localhost:6006".to_owned())))
    },
    headers: |env| {
        let key = env::get(env, PHOENIX_API_KEY);
        Ok(key.map(|key| ("authorization", format!("Bearer {key}"))).into_iter().collect())
    },
    attributes: |env| {
        let project = env::get(env, PHOENIX_PROJECT_NAME);
        project.map(|project| ("openinference.project.name", project)).into_iter().collect()
    },
    ..PLAIN
};
