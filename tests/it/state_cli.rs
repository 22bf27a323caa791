//! `state` as a person or a script meets it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use claude_otel::checkpoint::lock::{Holder, Lock};
use claude_otel::checkpoint::store::Store;

use crate::state::{OPTIONS, copy, locked};
use crate::state_care::{filled, spoil};
use crate::status::session;
use crate::support::program::{Program, Run, spans_in};

/// Two delivered sessions; the telemetry is in `out`, the state is called `mine`.
struct World {
    program: Program,
}

impl World {
    fn new() -> Self {
        let program = Program::new();
        for number in 1..=2 {
            let id = format!("{number}0000000-0000-4000-8000-00000000000{number}");
            program.transcript(&format!("{id}.jsonl"), &session(&id));
        }
        let world = Self { program };
        let run = world.backfill();
        assert_eq!(run.code(), 0, "{}", run.stderr());
        world
    }

    fn out(&self) -> PathBuf {
        self.program.path("out")
    }

    fn dir(&self) -> PathBuf {
        self.program.path("state/claude-otel/destinations/mine")
    }

    fn backfill(&self) -> Run {
        let out = self.out();
        self.program.backfill(&["--finish", "--json", "--destination", "mine", "--otlp-file", out.to_str().unwrap()])
    }

    /// `state COMMAND --destination mine` with more arguments.
    fn state(&self, args: &[&str]) -> Run {
        let mut all = vec!["state"];
        all.extend(args);
        all.extend(["--destination", "mine"]);
        let run = self.program.run(&all);
        assert!(!run.stderr().contains("panicked"), "{args:?}: {}", run.stderr());
        run
    }

    fn set_aside(&self, what: &str) -> usize {
        let entries = fs::read_dir(self.dir().join("set-aside")).into_iter().flatten();
        entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(what)).count()
    }

    /// Bytes that no database begins with.
    fn destroy(&self) {
        let db = self.dir().join("db/db");
        let length = fs::metadata(&db).unwrap().len() as usize;
        fs::write(db, vec![0xa5; length]).unwrap();
    }
}

#[test]
fn a_state_that_was_moved_knows_all_that_it_knew() {
    let world = World::new();
    let spans = spans_in(&world.out()).len();
    let file = world.program.path("moved.jsonl");
    let file = file.to_str().unwrap();
    let exported = world.state(&["export", file]);
    assert_eq!((exported.code(), exported.stdout().as_str()), (0, ""), "{}", exported.stderr());
    assert!(exported.stderr().starts_with("2 files and 2 sessions of the state in "), "{}", exported.stderr());
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(file).unwrap()) & 0o777, 0o600);
    // The same to standard output.
    assert_eq!(world.state(&["export"]).stdout(), fs::read_to_string(file).unwrap());

    assert_eq!(world.state(&["reset", "--yes"]).code(), 0);
    let imported = world.state(&["import", file]);
    assert_eq!(imported.code(), 0, "{}", imported.stderr());
    assert!(imported.stderr().starts_with("2 files and 2 sessions are in the state in "), "{}", imported.stderr());
    assert_eq!(world.state(&["check"]).code(), 0);
    assert_eq!(world.state(&["export", "-"]).stdout(), fs::read_to_string(file).unwrap());
    let summary = world.backfill().json();
    assert_eq!((&summary["sessions_delivered_before"], &summary["spans"]["delivered"]), (&2.into(), &0.into()));
    assert_eq!(spans_in(&world.out()).len(), spans);
}

#[test]
fn an_import_takes_nobodys_place_unasked_and_is_taken_whole_or_not_at_all() {
    let world = World::new();
    let text = world.state(&["export"]).stdout();
    let (whole, half) = (world.program.path("whole"), world.program.path("half"));
    fs::write(&whole, &text).unwrap();
    fs::write(&half, &text[..text.len() / 2]).unwrap();
    let (whole, half) = (whole.to_str().unwrap(), half.to_str().unwrap());
    let refused = world.state(&["import", whole]);
    assert_eq!(refused.code(), 3);
    assert!(
        refused.stderr().contains("2 files and 2 sessions") && refused.stderr().contains("--overwrite"),
        "{}",
        refused.stderr()
    );
    for file in [half, "/does/not/exist"] {
        let cut = world.state(&["import", "--overwrite", file]);
        assert!(cut.code() == 3 && cut.stderr().ends_with("the state is as it was\n"), "{}", cut.stderr());
    }
    assert_eq!((world.state(&["export"]).stdout(), world.set_aside("replaced")), (text, 0));
    let taken = world.state(&["import", "--overwrite", whole]);
    assert!(taken.code() == 0 && taken.stderr().contains("what was there is in "), "{}", taken.stderr());
    assert_eq!(world.set_aside("replaced"), 1);
}

#[test]
fn a_sound_state_is_said_to_be_one() {
    let world = World::new();
    let check = world.state(&["check"]);
    assert_eq!((check.code(), check.stderr().as_str()), (0, ""));
    assert!(
        check.stdout().starts_with("the state in ") && check.stdout().contains(" is sound\n"),
        "{}",
        check.stdout()
    );
    let report = world.state(&["check", "--json"]).json();
    assert_eq!((&report["is_sound"], &report["exists"], &report["schema"]), (&true.into(), &true.into(), &1.into()));
    assert_eq!((&report["trees"][1]["name"], &report["trees"][1]["rows"]), (&"files".into(), &2.into()));
    let repair = world.state(&["repair"]);
    assert!(repair.code() == 0 && repair.stderr().contains("is sound; nothing was changed"), "{}", repair.stderr());
}

#[test]
fn a_damaged_state_is_named_mended_and_sends_the_same_again() {
    let world = World::new();
    let before = spans_in(&world.out());
    world.destroy();
    let check = world.state(&["check"]);
    assert_eq!((check.code(), check.stderr().as_str()), (1, ""));
    assert!(check.stdout().contains(" is damaged; `claude-otel state repair`"), "{}", check.stdout());
    assert_eq!(world.state(&["check", "--json"]).json()["is_sound"], false);
    let export = world.state(&["export"]);
    assert_eq!((export.code(), export.stdout().as_str()), (1, ""));
    assert!(export.stderr().contains("nothing was exported"), "{}", export.stderr());
    assert_eq!(world.set_aside("corrupt"), 0, "looking must not change anything");
    let repair = world.state(&["repair"]);
    assert!(repair.code() == 0 && repair.stderr().contains("is begun anew; the old one is in "), "{}", repair.stderr());
    assert_eq!((world.set_aside("corrupt"), world.state(&["check"]).code()), (1, 0));
    // A watcher does not take it for a first start, on which it would leave the past out.
    let (root, out) = (world.program.root(), world.out());
    let once = ["watch", "--once", "--backfill", "none", "--session-idle", "1ms", "--destination", "mine"];
    let more = ["--root", root.to_str().unwrap(), "--otlp-file", out.to_str().unwrap()];
    let run = world.program.run(&[&once[..], &more[..]].concat());
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let ids = |spans: &[serde_json::Value]| {
        let mut ids: Vec<String> = spans.iter().map(|span| span["spanId"].to_string()).collect();
        ids.sort();
        ids
    };
    let after = spans_in(&world.out());
    assert_eq!(ids(&after[before.len()..]), ids(&before));
}

#[test]
fn the_database_gives_up_in_silence_and_what_can_be_read_is_saved() {
    let program = Program::new();
    let dir = program.path("state/claude-otel/destinations/mine");
    let template = program.path("template");
    let (mut gave_up, mut saved) = (0, 0);
    // Where rows lie, and so whether the database gives up over one, depends on when its own threads have written them.
    for number in 0..60 {
        if number >= 10 && gave_up > 0 && saved > 0 {
            break;
        }
        if number % 10 == 0 {
            for path in [&dir, &template] {
                let _ = fs::remove_dir_all(path);
            }
            let lock = locked(&dir);
            drop(filled(&lock, 60));
            // Once opened again it knows where its rows lie; before that it has only its log to tell.
            drop(Store::open(&lock, &OPTIONS).unwrap());
            drop(lock);
            copy(&dir, &template);
        }
        fs::remove_dir_all(&dir).unwrap();
        copy(&template, &dir);
        spoil(&locked(&dir), number);
        let repair = program.run(&["-vv", "state", "repair", "--wait=30s", "--destination", "mine"]);
        let said = repair.stderr();
        assert!(repair.code() == 0 && !said.contains("panicked"), "{said}");
        gave_up += usize::from(said.contains("the database gave up"));
        saved += usize::from(
            said.contains("180 files and 60 sessions are kept, ") && said.contains("; the damaged state is in "),
        );
        assert_eq!(program.run(&["state", "check", "--wait=30s", "--destination", "mine"]).code(), 0, "{said}");
    }
    assert!(gave_up > 0 && saved > 0, "{gave_up} {saved}");
}

#[test]
fn a_reset_wants_to_be_meant() {
    let world = World::new();
    let spans = spans_in(&world.out()).len();
    let asked = world.state(&["reset"]);
    assert_eq!(asked.code(), 2);
    assert!(
        asked.stderr().contains("2 transcripts and") && asked.stderr().contains("--yes does it"),
        "{}",
        asked.stderr()
    );
    assert_eq!(world.backfill().json()["spans"]["delivered"], 0);
    let done = world.state(&["reset", "--yes"]);
    assert!(done.code() == 0 && done.stderr().contains(" is set aside in "), "{}", done.stderr());
    assert_eq!(world.set_aside("reset"), 1);
    assert_eq!(world.backfill().json()["spans"]["delivered"], spans);
    assert_eq!(spans_in(&world.out()).len(), 2 * spans);
}

#[test]
fn a_state_in_use_is_left_alone() {
    let world = World::new();
    let holder = Holder { pid: 4711, since: 0, command: "watch".to_owned(), version: "0".to_owned() };
    let lock = Lock::take(&world.dir(), &holder).unwrap();
    for command in [
        &["check"][..],
        &["repair"],
        &["export"],
        &["import", "/dev/null"],
        &["reset", "--yes"],
        &["check", "--wait=80ms"],
    ] {
        let run = world.state(command);
        assert_eq!(run.code(), 75, "{command:?}");
        assert!(run.stderr().contains("`watch` (pid 4711, since 1970-01-01T00:00:00Z)"), "{}", run.stderr());
    }
    let waiting = world
        .program
        .command(&["state", "check", "--wait", "--destination", "mine"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(lock);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn where_there_is_no_state_none_is_made() {
    let program = Program::new();
    for (args, code) in [(&["check"][..], 0), (&["repair"], 0), (&["export"], 3), (&["reset", "--yes"], 0)] {
        let mut all = vec!["state"];
        all.extend(args);
        let run = program.run(&all);
        assert_eq!(run.code(), code, "{args:?} {}", run.stderr());
        assert!((run.stdout() + &run.stderr()).contains("nothing is remembered in "), "{args:?}");
    }
    assert!(!program.path("state").exists());
}

#[test]
fn who_waits_for_the_state_ends_when_asked_to() {
    let program = Program::new();
    program.transcript("00000000-0000-4000-8000-00000000000a.jsonl", "{}\n");
    let root = program.root();
    let out = program.path("out");
    let args = |command: &'static str| {
        vec![
            command.to_owned(),
            "--root".into(),
            root.display().to_string(),
            "--otlp-file".into(),
            out.display().to_string(),
        ]
    };
    let start = |args: Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        program.command(&args).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut holder = start(args("watch"));
    wait_for_line(&mut holder, "caught up");
    let mut waiting = start([args("backfill"), vec!["--wait".to_owned()]].concat());
    wait_for_line(&mut waiting, "waiting for it");
    let end = |child: &std::process::Child| {
        let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(ended.success());
    };
    end(&waiting);
    assert_eq!(waiting.wait().unwrap().code(), Some(143));
    end(&holder);
    assert_eq!(holder.wait().unwrap().code(), Some(0));
}

/// Reads what a program says until it says this.
fn wait_for_line(child: &mut std::process::Child, text: &str) {
    use std::io::{BufRead, BufReader};
    let mut lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(text)), "{text}");
}
