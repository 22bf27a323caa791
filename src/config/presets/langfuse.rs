//! Langfuse: spans only, over HTTP, with both halves of its key as user and password.

use super::{PLAIN, Preset, basic, needed};
use crate::config::env::{self, LANGFUSE_BASE_URL, LANGFUSE_HOST, LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY};

const NAME: &str = "langfuse";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    detected_by: &[LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY],
    variables: &[LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY, LANGFUSE_BASE_URL, LANGFUSE_HOST],
    protocols: &["http/protobuf", "http/json"],
    signals: &["traces"],
    endpoint: |env| {
        let own = env::get(env, LANGFUSE_BASE_URL).or_else(|| env::get(env, LANGFUSE_HOST));
        let base = own.unwrap_or_else(|| "https://cloud.langfuse.com".to_owned());
        Ok(Some(format!("{}/api/public/otel", base.trim_end_matches('/'))))
    },
    headers: |env| {
        let credentials = basic(&needed(env, NAME, LANGFUSE_PUBLIC_KEY)?, &needed(env, NAME, LANGFUSE_SECRET_KEY)?);
        // Without the version, spans are shown ten minutes late.
        Ok(vec![("authorization", credentials), ("x-langfuse-ingestion-version", "4".to_owned())])
    },
    ..PLAIN
};
