//! A whole state in memory: what an export holds, and what can be saved of a damaged database.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::about::{self, About};
use super::batch::{Batch, Refusal, parse};
use super::database::{Database, Fault};
use super::log::{self, Entry};
use super::measured::{self, Values};
use super::record::{TreeName, Unreadable, unseal};
use super::rows::{Commit, DeliveredSpan, FileRow, SeriesRow, SessionCommit};
use super::store::{StoredSession, path_of, put_commit};
use super::tally;

/// A whole state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Everything {
    pub(super) about: About,
    pub(super) rows: Commit,
    pub(super) series: Vec<SeriesRow>,
}

/// How the reading of a database went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Rows that are what was written.
    pub(super) sound: u64,
    /// Rows that are not.
    pub(super) unreadable: u64,
    /// Rows that say nothing without one that is lost.
    pub(super) strays: u64,
    /// Trees that could not be read to their end.
    pub(super) cut: u64,
}

impl Reading {
    /// How many rows of so many that were written are lost.
    pub(super) fn lost(&self, written: u64) -> u64 {
        written.saturating_sub(self.sound).max(self.unreadable) + self.strays
    }
}

impl Everything {
    /// Reads all rows that are as they were written.
    pub(super) fn read(database: &Database, reading: &mut Reading) -> Self {
        let mut all = Self::default();
        each(database, TreeName::Meta, reading, |key, payload| {
            if key == about::ABOUT_KEY {
                all.about = parse(payload)?;
            }
            Ok(())
        });
        let mut sessions = BTreeMap::new();
        each(database, TreeName::Sessions, reading, |key, payload| {
            let mut stored: StoredSession = parse(payload)?;
            let id = String::from_utf8(key.to_vec()).map_err(|_| Unreadable::Text)?;
            stored.row.id.clone_from(&id);
            sessions.insert(id, SessionCommit { row: stored.row, ..SessionCommit::default() });
            Ok(())
        });
        let mut strays = 0;
        let mut add = |tree, add: fn(&mut SessionCommit, &[u8]) -> Result<(), Unreadable>| {
            each(database, tree, reading, |key, payload| {
                let (id, _) = log::parse_key(key).ok_or(Unreadable::Text)?;
                match sessions.get_mut(id) {
                    Some(session) => add(session, payload)?,
                    None => strays += 1,
                }
                Ok(())
            });
        };
        add(u64::TREE, |session, payload| {
            session.owned.append(&mut log::entries(payload)?);
            Ok(())
        });
        add(DeliveredSpan::TREE, |session, payload| {
            session.delivered.append(&mut log::entries(payload)?);
            Ok(())
        });
        let mut names = HashMap::new();
        each(database, TreeName::Series, reading, |key, payload| {
            let row: SeriesRow = parse(payload)?;
            names.insert(key.to_vec(), row.series.clone());
            all.series.push(row);
            Ok(())
        });
        each(database, TreeName::Measured, reading, |key, payload| {
            let (id, _) = log::parse_key(key).ok_or(Unreadable::Text)?;
            let read = measured::read(payload)?;
            match sessions.get_mut(id) {
                Some(session) => session.measured.extend(measured::named(read, &names)),
                None => strays += 1,
            }
            Ok(())
        });
        each(database, TreeName::Files, reading, |key, payload| {
            let row: FileRow = parse(payload)?;
            all.rows.files.push(FileRow { path: path_of(key), ..row });
            Ok(())
        });
        reading.strays += strays;
        for mut session in sessions.into_values() {
            session.owned = log::deduplicated(session.owned);
            session.delivered = log::deduplicated(session.delivered);
            all.rows.sessions.push(session);
        }
        all
    }

    /// Forgets files whose session is lost: nobody knows what was sent of them, so that they are read anew.
    pub(super) fn without_strays(mut self, reading: &mut Reading) -> Self {
        let known: HashSet<&str> = self.rows.sessions.iter().map(|session| session.row.id.as_str()).collect();
        let before = self.rows.files.len();
        self.rows.files.retain(|row| known.contains(row.session.as_str()));
        reading.strays += (before - self.rows.files.len()) as u64;
        self
    }

    /// Writes everything to a new database.
    pub(super) fn put(&self, batch: &mut Batch<'_>) -> Result<(), Refusal> {
        about::put(batch, &self.about)?;
        put_commit(batch, &self.rows, &mut Values::without_limit())?;
        // What forgotten sessions added is known of the series alone.
        self.series.iter().try_for_each(|row| measured::put_series(batch, row))
    }
}

fn each(
    database: &Database,
    tree: TreeName,
    reading: &mut Reading,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), Unreadable>,
) {
    let mut take = |key: &[u8], value: &[u8]| {
        let taken = unseal(tree, key, value).and_then(|payload| take(key, payload));
        match taken {
            // The count of all rows does not count itself.
            Ok(()) => reading.sound += u64::from((tree, key) != (TreeName::Meta, tally::KEY)),
            Err(_) => reading.unreadable += 1,
        }
    };
    let read = database.each(tree, |key, value| {
        take(key, value);
        Ok::<(), Fault>(())
    });
    if read.is_err() {
        // The page that cannot be read lies in between.
        database.last_rows(tree).iter().for_each(|(key, value)| take(key, value));
        reading.cut += 1;
    }
}
