//! Tests of what sessions add to series.

use super::*;
use crate::checkpoint::rows::{Commit, SessionCommit, SessionRow};
use crate::checkpoint::store::tests::{locked, opened};

fn part(measure: &'static str, tool: &str, amount: u64) -> Measured {
    let attributes = vec![("tool".into(), tool.to_owned())];
    Measured {
        series: SeriesName { measure: measure.into(), attributes },
        kin: 0,
        first: 7,
        amount: Amount::Sum(amount),
    }
}

fn commit(session: &str, measured: Vec<Measured>) -> Commit {
    let row = SessionRow { id: session.to_owned(), ..SessionRow::default() };
    Commit { sessions: vec![SessionCommit { row, measured, ..SessionCommit::default() }], ..Commit::default() }
}

fn sums(store: &Store) -> BTreeMap<(String, String), u64> {
    let sum = |row: SeriesRow| {
        let Amount::Sum(sum) = row.amount else { panic!("no sum") };
        ((row.series.measure.into_owned(), row.series.attributes[0].1.clone()), sum)
    };
    store.series().unwrap().into_iter().map(sum).collect()
}

fn key(measure: &str, tool: &str) -> (String, String) {
    (measure.to_owned(), tool.to_owned())
}

#[test]
fn what_is_told_again_is_not_counted_again() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let store = opened(&lock);
    store.commit(&commit("a", vec![part("calls", "Bash", 3)])).unwrap();
    store.commit(&commit("b", vec![part("calls", "Bash", 10)])).unwrap();
    for calls in [3, 5, 5, 4] {
        store.commit(&commit("a", vec![part("calls", "Bash", calls)])).unwrap();
    }
    assert_eq!(sums(&store), BTreeMap::from([(key("calls", "Bash"), 15)]));
    assert_eq!(store.measured("a").unwrap(), [part("calls", "Bash", 5)]);
    // A commit that names no series leaves them as they are.
    store.commit(&commit("a", Vec::new())).unwrap();
    drop(store);
    assert_eq!(sums(&opened(&lock)), BTreeMap::from([(key("calls", "Bash"), 15)]));
}

#[test]
fn sessions_that_are_forgotten_stay_counted() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    store.commit(&commit("a", vec![part("calls", "Bash", 3)])).unwrap();
    assert_eq!(store.prune(Store::HORIZON_MS * 2, Store::HORIZON_MS, |_| false).unwrap().sessions, 1);
    assert_eq!(store.measured("a").unwrap(), []);
    store.commit(&commit("b", vec![part("calls", "Bash", 1)])).unwrap();
    assert_eq!(sums(&store), BTreeMap::from([(key("calls", "Bash"), 4)]));
}

#[test]
fn too_many_values_are_counted_together_also_after_a_restart() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let tools = |calls| (0..MOST_VALUES + 50).map(|n| part("calls", &format!("tool{n:03}"), calls)).collect::<Vec<_>>();
    for calls in [1, 2] {
        let store = opened(&lock);
        store.commit(&commit("a", tools(calls))).unwrap();
        let sums = sums(&store);
        assert_eq!(sums.len(), MOST_VALUES + 1);
        assert_eq!(sums[&key("calls", OTHER)], 50 * calls);
        assert_eq!(sums.values().sum::<u64>(), (MOST_VALUES as u64 + 50) * calls);
    }
}

#[test]
fn more_than_a_chunk_is_read_back() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    let measures: Vec<_> = (0..800)
        .map(|n| Measured {
            series: SeriesName {
                measure: format!("measure{n}").into(),
                attributes: vec![("tool".into(), "x".to_owned())],
            },
            kin: 0,
            first: 0,
            amount: Amount::Sum(n + 1),
        })
        .collect();
    store.commit(&commit("a", measures.clone())).unwrap();
    assert_eq!(store.measured("a").unwrap().len(), 800);
    store.commit(&commit("a", measures)).unwrap();
    assert_eq!(sums(&store).values().sum::<u64>(), 800 * 801 / 2);
}

#[test]
fn what_turns_out_otherwise_stays_counted_once() {
    let temp = tempfile::tempdir().unwrap();
    let store = opened(&locked(temp.path()));
    store.commit(&commit("a", vec![part("turns", "unfinished", 1)])).unwrap();
    store.commit(&commit("a", vec![part("turns", "completed", 1)])).unwrap();
    assert_eq!(sums(&store), BTreeMap::from([(key("turns", "unfinished"), 1)]));
    store.commit(&commit("a", vec![part("turns", "completed", 3)])).unwrap();
    assert_eq!(sums(&store).values().sum::<u64>(), 3);
    // Series that have nothing in common do not take from each other.
    let other = Measured { kin: 1, ..part("turns", "elsewhere", 5) };
    store.commit(&commit("a", vec![part("turns", "completed", 3), other])).unwrap();
    assert_eq!(sums(&store)[&key("turns", "elsewhere")], 5);
}
