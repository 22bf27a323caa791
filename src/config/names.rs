//! The names of the settings that exist for each signal, as a table.

use super::env::{self, Environment};
use crate::telemetry::signal::Signal;

/// A value, where it is from, and how early that comes in the order of precedence.
pub(super) struct Chosen<T> {
    pub(super) value: T,
    pub(super) origin: &'static str,
    pub(super) rank: u8,
}

/// One setting under each of its names.
pub(super) struct Names {
    own: Option<&'static str>,
    traces: &'static str,
    metrics: &'static str,
    logs: &'static str,
    general: &'static str,
}

macro_rules! names {
    ($own:expr, $traces:ident, $metrics:ident, $logs:ident, $general:ident) => {
        Names { own: $own, traces: env::$traces, metrics: env::$metrics, logs: env::$logs, general: env::$general }
    };
}

/// The address.
pub(super) const ENDPOINT: Names = names!(
    Some(env::CLAUDE_OTEL_ENDPOINT),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT,
    OTEL_EXPORTER_OTLP_ENDPOINT
);
/// The transport and encoding.
pub(super) const PROTOCOL: Names = names!(
    Some(env::CLAUDE_OTEL_PROTOCOL),
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL,
    OTEL_EXPORTER_OTLP_PROTOCOL
);
/// What is sent with every request.
pub(super) const HEADERS: Names = names!(
    Some(env::CLAUDE_OTEL_HEADERS),
    OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    OTEL_EXPORTER_OTLP_METRICS_HEADERS,
    OTEL_EXPORTER_OTLP_LOGS_HEADERS,
    OTEL_EXPORTER_OTLP_HEADERS
);
/// The compression.
pub(super) const COMPRESSION: Names = names!(
    Some(env::CLAUDE_OTEL_COMPRESSION),
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION,
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION,
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION,
    OTEL_EXPORTER_OTLP_COMPRESSION
);
/// The time for one request.
pub(super) const TIMEOUT: Names = names!(
    Some(env::CLAUDE_OTEL_TIMEOUT),
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT,
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT,
    OTEL_EXPORTER_OTLP_TIMEOUT
);
/// Whether a gRPC address without a scheme is unencrypted.
pub(super) const INSECURE: Names = names!(
    None,
    OTEL_EXPORTER_OTLP_TRACES_INSECURE,
    OTEL_EXPORTER_OTLP_METRICS_INSECURE,
    OTEL_EXPORTER_OTLP_LOGS_INSECURE,
    OTEL_EXPORTER_OTLP_INSECURE
);
/// The authorities to trust.
pub(super) const CERTIFICATE: Names = names!(
    Some(env::CLAUDE_OTEL_CERTIFICATE),
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE,
    OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE,
    OTEL_EXPORTER_OTLP_CERTIFICATE
);
/// Our private key.
pub(super) const CLIENT_KEY: Names = names!(
    Some(env::CLAUDE_OTEL_CLIENT_KEY),
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY,
    OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY,
    OTEL_EXPORTER_OTLP_CLIENT_KEY
);
/// Our certificate.
pub(super) const CLIENT_CERTIFICATE: Names = names!(
    Some(env::CLAUDE_OTEL_CLIENT_CERTIFICATE),
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE,
    OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE
);

impl Names {
    /// The name that speaks of one signal alone.
    pub(super) const fn of(&self, signal: Signal) -> &'static str {
        match signal {
            Signal::Traces => self.traces,
            Signal::Metrics => self.metrics,
            Signal::Logs => self.logs,
        }
    }

    /// The setting of a signal: our own name first, then the signal's, then the general one.
    pub(super) fn get(&self, signal: Signal, env: &Environment<'_>) -> Option<Chosen<String>> {
        (1..)
            .zip([self.own, Some(self.of(signal)), Some(self.general)])
            .find_map(|(rank, origin)| Some(Chosen { value: env::get(env, origin?)?, origin: origin?, rank }))
    }

    /// The same, unless a flag says it.
    pub(super) fn get_after(
        &self,
        flag: Option<&String>,
        origin: &'static str,
        signal: Signal,
        env: &Environment<'_>,
    ) -> Option<Chosen<String>> {
        flag.map(|value| Chosen { value: value.clone(), origin, rank: 0 }).or_else(|| self.get(signal, env))
    }
}
