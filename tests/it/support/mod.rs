//! What several tests need.

pub(crate) mod clock;
mod otlp_grpc;
pub(crate) mod otlp_server;
pub(crate) mod program;
pub(crate) mod secrets;
pub(crate) mod spans;
pub(crate) mod transcript;
