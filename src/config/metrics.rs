//! How metrics are shaped, decided from flags and environment.

use std::time::Duration;

use super::env::{self, Environment};
use super::error::ConfigError;
use crate::telemetry::metric::Temporality;
use crate::telemetry::options::HistogramKind;

const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);

/// How metrics are shaped and how often they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricOptions {
    /// The time between two tellings.
    pub every: Duration,
    /// What points count from.
    pub temporality: Temporality,
    /// The buckets of histograms.
    pub histograms: HistogramKind,
}

/// Decides how metrics are shaped. A flag, or a variable of ours that stands for it, comes before OpenTelemetry's.
pub fn resolve_metrics(histograms: Option<HistogramKind>, env: &Environment<'_>) -> Result<MetricOptions, ConfigError> {
    Ok(MetricOptions {
        every: interval(env)?,
        temporality: temporality(env)?,
        histograms: histograms.map_or_else(|| self::histograms(env), Ok)?,
    })
}

fn interval(env: &Environment<'_>) -> Result<Duration, ConfigError> {
    let origin = env::OTEL_METRIC_EXPORT_INTERVAL;
    let Some(value) = env::get(env, origin) else { return Ok(DEFAULT_INTERVAL) };
    let millis = value.parse().ok().filter(|millis| *millis > 0);
    millis.map(Duration::from_millis).ok_or(ConfigError::Number { origin, unit: "milliseconds" })
}

fn temporality(env: &Environment<'_>) -> Result<Temporality, ConfigError> {
    let origin = env::OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE;
    let Some(value) = env::get(env, origin) else { return Ok(Temporality::Cumulative) };
    match value.to_ascii_lowercase().as_str() {
        "cumulative" => Ok(Temporality::Cumulative),
        // Sums and histograms that are counted as they come are differences under both names.
        "delta" | "lowmemory" => Ok(Temporality::Delta),
        _ => Err(ConfigError::Choice { origin, value, choices: "cumulative, delta, lowmemory" }),
    }
}

fn histograms(env: &Environment<'_>) -> Result<HistogramKind, ConfigError> {
    let origin = env::OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION;
    let Some(value) = env::get(env, origin) else { return Ok(HistogramKind::Explicit) };
    match value.to_ascii_lowercase().as_str() {
        "explicit_bucket_histogram" => Ok(HistogramKind::Explicit),
        "base2_exponential_bucket_histogram" => Ok(HistogramKind::Exponential),
        _ => Err(ConfigError::Choice {
            origin,
            value,
            choices: "explicit_bucket_histogram, base2_exponential_bucket_histogram",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(variables: &'static [(&str, &str)]) -> Result<MetricOptions, ConfigError> {
        let env = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        resolve_metrics(None, &env)
    }

    #[test]
    fn the_standard_variables_shape_metrics() {
        let usual = resolved(&[]).unwrap();
        assert_eq!((usual.every, usual.temporality), (Duration::from_secs(60), Temporality::Cumulative));
        let other = resolved(&[
            ("OTEL_METRIC_EXPORT_INTERVAL", "1500"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta"),
            ("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram"),
        ]);
        let every = Duration::from_millis(1500);
        let (temporality, histograms) = (Temporality::Delta, HistogramKind::Exponential);
        assert_eq!(other, Ok(MetricOptions { every, temporality, histograms }));
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for variables in [
            &[("OTEL_METRIC_EXPORT_INTERVAL", "soon")],
            &[("OTEL_METRIC_EXPORT_INTERVAL", "0")],
            &[("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "both")],
            &[("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "none")],
        ] {
            let error = resolved(variables).unwrap_err().to_string();
            assert!(error.contains(variables[0].0), "{error}");
        }
    }
}
