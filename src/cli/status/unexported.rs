//! Sessions that the client will delete before all of them is delivered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::look::{Look, Reason, Unsent, roots_of};
use crate::checkpoint::mirror::Mirror;
use crate::cli::Surroundings;

const DAY_MS: i64 = 86_400_000;
/// More days than this are counted as this many: what matters comes earlier, and each number is a series.
const MOST_DAYS: u64 = 30;

/// How many sessions are not delivered as a whole, by the days that they have left; none without a copy of the state.
pub(in crate::cli) fn in_state(dir: &Path, surroundings: &Surroundings, now: i64) -> Option<Vec<(u64, u64)>> {
    let mirror = Mirror::read(dir)?;
    let look = Look::at(&roots_of(&mirror, surroundings), &mirror, surroundings);
    Some(by_days(&look.unsent, now))
}

/// What was left out in part was left out by a filter, and the rest of it was delivered.
fn by_days(unsent: &[Unsent], now: i64) -> Vec<(u64, u64)> {
    let mut first: BTreeMap<PathBuf, i64> = BTreeMap::new();
    for one in unsent.iter().filter(|one| one.reason != Reason::LeftOutInPart) {
        let deleted = first.entry(session(&one.path)).or_insert(one.deleted);
        *deleted = one.deleted.min(*deleted);
    }
    let mut days: BTreeMap<u64, u64> = BTreeMap::new();
    for deleted in first.into_values() {
        let left = u64::try_from(deleted.saturating_sub(now) / DAY_MS).unwrap_or_default();
        *days.entry(left.min(MOST_DAYS)).or_default() += 1;
    }
    days.into_iter().collect()
}

/// What stands for the session of a file: its main file's path without the ending. Agents' files lie in
/// `SESSION/subagents`, at whatever depth.
fn session(path: &Path) -> PathBuf {
    let below = path.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "subagents"));
    below.and_then(Path::parent).map_or_else(|| path.with_extension(""), Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsent(path: &str, reason: Reason, days: i64) -> Unsent {
        Unsent {
            path: Path::new("/r").join(path),
            relative: path.into(),
            reason,
            size: 10,
            offset: None,
            behind: 10,
            written: 0,
            deleted: days * DAY_MS + 5,
        }
    }

    #[test]
    fn a_session_counts_once_at_its_first_file_to_go() {
        let all = [
            unsent("p/a.jsonl", Reason::Unread, 3),
            unsent("p/a/subagents/agent-x.jsonl", Reason::Open, 2),
            unsent("p/b.jsonl", Reason::LeftOut, 2),
            unsent("p/c.jsonl", Reason::LeftOutInPart, 1),
            unsent("p/d.jsonl", Reason::Unread, 4_000),
            unsent("p/e.jsonl", Reason::Unread, -1),
        ];
        assert_eq!(by_days(&all, 0), [(0, 1), (2, 2), (30, 1)]);
    }
}
