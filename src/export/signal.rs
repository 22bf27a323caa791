//! What differs on the wire between one signal and another; traces are the only one so far.

/// Appended to the general HTTP endpoint.
pub(crate) const TRACES_HTTP_PATH: &str = "v1/traces";
/// The gRPC method.
pub(super) const TRACES_GRPC_METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// The stem of the file destination's names; readers look for `traces*.jsonl`.
pub(super) const TRACES_FILE_STEM: &str = "traces";
