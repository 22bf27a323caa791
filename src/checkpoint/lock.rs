//! One process at a time: the lock on a state, and who holds it.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};

use super::file_system;
use super::place::{Place, private_file};

/// How often a lock is tried before it counts as held, for `status` holds it for a moment when it looks.
const TRIES: usize = 100;
/// More than any holder writes.
const MOST_BYTES: u64 = 64 * 1024;

/// Who holds a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Since when, in milliseconds since 1970.
    pub since: i64,
    /// What it is doing, as a user would write it: `claude-otel watch`.
    pub command: String,
    /// The version of the program.
    pub version: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (pid {}", self.command, self.pid)?;
        if let Some(since) = DateTime::from_timestamp_millis(self.since) {
            write!(f, ", since {}", since.to_rfc3339_opts(SecondsFormat::Secs, true))?;
        }
        f.write_str(")")
    }
}

/// Why a state was not locked. Nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("the state in {} is held by {}; nothing was touched; wait for it or stop it", dir.display(), named(holder.as_ref()))]
    Held {
        /// The state's folder.
        dir: PathBuf,
        /// Who holds it, if it has said so.
        holder: Option<Holder>,
    },
    /// The folder or the lock in it cannot be used.
    #[error("cannot lock the state at {}: {source}; nothing was touched; correct the permissions or name another folder", path.display())]
    Unavailable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn named(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), Holder::to_string)
}

/// The right to open the database of one place; it ends with the value, or with the process however that ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    place: Place,
}

impl Lock {
    /// Locks the state in `dir`, which is made if it is missing; it never waits, see [`Wait`](super::wait::Wait).
    pub fn take(dir: &Path, holder: &Holder) -> Result<Self, LockError> {
        let place = Place::new(dir);
        place.create().map_err(|source| unavailable(dir, source))?;
        let path = place.lock();
        let file = private_file(&path, false).map_err(|source| unavailable(&path, source))?;
        if !is_locked_now(&file).map_err(|source| unavailable(&path, source))? {
            return Err(LockError::Held { dir: dir.to_path_buf(), holder: read(&path) });
        }
        // The name is for people; that it cannot be written, on a full disk, must not keep anybody from working.
        if let Err(error) = write(&file, holder) {
            tracing::warn!(path = %path.display(), %error, "cannot write down who holds the state");
        }
        if let Some(kind) = file_system::remote_kind(dir) {
            tracing::warn!(
                dir = %dir.display(), kind,
                "the state lies on a network file system, where locks and durable writes are not to be trusted; \
                 move it to a local disk"
            );
        }
        Ok(Self { file, place })
    }

    /// Who holds the state in `dir` now; what a killed process left behind is nobody.
    pub fn holder(dir: &Path) -> Option<Holder> {
        let path = Place::new(dir).lock();
        // A holder that has ended well has taken its name away, so that a free lock is seldom touched by onlookers.
        let holder = read(&path)?;
        let file = File::open(&path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(holder),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    /// The place that it holds.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock itself goes with the descriptor; a name that stays behind is known to be nobody's.
        let _ = self.file.set_len(0);
    }
}

fn unavailable(path: &Path, source: io::Error) -> LockError {
    LockError::Unavailable { path: path.to_path_buf(), source }
}

fn is_locked_now(file: &File) -> io::Result<bool> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::yield_now(),
            Err(TryLockError::Error(source)) => return Err(source),
        }
    }
    Ok(false)
}

fn write(file: &File, holder: &Holder) -> io::Result<()> {
    let mut text = serde_json::to_vec(holder)?;
    text.push(b'\n');
    // First the text, then the length: a reader takes the first value, and never sees less than a whole one.
    file.write_all_at(&text, 0)?;
    file.set_len(text.len() as u64)
}

fn read(path: &Path) -> Option<Holder> {
    let mut text = Vec::new();
    OpenOptions::new().read(true).open(path).ok()?.take(MOST_BYTES).read_to_end(&mut text).ok()?;
    serde_json::Deserializer::from_slice(&text).into_iter().next()?.ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn watcher() -> Holder {
        Holder {
            pid: 123,
            since: 1_790_000_000_000,
            command: "claude-otel watch".to_owned(),
            version: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn who_comes_second_is_told_who_is_there() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("a/b");
        assert_eq!(Lock::holder(&dir), None);
        let lock = Lock::take(&dir, &watcher()).unwrap();
        assert_eq!(Lock::holder(&dir), Some(watcher()));
        let second = Holder { command: "claude-otel backfill".to_owned(), ..watcher() };
        let error = Lock::take(&dir, &second).unwrap_err().to_string();
        let expected = "is held by `claude-otel watch` (pid 123, since 2026-09-21T14:13:20Z)";
        assert!(error.contains(expected), "{error}");
        assert!(error.contains(dir.to_str().unwrap()), "{error}");
        drop(lock);
        assert_eq!(Lock::holder(&dir), None);
        let _second = Lock::take(&dir, &second).unwrap();
        assert_eq!(Lock::holder(&dir), Some(second));
    }

    #[test]
    fn the_name_that_a_killed_process_left_is_nobody() {
        let temp = tempfile::tempdir().unwrap();
        let mut long = watcher();
        long.command = "claude-otel watch --with --many --words".to_owned();
        fs::write(temp.path().join("LOCK"), serde_json::to_string(&long).unwrap()).unwrap();
        assert_eq!(Lock::holder(temp.path()), None);
        let _lock = Lock::take(temp.path(), &watcher()).unwrap();
        assert_eq!(Lock::holder(temp.path()), Some(watcher()));
    }

    #[test]
    fn a_holder_that_cannot_be_read_is_still_a_holder() {
        let temp = tempfile::tempdir().unwrap();
        let _lock = Lock::take(temp.path(), &watcher()).unwrap();
        fs::write(temp.path().join("LOCK"), "\0\0").unwrap();
        let error = Lock::take(temp.path(), &watcher()).unwrap_err();
        assert!(matches!(&error, LockError::Held { holder: None, .. }), "{error}");
        assert!(error.to_string().contains("held by another process"), "{error}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("file/state");
        fs::write(temp.path().join("file"), "").unwrap();
        let error = Lock::take(&dir, &watcher()).unwrap_err();
        assert!(matches!(&error, LockError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("file/state"), "{error}");
    }
}
