//! One file that nobody can read sensibly never holds up the others.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::child::{Bench, terminate};
use super::dice::Dice;
use super::receiver::{Receiver, wait_until};
use super::verdict;
use crate::support::transcript::{CallScript, write};

const MEGABYTE: u64 = 1024 * 1024;
/// The size of the line that never ends.
const LINE: u64 = 100 * MEGABYTE;
const SESSIONS: usize = 5;
const ROUNDS: usize = 6;
/// Ten pauses between two looks at the disk: whoever waits for longer waits for ever.
const STUCK: Duration = Duration::from_secs(20);

/// Files that are no transcripts, and one that grows.
struct Poison {
    line: PathBuf,
    garbage: PathBuf,
    dice: Dice,
}

impl Poison {
    fn lay(root: &Path) -> Self {
        let folder = root.join("-srv-poison");
        fs::create_dir_all(folder.join("folder.jsonl")).unwrap();
        let line = folder.join("line.jsonl");
        fs::write(&line, b"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"").unwrap();
        OpenOptions::new().write(true).open(&line).unwrap().set_len(LINE).unwrap();
        mknodat(CWD, folder.join("pipe.jsonl"), FileType::Fifo, Mode::from(0o600), 0).unwrap();
        fs::write(folder.join("locked.jsonl"), "{\"type\":\"user\"}\n").unwrap();
        // Whoever is root can read it all the same.
        fs::set_permissions(folder.join("locked.jsonl"), Permissions::from_mode(0o000)).unwrap();
        symlink("/dev/zero", folder.join("endless.jsonl")).unwrap();
        symlink("loop.jsonl", folder.join("loop.jsonl")).unwrap();
        Self { line, garbage: folder.join("garbage.jsonl"), dice: Dice::new(11) }
    }

    /// The line is longer by a megabyte of nothing, and there is more garbage.
    fn grow(&mut self) {
        let line = OpenOptions::new().write(true).open(&self.line).unwrap();
        line.set_len(line.metadata().unwrap().len() + MEGABYTE).unwrap();
        let garbage: Vec<u8> = (0..2_000).flat_map(|_| self.dice.next().to_le_bytes()).collect();
        File::options().append(true).create(true).open(&self.garbage).unwrap().write_all(&garbage).unwrap();
    }
}

/// How many bytes a process has read, from wherever.
fn bytes_read(child: &Child) -> u64 {
    let counts = fs::read_to_string(format!("/proc/{}/io", child.id())).unwrap();
    counts.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// So many turns of a session; more turns only add to the end.
fn turns(session: &str, count: usize) -> String {
    let call = |tools| CallScript { tokens: [3, 20, 0, 0], texts: 1, tools, agent: vec![], placeholder: false };
    write(session, &vec![vec![call(vec![false]), call(vec![])]; count]).main
}

fn others_go_on(is_polling: bool) {
    let receiver = Receiver::start();
    let bench = Bench::new(&receiver, is_polling);
    let mut poison = Poison::lay(&bench.program.root());
    let mut watcher = bench.watch();
    let is_over = AtomicBool::new(false);
    let sessions: Vec<String> = (1..=SESSIONS).map(|number| format!("healthy-{}", "x".repeat(number))).collect();
    let mut arrived = Vec::new();
    let growth = std::thread::scope(|scope| {
        let growing = scope.spawn(|| {
            let mut growth = 0;
            while !is_over.load(Ordering::Acquire) {
                poison.grow();
                growth += MEGABYTE;
                std::thread::sleep(Duration::from_millis(100));
            }
            growth
        });
        for round in 1..=ROUNDS {
            for session in &sessions {
                let path = bench.program.root().join("-srv-healthy").join(format!("{session}.jsonl"));
                let text = turns(session, round);
                let rest = text.strip_prefix(&turns(session, round - 1)).unwrap();
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                File::options().append(true).create(true).open(path).unwrap().write_all(rest.as_bytes()).unwrap();
            }
            // The poison grows on while these are waited for.
            let is_response = |span: &[super::receiver::Arrival]| span[0].span.name.starts_with("chat ");
            let wanted = round * SESSIONS * 2;
            let count = || receiver.arrivals().values().filter(|of_id| is_response(of_id)).count();
            arrived.push(wait_until(STUCK, || count() == wanted));
        }
        is_over.store(true, Ordering::Release);
        growing.join().unwrap()
    });
    let read = bytes_read(&watcher);
    let truth = verdict::truth(bench.truth().spans);
    let is_complete = wait_until(STUCK, || truth.keys().all(|id| receiver.arrivals().contains_key(id)));
    let status = terminate(&mut watcher);
    assert_eq!(arrived, [true; ROUNDS], "rounds whose responses arrived while the poison grew: {}", bench.said());
    assert!(is_complete, "{}", bench.said());
    assert_eq!(status.code(), Some(0), "{}", bench.said());
    // What there was is read a few times at most, and after that only what is new.
    assert!(read < 4 * LINE + 4 * growth, "{} MB read for {} MB", read / MEGABYTE, (LINE + growth) / MEGABYTE);
    for said in ["pipe.jsonl", "endless.jsonl", "loop.jsonl"] {
        let count = bench.said().lines().filter(|line| line.contains(said)).count();
        assert_eq!(count, 1, "{said} is told of {count} times: {}", bench.said());
    }
}

#[test]
fn poisoned_files_do_not_hold_up_others_that_are_told_of_by_events() {
    others_go_on(false);
}

#[test]
fn poisoned_files_do_not_hold_up_others_that_are_looked_at() {
    others_go_on(true);
}
