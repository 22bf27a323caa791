//! The shell that joins the stages: read, rebuild, map, deliver.
//!
//! **Invariant:** what is sent depends on the transcripts' bytes and the options only, never on the number of threads.
//! **Invariant:** memory holds the families at work and a few bytes for every response seen, not the corpus.

pub mod peek;
pub mod plan;
pub mod read;
pub mod filter;
pub mod totals;
pub mod fingerprint;
pub mod delivered;
pub mod live;
pub mod family;
pub mod emit;
pub mod measuring;
pub mod history;
pub mod ledger;
pub mod workers;
pub mod remembered;
pub mod recovery;
pub mod pending;
pub mod keeper;
pub mod notebook;
pub mod mirrors;
pub mod rebuilt;
pub mod backfill;
pub mod watch;
pub mod looking;
