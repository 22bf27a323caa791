//! One binary for all integration tests, so that the crate is linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has to fail")]

mod architecture;
mod copies;
mod costs;
mod docs;
mod endings;
mod finality;
mod first_start;
mod following;
mod readme;
mod reading;
mod cli;
mod golden;
mod health;
mod metrics;
mod otlp_config;
mod otlp_config_signals;
mod otlp_delivery;
mod otlp_file;
mod otlp_tls;
mod parity;
mod properties;
mod service;
mod state;
mod state_budget;
mod state_cli;
mod state_care;
mod state_damage;
mod state_disk;
mod state_kill;
mod status;
mod support;
mod torture;
mod untouched;
mod watch_roots;
mod watching;
