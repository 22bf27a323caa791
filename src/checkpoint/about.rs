//! What is true of a state as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::batch::{Batch, Refusal};
use super::record::TreeName;

/// The format of the rows; a newer one is refused.
pub const SCHEMA: u64 = 1;
/// Under which name the format lies in the meta tree; this row is the same in every format.
pub(super) const SCHEMA_KEY: &[u8] = b"schema";
/// Under which name all else lies in the meta tree.
pub(super) const ABOUT_KEY: &[u8] = b"about";

/// Options that the ids of spans, or what was sent under them, depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// `--session-idle`, in milliseconds.
    pub session_idle_ms: i64,
    /// `--max-open`, in milliseconds.
    pub max_open_ms: i64,
    /// `--trace-scope`, as a user writes it.
    pub trace_scope: String,
}

/// Counts by name that only grow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// What was delivered.
    pub totals: BTreeMap<String, u64>,
    /// What was not understood, by kind.
    pub problems: BTreeMap<String, u64>,
}

impl Counts {
    /// Adds other counts to these.
    pub(super) fn add(&mut self, totals: &BTreeMap<String, u64>, problems: &BTreeMap<String, u64>) {
        for (own, others) in [(&mut self.totals, totals), (&mut self.problems, problems)] {
            for (name, count) in others {
                let sum = own.entry(name.clone()).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
    }
}

/// What is true of a state as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// How the ids were made of what was delivered.
    pub id_scheme: u64,
    /// The version of the program that opened it last.
    pub app_version: String,
    /// When it was made, in milliseconds since 1970.
    pub created_unix_ms: i64,
    /// The options of the last run, if it has said them.
    pub settings: Option<Settings>,
    /// Turns that began before this time, in milliseconds since 1970, are not sent by the watcher.
    pub horizon: Option<i64>,
    /// What sessions counted that are forgotten.
    pub base: Counts,
}

/// Writes both rows that every state has.
pub(super) fn put(batch: &mut Batch<'_>, about: &About) -> Result<(), Refusal> {
    batch.put(TreeName::Meta, SCHEMA_KEY, SCHEMA.to_string().as_bytes())?;
    batch.put_json(TreeName::Meta, ABOUT_KEY, about)
}
