//! Compares what the client told of itself, over its own OpenTelemetry, with what its transcripts show.
//!
//! [`Collector`] takes lines of OTLP/JSON in and makes a [`ClientReport`] of them; [`Comparison`] takes that and one
//! rebuilt session after the other, and comes to an [`Outcome`]. Every difference is a [`Finding`] with the [`Reason`]
//! that explains it, out of a closed list, or with none.
//!
//! **Invariant:** it reads no file and has no clock; both sides are values.
//! **Invariant:** a reason rests on facts of the session or of the telemetry, never on the difference alone; what no
//! rule explains is unexplained.

mod wire;
mod sequence;
mod report;
mod collect;
mod reason;
mod sources;
mod finding;
mod outcome;
mod place;
mod calls;
mod tools;
mod failures;
mod metric;
mod comparison;

pub use collect::Collector;
pub use comparison::{Comparison, Selection};
pub use finding::{Difference, Finding};
pub use outcome::{Both, CostTally, ModelTally, Offsets, OneSided, Outcome, SessionTally, Spread};
pub use reason::Reason;
pub use report::{
    ClientFailure, ClientReport, ClientRequest, ClientSession, ClientTool, MetricTokens, ReportCounts, TokenKind,
    Tokens,
};
pub use sequence::Gap;
