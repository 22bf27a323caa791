use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::checkpoint::lock::Holder;
use crate::checkpoint::record::LARGEST_VALUE;

pub(in crate::checkpoint) fn locked(dir: &Path) -> Lock {
    let holder = Holder { pid: 1, since: 0, command: "claude-otel test".to_owned(), version: "0.1.0".to_owned() };
    Lock::take(dir, &holder).unwrap()
}

pub(in crate::checkpoint) fn options() -> Options {
    Options { id_scheme: 1, app_version: "0.1.0".to_owned(), now_unix_ms: 1_790_000_000_000 }
}

pub(in crate::checkpoint) fn opened(lock: &Lock) -> Store {
    Store::open(lock, &options()).unwrap().0
}

pub(in crate::checkpoint) fn file(path: &str, session: &str, seen_unix_ms: i64) -> FileRow {
    FileRow { path: path.into(), session: session.to_owned(), seen_unix_ms, offset: 7, ..FileRow::default() }
}

pub(in crate::checkpoint) fn session(id: &str, spans: u64) -> SessionCommit {
    let totals = BTreeMap::from([("spans".to_owned(), spans)]);
    SessionCommit { row: SessionRow { id: id.to_owned(), totals, ..SessionRow::default() }, ..SessionCommit::default() }
}

fn span(span_id: u64, print: u64) -> DeliveredSpan {
    DeliveredSpan { span_id, print }
}

/// Every value as it lies on disk: none may be too large.
fn largest_value(store: &Store) -> usize {
    let mut largest = 0;
    for tree in TreeName::ALL {
        store
            .database
            .each(tree, |_, value| {
                largest = largest.max(value.len());
                Ok(())
            })
            .unwrap();
    }
    largest
}

#[test]
fn what_was_committed_is_there_in_the_next_run() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let (store, opening) = Store::open(&lock, &options()).unwrap();
    assert!(matches!(opening, Opening::Fresh), "{opening:?}");
    let mut one = session("one", 3);
    one.owned = (0..2000).collect();
    one.delivered = (0..1000).map(|id| span(id, id + 1)).collect();
    let two = session("two", 1);
    let files = vec![file("/b.jsonl", "two", 2), file("/a.jsonl", "one", 1)];
    store.commit(&Commit { files: files.clone(), gone: Vec::new(), sessions: vec![one.clone(), two.clone()] }).unwrap();
    store.flush().unwrap();
    drop(store);

    let (store, opening) = Store::open(&lock, &options()).unwrap();
    assert!(matches!(opening, Opening::Opened), "{opening:?}");
    let snapshot = store.load().unwrap();
    assert_eq!(snapshot.files, [files[1].clone(), files[0].clone()]);
    assert_eq!(snapshot.sessions, [one.row.clone(), two.row.clone()]);
    assert_eq!(snapshot.owned, [("one".to_owned(), one.owned.clone())]);
    assert_eq!(store.delivered("one").unwrap(), one.delivered);
    assert_eq!(store.delivered("nobody").unwrap(), []);
    assert_eq!(store.totals().unwrap(), BTreeMap::from([("spans".to_owned(), 4)]));
    store.commit(&Commit { gone: vec!["/a.jsonl".into()], ..Commit::default() }).unwrap();
    assert_eq!(store.load().unwrap().files, [files[0].clone()]);
}

#[test]
fn counts_never_go_backwards() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    for (spans, problems) in [(5, 1), (3, 2), (4, 0)] {
        let mut one = session("one", spans);
        one.row.problems.insert("torn".to_owned(), problems);
        one.row.last_activity = spans as i64;
        store.commit(&Commit { sessions: vec![one], ..Commit::default() }).unwrap();
    }
    let row = store.load().unwrap().sessions.remove(0);
    assert_eq!((row.totals["spans"], row.problems["torn"]), (5, 2));
    assert_eq!(row.last_activity, 4, "all else is as it was said last");
}

#[test]
fn a_log_that_is_mostly_replaced_is_written_anew() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    for round in 0..100 {
        let mut one = session("one", 1);
        one.delivered = (0..100).map(|id| span(id, round)).collect();
        store.commit(&Commit { sessions: vec![one], ..Commit::default() }).unwrap();
    }
    let mut expected: Vec<_> = (0..100).map(|id| span(id, 99)).collect();
    let mut delivered = store.delivered("one").unwrap();
    delivered.sort_by_key(|span| span.span_id);
    expected.sort_by_key(|span| span.span_id);
    assert_eq!(delivered, expected);
    let stored: StoredSession = Batch::new(&store.database).get_json(TreeName::Sessions, b"one").unwrap().unwrap();
    assert!(stored.delivered.entries < 1000, "{stored:?}");
    let mut chunks = 0;
    store
        .database
        .each(TreeName::Delivered, |_, _| {
            chunks += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(chunks, stored.delivered.entries.div_ceil(256), "no chunk is left behind");
}

#[test]
fn no_value_is_too_large_and_a_row_that_would_be_is_refused_whole() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    let mut one = session("one", 1);
    one.owned = (0..10_000).collect();
    one.delivered = (0..10_000).map(|id| span(id, id)).collect();
    store.commit(&Commit { sessions: vec![one.clone()], ..Commit::default() }).unwrap();
    assert!(largest_value(&store) <= LARGEST_VALUE / 4, "{}", largest_value(&store));
    let mut two = session("two", 1);
    two.row.totals = (0..4000).map(|number| (format!("count {number}"), number)).collect();
    let files = vec![file("/two.jsonl", "two", 0)];
    let error = store.commit(&Commit { files, gone: Vec::new(), sessions: vec![two] }).unwrap_err();
    assert!(matches!(&error, StoreError::TooLarge { key, .. } if key == "sessions/two"), "{error}");
    let snapshot = store.load().unwrap();
    assert_eq!((snapshot.files.len(), snapshot.sessions), (0, vec![one.row]));
}

#[test]
fn what_is_true_of_the_whole_is_remembered() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let store = opened(&lock);
    let settings = Settings { session_idle_ms: 1, max_open_ms: 2, trace_scope: "session".to_owned() };
    assert_eq!(store.about().unwrap().settings, None);
    store.set_settings(&settings).unwrap();
    store.set_horizon(Some(-5)).unwrap();
    drop(store);
    let newer = Options { app_version: "0.2.0".to_owned(), now_unix_ms: 1_800_000_000_000, ..options() };
    let (store, _) = Store::open(&lock, &newer).unwrap();
    let expected = About {
        id_scheme: 1,
        app_version: "0.2.0".to_owned(),
        created_unix_ms: 1_790_000_000_000,
        settings: Some(settings),
        horizon: Some(-5),
        base: Counts::default(),
    };
    assert_eq!(store.about().unwrap(), expected);
}

#[test]
fn a_commit_that_changes_nothing_writes_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    let commit =
        Commit { files: vec![file("/a.jsonl", "one", 1)], sessions: vec![session("one", 1)], ..Commit::default() };
    store.commit(&commit).unwrap();
    let writes = store.writes().unwrap();
    store.commit(&commit).unwrap();
    assert_eq!(store.writes().unwrap(), writes);
}

#[test]
fn state_of_another_id_scheme_is_refused_and_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    drop(opened(&lock));
    let error = Store::open(&lock, &Options { id_scheme: 2, ..options() }).unwrap_err();
    assert!(matches!(error, StoreError::IdScheme { found: 1, ours: 2, .. }), "{error}");
    assert!(!error.is_retryable());
    assert!(matches!(Store::open(&lock, &options()), Ok((_, Opening::Opened))));
}

#[test]
fn state_of_a_newer_format_is_refused_and_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let store = opened(&lock);
    store
        .write(|batch| {
            // Rows of a format to come, of which nothing can be said.
            batch.put(TreeName::Files, b"/a", b"\xff not json")?;
            batch.put(TreeName::Meta, about::SCHEMA_KEY, b"2")
        })
        .unwrap();
    drop(store);
    let error = Store::open(&lock, &options()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
    assert!(!Place::new(temp.path()).set_aside().exists());
}
