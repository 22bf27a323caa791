//! STAGE 3, pure: a session's entries become what happened.
//!
//! What enters: [`crate::transcript::entry::Entry`] values, file by file. What leaves: [`facts::Session`] values.
//!
//! **Invariant:** reconstruction never fails; what does not fit is counted. **Invariant:** nothing here knows the
//! clock: whether a turn is over is judged by the limits and the time that the caller gives.
//!
//! To add a fact: a field in [`facts`], a place to keep it in `draft.rs`, its way into the result in the resolver of
//! its kind (`turns.rs`, `tools.rs`, `agents.rs`), and a fixture that shows it.

pub mod usage;
pub mod money;
pub mod timing;
pub mod facts;
pub mod content;
mod interner;
mod chain;
mod prompt_queue;
mod draft;
pub mod builder;
mod line_roles;
mod records;
mod responses;
mod turns;
mod calls;
mod agents;
mod tools;
mod finality;
pub mod closing;
mod segments;
mod hidden;
mod resolve;
pub mod ownership;
pub mod changes;
