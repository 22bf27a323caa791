//! A process that is killed at any moment leaves every commit whole or absent, and none absent that was flushed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use claude_otel::checkpoint::ladder::Opening;
use claude_otel::checkpoint::lock::Lock;
use claude_otel::checkpoint::rows::{Commit, DeliveredSpan};
use claude_otel::checkpoint::store::Store;

use crate::state::{OPTIONS, Remembered, file, locked, session};

const STATE: &str = "CLAUDE_OTEL_TEST_STATE_TO_WRITE";
const KILLS: usize = 25;

fn commit(round: u64) -> Commit {
    let sessions = (0..4).map(|number| {
        let mut one = session(number, round as i64, round);
        one.delivered = (0..90).map(|id| DeliveredSpan { span_id: id + round % 7 * 50, print: round }).collect();
        one.owned = vec![round * 10 + number];
        one
    });
    let files = (0..30).map(|number| file(number + round % 11 * 30, number % 4, round)).collect();
    Commit { files, gone: vec![file(round % 300, 0, 0).path], sessions: sessions.collect() }
}

/// What the killed process runs: commits for ever, and says after each flush how much was written.
#[test]
fn writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(STATE) else { return };
    let lock = locked(Path::new(&dir));
    let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
    assert!(matches!(opening, Opening::Fresh | Opening::Opened), "{opening:?}");
    for round in store.writes().unwrap() - 1.. {
        store.commit(&commit(round)).unwrap();
        if round % 3 == 0 {
            store.flush().unwrap();
            println!("flushed {}", store.writes().unwrap());
        }
    }
}

#[test]
fn a_killed_process_leaves_only_whole_commits() {
    let temp = tempfile::tempdir().unwrap();
    let (mut model, mut rounds, mut most) = (Remembered::default(), 0, 0);
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "state_kill::writes_until_it_is_killed", "--nocapture"])
            .env(STATE, temp.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut flushed = lines.filter_map(|line| line.split_once("flushed ")?.1.parse::<u64>().ok());
        // The more it has said, the later it dies: sometimes while it opens, sometimes far into its work.
        let last = flushed.by_ref().nth(kill % 9);
        child.kill().unwrap();
        child.wait().unwrap();
        let last = flushed.last().or(last).expect("it ended before it was killed");
        assert_eq!(Lock::holder(temp.path()), None);

        let lock = locked(temp.path());
        let (store, opening) = Store::open(&lock, &OPTIONS).unwrap();
        assert!(matches!(opening, Opening::Opened), "kill {kill}: {opening:?}");
        let writes = store.writes().unwrap();
        assert!(writes >= last, "kill {kill}: {last} writes were flushed, {writes} are left");
        for round in rounds..writes - 1 {
            model.commit(&commit(round));
        }
        rounds = writes - 1;
        most = most.max(writes);
        assert_eq!(Remembered::of(&store), model, "kill {kill}");
    }
    assert!(most > 100, "{most} writes are not enough to say anything");
}
