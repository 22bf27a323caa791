//! The watcher's own health: what it counts of itself, told through OpenTelemetry's SDK and to whoever asks over HTTP.
//!
//! Enters: the atomics that the follower, the courier and the exporters count with. Leaves: metrics named
//! `claude_otel.*`, and the answers to `/healthz`, `/readyz` and `/metrics`.
//!
//! ```text
//! Shared, LiveTotals -> Watched -table-> own_telemetry (SDK -> export::own_metrics)
//!                                   \--> answers (exposition) -> server
//! ```
//!
//! **Invariant:** following and delivering call nothing here; all is read when it is told, and nobody waits for it.
//! **Invariant:** no answer holds a header, a path, an address of a destination, or content.
//! **Invariant:** no transcript is needed to read any of it: the names in it are this program's own.
//!
//! To add an instrument: its row in `table`, and its row in `docs/telemetry.md` (a test compares them).

pub mod watched;
pub mod process;
pub mod table;
pub mod exposition;
pub mod answers;
pub mod listen;
pub mod server;
pub mod own_telemetry;
