//! What everything that was seen means; nothing is read here.

pub(super) mod client;
pub(super) mod configuration;
pub(super) mod inotify;
pub(super) mod network;
pub(super) mod state;
pub(super) mod transcripts;
