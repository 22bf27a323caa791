//! What earlier runs knew of files and sessions: what need not be read again.

use std::path::Path;

use hashbrown::HashMap;

use super::fingerprint;
use super::ledger::OwnedIds;
use super::plan::{Family, SessionFiles};
use crate::checkpoint::error::StoreError;
use crate::checkpoint::rows::{FileRow, Head, SessionRow};
use crate::checkpoint::store::{Store, Visitor};
use crate::source::{FileId, TranscriptFile};

/// What is needed of the rows of the last run. Files are known by fingerprints of their paths, so that ten thousand of
/// them weigh little.
#[derive(Debug, Default)]
pub struct Remembered {
    files: HashMap<u64, KnownFile>,
    heads: HashMap<u64, Head>,
    sessions: HashMap<u64, KnownSession>,
}

/// A file as it was when it was last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KnownFile {
    id: FileId,
    session: u64,
    size: u64,
    mtime_unix_nano: i64,
    meta_mtime_unix_nano: Option<i64>,
    offset: u64,
}

/// A session as it stood.
#[derive(Debug, Clone, Copy)]
struct KnownSession {
    due: Option<i64>,
    is_left_out: bool,
    is_measured: bool,
}

/// Takes a state apart.
struct Loading {
    remembered: Remembered,
    owned: OwnedIds,
}

impl Visitor for Loading {
    fn file(&mut self, row: FileRow) {
        let key = fingerprint::of_path(&row.path);
        if let Some(head) = row.head {
            self.remembered.heads.insert(key, head);
        }
        let known = KnownFile {
            id: FileId { device: row.device, inode: row.inode },
            session: fingerprint::of_path(Path::new(&row.session)),
            size: row.size,
            mtime_unix_nano: row.mtime_unix_nano,
            meta_mtime_unix_nano: row.meta_mtime_unix_nano,
            offset: row.offset,
        };
        self.remembered.files.insert(key, known);
    }

    fn session(&mut self, row: SessionRow) {
        let known = KnownSession { due: row.due, is_left_out: row.is_left_out, is_measured: row.is_measured };
        self.remembered.sessions.insert(fingerprint::of_path(Path::new(&row.id)), known);
    }

    fn owned(&mut self, session: &str, prints: Vec<u64>) {
        self.owned.add_prints(session, prints.into_iter());
    }
}

impl Remembered {
    /// Takes a state apart: what is known of files and sessions, and the owners of all that is owned.
    pub fn load(store: &Store) -> Result<(Self, OwnedIds), StoreError> {
        let mut loading = Loading { remembered: Self::default(), owned: OwnedIds::default() };
        store.visit(&mut loading)?;
        Ok((loading.remembered, loading.owned))
    }

    /// The head of a file, if more lines cannot say more and it still is the file that was read.
    pub fn head(&self, file: &TranscriptFile) -> Option<&Head> {
        let key = fingerprint::of_path(&file.path);
        let known = self.files.get(&key)?;
        let is_same = known.id == file.id && file.size >= known.offset;
        self.heads.get(&key).filter(|head| is_same && head.is_complete)
    }

    /// Whether every file of the family is as it was when it was last read.
    pub fn is_unchanged(&self, family: &Family) -> bool {
        let files = |session: &SessionFiles| {
            session.mains.iter().chain(&session.agents).all(|file| self.is_file_unchanged(file, &session.id))
        };
        family.sessions.iter().all(|session| self.session(session).is_some() && files(session))
    }

    /// What was read when it did not yet say whose it is was read for another session.
    fn is_file_unchanged(&self, file: &TranscriptFile, session: &str) -> bool {
        self.known(file).is_some_and(|known| {
            known.id == file.id
                && known.session == fingerprint::of_path(Path::new(session))
                && (known.size, known.mtime_unix_nano) == (file.size, file.mtime_unix_nano)
                && known.meta_mtime_unix_nano == file.meta_mtime_unix_nano
        })
    }

    /// How many bytes of a session's files were taken in.
    pub fn taken(&self, session: &SessionFiles) -> u64 {
        let offset = |file: &TranscriptFile| {
            self.known(file).filter(|known| known.id == file.id).map_or(0, |known| known.offset.min(file.size))
        };
        session.mains.iter().chain(&session.agents).map(|file| offset(file)).sum()
    }

    /// Whether the family is unknown and nothing was written to it since a time, in milliseconds since 1970.
    pub fn is_older(&self, family: &Family, time: i64) -> bool {
        let is_known = family.sessions.iter().any(|session| self.session(session).is_some());
        let mut files = family.sessions.iter().flat_map(|session| session.mains.iter().chain(&session.agents));
        !is_known && files.all(|file| file.mtime_unix_nano / 1_000_000 < time)
    }

    /// When quiet closes something of an unchanged family; none when nothing is open in it.
    pub fn due(&self, family: &Family) -> Option<i64> {
        self.rows(family).filter_map(|row| row.due).min()
    }

    /// Whether something final of it was left unsent on purpose, and part of it is younger than a time, in
    /// milliseconds since 1970.
    pub fn is_left_out_since(&self, family: &Family, time: i64) -> bool {
        let mut files = family.sessions.iter().flat_map(|session| session.mains.iter().chain(&session.agents));
        self.rows(family).any(|row| row.is_left_out) && files.any(|file| file.mtime_unix_nano / 1_000_000 >= time)
    }

    /// Whether all that the family adds to series is remembered.
    pub fn is_measured(&self, family: &Family) -> bool {
        self.rows(family).all(|row| row.is_measured)
    }

    fn rows<'a>(&'a self, family: &'a Family) -> impl Iterator<Item = &'a KnownSession> {
        family.sessions.iter().filter_map(|session| self.session(session))
    }

    fn session(&self, session: &SessionFiles) -> Option<&KnownSession> {
        self.sessions.get(&fingerprint::of_path(Path::new(&session.id)))
    }

    fn known(&self, file: &TranscriptFile) -> Option<&KnownFile> {
        self.files.get(&fingerprint::of_path(&file.path))
    }
}
