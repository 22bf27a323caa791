//! The open state: what is kept, read and written.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::about::{self, About, Counts, Settings};
use super::batch::{Batch, Refusal, parse};
use super::database::{Database, Fault};
use super::error::StoreError;
use super::ladder::{self, Opening};
use super::lock::Lock;
use super::log::{self, LogLength};
use super::measured::{self, Values};
use super::place::Place;
use super::record::{TreeName, Unreadable, unseal};
use super::rows::{Commit, DeliveredSpan, FileRow, SessionCommit, SessionRow};
use super::tally::Tally;

/// What the state has to know about whoever opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How the ids of spans are made; state of another scheme is refused.
    pub id_scheme: u64,
    /// The version of the program.
    pub app_version: String,
    /// The time, in milliseconds since 1970.
    pub now_unix_ms: i64,
}

/// What the last run knew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// All files, by path.
    pub files: Vec<FileRow>,
    /// All sessions, by id.
    pub sessions: Vec<SessionRow>,
    /// By session id, the fingerprints of responses and tool calls that it owns.
    pub owned: Vec<(String, Vec<u64>)>,
    /// What is true of the whole.
    pub about: About,
}

/// Sees the rows of a state one after the other: all files, then all sessions, then what they own.
pub trait Visitor {
    /// A file.
    fn file(&mut self, row: FileRow);
    /// A session.
    fn session(&mut self, row: SessionRow);
    /// Some of the fingerprints of what a session owns; a session's come one after the other.
    fn owned(&mut self, session: &str, prints: Vec<u64>);
}

impl Visitor for Snapshot {
    fn file(&mut self, row: FileRow) {
        self.files.push(row);
    }

    fn session(&mut self, row: SessionRow) {
        self.sessions.push(row);
    }

    fn owned(&mut self, session: &str, mut prints: Vec<u64>) {
        match self.owned.last_mut() {
            Some((last, entries)) if last == session => entries.append(&mut prints),
            _ => self.owned.push((session.to_owned(), prints)),
        }
    }
}

/// A session as it lies in the database: its row, and how long its logs are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct StoredSession {
    pub(super) row: SessionRow,
    pub(super) owned: LogLength,
    pub(super) delivered: LogLength,
    /// In how many chunks lies what it adds to series.
    #[serde(default)]
    pub(super) measured: u32,
}

/// An open state. The [`Lock`] that it was opened under has to outlive it.
///
/// After an error for which [`StoreError::is_retryable`] holds it answers nothing but [`StoreError::Broken`]: drop it
/// and open it again, at once or after a while. What was committed since the last [`Store::flush`] may then be missing
/// and is found unsent again, so that it is sent again under the same ids.
#[derive(Debug)]
pub struct Store {
    place: Place,
    pub(super) database: Database,
    is_broken: AtomicBool,
    /// Held while something is written, so that what a batch has read stays true until it is applied; and the values
    /// that attributes of series have by now.
    writing: Mutex<Values>,
}

impl Store {
    /// Opens the state that is locked, mends it or begins anew; [`Opening`] says which.
    ///
    /// Every row is looked at, for damage often shows only when it is read.
    pub fn open(lock: &Lock, options: &Options) -> Result<(Self, Opening), StoreError> {
        let place = lock.place().clone();
        let (database, opening) = ladder::open(&place, options)?;
        let store = Self { place, database, is_broken: AtomicBool::new(false), writing: Mutex::new(Values::default()) };
        let mut about = store.about()?;
        if about.app_version != options.app_version {
            about.app_version.clone_from(&options.app_version);
            store.write(|batch| about::put(batch, &about))?;
        }
        Ok((store, opening))
    }

    /// The place that it lies at.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Keeps what an acknowledged batch changes: all of it, or nothing.
    ///
    /// It is there for whoever reads from then on, and after the next [`Store::flush`] for good.
    pub fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.write_with(|batch, values| put_commit(batch, commit, values))
    }

    /// Waits until everything committed is on disk for good.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.usable(|| self.database.flush())
    }

    /// Reads everything but the delivered spans.
    pub fn load(&self) -> Result<Snapshot, StoreError> {
        let mut snapshot = Snapshot { about: self.about()?, ..Snapshot::default() };
        self.visit(&mut snapshot)?;
        Ok(snapshot)
    }

    /// Shows every row, one after the other, so that nobody has to hold them all.
    pub fn visit(&self, visitor: &mut impl Visitor) -> Result<(), StoreError> {
        self.usable(|| {
            self.database.each(TreeName::Files, |key, value| {
                let row: FileRow = parse(unseal(TreeName::Files, key, value)?)?;
                visitor.file(FileRow { path: path_of(key), ..row });
                Ok(())
            })?;
            self.each_session(|session| {
                visitor.session(session.row);
                Ok(())
            })?;
            self.database.each(TreeName::Owned, |key, value| {
                let owned = log::entries(unseal(TreeName::Owned, key, value)?)?;
                let (session, _) = log::parse_key(key).ok_or(Unreadable::Text)?;
                visitor.owned(session, owned);
                Ok(())
            })
        })
    }

    /// The spans of a session that were delivered, each with what it said last.
    pub fn delivered(&self, session: &str) -> Result<Vec<DeliveredSpan>, StoreError> {
        self.usable(|| {
            let batch = Batch::new(&self.database);
            let stored: Option<StoredSession> = batch.get_json(TreeName::Sessions, session.as_bytes())?;
            let length = stored.unwrap_or_default().delivered;
            let all = log::read(length, |number| batch.get(TreeName::Delivered, &log::key(session, number)))?;
            Ok(log::deduplicated(all))
        })
    }

    /// What was delivered and what was not understood, over all sessions, forgotten ones included.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let mut counts = self.about()?.base;
        self.usable(|| {
            self.each_session(|session| {
                counts.add(&session.row.totals, &session.row.problems);
                Ok(())
            })
        })?;
        Ok(counts)
    }

    /// What was delivered, over all sessions, forgotten ones included.
    pub fn totals(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        Ok(self.counts()?.totals)
    }

    /// How often something was written, which tells whether a mirror is behind.
    pub fn writes(&self) -> Result<u64, StoreError> {
        self.usable(|| Ok(Tally::kept(&self.database)?.unwrap_or_default().writes))
    }

    /// What is true of the whole.
    pub fn about(&self) -> Result<About, StoreError> {
        self.usable(|| {
            let about = Batch::new(&self.database).get_json(TreeName::Meta, about::ABOUT_KEY)?;
            about.ok_or_else(|| Fault::Damage("the row about the whole is missing".to_owned()))
        })
    }

    /// Remembers the options of this run.
    pub fn set_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let settings = Some(settings.clone());
        self.write(|batch| change_about(batch, |about| about.settings = settings))
    }

    /// Remembers before which time, in milliseconds since 1970, turns are not sent by the watcher.
    pub fn set_horizon(&self, horizon: Option<i64>) -> Result<(), StoreError> {
        self.write(|batch| change_about(batch, |about| about.horizon = horizon))
    }

    /// Shows every session, by id.
    pub(super) fn each_session(&self, mut show: impl FnMut(StoredSession) -> Result<(), Fault>) -> Result<(), Fault> {
        self.database.each(TreeName::Sessions, |key, value| {
            let mut session: StoredSession = parse(unseal(TreeName::Sessions, key, value)?)?;
            session.row.id = String::from_utf8_lossy(key).into_owned();
            show(session)
        })
    }

    /// Gathers changes and applies them whole.
    pub(super) fn write(&self, fill: impl FnOnce(&mut Batch<'_>) -> Result<(), Refusal>) -> Result<(), StoreError> {
        self.write_with(|batch, _| fill(batch))
    }

    /// The same for what has to know the values of attributes.
    pub(super) fn write_with(
        &self,
        fill: impl FnOnce(&mut Batch<'_>, &mut Values) -> Result<(), Refusal>,
    ) -> Result<(), StoreError> {
        let mut values = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refused = None;
        self.usable(|| {
            let mut batch = Batch::new(&self.database);
            match fill(&mut batch, &mut values).and_then(|()| batch.apply()) {
                Err(Refusal::Row(error)) => refused = Some(error),
                Err(Refusal::Fault(fault)) => return Err(fault),
                Ok(()) => {}
            }
            Ok(())
        })?;
        refused.map_or(Ok(()), Err)
    }

    /// Runs what needs a sound database, and remembers when it is one no longer.
    pub(super) fn usable<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(StoreError::Broken { dir: self.place.dir().to_path_buf() });
        }
        work().map_err(|fault| {
            self.is_broken.store(true, Ordering::Relaxed);
            fault.in_state(self.place.dir())
        })
    }
}

/// The path that a file's row lies under.
pub(super) fn path_of(key: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(key.to_vec()))
}

/// Changes what is true of the whole.
pub(super) fn change_about(batch: &mut Batch<'_>, change: impl FnOnce(&mut About)) -> Result<(), Refusal> {
    let mut about: About = batch.get_json(TreeName::Meta, about::ABOUT_KEY)?.unwrap_or_default();
    change(&mut about);
    about::put(batch, &about)
}

/// Writes all that a commit changes.
pub(super) fn put_commit(batch: &mut Batch<'_>, commit: &Commit, values: &mut Values) -> Result<(), Refusal> {
    for path in &commit.gone {
        batch.remove(TreeName::Files, path.as_os_str().as_bytes());
    }
    for file in &commit.files {
        batch.put_json(TreeName::Files, file.path.as_os_str().as_bytes(), file)?;
    }
    commit.sessions.iter().try_for_each(|session| put_session(batch, session, values))
}

fn put_session(batch: &mut Batch<'_>, session: &SessionCommit, values: &mut Values) -> Result<(), Refusal> {
    let id = session.row.id.as_str();
    let mut stored: StoredSession = batch.get_json(TreeName::Sessions, id.as_bytes())?.unwrap_or_default();
    let before = std::mem::replace(&mut stored.row, session.row.clone());
    keep_larger(&mut stored.row.totals, before.totals);
    keep_larger(&mut stored.row.problems, before.problems);
    stored.row.is_measured |= before.is_measured;
    log::append(batch, id, &mut stored.owned, &session.owned)?;
    log::append(batch, id, &mut stored.delivered, &session.delivered)?;
    measured::put(batch, id, &mut stored.measured, &session.measured, values)?;
    batch.put_json(TreeName::Sessions, id.as_bytes(), &stored)
}

fn keep_larger(counts: &mut BTreeMap<String, u64>, before: BTreeMap<String, u64>) {
    for (name, count) in before {
        let now = counts.entry(name).or_default();
        *now = count.max(*now);
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
pub(super) mod tests;
