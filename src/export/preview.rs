//! Telemetry as it would leave, for people to read before anything does.

use super::batch::Batch;
use super::encode::{Encoder, Encoding};
use super::item::Item;
use super::packing::Packed;
use crate::telemetry::log::LogRecord;
use crate::telemetry::metric::Metric;
use crate::telemetry::span::{Resource, Span};

/// One line of OTLP/JSON: the request that would carry these spans.
pub fn otlp_json(resource: &Resource, spans: &[Span]) -> Result<String, serde_json::Error> {
    request(resource, spans)
}

/// One line of OTLP/JSON: the request that would carry these log records.
pub fn otlp_json_of_logs(resource: &Resource, logs: &[LogRecord]) -> Result<String, serde_json::Error> {
    request(resource, logs)
}

/// One line of OTLP/JSON: the request that would carry these metrics.
pub fn otlp_json_of_metrics(resource: &Resource, metrics: &[Metric]) -> Result<String, serde_json::Error> {
    request(resource, metrics)
}

fn request<T: Item>(resource: &Resource, items: &[T]) -> Result<String, serde_json::Error> {
    let encoder = Encoder::<T::Message>::new(Encoding::Json, resource)?;
    let Packed { bytes, parts } = Packed::of(items, Encoding::Json)?;
    let request = encoder.request(&Batch::new(bytes, parts));
    Ok(String::from_utf8_lossy(&request).into_owned())
}
