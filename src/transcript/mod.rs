//! STAGE 2, pure: the bytes of a line become [`entry::Entry`] values.
//!
//! What enters: one line's bytes. What leaves: entries and [`problem::Problem`]s.
//!
//! **Invariant:** decoding never fails. Whatever a line holds, the answer is entries, problems, or both; a bad line
//! never costs its neighbours anything. **Invariant:** nothing here knows files, clocks or the environment.
//!
//! To add a record type: a variant in [`names`], an arm in `claude/decode.rs`, a line in a fixture, a row in
//! `docs/transcript-format.md`; the parity tests name what was forgotten.

pub mod problem;
pub mod names;
pub mod time;
pub mod entry;
mod json;
pub mod claude;
