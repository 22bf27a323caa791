//! How much one busy minute writes, which a laptop's disk has to bear every minute.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use claude_otel::checkpoint::rows::{Commit, DeliveredSpan};
use claude_otel::checkpoint::store::Store;

use crate::state::{OPTIONS, file, locked, session};

const STATE: &str = "CLAUDE_OTEL_TEST_STATE_TO_MEASURE";
const MOST_BYTES: u64 = 300_000;

/// What this process has written so far, into whatever file.
fn written() -> u64 {
    let text = fs::read_to_string("/proc/self/io").unwrap();
    text.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap().parse().unwrap()
}

/// Runs in a process of its own, for the count is of all that a process writes.
#[test]
fn writes_for_a_minute() {
    let Some(dir) = std::env::var_os(STATE) else { return };
    let lock = locked(Path::new(&dir));
    let store = Store::open(&lock, &OPTIONS).unwrap().0;
    let sessions = (0..150).map(|number| {
        let mut one = session(number, 0, 0);
        one.row.totals = (0..20).map(|total| (format!("claude_code.usage.of_some_kind_{total}"), total)).collect();
        one.owned = (0..60).collect();
        one.delivered = (0..120).map(|span_id| DeliveredSpan { span_id, print: 0 }).collect();
        one
    });
    let files = (0..1500).map(|number| file(number, number / 10, 0)).collect();
    store.commit(&Commit { files, gone: Vec::new(), sessions: sessions.collect() }).unwrap();
    drop(store);
    let store = Store::open(&lock, &OPTIONS).unwrap().0;
    let before = written();
    // Every five seconds a few calls of the model in two files of one session.
    for tick in 1..=12_u64 {
        let mut one = session(7, tick as i64, tick);
        one.row.totals =
            (0..20).map(|total| (format!("claude_code.usage.of_some_kind_{total}"), total + tick)).collect();
        one.owned = (0..6).map(|entry| 1000 + tick * 10 + entry).collect();
        one.delivered = (0..8).map(|id| DeliveredSpan { span_id: 1000 + tick * 10 + id, print: tick }).collect();
        let files = vec![file(70, 7, tick), file(71, 7, tick)];
        store.commit(&Commit { files, gone: Vec::new(), sessions: vec![one] }).unwrap();
        store.flush().unwrap();
    }
    let bytes = written() - before;
    assert!((10_000..=MOST_BYTES).contains(&bytes), "a busy minute writes {bytes} bytes");
    println!("a busy minute writes {bytes} bytes");
}

#[test]
fn a_busy_minute_writes_little() {
    let temp = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "state_budget::writes_for_a_minute", "--nocapture"])
        .env(STATE, temp.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("a busy minute writes"), "{said}");
    println!("{said}");
}
