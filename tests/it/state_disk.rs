//! A disk that is full or may not be written is no damage: nothing is set aside, and it works again without a human.
//!
//! The tests need small disks of their own and are skipped where nothing may be mounted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use claude_otel::checkpoint::error::StoreError;
use claude_otel::checkpoint::ladder::Opening;
use claude_otel::checkpoint::lock::Lock;
use claude_otel::checkpoint::mirror::Mirror;
use claude_otel::checkpoint::place::Place;
use claude_otel::checkpoint::rows::{Commit, DeliveredSpan};
use claude_otel::checkpoint::store::Store;

use crate::state::{OPTIONS, Remembered, file, locked, session};
use crate::status::session as session_of;
use crate::support::program::{Program, Run, spans_in};

const ROOMY: &str = "size=64m";

/// A small disk in memory.
struct Disk {
    temp: tempfile::TempDir,
}

impl Disk {
    /// None where nothing may be mounted.
    fn new(size: &str) -> Option<Self> {
        let temp = tempfile::tempdir().unwrap();
        let is_mounted = mount(&["-t", "tmpfs", "-o", size, "tmpfs"], temp.path());
        is_mounted.then_some(Self { temp })
    }

    fn remount(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}")], self.temp.path()));
    }

    fn state(&self) -> PathBuf {
        self.temp.path().join("state")
    }

    fn fill(&self) {
        let path = self.temp.path().join("filler");
        for block in [1 << 16, 1 << 12, 1] {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
            while std::io::Write::write_all(&mut file, &vec![0; block]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.temp.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, so that a test that fails with open files leaves nothing behind.
        let _ = Command::new("umount").arg("-l").arg(self.temp.path()).status();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    let output = Command::new("mount").args(arguments).arg(at).output();
    output.is_ok_and(|output| output.status.success())
}

fn commit(round: u64) -> Commit {
    let mut one = session(round % 5, round as i64, round);
    one.delivered = (0..200).map(|id| DeliveredSpan { span_id: id + round * 100, print: round }).collect();
    let files = (0..20).map(|number| file(number + round % 60 * 20, round % 5, round)).collect();
    Commit { files, gone: Vec::new(), sessions: vec![one] }
}

fn fill_state(store: &Store, rounds: u64) -> Remembered {
    (0..rounds).for_each(|round| store.commit(&commit(round)).unwrap());
    store.flush().unwrap();
    Remembered::of(store)
}

/// Opens what has to be whole.
fn opened(lock: &Lock) -> Store {
    let (store, opening) = Store::open(lock, &OPTIONS).unwrap();
    assert!(matches!(opening, Opening::Opened), "{opening:?}");
    assert!(!lock.place().set_aside().exists(), "something was set aside");
    store
}

fn works(lock: &Lock) {
    let store = opened(lock);
    let now = fill_state(&store, 7);
    drop(store);
    assert_eq!(Remembered::of(&opened(lock)), now);
}

#[test]
fn a_disk_that_fills_up_while_something_is_kept() {
    for size in ["size=2m", "size=3m", "size=5m"] {
        let Some(disk) = Disk::new(size) else { return };
        let lock = locked(&disk.state());
        let store = Store::open(&lock, &OPTIONS).unwrap().0;
        // The same on a disk with room tells what each write has to leave behind.
        let elsewhere = tempfile::tempdir().unwrap();
        let elsewhere_lock = locked(elsewhere.path());
        let shadow = Store::open(&elsewhere_lock, &OPTIONS).unwrap().0;
        let (mut history, mut flushed) = (BTreeMap::new(), 0);
        let error = (0..10_000).find_map(|round| {
            shadow.commit(&commit(round)).unwrap();
            let writes = shadow.writes().unwrap();
            history.insert(writes, Remembered::of(&shadow));
            let kept = store.commit(&commit(round)).and_then(|()| store.flush());
            flushed = if kept.is_ok() { writes } else { flushed };
            kept.err()
        });
        let error = error.expect("the disk never filled up");
        assert!(error.is_retryable(), "{error}");
        assert!(matches!(store.commit(&commit(1)), Err(StoreError::Broken { .. })));
        drop(store);
        // The mirror cannot be written either, and the old one is not touched.
        disk.fill();
        assert!(Mirror::default().write(&disk.state()).is_err());
        for _ in 0..3 {
            match Store::open(&lock, &OPTIONS) {
                Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error}"),
                Ok((_, opening)) => assert!(matches!(opening, Opening::Opened), "{opening:?}"),
            }
        }
        disk.remount(ROOMY);
        let store = opened(&lock);
        let writes = store.writes().unwrap();
        assert!(writes >= flushed, "{flushed} writes were flushed, {writes} are left");
        assert_eq!(Some(&Remembered::of(&store)), history.get(&writes), "{size}");
        drop(store);
        works(&lock);
    }
}

#[test]
fn a_disk_that_is_full_when_the_state_is_opened() {
    let Some(disk) = Disk::new("size=6m") else { return };
    let lock = locked(&disk.state());
    let store = Store::open(&lock, &OPTIONS).unwrap().0;
    let before = fill_state(&store, 40);
    drop(store);
    disk.fill();
    for _ in 0..3 {
        match Store::open(&lock, &OPTIONS) {
            Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error}"),
            Ok((store, _)) => assert_eq!(Remembered::of(&store), before),
        }
    }
    disk.free();
    assert_eq!(Remembered::of(&opened(&lock)), before);
    works(&lock);
}

#[test]
fn a_disk_that_is_full_at_the_very_first_start() {
    for kib in [4, 12, 20, 40, 100, 300, 500, 520, 600, 1100] {
        let Some(disk) = Disk::new(&format!("size={kib}k")) else { return };
        let Ok(lock) = Lock::take(&disk.state(), &holder()) else { continue };
        for _ in 0..3 {
            match Store::open(&lock, &OPTIONS) {
                Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{kib}: {error}"),
                Ok((_, opening)) => assert!(matches!(opening, Opening::Fresh | Opening::Opened), "{opening:?}"),
            }
        }
        disk.remount(ROOMY);
        let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
        assert!(matches!(opening, Opening::Fresh | Opening::Opened), "{kib}: {opening:?}");
        drop(store);
        works(&lock);
    }
}

#[test]
fn a_disk_that_may_not_be_written() {
    let Some(disk) = Disk::new(ROOMY) else { return };
    let lock = locked(&disk.state());
    let store = Store::open(&lock, &OPTIONS).unwrap().0;
    let before = fill_state(&store, 10);
    drop((store, lock));
    disk.remount("ro");
    let error = Lock::take(&disk.state(), &holder()).unwrap_err();
    assert!(error.to_string().contains("Read-only"), "{error}");
    disk.remount("rw");
    let lock = locked(&disk.state());
    assert_eq!(Remembered::of(&opened(&lock)), before);
    works(&lock);
}

#[test]
fn a_damaged_state_on_a_full_disk_waits_until_it_can_be_set_aside() {
    let Some(disk) = Disk::new("size=8m") else { return };
    let lock = locked(&disk.state());
    let store = Store::open(&lock, &OPTIONS).unwrap().0;
    fill_state(&store, 40);
    drop(store);
    let database = Place::new(disk.state()).database().join("db");
    let garbage = vec![0xA5; fs::metadata(&database).unwrap().len() as usize];
    fs::write(&database, &garbage).unwrap();
    disk.fill();
    for _ in 0..5 {
        let error = Store::open(&lock, &OPTIONS).unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    }
    disk.free();
    let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
    let Opening::Rebuilt { set_aside, .. } = opening else { panic!("{opening:?}") };
    assert!(set_aside.join("db").exists());
    assert_eq!(fs::read_dir(lock.place().set_aside()).unwrap().count(), 1, "one copy, however often it was tried");
    fill_state(&store, 7);
}

#[test]
fn a_run_whose_disk_fills_up_says_so_once_and_loses_nothing() {
    let program = Program::new();
    let Some(disk) = Disk::new("size=1500k") else { return };
    for number in 0..900 {
        let id = format!("{number:08x}-0000-4000-8000-000000000001");
        program.transcript(&format!("{id}.jsonl"), &session_of(&id));
    }
    let out = program.path("out");
    let run = || {
        let mut command = program.command(&["backfill", "--finish", "--threads", "1", "--root"]);
        command.arg(program.root()).arg("--otlp-file").arg(&out);
        Run(command.env("XDG_STATE_HOME", disk.temp.path()).output().unwrap())
    };
    let cut = run();
    let said = cut.stderr();
    assert_eq!(cut.code(), 1, "{said}");
    assert_eq!(said.matches("could not be remembered").count(), 1, "{said}");
    assert!(said.matches("what was delivered before is not known").count() <= 1, "{said}");
    assert!(said.contains("make room") && said.contains("sends it again under the same ids"), "{said}");
    disk.remount(ROOMY);
    assert_eq!(run().code(), 0);
    let ids = |spans: Vec<serde_json::Value>| {
        spans.iter().map(|span| span["spanId"].to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    let sent = ids(spans_in(&out));
    let whole = program.backfill(&["--finish", "--otlp-file", program.path("whole").to_str().unwrap()]);
    assert_eq!((whole.code(), sent), (0, ids(spans_in(&program.path("whole")))));
    // What was remembered before the disk was full was not sent again.
    assert_eq!(run().code(), 0);
}

fn holder() -> claude_otel::checkpoint::lock::Holder {
    claude_otel::checkpoint::lock::Holder { pid: 1, since: 0, command: "test".to_owned(), version: String::new() }
}
