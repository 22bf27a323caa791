//! What differs on the wire between one signal and another.

use crate::telemetry::signal::Signal;

/// The names that one signal has on the wire and on disk.
#[derive(Debug)]
pub(super) struct Wire {
    /// Appended to the general HTTP endpoint.
    http_path: &'static str,
    /// The gRPC method.
    pub(super) grpc_method: &'static str,
    /// The stem of the file destination's names; readers look for `traces*.jsonl` and so on.
    pub(super) file_stem: &'static str,
    /// The stem of the names of what was refused.
    pub(super) refused_stem: &'static str,
    /// What OTLP/JSON calls the list of resources.
    pub(super) resources: &'static str,
    /// What it calls the list of scopes.
    pub(super) scopes: &'static str,
    /// What it calls the list of what is sent.
    pub(super) items: &'static str,
    /// What it calls the count of what was not kept.
    pub(super) rejected: &'static str,
}

const TRACES: Wire = Wire {
    http_path: "v1/traces",
    grpc_method: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    file_stem: "traces",
    refused_stem: "refused-traces",
    resources: "resourceSpans",
    scopes: "scopeSpans",
    items: "spans",
    rejected: "rejectedSpans",
};
const METRICS: Wire = Wire {
    http_path: "v1/metrics",
    grpc_method: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    file_stem: "metrics",
    refused_stem: "refused-metrics",
    resources: "resourceMetrics",
    scopes: "scopeMetrics",
    items: "metrics",
    rejected: "rejectedDataPoints",
};
const LOGS: Wire = Wire {
    http_path: "v1/logs",
    grpc_method: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    file_stem: "logs",
    refused_stem: "refused-logs",
    resources: "resourceLogs",
    scopes: "scopeLogs",
    items: "logRecords",
    rejected: "rejectedLogRecords",
};

/// The stems of all files of the file destination, whose bounds hold for all of them together.
pub(super) const FILE_STEMS: [&str; 3] = [TRACES.file_stem, METRICS.file_stem, LOGS.file_stem];
/// The same of what was refused.
pub(super) const REFUSED_STEMS: [&str; 3] = [TRACES.refused_stem, METRICS.refused_stem, LOGS.refused_stem];

/// The names of a signal.
pub(super) const fn wire(signal: Signal) -> &'static Wire {
    match signal {
        Signal::Traces => &TRACES,
        Signal::Metrics => &METRICS,
        Signal::Logs => &LOGS,
    }
}

/// What is appended to the general HTTP endpoint.
pub(crate) const fn http_path(signal: Signal) -> &'static str {
    wire(signal).http_path
}
