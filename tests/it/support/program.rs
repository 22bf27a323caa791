//! The built program, run in surroundings of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A home folder, a state folder and a root, all fresh; nothing of the machine's environment.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) dir: TempDir,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A root with one project folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.path("projects")
    }

    /// Writes a transcript into the root.
    pub(crate) fn transcript(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.root().join("-srv-api").join(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claude-otel"));
        command.args(args).env_clear().env("HOME", self.path("home")).env("XDG_STATE_HOME", self.path("state"));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run(self.command(args).output().unwrap())
    }

    /// `backfill --root ROOT` with more arguments.
    pub(crate) fn backfill(&self, more: &[&str]) -> Run {
        let root = self.root();
        let mut args = vec!["backfill", "--root", root.to_str().unwrap()];
        args.extend(more);
        self.run(&args)
    }
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Run(pub(crate) Output);

impl Run {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// The summary of `--json`.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout())
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.stdout(), self.stderr()))
    }
}

/// All spans in a folder of OTLP/JSON lines, in the order of the files.
pub(crate) fn spans_in(folder: &Path) -> Vec<Value> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("traces")));
    files.sort();
    let mut spans = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        // The last line may be half written while it is looked at.
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let request: Value = serde_json::from_str(line).unwrap();
            for resource in request["resourceSpans"].as_array().unwrap() {
                for scope in resource["scopeSpans"].as_array().unwrap() {
                    spans.extend(scope["spans"].as_array().unwrap().iter().cloned());
                }
            }
        }
    }
    spans
}
