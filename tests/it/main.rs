//! One binary for all integration tests, so that the crate is linked once.

mod otlp_config;
mod otlp_delivery;
mod otlp_file;
mod otlp_tls;
mod support;
