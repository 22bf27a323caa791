//! Files of OTLP/JSON lines: appended to, rotated, bounded, whole to the last line.
//!
//! **Invariant:** whoever opens a file finds only whole lines or cuts it back to them. **Invariant:** every change
//! happens under the folder's lock, so that a watcher and a re-export can share a folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::error::ExportError;

/// A file is set aside after a day, so that the age of what it holds can be known from its last change.
const LONGEST_ACTIVE: Duration = Duration::from_hours(24);
const LOCK_NAME: &str = ".claude-otel.lock";
const BLOCK: u64 = 64 * 1024;

/// How much may lie in a folder.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// The stems of all files that the bounds hold for together.
    pub(super) stems: &'static [&'static str],
    /// All of these files together.
    pub(super) total_bytes: u64,
    /// The age of the oldest file, by its last change.
    pub(super) age: Duration,
    /// One file.
    pub(super) file_bytes: u64,
    /// What people can do to raise the bounds.
    pub(super) raise: &'static str,
}

/// One stem's files in one folder: `stem.jsonl`, and the rotated `stem-<time>.jsonl`.
#[derive(Debug, Clone)]
pub(super) struct JsonLines {
    dir: PathBuf,
    stem: &'static str,
    bounds: Bounds,
}

struct Held {
    path: PathBuf,
    len: u64,
    modified: SystemTime,
}

impl JsonLines {
    /// Makes the folder, and cuts a half-written last line off the file that is there.
    pub(super) fn open(dir: &Path, stem: &'static str, bounds: Bounds) -> Result<Self, ExportError> {
        let lines = Self { dir: dir.to_owned(), stem, bounds };
        make_dir(dir).map_err(|source| disk(dir, source))?;
        let _lock = lines.lock()?;
        let active = lines.active();
        if active.exists() {
            open_whole(&active).map_err(|source| disk(&active, source))?;
        }
        Ok(lines)
    }

    /// Writes one line and its newline, whole or not at all.
    pub(super) fn append(&self, line: &[u8], now: SystemTime) -> Result<(), ExportError> {
        let _lock = self.lock()?;
        let need = line.len() as u64 + 1;
        self.check_bounds(need, now)?;
        let active = self.active();
        self.rotate_if_due(&active, need, now).map_err(|source| disk(&active, source))?;
        append_whole(&active, line).map_err(|source| disk(&active, source))
    }

    /// The file that is appended to.
    pub(super) fn active(&self) -> PathBuf {
        self.dir.join(format!("{}.jsonl", self.stem))
    }

    fn lock(&self) -> Result<File, ExportError> {
        let path = self.dir.join(LOCK_NAME);
        let lock = || {
            let file = private(OpenOptions::new().create(true).append(true)).open(&path)?;
            match file.lock() {
                // Some network file systems know no locks; one writer alone is still safe there.
                Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
                _ => Ok(file),
            }
        };
        lock().map_err(|source| disk(&path, source))
    }

    fn check_bounds(&self, need: u64, now: SystemTime) -> Result<(), ExportError> {
        let held = self.held().map_err(|source| disk(&self.dir, source))?;
        let total: u64 = held.iter().map(|file| file.len).sum();
        if total + need > self.bounds.total_bytes {
            return Err(self.full(format!(
                "{total} bytes in {} files, and {} is the bound",
                held.len(),
                self.bounds.total_bytes
            )));
        }
        let too_old = |file: &&Held| now.duration_since(file.modified).is_ok_and(|age| age > self.bounds.age);
        if let Some(file) = held.iter().filter(too_old).min_by_key(|file| file.modified) {
            let days = self.bounds.age.as_secs() / 86_400;
            return Err(self.full(format!("{} unread for more than {days} days", file.path.display())));
        }
        Ok(())
    }

    fn full(&self, what: String) -> ExportError {
        ExportError::Full { dir: self.dir.clone(), what, raise: self.bounds.raise }
    }

    fn held(&self) -> io::Result<Vec<Held>> {
        let mut held = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_counted = name.to_str().is_some_and(|name| self.bounds.stems.iter().any(|stem| is_of(stem, name)));
            if is_counted {
                let metadata = entry.metadata()?;
                held.push(Held { path: entry.path(), len: metadata.len(), modified: metadata.modified()? });
            }
        }
        Ok(held)
    }

    fn rotate_if_due(&self, active: &Path, need: u64, now: SystemTime) -> io::Result<()> {
        let metadata = match fs::metadata(active) {
            Ok(metadata) if metadata.len() > 0 => metadata,
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // Not every file system knows when a file was made; the last change is the next best thing.
        let begun = metadata.created().or_else(|_| metadata.modified())?;
        let old = now.duration_since(begun).is_ok_and(|age| age > LONGEST_ACTIVE);
        if !old && metadata.len() + need <= self.bounds.file_bytes {
            return Ok(());
        }
        open_whole(active)?;
        fs::rename(active, self.free_name(now)?)
    }

    fn free_name(&self, now: SystemTime) -> io::Result<PathBuf> {
        let time = DateTime::<Utc>::from(now).format("%Y%m%dT%H%M%SZ");
        let names = (0..1000).map(|n| self.dir.join(format!("{}-{time}-{n:03}.jsonl", self.stem)));
        // Renaming onto a name in use would destroy what is there.
        names.into_iter().find(|path| !path.exists()).ok_or_else(|| io::ErrorKind::AlreadyExists.into())
    }
}

/// Whether a file is one of a stem's.
fn is_of(stem: &str, name: &str) -> bool {
    let rest = name.strip_prefix(stem).and_then(|rest| rest.strip_suffix(".jsonl"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Opens for appending and cuts back to the last newline.
fn open_whole(path: &Path) -> io::Result<(File, u64)> {
    let mut file = private(OpenOptions::new().create(true).read(true).append(true)).open(path)?;
    let len = file.seek(SeekFrom::End(0))?;
    let whole = whole_len(&mut file, len)?;
    if whole < len {
        tracing::warn!(path = %path.display(), bytes = len - whole, "cut a half-written line off");
        file.set_len(whole)?;
    }
    Ok((file, whole))
}

/// The length up to and with the last newline.
fn whole_len(file: &mut File, len: u64) -> io::Result<u64> {
    let mut end = len;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        Read::take(&mut *file, end - start).read_to_end(&mut block)?;
        if let Some(at) = memchr::memrchr(b'\n', &block) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn append_whole(path: &Path, line: &[u8]) -> io::Result<()> {
    let (mut file, before) = open_whole(path)?;
    let write = |file: &mut File| {
        file.write_all(line)?;
        file.write_all(b"\n")?;
        // Acknowledged must mean that a power cut does not take it back.
        file.sync_data()
    };
    write(&mut file).inspect_err(|_| {
        // The next opening would do the same; doing it now frees the room on a full disk.
        if let Err(error) = file.set_len(before) {
            tracing::warn!(path = %path.display(), %error, "could not take a half-written line back");
        }
    })
}

fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn disk(path: &Path, source: io::Error) -> ExportError {
    ExportError::Disk { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Bounds {
        let stems = &["traces", "logs"];
        Bounds { stems, total_bytes: 1000, age: Duration::from_secs(30 * 86_400), file_bytes: 100, raise: "raise it" }
    }

    fn open(dir: &Path, bounds: Bounds) -> JsonLines {
        JsonLines::open(dir, "traces", bounds).unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != LOCK_NAME);
        names.sort();
        names
    }

    #[test]
    fn lines_are_appended_across_openings() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path(), bounds()).append(b"{1}", SystemTime::now()).unwrap();
        let lines = open(dir.path(), bounds());
        lines.append(b"{2}", SystemTime::now()).unwrap();
        assert_eq!(fs::read(lines.active()).unwrap(), b"{1}\n{2}\n");
    }

    #[test]
    fn opening_cuts_back_to_the_last_newline_however_far_away() {
        let dir = tempfile::tempdir().unwrap();
        let active = dir.path().join("traces.jsonl");
        let half = vec![b'x'; 3 * BLOCK as usize];
        fs::write(&active, [b"{1}\n".as_slice(), &half].concat()).unwrap();
        open(dir.path(), bounds());
        assert_eq!(fs::read(&active).unwrap(), b"{1}\n");
        fs::write(&active, &half).unwrap();
        open(dir.path(), bounds());
        assert_eq!(fs::read(&active).unwrap(), b"");
    }

    #[test]
    fn a_half_line_left_by_another_process_is_cut_before_appending() {
        let dir = tempfile::tempdir().unwrap();
        let lines = open(dir.path(), bounds());
        fs::write(lines.active(), b"{1}\n{ha").unwrap();
        lines.append(b"{2}", SystemTime::now()).unwrap();
        assert_eq!(fs::read(lines.active()).unwrap(), b"{1}\n{2}\n");
    }

    #[test]
    fn a_full_file_is_set_aside_under_a_name_that_readers_still_match() {
        let dir = tempfile::tempdir().unwrap();
        // The test's own date is far from that of the files.
        let lines = open(dir.path(), Bounds { age: Duration::MAX, ..bounds() });
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        for _ in 0..3 {
            lines.append(&[b'a'; 60], now).unwrap();
        }
        assert_eq!(
            names(dir.path()),
            ["traces-20270115T080000Z-000.jsonl", "traces-20270115T080000Z-001.jsonl", "traces.jsonl"]
        );
        assert_eq!(fs::metadata(dir.path().join("traces-20270115T080000Z-000.jsonl")).unwrap().len(), 61);
    }

    #[test]
    fn a_file_of_yesterday_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let lines = open(dir.path(), bounds());
        lines.append(b"{1}", SystemTime::now()).unwrap();
        lines.append(b"{2}", SystemTime::now() + Duration::from_secs(25 * 3600)).unwrap();
        assert_eq!(names(dir.path()).len(), 2);
        assert_eq!(fs::read(lines.active()).unwrap(), b"{2}\n");
    }

    #[test]
    fn the_bound_on_bytes_counts_rotated_files_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let lines = open(dir.path(), Bounds { total_bytes: 150, ..bounds() });
        fs::write(dir.path().join("tracesother.jsonl"), [0; 500]).unwrap();
        fs::write(dir.path().join("others.jsonl"), [0; 500]).unwrap();
        lines.append(&[b'a'; 74], SystemTime::now()).unwrap();
        lines.append(&[b'a'; 74], SystemTime::now()).unwrap();
        let error = lines.append(b"", SystemTime::now()).unwrap_err();
        assert!(matches!(error, ExportError::Full { .. }));
        assert!(error.to_string().contains("150 bytes in 2 files, and 150 is the bound"), "{error}");
        assert!(error.to_string().contains("raise it"), "{error}");
    }

    #[test]
    fn the_bound_holds_for_all_stems_together() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("logs.jsonl"), [b'\n'; 100]).unwrap();
        let lines = open(dir.path(), Bounds { total_bytes: 150, ..bounds() });
        let error = lines.append(&[b'a'; 50], SystemTime::now()).unwrap_err();
        assert!(error.to_string().contains("100 bytes in 1 files, and 150 is the bound"), "{error}");
        lines.append(&[b'a'; 49], SystemTime::now()).unwrap();
        assert_eq!(fs::metadata(dir.path().join("logs.jsonl")).unwrap().len(), 100);
    }

    #[test]
    fn the_bound_on_age_looks_at_the_oldest_file() {
        let dir = tempfile::tempdir().unwrap();
        let lines = open(dir.path(), bounds());
        lines.append(b"{1}", SystemTime::now()).unwrap();
        let later = SystemTime::now() + Duration::from_secs(31 * 86_400);
        let error = lines.append(b"{2}", later).unwrap_err();
        assert!(error.to_string().contains("unread for more than 30 days"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn files_and_folder_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a/b");
        let lines = open(&dir, bounds());
        lines.append(b"{1}", SystemTime::now()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&lines.active()), mode(&dir.join(LOCK_NAME))), (0o700, 0o600, 0o600));
    }
}
