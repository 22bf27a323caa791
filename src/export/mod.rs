//! STAGE 5, IO: delivers telemetry and says what became of it.
//!
//! Enters: finished [`Span`](crate::telemetry::span::Span)s, [`LogRecord`](crate::telemetry::log::LogRecord)s and
//! [`Metric`](crate::telemetry::metric::Metric)s. Leaves: bytes at an OTLP receiver or in a folder, and
//! [`DeliveryTotals`](totals::DeliveryTotals) that account for each of them.
//!
//! ```text
//! item -packing-> Load -lane-> Batch (a few in flight) -delivery-> transport -verdict-> acknowledged
//! ```
//!
//! Each signal has a lane of its own; `exporter` joins those of spans and log records, `metric_exporter` has the third.
//!
//! **Invariant:** a span or log record counts as acknowledged only when the destination took it, rejected it by partial
//! success, or it lies whole in the dead-letter file, and so does everything that was sent before it. **Invariant:** no
//! header value, key or credential is in any `Debug`, log or error text. **Invariant:** nothing here reads the
//! environment; waiting and chance come from a [`clock::Clock`].
//!
//! `probe` tries a destination once and tells everything of it, for whoever looks for a fault.
//! `own_metrics` carries what the SDK collects of the program itself; `live` counts what becomes of everything as it
//! happens.
//!
//! `binary` writes what a backfill has most of without a message in between; `convert` makes the messages, for JSON and for
//! what has to be cut.
//!
//! To add a signal: its conversion beside `convert`, its message in `message` and `item`, its names in `signal`.
//! To change what an answer means: `verdict` and its table of tests.

pub mod destination;
pub mod endpoint;
pub mod secret;
pub mod error;
pub mod totals;
pub mod live;
pub mod clock;
pub mod retry;
pub mod exporter;
pub mod metric_exporter;
pub mod own_metrics;
pub mod preview;
pub mod probe;
pub mod tree;
pub(crate) mod signal;
mod convert;
mod binary;
mod convert_metric;
mod message;
mod item;
mod json;
mod encode;
mod batch;
pub mod packing;
mod lane;
mod order;
mod open;
mod delivery;
mod answer;
mod verdict;
mod advice;
mod retry_after;
mod said;
mod rpc_status;
mod tls;
mod http;
mod grpc;
mod json_lines;
mod dead_letter;
