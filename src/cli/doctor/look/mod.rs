//! What is seen of everything around: files, the system and the network are read here, and nothing is judged.

pub(super) mod client;
pub(super) mod inotify;
pub(super) mod network;
pub(super) mod state;
pub(super) mod transcripts;
