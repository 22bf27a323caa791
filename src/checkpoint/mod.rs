//! STAGE 6, IO: remembers between two runs what was delivered, in sled.
//!
//! Enters: one [`Commit`](rows::Commit) per acknowledged batch. Leaves: the [rows] of the last run.
//!
//! **Invariant:** a commit is kept whole or not at all. **Invariant:** damage is set aside and never deleted, and a full
//! disk is not taken for damage.

pub mod rows;
