//! What a human can do with a state: look at it, mend it, move it, begin anew.

use std::fs;
use std::path::Path;

use claude_otel::checkpoint::about::Settings;
use claude_otel::checkpoint::care::{Repaired, repair, reset};
use claude_otel::checkpoint::check::check;
use claude_otel::checkpoint::error::StoreError;
use claude_otel::checkpoint::ladder::Opening;
use claude_otel::checkpoint::lock::Lock;
use claude_otel::checkpoint::mirror::Mirror;
use claude_otel::checkpoint::place::Place;
use claude_otel::checkpoint::rows::{Commit, DeliveredSpan};
use claude_otel::checkpoint::store::{Options, Store};
use claude_otel::checkpoint::transfer::import;

use crate::state::{OPTIONS, Remembered, copy, file, locked, session};

/// A state with rows of every kind.
pub(crate) fn filled(lock: &Lock, sessions: u64) -> Store {
    let store = Store::open(lock, &OPTIONS).unwrap().0;
    store.set_settings(&Settings { session_idle_ms: 5, max_open_ms: 7, trace_scope: "turn".to_owned() }).unwrap();
    store.set_horizon(Some(3)).unwrap();
    for number in 0..sessions {
        let mut one = session(number, 5, number);
        one.owned = (0..700).map(|entry| u64::MAX - entry - number * 1000).collect();
        one.delivered = (0..300).map(|id| DeliveredSpan { span_id: id % 200, print: u64::MAX - id }).collect();
        let files = (0..3).map(|of| file(number * 3 + of, number, of)).collect();
        store.commit(&Commit { files, gone: Vec::new(), sessions: vec![one] }).unwrap();
    }
    store.flush().unwrap();
    store
}

fn exported(store: &Store) -> Vec<u8> {
    let mut out = Vec::new();
    store.export(&mut out).unwrap();
    out
}

fn bytes_of(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(bytes_of(&path)) } else { all.push((path.clone(), fs::read(path).unwrap())) }
    }
    all.sort();
    all
}

/// Changes one bit of what was written last of a session's own.
pub(crate) fn spoil(lock: &Lock, session: u64) {
    let path = lock.place().database().join("db");
    let mut bytes = fs::read(&path).unwrap();
    let needle = (u64::MAX - session * 1000).to_le_bytes();
    let at = bytes.windows(8).rposition(|window| window == needle).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_sound_state_is_counted_and_not_touched() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let nothing = check(&lock, &OPTIONS).unwrap();
    assert!(nothing.is_sound() && !nothing.exists);
    drop(filled(&lock, 4));
    let before = bytes_of(temp.path());
    let report = check(&lock, &OPTIONS).unwrap();
    assert_eq!(bytes_of(temp.path()), before);
    assert!(report.is_sound(), "{report}");
    let rows: Vec<_> = report.trees.iter().map(|tree| (tree.name, tree.rows, tree.unreadable)).collect();
    let expected = [("meta", 3, 0), ("files", 12, 0), ("sessions", 4, 0), ("owned", 8, 0), ("delivered", 8, 0)];
    assert_eq!(rows[..5], expected);
    assert_eq!(rows[5..], [("measured", 0, 0), ("series", 0, 0)]);
    assert_eq!(report.schema, Some(1));
    assert!(report.to_string().contains("files: 12 rows"), "{report}");
    assert!(matches!(repair(&lock, &OPTIONS), Ok(Repaired::Sound)));
}

#[test]
fn a_damaged_state_is_seen_and_all_but_what_is_damaged_is_saved() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let store = filled(&lock, 60);
    let whole = Remembered::of(&store);
    drop(store);
    // Once opened again it knows where its rows lie; before that it has only its log to tell.
    drop(Store::open(&lock, &OPTIONS).unwrap());
    let template = tempfile::tempdir().unwrap();
    copy(temp.path(), template.path());
    let mut saved_most = false;
    for number in 0..20 {
        let temp = tempfile::tempdir().unwrap();
        copy(template.path(), temp.path());
        let lock = locked(temp.path());
        spoil(&lock, number * 3);
        let before = bytes_of(&lock.place().database());
        let report = check(&lock, &OPTIONS).unwrap();
        assert_eq!(bytes_of(&lock.place().database()), before);
        let repaired = repair(&lock, &OPTIONS).unwrap();

        if report.is_sound() {
            // What was spoiled was no longer in use.
            assert!(matches!(repaired, Repaired::Sound));
            continue;
        }
        let set_aside = match &repaired {
            Repaired::Saved { set_aside, .. } => Some(set_aside.clone()),
            _ => None,
        };
        if let Some(set_aside) = set_aside {
            assert_eq!(
                fs::read(set_aside.join("db")).unwrap(),
                before.iter().find(|(path, _)| path.ends_with("db")).unwrap().1
            );
        }
        let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
        assert!(matches!(opening, Opening::Opened), "{opening:?}");
        let now = Remembered::of(&store);
        for (path, row) in &now.files {
            assert!(now.sessions.contains_key(&row.session));
            assert_eq!(Some(row), whole.files.get(path), "a row is not what was written");
        }
        for (id, spans) in &now.delivered {
            assert!(spans.iter().all(|(span, print)| whole.delivered[id].get(span) == Some(print)));
        }
        saved_most |= matches!(&repaired, Repaired::Saved { files, dropped, .. } if *files == 180 && *dropped > 0);
    }
    assert!(saved_most, "nothing was ever saved");
}

#[test]
fn an_export_is_the_whole_state_and_makes_it_again_elsewhere() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (lock, other) = (locked(here.path()), locked(there.path()));
    let store = filled(&lock, 5);
    // A file whose session nothing is known of yet is a row like any other.
    store.commit(&Commit { files: vec![file(99, 99, 0)], ..Commit::default() }).unwrap();
    let export = exported(&store);
    let moved = import(&other, &OPTIONS, &export[..], false).unwrap();
    assert_eq!((moved.files, moved.sessions, moved.set_aside), (16, 5, None));
    let (again, opening) = Store::open(&other, &OPTIONS).unwrap();
    assert!(matches!(opening, Opening::Opened), "{opening:?}");
    assert_eq!(Remembered::of(&again), Remembered::of(&store));
    assert_eq!(again.about().unwrap(), store.about().unwrap());
    assert_eq!(exported(&again), export);
}

#[test]
fn an_import_replaces_nothing_unless_told_to_and_loses_nothing_then() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (lock, other) = (locked(here.path()), locked(there.path()));
    let export = exported(&filled(&lock, 5));
    let store = filled(&other, 2);
    let before = Remembered::of(&store);
    drop(store);
    let error = import(&other, &OPTIONS, &export[..], false).unwrap_err();
    assert!(matches!(error, StoreError::NotEmpty { files: 6, sessions: 2, .. }), "{error}");
    let moved = import(&other, &OPTIONS, &export[..], true).unwrap();
    assert_eq!(Remembered::of(&Store::open(&other, &OPTIONS).unwrap().0).sessions.len(), 5);
    // What was replaced can be brought back.
    let set_aside = moved.set_aside.unwrap();
    let back = tempfile::tempdir().unwrap();
    copy(&set_aside, back.path());
    assert_eq!(Remembered::of(&Store::open(&locked(back.path()), &OPTIONS).unwrap().0), before);
}

#[test]
fn an_export_that_is_cut_or_strange_changes_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    let store = filled(&lock, 2);
    let export = exported(&store);
    let before = Remembered::of(&store);
    drop(store);
    let text = String::from_utf8(export).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let mut strange: Vec<String> = (0..lines.len()).map(|count| lines[..count].join("\n")).collect();
    strange.extend((0..lines.len()).map(|without| {
        let rest = lines.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, line)| *line);
        rest.collect::<Vec<_>>().join("\n")
    }));
    strange.push(text[..text.len() - 3].to_owned());
    strange.push(format!("{text}{}", lines[1]));
    for text in strange {
        let error = import(&lock, &OPTIONS, text.as_bytes(), true).unwrap_err();
        assert!(matches!(error, StoreError::NotAnExport { .. }), "{error}");
    }
    let newer = text.replacen("\"format\":1", "\"format\":2", 1);
    let error = import(&lock, &OPTIONS, newer.as_bytes(), true).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, .. }), "{error}");
    let other = Options { id_scheme: 2, ..OPTIONS };
    let error = import(&lock, &other, text.as_bytes(), true).unwrap_err();
    assert!(matches!(error, StoreError::IdScheme { found: 1, ours: 2, .. }), "{error}");
    assert_eq!(Remembered::of(&Store::open(&lock, &OPTIONS).unwrap().0), before);
}

#[test]
fn beginning_anew_keeps_what_was_there() {
    let temp = tempfile::tempdir().unwrap();
    let lock = locked(temp.path());
    assert_eq!(reset(&lock, 0).unwrap(), None);
    let store = filled(&lock, 2);
    let before = Remembered::of(&store);
    drop(store);
    Mirror { version: Mirror::VERSION, ..Mirror::default() }.write(temp.path()).unwrap();
    let set_aside = reset(&lock, 1_790_000_000_000).unwrap().unwrap();
    assert_eq!(set_aside, Place::new(temp.path()).set_aside().join("reset-20260921T141320Z"));
    assert_eq!(Mirror::read(temp.path()), None);
    let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
    assert!(matches!(opening, Opening::Fresh), "{opening:?}");
    assert_eq!(Remembered::of(&store), Remembered::default());
    assert_eq!(Remembered::of(&Store::open(&locked(&set_aside), &OPTIONS).unwrap().0), before);
}

/// The database of format 1 as this version's first writer left it; made anew with `REBUILD_FIXTURES=1`.
#[test]
fn a_state_of_the_first_format_is_read_with_every_row() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/state/schema-1");
    if std::env::var_os("REBUILD_FIXTURES").is_some() {
        let temp = tempfile::tempdir().unwrap();
        let store = filled(&locked(temp.path()), 3);
        fs::create_dir_all(&kept).unwrap();
        fs::write(kept.join("export.jsonl"), exported(&store)).unwrap();
        drop(store);
        let _ = fs::remove_dir_all(kept.join("db"));
        copy(&temp.path().join("db"), &kept.join("db"));
    }
    let temp = tempfile::tempdir().unwrap();
    copy(&kept, temp.path());
    let (store, opening) = Store::open(&locked(temp.path()), &OPTIONS).unwrap();
    assert!(matches!(opening, Opening::Opened), "{opening:?}");
    assert_eq!(String::from_utf8(exported(&store)).unwrap(), fs::read_to_string(kept.join("export.jsonl")).unwrap());
    assert_eq!(store.load().unwrap().files.len(), 9);
}
