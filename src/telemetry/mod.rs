//! STAGE 4, pure: what happened becomes OpenTelemetry data.

pub mod span;
pub mod resource;
