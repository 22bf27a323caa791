//! Forgets what is long gone, so that the state stays as small as what is on disk.

use std::collections::HashSet;
use std::path::Path;

use super::about::Counts;
use super::batch::parse;
use super::error::StoreError;
use super::log;
use super::measured;
use super::record::{TreeName, unseal};
use super::rows::{DeliveredSpan, FileRow};
use super::store::{Store, change_about, path_of};

/// How many rows were forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Files that were not seen for longer than the horizon.
    pub files: usize,
    /// Sessions without any file left.
    pub sessions: usize,
}

impl Store {
    /// How long what is gone is remembered: longer than the client keeps its transcripts by default, so that one that
    /// comes back from a backup or a slow disk is known.
    pub const HORIZON_MS: i64 = 45 * 86_400_000;

    /// Forgets files that were last seen on disk longer ago than the horizon, and sessions that have been quiet for
    /// as long and have no file left. What they counted stays counted. What `is_there` finds is seen again, however
    /// old it is.
    pub fn prune(
        &self,
        now_unix_ms: i64,
        horizon_ms: i64,
        is_there: impl Fn(&Path) -> bool,
    ) -> Result<Pruned, StoreError> {
        let oldest = now_unix_ms.saturating_sub(horizon_ms);
        let mut pruned = Pruned::default();
        self.write(|batch| {
            let mut alive = HashSet::new();
            let mut seen_again = Vec::new();
            self.database.each(TreeName::Files, |key, value| {
                let row: FileRow = parse(unseal(TreeName::Files, key, value)?)?;
                if row.seen_unix_ms >= oldest {
                    alive.insert(row.session);
                } else if is_there(&path_of(key)) {
                    alive.insert(row.session.clone());
                    seen_again.push((key.to_vec(), FileRow { seen_unix_ms: now_unix_ms, ..row }));
                } else {
                    batch.remove(TreeName::Files, key);
                    pruned.files += 1;
                }
                Ok(())
            })?;
            for (key, row) in &seen_again {
                batch.put_json(TreeName::Files, key, row)?;
            }
            let mut forgotten = Counts::default();
            self.each_session(|session| {
                let id = session.row.id.as_str();
                if session.row.last_activity < oldest && !alive.contains(id) {
                    log::remove::<u64>(batch, id, session.owned);
                    log::remove::<DeliveredSpan>(batch, id, session.delivered);
                    measured::remove(batch, id, session.measured);
                    batch.remove(TreeName::Sessions, id.as_bytes());
                    forgotten.add(&session.row.totals, &session.row.problems);
                    pruned.sessions += 1;
                }
                Ok(())
            })?;
            change_about(batch, |about| about.base.add(&forgotten.totals, &forgotten.problems))
        })?;
        Ok(pruned)
    }
}

#[cfg(test)]
mod tests {
    use crate::checkpoint::rows::{Commit, SessionCommit};
    use crate::checkpoint::store::tests::{file, locked, opened, session};

    use super::*;

    fn quiet_since(last_activity: i64, mut session: SessionCommit) -> SessionCommit {
        session.row.last_activity = last_activity;
        session.owned = (0..1000).collect();
        session.delivered = (0..1000).map(|span_id| DeliveredSpan { span_id, print: 0 }).collect();
        session
    }

    #[test]
    fn what_is_long_gone_is_forgotten_and_stays_counted() {
        let temp = tempfile::tempdir().unwrap();
        let lock = locked(temp.path());
        let store = opened(&lock);
        let files = vec![file("/old", "old", 10), file("/mixed-old", "mixed", 10), file("/mixed-new", "mixed", 90)];
        let sessions = vec![
            quiet_since(10, session("old", 5)),
            quiet_since(10, session("mixed", 7)),
            quiet_since(90, session("young", 11)),
        ];
        store.commit(&Commit { files, gone: Vec::new(), sessions }).unwrap();
        let totals = store.totals().unwrap();
        assert_eq!(store.prune(100, 50, |_| false).unwrap(), Pruned { files: 2, sessions: 1 });
        drop(store);

        let store = opened(&lock);
        let snapshot = store.load().unwrap();
        assert_eq!(snapshot.files, [file("/mixed-new", "mixed", 90)]);
        let ids: Vec<_> = snapshot.sessions.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["mixed", "young"]);
        assert_eq!(snapshot.owned.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ids);
        assert_eq!(store.delivered("old").unwrap(), []);
        assert_eq!(snapshot.about.base.totals["spans"], 5);
        assert_eq!(store.totals().unwrap(), totals);
        let writes = store.writes().unwrap();
        assert_eq!(store.prune(100, 50, |_| false).unwrap(), Pruned::default());
        assert_eq!(store.writes().unwrap(), writes);
    }

    #[test]
    fn nothing_that_was_just_seen_is_forgotten() {
        let temp = tempfile::tempdir().unwrap();
        let store = opened(&locked(temp.path()));
        store
            .commit(&Commit {
                files: vec![file("/a", "a", 50)],
                sessions: vec![quiet_since(0, session("a", 1))],
                ..Commit::default()
            })
            .unwrap();
        assert_eq!(store.prune(100, 50, |_| false).unwrap(), Pruned::default());
        assert_eq!(store.prune(i64::MIN, Store::HORIZON_MS, |_| false).unwrap(), Pruned::default());
    }
}
