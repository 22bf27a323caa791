//! What is remembered once the destination has acknowledged the spans that it stands for, and not before.

use std::collections::VecDeque;
use std::path::PathBuf;

use hashbrown::HashMap;

use crate::checkpoint::rows::{Commit, SessionCommit};

/// So many are remembered in one step: the database holds on to everything that a step replaces until it is over.
const MOST_AT_ONCE: usize = 8;

/// Commits in the order of the spans that they wait for.
#[derive(Debug, Default)]
pub struct Pending {
    /// Each with the number of spans that have to be acknowledged first.
    waiting: VecDeque<(u64, Commit)>,
    handed: u64,
}

impl Pending {
    /// Notes that so many spans and events were handed to the exporter.
    pub const fn hand(&mut self, items: usize) {
        self.handed += items as u64;
    }

    /// Keeps a commit until everything handed over so far is acknowledged.
    pub fn push(&mut self, commit: Commit) {
        self.waiting.push_back((self.handed, commit));
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether something may be remembered once so many spans are acknowledged.
    pub fn has_ready(&self, acknowledged: u64) -> bool {
        self.waiting.front().is_some_and(|(mark, _)| *mark <= acknowledged)
    }

    /// What may be remembered now, as one commit, and how many it was put together from: as many as are worth the
    /// memory of one transaction, so that it may be worth to ask again.
    pub fn take(&mut self, acknowledged: u64) -> Option<(Commit, usize)> {
        let ready = self.waiting.iter().take_while(|(mark, _)| *mark <= acknowledged).take(MOST_AT_ONCE).count();
        if ready == 0 {
            return None;
        }
        Some((merge(self.waiting.drain(..ready).map(|(_, commit)| commit)), ready))
    }
}

/// Several commits as one: the later word counts, and what was added adds up.
pub fn merge(commits: impl Iterator<Item = Commit>) -> Commit {
    let mut merged = Commit::default();
    let mut files: HashMap<PathBuf, usize> = HashMap::new();
    let mut sessions: HashMap<String, usize> = HashMap::new();
    for commit in commits {
        for path in commit.gone {
            if let Some(place) = files.remove(&path) {
                merged.files.swap_remove(place);
                if let Some(moved) = merged.files.get(place) {
                    files.insert(moved.path.clone(), place);
                }
            }
            merged.gone.push(path);
        }
        for row in commit.files {
            merged.gone.retain(|path| *path != row.path);
            if let Some(known) = files.get(&row.path).and_then(|place| merged.files.get_mut(*place)) {
                *known = row;
            } else {
                files.insert(row.path.clone(), merged.files.len());
                merged.files.push(row);
            }
        }
        for SessionCommit { row, mut owned, mut delivered, measured } in commit.sessions {
            if let Some(known) = sessions.get(&row.id).and_then(|place| merged.sessions.get_mut(*place)) {
                known.row = row;
                known.owned.append(&mut owned);
                known.delivered.append(&mut delivered);
                // Each says all that the session adds, so the later word is enough.
                if !measured.is_empty() {
                    known.measured = measured;
                }
            } else {
                sessions.insert(row.id.clone(), merged.sessions.len());
                merged.sessions.push(SessionCommit { row, owned, delivered, measured });
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::rows::{DeliveredSpan, FileRow, SessionRow};

    fn commit(path: &str, offset: u64, span_id: u64) -> Commit {
        Commit {
            files: vec![FileRow { path: path.into(), offset, ..FileRow::default() }],
            gone: Vec::new(),
            sessions: vec![SessionCommit {
                row: SessionRow { id: "s".to_owned(), last_activity: offset as i64, ..SessionRow::default() },
                owned: vec![span_id],
                delivered: vec![DeliveredSpan { span_id, print: 0 }],
                measured: Vec::new(),
            }],
        }
    }

    #[test]
    fn nothing_is_remembered_before_its_last_span_is_acknowledged() {
        let mut pending = Pending::default();
        pending.hand(3);
        pending.push(commit("a", 1, 1));
        pending.hand(2);
        pending.push(commit("b", 2, 2));
        assert_eq!(pending.take(2), None);
        assert_eq!(pending.take(4).map(|(commit, count)| (commit.files.len(), count)), Some((1, 1)));
        assert_eq!(pending.take(5).map(|(commit, count)| (commit.files.len(), count)), Some((1, 1)));
        assert!(pending.is_empty());
    }

    #[test]
    fn the_later_word_counts_and_what_was_added_adds_up() {
        let gone = Commit { gone: vec!["b".into()], ..Commit::default() };
        let parts = [commit("a", 1, 1), commit("b", 5, 2), commit("a", 9, 3), gone, commit("c", 2, 4)];
        let merged = merge(parts.into_iter());
        let offsets: Vec<_> = merged.files.iter().map(|row| (row.path.to_str().unwrap(), row.offset)).collect();
        assert_eq!(offsets, [("a", 9), ("c", 2)]);
        assert_eq!(merged.gone, [PathBuf::from("b")]);
        assert_eq!(merged.sessions[0].owned, [1, 2, 3, 4]);
        assert_eq!((merged.sessions[0].row.last_activity, merged.sessions[0].delivered.len()), (2, 4));
    }

    #[test]
    fn a_step_takes_so_many_and_the_next_one_the_rest() {
        let mut pending = Pending::default();
        for number in 0..=MOST_AT_ONCE as u64 {
            pending.push(commit(&number.to_string(), 1, number));
        }
        let counts: Vec<_> =
            std::iter::from_fn(|| pending.take(0).map(|(commit, count)| (commit.files.len(), count))).collect();
        assert_eq!(counts, [(MOST_AT_ONCE, MOST_AT_ONCE), (1, 1)]);
    }
}
