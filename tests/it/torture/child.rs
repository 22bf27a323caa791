//! The program under test, as processes that are killed.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message;
use rustix::process::{Pid, Signal};

use super::counts::Counts;
use super::receiver::{REEXPORT, Receiver, wait_until};
use crate::support::program::{Program, Run, spans_in};

/// The limits of quiet: every command of a run has the same.
pub(crate) const LIMITS: [&str; 4] = ["--session-idle", "2s", "--max-open", "4s"];

/// What should have been sent.
#[derive(Debug)]
pub(crate) struct Truths {
    pub(crate) spans: Vec<serde_json::Value>,
    pub(crate) summary: serde_json::Value,
    pub(crate) counts: Counts,
    /// Events by their bytes.
    pub(crate) events: Vec<Vec<u8>>,
}

/// A root, a state and what is run on them.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) program: Program,
    endpoint: String,
    is_polling: bool,
}

impl Bench {
    pub(crate) fn new(receiver: &Receiver, is_polling: bool) -> Self {
        let program = Program::new();
        fs::create_dir_all(program.root()).unwrap();
        Self { program, endpoint: format!("http://{}", receiver.addr), is_polling }
    }

    /// A command on the root that sends to the receiver; what it says is kept in a file.
    fn command(&self, name: &str, more: &[&str]) -> Command {
        let root = self.program.root();
        let mut args = vec![name, "--root", root.to_str().unwrap(), "--endpoint", &self.endpoint];
        args.extend(LIMITS);
        args.extend(more);
        let mut command = self.program.command(&args);
        let said = File::options().append(true).create(true).open(self.said_path()).unwrap();
        command.env("OTEL_EXPORTER_OTLP_TIMEOUT", "1500").env("OTEL_METRIC_EXPORT_INTERVAL", "300");
        // Its own health is told beside, and not told twice.
        command.env("CLAUDE_OTEL_SELF_TELEMETRY", "off").stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        command
    }

    pub(crate) fn watch(&self) -> Child {
        let mut more = vec!["--backfill", "all", "--send-every", "100ms"];
        if self.is_polling {
            more.push("--poll");
        }
        self.command("watch", &more).spawn().unwrap()
    }

    pub(crate) fn backfill(&self) -> Child {
        // What it delivers counts too, or the watcher would count it only when it goes on.
        self.command("backfill", &["--metrics", "now"]).spawn().unwrap()
    }

    pub(crate) fn reexport(&self) -> Child {
        let mut command = self.command("reexport", &["--since", "1h"]);
        command.env("OTEL_EXPORTER_OTLP_HEADERS", format!("{REEXPORT}=1")).spawn().unwrap()
    }

    fn said_path(&self) -> PathBuf {
        self.program.path("said")
    }

    /// Everything that all of them have said.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.said_path()).unwrap()
    }

    /// One backfill over everything, closed, with a state of its own: what should have been sent.
    pub(crate) fn truth(&self) -> Truths {
        let out = self.program.path("truth");
        let mut args = vec!["--finish", "--json", "--metrics", "now", "--otlp-file", out.to_str().unwrap()];
        args.extend(LIMITS);
        let run = self.program.backfill(&args);
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let mut counts = Counts::default();
        let metrics = fs::read_to_string(out.join("metrics.jsonl")).unwrap();
        metrics.lines().for_each(|line| counts.take(serde_json::from_str(line).unwrap()));
        let requests = fs::read_to_string(out.join("logs.jsonl")).unwrap();
        let requests = requests.lines().map(|line| serde_json::from_str::<ExportLogsServiceRequest>(line).unwrap());
        let scopes = requests.flat_map(|request| request.resource_logs).flat_map(|resource| resource.scope_logs);
        let events = scopes.flat_map(|scope| scope.log_records).map(|record| record.encode_to_vec()).collect();
        Truths { spans: spans_in(&out), summary: run.json(), counts, events }
    }

    /// What one more backfill into the same state comes to, which should have nothing to send.
    pub(crate) fn once_more(&self) -> serde_json::Value {
        let output = self.command("backfill", &["--finish", "--json"]).stdout(Stdio::piped()).output().unwrap();
        Run(output).json()
    }

    /// Waits until something is written into the state; false when nothing is in time.
    pub(crate) fn await_writing(&self, patience: Duration) -> bool {
        let states = self.program.path("state").join("claude-otel/destinations");
        let written = || {
            let folders = fs::read_dir(&states).into_iter().flatten().map(|entry| entry.unwrap().path().join("db/db"));
            folders.filter_map(|file| fs::metadata(file).and_then(|file| file.modified()).ok()).max()
        };
        let (before, deadline) = (written(), Instant::now() + patience);
        while written() == before {
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        true
    }

    /// The copy of the state for people.
    pub(crate) fn mirror(&self) -> serde_json::Value {
        let states = self.program.path("state").join("claude-otel/destinations");
        let find = |folder: PathBuf| {
            let mut entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
            entries.find(|path| path.file_name().is_some_and(|name| name == "checkpoints.json"))
        };
        let folders = fs::read_dir(states).unwrap().map(|entry| entry.unwrap().path());
        let of_endpoint = |path: &PathBuf| {
            let mirror: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            let describe = mirror["destination"]["describe"].as_str().unwrap();
            describe.contains(&self.endpoint).then_some(mirror)
        };
        folders.filter_map(find).find_map(|path| of_endpoint(&path)).unwrap()
    }
}

/// Asks a process to end.
pub(crate) fn ask_to_end(child: &Child) {
    rustix::process::kill_process(Pid::from_child(child), Signal::TERM).unwrap();
}

/// Asks a process to end, and waits for that.
pub(crate) fn terminate(child: &mut Child) -> ExitStatus {
    ask_to_end(child);
    let mut status = None;
    let is_over = wait_until(Duration::from_secs(120), || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    if !is_over {
        kill(child);
        panic!("the watcher did not end when it was asked to");
    }
    status.unwrap()
}

/// Ends a process without a word.
pub(crate) fn kill(child: &mut Child) {
    // It may have ended by itself, as a backfill does.
    let _ended = child.kill();
    child.wait().unwrap();
}
