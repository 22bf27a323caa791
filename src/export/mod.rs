//! STAGE 5, IO: delivers telemetry and says what became of it.
//!
//! Enters: finished [`Span`](crate::telemetry::span::Span)s. Leaves: bytes at an OTLP receiver or in a folder, and
//! [`DeliveryTotals`](totals::DeliveryTotals) that account for every span.
//!
//! ```text
//! Span -convert/encode-> Batch -exporter-> (a few in flight) -delivery-> transport -verdict-> acknowledged
//! ```
//!
//! **Invariant:** a span counts as acknowledged only when the destination took it, rejected it by partial success, or
//! it lies whole in the dead-letter file. **Invariant:** no header value, key or credential is in any `Debug`, log or
//! error text. **Invariant:** nothing here reads the environment; waiting and chance come from a [`clock::Clock`].
//!
//! To add a signal: its conversion beside `convert`, its envelope in `encode`, its paths in `signal`.
//! To change what an answer means: `verdict` and its table of tests.

pub mod destination;
pub mod endpoint;
pub mod secret;
pub mod error;
pub mod totals;
pub mod clock;
pub mod retry;
pub mod exporter;
pub mod preview;
pub mod tree;
pub(crate) mod signal;
mod convert;
mod encode;
mod batch;
mod delivery;
mod verdict;
mod retry_after;
mod said;
mod rpc_status;
mod tls;
mod http;
mod grpc;
mod json_lines;
mod dead_letter;
