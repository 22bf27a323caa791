//! STAGE 6, IO: remembers between two runs what was delivered, in sled.
//!
//! Enters: one [`Commit`](rows::Commit) per acknowledged batch. Leaves: the [rows] of the last run.
//!
//! ```text
//! Lock -> Store -ladder-> database      Commit -batch, tally-> one transaction over all trees
//!                                       Mirror -> checkpoints.json, for people and for the day the database is lost
//! ```
//!
//! **Invariant:** a commit is kept whole or not at all. **Invariant:** damage is set aside and never deleted, and a full
//! disk is not taken for damage. **Invariant:** what comes out is what was put in last, or an error: every row has a
//! checksum, and all rows together have a sum.

pub mod about;
pub mod care;
pub mod check;
pub mod error;
pub mod ladder;
pub mod lock;
pub mod mirror;
pub mod place;
pub mod prune;
pub mod rows;
pub mod store;
pub mod transfer;
pub mod wait;

mod batch;
mod database;
mod everything;
pub mod file_system;
mod fresh;
mod log;
pub mod measured;
pub mod telling;
mod path_text;
mod record;
mod set_aside;
mod tally;
