//! What earlier runs knew of files and sessions: what need not be read again.

use std::path::PathBuf;

use hashbrown::HashMap;

use super::ledger::OwnedIds;
use super::plan::{Family, SessionFiles};
use crate::checkpoint::rows::{FileRow, Head, SessionRow};
use crate::checkpoint::store::Snapshot;
use crate::source::TranscriptFile;

/// How long a file may lie still until it is noted that it is still there.
const NOTE_AFTER_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// The rows of the last run, by name.
#[derive(Debug, Default)]
pub struct Remembered {
    files: HashMap<PathBuf, FileRow>,
    sessions: HashMap<String, SessionRow>,
}

impl Remembered {
    /// Takes a state apart: the rows, and the owners of all that is owned.
    pub fn of(snapshot: Snapshot) -> (Self, OwnedIds) {
        let mut owned = OwnedIds::default();
        for (session, prints) in &snapshot.owned {
            owned.add_prints(session, prints.iter().copied());
        }
        let files = snapshot.files.into_iter().map(|row| (row.path.clone(), row)).collect();
        let sessions = snapshot.sessions.into_iter().map(|row| (row.id.clone(), row)).collect();
        (Self { files, sessions }, owned)
    }

    /// The head of a file, if more lines cannot say more and it still is the file that was read.
    pub fn head(&self, file: &TranscriptFile) -> Option<&Head> {
        let row = self.files.get(&file.path)?;
        let is_same = row.device == file.id.device && row.inode == file.id.inode && file.size >= row.offset;
        row.head.as_ref().filter(|head| is_same && head.is_complete)
    }

    /// Rows of files that still are what they were, where that was last noted a while ago: what is on disk is not
    /// forgotten, however old it is.
    pub fn seen_again<'a>(&self, files: impl Iterator<Item = &'a TranscriptFile>, now: i64) -> Vec<FileRow> {
        let is_old = |row: &&FileRow| now - row.seen_unix_ms > NOTE_AFTER_MS;
        let rows = files.filter_map(|file| self.files.get(&file.path)).filter(is_old);
        rows.map(|row| FileRow { seen_unix_ms: now, ..row.clone() }).collect()
    }

    /// The session's row.
    pub fn session(&self, id: &str) -> Option<&SessionRow> {
        self.sessions.get(id)
    }

    /// The row of a file.
    pub fn file(&self, path: &std::path::Path) -> Option<&FileRow> {
        self.files.get(path)
    }

    /// Whether every file of the family is as it was when it was last read.
    pub fn is_unchanged(&self, family: &Family) -> bool {
        let files = |session: &SessionFiles| {
            session.mains.iter().chain(&session.agents).all(|file| self.is_file_unchanged(file, &session.id))
        };
        family.sessions.iter().all(|session| self.sessions.contains_key(&session.id) && files(session))
    }

    /// What was read when it did not yet say whose it is was read for another session.
    fn is_file_unchanged(&self, file: &TranscriptFile, session: &str) -> bool {
        self.files.get(&file.path).is_some_and(|row| {
            row.session == session
                && (row.device, row.inode) == (file.id.device, file.id.inode)
                && (row.size, row.mtime_unix_nano) == (file.size, file.mtime_unix_nano)
                && row.meta_mtime_unix_nano == file.meta_mtime_unix_nano
        })
    }

    /// Whether the family is unknown and nothing was written to it since a time, in milliseconds since 1970.
    pub fn is_older(&self, family: &Family, time: i64) -> bool {
        let is_known = family.sessions.iter().any(|session| self.sessions.contains_key(&session.id));
        let mut files = family.sessions.iter().flat_map(|session| session.mains.iter().chain(&session.agents));
        !is_known && files.all(|file| file.mtime_unix_nano / 1_000_000 < time)
    }

    /// When quiet closes something of an unchanged family; none when nothing is open in it.
    pub fn due(&self, family: &Family) -> Option<i64> {
        self.rows(family).filter_map(|row| row.due).min()
    }

    /// Whether something final of it was left unsent on purpose.
    pub fn is_left_out(&self, family: &Family) -> bool {
        self.rows(family).any(|row| row.is_left_out)
    }

    fn rows<'a>(&'a self, family: &'a Family) -> impl Iterator<Item = &'a SessionRow> {
        family.sessions.iter().filter_map(|session| self.sessions.get(&session.id))
    }
}
