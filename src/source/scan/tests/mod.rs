//! A tree of files that changes under the scanner's eyes.

mod hints;
mod moves;
mod problems;
mod sweeps;

use super::*;
use crate::source::open::{FileId, mtime_unix_nano};
use crate::source::roots::RootOrigin;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

const DAY: u64 = 86_400;
/// What the scanner takes for the present; all times of writing are set against it.
const NOW: u64 = 1_700_000_000;

struct Tree {
    _temp: tempfile::TempDir,
    base: PathBuf,
    scanner: Scanner,
    /// Directories are given old times, unless a test is about fresh ones, so that only what moved is listed again.
    age: u64,
}

impl Tree {
    /// Starts with files that were last written some days ago, already swept.
    fn new(files: &[&str]) -> Self {
        let mut tree = Self::unswept(files, OwnerRule::Any);
        tree.settle();
        tree.sweep(Sweep::Full);
        tree
    }

    fn unswept(files: &[&str], rule: OwnerRule) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(temp.path()).unwrap().join("projects");
        fs::create_dir(&base).unwrap();
        let root = Root { path: base.clone(), origin: RootOrigin::Home };
        let tree = Self { _temp: temp, base, scanner: Scanner::new(vec![root], rule), age: 0 };
        for file in files {
            tree.write(file, "{}\n", 5 * DAY);
        }
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    fn write(&self, name: &str, text: &str, age: u64) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        date(&path, age);
    }

    fn append(&self, name: &str, age: u64) {
        File::options().append(true).open(self.path(name)).unwrap().write_all(b"{}\n").unwrap();
        date(&self.path(name), age);
    }

    /// Makes all directories look as if they had been at rest for long, each time by a different time.
    fn settle(&mut self) {
        self.age += 1;
        let mut waiting = vec![self.base.clone()];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    waiting.push(entry.path());
                }
            }
            date(&directory, DAY - self.age);
        }
    }

    fn sweep(&mut self, sweep: Sweep) -> Changes {
        self.scanner.sweep(sweep, NOW as i64 * 1_000_000_000)
    }

    fn look(&mut self, names: &[&str]) -> Changes {
        let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
        self.scanner.look(paths)
    }

    fn known(&self) -> Vec<String> {
        let mut known: Vec<_> = self.scanner.files().map(|file| file.relative().display().to_string()).collect();
        known.sort();
        known
    }
}

fn date(path: &Path, age: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - age);
    File::open(path).unwrap().set_modified(time).unwrap();
}

fn names(files: &[Arc<TranscriptFile>]) -> Vec<&str> {
    files.iter().map(|file| file.relative().to_str().unwrap()).collect()
}

fn kinds(changes: &Changes) -> Vec<&str> {
    changes.problems.iter().map(SourceProblem::kind).collect()
}
