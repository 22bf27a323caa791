//! A state that is written to, closed and opened again gives back what was put in last; and what all its tests share.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use claude_otel::checkpoint::ladder::Opening;
use claude_otel::checkpoint::lock::{Holder, Lock};
use claude_otel::checkpoint::prune::Pruned;
use claude_otel::checkpoint::rows::{Commit, DeliveredSpan, FileRow, Head, SessionCommit, SessionRow};
use claude_otel::checkpoint::store::{Options, Snapshot, Store};
use proptest::prelude::*;

pub(crate) const OPTIONS: Options =
    Options { id_scheme: 1, app_version: String::new(), now_unix_ms: 1_790_000_000_000 };

pub(crate) fn locked(dir: &Path) -> Lock {
    let holder = Holder { pid: 1, since: 0, command: "claude-otel watch".to_owned(), version: "0.1.0".to_owned() };
    Lock::take(dir, &holder).unwrap()
}

/// All that can be read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) files: BTreeMap<PathBuf, FileRow>,
    pub(crate) sessions: BTreeMap<String, SessionRow>,
    pub(crate) owned: BTreeMap<String, BTreeSet<u64>>,
    pub(crate) delivered: BTreeMap<String, BTreeMap<u64, u64>>,
    pub(crate) totals: BTreeMap<String, u64>,
}

impl Remembered {
    pub(crate) fn of(store: &Store) -> Self {
        let Snapshot { files, sessions, owned, .. } = store.load().unwrap();
        let delivered = sessions.iter().map(|row| (row.id.clone(), store.delivered(&row.id).unwrap()));
        let delivered: Vec<_> = delivered.filter(|(_, spans)| !spans.is_empty()).collect();
        Self {
            delivered: delivered.into_iter().map(|(id, spans)| (id, prints(&spans))).collect(),
            files: files.into_iter().map(|row| (row.path.clone(), row)).collect(),
            sessions: sessions.into_iter().map(|row| (row.id.clone(), row)).collect(),
            owned: owned.into_iter().map(|(id, prints)| (id, prints.into_iter().collect())).collect(),
            totals: store.totals().unwrap(),
        }
    }

    /// What a commit is meant to do, in the plainest words.
    pub(crate) fn commit(&mut self, commit: &Commit) {
        for path in &commit.gone {
            self.files.remove(path);
        }
        for file in &commit.files {
            self.files.insert(file.path.clone(), file.clone());
        }
        for session in &commit.sessions {
            let id = session.row.id.clone();
            let before = self.sessions.insert(id.clone(), session.row.clone()).unwrap_or_default();
            let now = self.sessions.get_mut(&id).unwrap();
            for (name, count) in before.totals {
                let now = now.totals.entry(name).or_default();
                *now = count.max(*now);
            }
            if !session.owned.is_empty() {
                self.owned.entry(id.clone()).or_default().extend(&session.owned);
            }
            if !session.delivered.is_empty() {
                self.delivered.entry(id).or_default().extend(prints(&session.delivered));
            }
        }
        self.totals.clone_from(&self.forgotten_and_known(&BTreeMap::new()));
    }

    fn forgotten_and_known(&self, forgotten: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let mut totals = forgotten.clone();
        for (name, count) in self.sessions.values().flat_map(|row| &row.totals) {
            *totals.entry(name.clone()).or_default() += count;
        }
        totals
    }

    fn prune(&mut self, oldest: i64) -> Pruned {
        let before = (self.files.len(), self.sessions.len());
        self.files.retain(|_, row| row.seen_unix_ms >= oldest);
        let alive: BTreeSet<_> = self.files.values().map(|row| row.session.clone()).collect();
        self.sessions.retain(|id, row| row.last_activity >= oldest || alive.contains(id));
        self.owned.retain(|id, _| self.sessions.contains_key(id));
        self.delivered.retain(|id, _| self.sessions.contains_key(id));
        Pruned { files: before.0 - self.files.len(), sessions: before.1 - self.sessions.len() }
    }
}

fn prints(spans: &[DeliveredSpan]) -> BTreeMap<u64, u64> {
    spans.iter().map(|span| (span.span_id, span.print)).collect()
}

pub(crate) fn file(number: u64, session: u64, offset: u64) -> FileRow {
    // Not every path is text.
    let mut path = format!("/home/mira/.claude/projects/-home-mira-bookshop/{number:08}").into_bytes();
    path.extend(if number.is_multiple_of(7) { &b"\xff.jsonl"[..] } else { b".jsonl" });
    let ties = vec![u64::MAX - number; (number % 5) as usize];
    FileRow {
        path: PathBuf::from(OsString::from_vec(path)),
        session: format!("session-{session}"),
        inode: number,
        size: offset + 10,
        offset,
        head_print: u64::MAX - offset,
        head: number.is_multiple_of(3).then(|| Head { ties, ..Head::default() }),
        seen_unix_ms: offset as i64,
        ..FileRow::default()
    }
}

pub(crate) fn session(number: u64, activity: i64, spans: u64) -> SessionCommit {
    SessionCommit {
        row: SessionRow {
            id: format!("session-{number}"),
            last_activity: activity,
            totals: BTreeMap::from([("spans".to_owned(), spans), (format!("of {}", number % 3), 1)]),
            ..SessionRow::default()
        },
        ..SessionCommit::default()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Commit(Commit),
    Flush,
    Reopen,
    Prune(i64),
}

fn session_commit() -> impl Strategy<Value = SessionCommit> {
    let spans = (0_u64..400, 0_usize..600, 0_u64..1000);
    (0_u64..6, 0_i64..100, 0_u64..50, spans, (0_u64..10_000, 0_u64..900)).prop_map(
        |(number, activity, total, (first, count, print), (owned, more))| SessionCommit {
            // Ids come again, with other content, so that logs grow and are cut back.
            delivered: (first..400)
                .cycle()
                .take(count)
                .zip(0_u64..)
                .map(|(span_id, turn)| DeliveredSpan { span_id, print: print + turn })
                .collect(),
            owned: (owned..owned + more).collect(),
            ..session(number, activity, total)
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let files = prop::collection::vec((0_u64..12, 0_u64..6, 0_u64..100), 0..5);
    let gone = prop::collection::vec(0_u64..12, 0..3);
    let commit =
        (files, gone, prop::collection::vec(session_commit(), 0..4)).prop_map(|(files, gone, sessions)| Commit {
            files: files.into_iter().map(|(number, session, offset)| file(number, session, offset)).collect(),
            gone: gone.into_iter().map(|number| file(number, 0, 0).path).collect(),
            sessions,
        });
    prop_oneof![8 => commit.prop_map(Step::Commit), 2 => Just(Step::Flush), 2 => Just(Step::Reopen), 1 => (0_i64..100).prop_map(Step::Prune)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_state_holds_what_was_put_in_last(steps in prop::collection::vec(step(), 1..30)) {
        let temp = tempfile::tempdir().unwrap();
        let lock = locked(temp.path());
        let mut store = Store::open(&lock, &OPTIONS).unwrap().0;
        let mut model = Remembered::default();
        let mut forgotten = BTreeMap::new();
        for step in steps {
            match step {
                Step::Commit(commit) => {
                    store.commit(&commit).unwrap();
                    model.commit(&commit);
                }
                Step::Flush => store.flush().unwrap(),
                Step::Reopen => {
                    drop(store);
                    let (opened, opening) = Store::open(&lock, &OPTIONS).unwrap();
                    prop_assert!(matches!(opening, Opening::Opened), "{opening:?}");
                    store = opened;
                }
                Step::Prune(oldest) => {
                    let known = model.forgotten_and_known(&forgotten);
                    prop_assert_eq!(store.prune(oldest, 0, |_| false).unwrap(), model.prune(oldest));
                    let left = model.forgotten_and_known(&BTreeMap::new());
                    forgotten = known.iter().map(|(name, count)| (name.clone(), count - left.get(name).unwrap_or(&0))).collect();
                }
            }
            model.totals = model.forgotten_and_known(&forgotten);
            model.totals.retain(|name, count| *count > 0 || model.sessions.values().any(|row| row.totals.contains_key(name)));
            let mut found = Remembered::of(&store);
            found.totals.retain(|_, count| *count > 0);
            model.totals.retain(|_, count| *count > 0);
            prop_assert_eq!(&found, &model);
        }
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
