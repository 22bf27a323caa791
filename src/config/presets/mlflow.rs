//! `MLflow`, 3.6 and later: spans only, over HTTP/protobuf, into an experiment that a header names.

use super::{PLAIN, Preset, needed};
use crate::config::env::{self, MLFLOW_EXPERIMENT_ID, MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_URI};

const NAME: &str = "mlflow";

pub(super) const PRESET: Preset = Preset {
    name: NAME,
    variables: &[MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_ID, MLFLOW_TRACKING_TOKEN],
    protocols: &["http/protobuf"],
    signals: &["traces"],
    endpoint: |env| {
        let own = env::get(env, MLFLOW_TRACKING_URI);
        Ok(Some(own.unwrap_or_else(|| "http://localhost:5000".to_owned())))
    },
    headers: |env| {
        let mut headers = vec![("x-mlflow-experiment-id", needed(env, NAME, MLFLOW_EXPERIMENT_ID)?)];
        headers.extend(env::get(env, MLFLOW_TRACKING_TOKEN).map(|token| ("authorization", format!("Bearer {token}"))));
        Ok(headers)
    },
    ..PLAIN
};
