//! What several tests need.

pub(crate) mod clock;
pub(crate) mod otlp_server;
pub(crate) mod program;
pub(crate) mod secrets;
pub(crate) mod spans;
pub(crate) mod transcript;
