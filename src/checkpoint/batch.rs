//! Gathers what one write changes, and applies it whole.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::database::{Change, Database, Fault};
use super::error::StoreError;
use super::record::{TreeName, Unreadable, seal, unseal};
use super::tally::{self, Tally};

/// Why a batch was not applied.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A row was too large; the database is as it was.
    Row(StoreError),
    /// The database failed; it has to be opened again.
    Fault(Fault),
}

impl Refusal {
    /// The same for an error of the disk.
    pub(super) fn of_io(error: io::Error) -> Self {
        Self::Fault(Fault::of_io(error))
    }

    /// The same as an error of the state in `dir`.
    pub(super) fn in_state(self, dir: &Path) -> StoreError {
        match self {
            Self::Row(error) => error,
            Self::Fault(fault) => fault.in_state(dir),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Self::Fault(unreadable.into())
    }
}

/// Changes that are to be kept together. There is one batch at a time, so that what it reads stays true.
#[derive(Debug)]
pub(super) struct Batch<'a> {
    database: &'a Database,
    staged: BTreeMap<(TreeName, Vec<u8>), Option<Vec<u8>>>,
}

impl<'a> Batch<'a> {
    /// A batch that changes nothing yet.
    pub(super) fn new(database: &'a Database) -> Self {
        Self { database, staged: BTreeMap::new() }
    }

    /// The database as it was before this batch.
    pub(super) const fn database(&self) -> &'a Database {
        self.database
    }

    /// What a row says, with this batch's own changes.
    pub(super) fn get(&self, tree: TreeName, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.staged.get(&(tree, key.to_vec())) {
            Some(None) => Ok(None),
            Some(Some(value)) => Ok(Some(unseal(tree, key, value)?.to_vec())),
            None => match self.database.get(tree, key)? {
                None => Ok(None),
                Some(value) => Ok(Some(unseal(tree, key, &value)?.to_vec())),
            },
        }
    }

    /// What a row says, as the value it was made of.
    pub(super) fn get_json<T: DeserializeOwned>(&self, tree: TreeName, key: &[u8]) -> Result<Option<T>, Fault> {
        let payload = self.get(tree, key)?;
        payload.map(|payload| parse(&payload).map_err(Fault::from)).transpose()
    }

    /// Writes a row.
    pub(super) fn put(&mut self, tree: TreeName, key: &[u8], payload: &[u8]) -> Result<(), Refusal> {
        let value = seal(tree, key, payload).map_err(Refusal::Row)?;
        self.staged.insert((tree, key.to_vec()), Some(value));
        Ok(())
    }

    /// Writes a row that is a JSON text.
    pub(super) fn put_json(&mut self, tree: TreeName, key: &[u8], row: &impl Serialize) -> Result<(), Refusal> {
        let payload = serde_json::to_vec(row).map_err(|error| Fault::Damage(error.to_string()))?;
        self.put(tree, key, &payload)
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, tree: TreeName, key: &[u8]) {
        self.staged.insert((tree, key.to_vec()), None);
    }

    /// Applies everything or nothing; rows that stay as they are are not written again.
    pub(super) fn apply(self) -> Result<(), Refusal> {
        let mut tally = Tally::kept(self.database)?.unwrap_or_default();
        let mut changes: Vec<Change> = Vec::with_capacity(self.staged.len() + 1);
        for ((tree, key), value) in self.staged {
            let before = self.database.get(tree, &key)?;
            if before.as_deref() == value.as_deref() {
                continue;
            }
            if let Some(before) = before {
                tally.remove(tree, &key, &before);
            }
            if let Some(value) = &value {
                tally.add(tree, &key, value);
            }
            changes.push((tree, key, value));
        }
        if changes.is_empty() {
            return Ok(());
        }
        tally.writes += 1;
        let value = seal(TreeName::Meta, tally::KEY, &tally.payload()).map_err(Refusal::Row)?;
        changes.push((TreeName::Meta, tally::KEY.to_vec(), Some(value)));
        Ok(self.database.apply(&changes)?)
    }
}

/// Reads a row that is a JSON text.
pub(super) fn parse<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(payload).map_err(|_| Unreadable::Text)
}
