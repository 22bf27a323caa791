//! The roots and what lies in them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use hashbrown::HashSet;
use rustix::fs::Access;

use crate::source::{self, Class, OwnerRule, Root, RootOrigin, TranscriptFile};

/// How many of the newest transcripts of a root are looked into for their times.
const LOOKED_INTO: usize = 16;
/// So much of the end of each is read.
const TAIL_BYTES: u64 = 64 * 1024;

/// One root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) struct RootSeen {
    pub path: PathBuf,
    /// Whether the user has named it.
    pub is_named: bool,
    /// The id of the user who owns the folder.
    pub owner: u32,
    /// Whether others than the owner may look into the folder.
    pub lets_others_in: bool,
    /// The file system, where it does not tell of every change.
    pub quiet: Option<&'static str>,
    /// The folders to be watched, the root included.
    pub folders: u64,
    pub transcripts: u64,
    pub sessions: u64,
    /// Of the transcripts, those that others may read.
    pub open: u64,
    /// When one was last written to, in milliseconds since 1970.
    pub newest: Option<i64>,
    /// The latest time on a line, in milliseconds since 1970.
    pub latest: Option<i64>,
    /// What was left out, by kind, each with how often and one of them.
    pub problems: BTreeMap<&'static str, (u64, PathBuf)>,
}

/// All roots, and the ids of the sessions in them.
#[derive(Debug, Default)]
pub(in crate::cli::doctor) struct Seen {
    pub roots: Vec<RootSeen>,
    pub sessions: HashSet<String>,
}

/// Looks at roots that exist.
pub(in crate::cli::doctor) fn look(roots: &[Root]) -> Seen {
    let mut seen = Seen::default();
    for root in roots {
        let found = source::discover(std::slice::from_ref(root), OwnerRule::of_this_process());
        let about = fs::metadata(&root.path).ok();
        let mut one = RootSeen {
            path: root.path.clone(),
            is_named: root.origin == RootOrigin::Explicit,
            owner: about.as_ref().map_or(0, MetadataExt::uid),
            lets_others_in: about.as_ref().is_some_and(|about| about.mode() & 0o011 != 0) && are_open_above(&root.path),
            quiet: source::quiet_file_system(&root.path),
            folders: folders_below(&root.path),
            transcripts: found.files.len() as u64,
            ..RootSeen::default()
        };
        for problem in &found.problems {
            one.problems.entry(problem.kind()).or_insert_with(|| (0, problem.path().to_path_buf())).0 += 1;
        }
        for file in &found.files {
            if let Class::Main { stem } = &file.class {
                one.sessions += 1;
                seen.sessions.insert(stem.clone());
            }
            let is_open = fs::metadata(&file.path).is_ok_and(|about| about.mode() & 0o044 != 0);
            one.open += u64::from(is_open);
            if rustix::fs::access(&file.path, Access::READ_OK).is_err() {
                one.problems.entry("file_unreadable").or_insert_with(|| (0, file.path.clone())).0 += 1;
            }
        }
        one.newest = found.files.iter().map(|file| file.mtime_unix_nano / 1_000_000).max();
        one.latest = latest(found.files);
        seen.roots.push(one);
    }
    seen
}

/// Whether everybody may pass the folders above.
fn are_open_above(path: &Path) -> bool {
    path.ancestors().skip(1).all(|above| fs::metadata(above).is_ok_and(|about| about.mode() & 0o011 != 0))
}

/// How many folders there are, this one included.
fn folders_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    // Links to folders are none.
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    1 + folders.map(|entry| folders_below(&entry.path())).sum::<u64>()
}

fn latest(mut files: Vec<TranscriptFile>) -> Option<i64> {
    files.sort_by_key(|file| std::cmp::Reverse(file.mtime_unix_nano));
    files.iter().take(LOOKED_INTO).filter_map(|file| latest_in(&tail(&file.path)?)).max()
}

fn tail(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES))).ok()?;
    let mut text = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut text).ok()?;
    Some(text)
}

/// The latest time that a line bears; of each line only its own.
fn latest_in(text: &[u8]) -> Option<i64> {
    let times = text.split(|byte| *byte == b'\n').filter_map(|line| {
        #[derive(serde::Deserialize)]
        struct Line {
            timestamp: String,
        }
        let line: Line = serde_json::from_slice(line).ok()?;
        Some(DateTime::parse_from_rfc3339(&line.timestamp).ok()?.timestamp_millis())
    });
    times.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_time_is_that_of_a_line_and_not_of_what_a_line_quotes() {
        let text = concat!(
            "cut off\",\"timestamp\":\"2099-01-01T00:00:00Z\"}\n",
            "{\"timestamp\":\"2026-11-22T00:00:01.500Z\",\"x\":{\"timestamp\":\"2098-01-01T00:00:00Z\"}}\n",
            "{\"timestamp\":\"2026-11-22T00:00:00Z\"}\n{\"timestamp\":7}\n",
        );
        assert_eq!(latest_in(text.as_bytes()), Some(1_795_305_601_500));
        assert_eq!(latest_in(b""), None);
    }

    #[test]
    fn folders_are_counted_and_links_are_none() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("a/b")).unwrap();
        fs::create_dir(temp.path().join("c")).unwrap();
        std::os::unix::fs::symlink(temp.path().join("a"), temp.path().join("link")).unwrap();
        assert_eq!(folders_below(temp.path()), 4);
    }
}
