//! STAGE 4, pure: what happened becomes OpenTelemetry data.
//!
//! What enters: [`crate::session::facts::Session`] values. What leaves: [`span::Span`] and
//! [`log::LogRecord`] values with derived ids, and [`metric::Metric`] values.
//!
//! **Invariant:** the same session and options give the same bytes. **Invariant:** no text of the transcript becomes an
//! attribute unless it passed the gate for names in `attributes.rs`; content stays out altogether.
//!
//! To add an attribute: a row in [`semconv`], one line in the span's builder; `docs/telemetry.md` is made of the rows.

pub mod span;
pub mod log;
pub mod metric;
pub mod signal;
pub mod semconv;
pub mod contract;
pub mod ids;
pub mod test_span;
pub mod resource;
pub mod prices;
pub mod options;
mod attributes;
mod gate;
mod order;
mod common;
mod paths;
mod content;
pub mod totals;
pub mod shown;
pub mod mapper;
pub mod counting;
pub mod measure;
mod turn_span;
mod llm_span;
mod tool_span;
mod agent_span;
mod session_span;
mod fact_spans;
mod events;
mod vocab;
