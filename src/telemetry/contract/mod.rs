//! The contract: everything that may leave, as one value that people and machines can read.
//!
//! What enters: the registry of names ([`crate::telemetry::semconv`]), the tables of metrics, and the closed lists of
//! the facts. What leaves: the tables of `docs/telemetry.md` ([`markdown`]), and one JSON document ([`json`]).
//!
//! **Invariant:** nothing is said here that the code says elsewhere: what a test compares with the fixtures is what
//! builds the page.

pub mod json;
pub mod markdown;
pub mod metrics;
pub mod spans;
pub mod values;

/// The version of the contract. It grows when a name goes, or comes to mean something else or to be of another type;
/// not when one is added.
pub const VERSION: u64 = 1;
