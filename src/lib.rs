//! Rebuilds what Claude Code did from the transcripts it leaves on disk, and exports it as OpenTelemetry.
#![recursion_limit = "256"]

pub mod privacy;
pub mod source;
pub mod transcript;
pub mod amount;
pub mod session;
pub mod telemetry;
pub mod view;
pub mod reconcile;
pub mod export;
pub mod checkpoint;
pub mod pipeline;
pub mod health;
pub mod config;
pub mod cli;
