//! Roots that are not there yet, or are another folder than they were, are followed as soon as they are there.
#![expect(clippy::disallowed_methods, reason = "the test waits for another process")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{Program, spans_in};

/// A program that follows, and is ended with the test.
struct Watching(Child);

impl Watching {
    fn start(program: &Program, more: &[&str]) -> Self {
        let out = program.path("out");
        let mut args =
            vec!["watch", "--backfill", "all", "--session-idle", "1s", "--max-open", "1s", "--send-every", "50ms"];
        args.extend(["--otlp-file", out.to_str().unwrap()]);
        args.extend(more);
        Self(program.command(&args).stderr(Stdio::null()).spawn().unwrap())
    }

    fn end(mut self) -> Option<i32> {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap().success());
        self.0.wait().unwrap().code()
    }
}

fn write_session(root: &Path, number: u32) {
    let folder = root.join("-srv-api");
    fs::create_dir_all(&folder).unwrap();
    let session = format!("00000000-0000-4000-8000-{number:012}");
    let line = format!(
        r#"{{"parentUuid":null,"type":"user","message":{{"role":"user","content":"go"}},"uuid":"{session}","timestamp":"2026-03-01T10:00:00.000Z","sessionId":"{session}","version":"2.1.330"}}"#
    );
    fs::write(folder.join(format!("{session}.jsonl")), line + "\n").unwrap();
}

/// Waits until so many spans were delivered; the end of waiting is only there to tell of a failure.
fn wait_for_spans(program: &Program, count: usize) {
    let patience = Instant::now() + Duration::from_secs(60);
    let out = program.path("out");
    while !(out.exists() && spans_in(&out).len() >= count) {
        assert!(Instant::now() < patience, "{count} spans were not delivered");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_client_that_has_not_run_yet_is_waited_for() {
    let program = Program::new();
    let watching = Watching::start(&program, &[]);
    std::thread::sleep(Duration::from_millis(500));
    write_session(&program.path("home").join(".claude/projects"), 1);
    wait_for_spans(&program, 2);
    assert_eq!(watching.end(), Some(0));
}

#[test]
fn a_root_that_is_made_again_is_followed_again() {
    let program = Program::new();
    let root = program.root();
    write_session(&root, 1);
    let watching = Watching::start(&program, &["--root", root.to_str().unwrap()]);
    wait_for_spans(&program, 2);
    fs::remove_dir_all(&root).unwrap();
    std::thread::sleep(Duration::from_secs(3));
    write_session(&root, 2);
    wait_for_spans(&program, 4);
    write_session(&root, 3);
    wait_for_spans(&program, 6);
    assert_eq!(watching.end(), Some(0));
}
