//! What all rows together come to, so that a lost or an old one is missed.
//!
//! A checksum tells that a row was written, not that it is the latest one: a damaged log may give up a page and hand
//! out what stood there before. Each write therefore keeps the sum of all rows' fingerprints up to date.

use super::database::{Database, Fault};
use super::record::{TreeName, Unreadable, print, unseal};

/// Under which name it lies in the meta tree; the only row that does not count itself.
pub(super) const KEY: &[u8] = b"tally";

/// The sum over all rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// How often something was written.
    pub(super) writes: u64,
    /// How many rows there are.
    pub(super) rows: u64,
    /// The sum of their fingerprints.
    pub(super) sum: u64,
}

impl Tally {
    /// Takes a row in.
    pub(super) fn add(&mut self, tree: TreeName, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_add(1);
        self.sum = self.sum.wrapping_add(print(tree, key, value));
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, tree: TreeName, key: &[u8], value: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(print(tree, key, value));
    }

    /// Reads what was kept; none in a database that nothing was written to yet.
    pub(super) fn kept(database: &Database) -> Result<Option<Self>, Fault> {
        let Some(value) = database.get(TreeName::Meta, KEY)? else { return Ok(None) };
        let payload = unseal(TreeName::Meta, KEY, &value)?;
        Ok(Some(Self::parse(payload).ok_or(Unreadable::Text)?))
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let (writes, rest) = payload.split_first_chunk()?;
        let (rows, rest) = rest.split_first_chunk()?;
        let sum = rest.try_into().ok()?;
        let [writes, rows, sum] = [*writes, *rows, sum].map(u64::from_le_bytes);
        Some(Self { writes, rows, sum })
    }

    /// What is kept of it.
    pub(super) fn payload(&self) -> Vec<u8> {
        [self.writes, self.rows, self.sum].map(u64::to_le_bytes).concat()
    }

    /// Whether both stand for the same rows.
    pub(super) fn is_same_rows(&self, other: &Self) -> bool {
        (self.rows, self.sum) == (other.rows, other.sum)
    }
}
