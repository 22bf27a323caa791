//! Sums by a key, with the number of sessions that had a part in each.

use std::collections::BTreeMap;

use super::rows::Work;

/// Sums by a key.
#[derive(Debug)]
pub(super) struct Cells<K>(BTreeMap<K, Cell>);

#[derive(Debug, Default)]
struct Cell {
    work: Work,
    /// The number of the session that was added last.
    latest: u64,
}

impl<K> Default for Cells<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Cells<K> {
    /// The sum of a key, for the session of this number, which is counted in it once. Numbers begin at 1.
    pub(super) fn of(&mut self, key: K, session: u64) -> &mut Work {
        let cell = self.0.entry(key).or_default();
        if cell.latest != session {
            cell.latest = session;
            cell.work.sessions += 1;
        }
        &mut cell.work
    }

    /// All of them, by key.
    pub(super) fn into_rows<R>(self, row: impl Fn(K, Work) -> R) -> Vec<R> {
        self.0.into_iter().map(|(key, cell)| row(key, cell.work)).collect()
    }
}
