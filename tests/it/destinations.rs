//! Several destinations at once: none waits for another, and each remembers for itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tokio::runtime::Runtime;
use tonic::Code;

use crate::status::session;
use crate::support::otlp_server::{Listen, OtlpServer, refuse};
use crate::support::program::{Program, spans_in};

const FIRST: &str = "1000000a-0000-4000-8000-00000000000a";
const SECOND: &str = "1000000b-0000-4000-8000-00000000000b";

/// A session that nobody has written to for long.
fn old(program: &Program, id: &str) {
    let path = program.transcript(&format!("{id}.jsonl"), &session(id));
    let then = SystemTime::now() - Duration::from_secs(3 * 86_400);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

/// A program with one session and this configuration file.
fn program(config: &str) -> Program {
    let program = Program::new();
    old(&program, FIRST);
    std::fs::write(program.path("config.toml"), config).unwrap();
    program
}

fn arguments<'a>(program: &Program, command: &'a str, more: &[&'a str]) -> Vec<String> {
    let (config, root) = (program.path("config.toml"), program.root());
    let mut arguments = vec![command.to_owned(), "--config".to_owned(), config.display().to_string()];
    arguments.extend(["--root".to_owned(), root.display().to_string()]);
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    arguments
}

fn run(program: &Program, command: &str, more: &[&str]) -> crate::support::program::Run {
    let arguments = arguments(program, command, more);
    program.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn watch(program: &Program) -> Child {
    let arguments = arguments(program, "watch", &["--backfill", "all", "--poll", "--stop-timeout", "1s"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program.command(&arguments).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Waits for something that happens soon or never.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what} did not happen");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The span ids in a folder; each once.
fn ids_in(folder: &Path) -> BTreeSet<String> {
    let spans = if folder.exists() { spans_in(folder) } else { Vec::new() };
    let ids: BTreeSet<String> = spans.iter().map(|span| span["spanId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), spans.len(), "a span was written twice");
    ids
}

fn ids_at(server: &OtlpServer) -> BTreeSet<String> {
    server.numbers().into_iter().flatten().map(|number| format!("{number:016X}")).collect()
}

fn names(program: &Program) -> Vec<String> {
    let folder = program.path("state/claude-otel/destinations");
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn one_that_refuses_keeps_nothing_from_the_others_and_each_has_its_own_state() {
    let runtime = Runtime::new().unwrap();
    let (good, bad) = runtime.block_on(async {
        let script = std::iter::repeat_n(refuse(401, Code::Unauthenticated, "no"), 50);
        (OtlpServer::start(Listen::Http, []).await, OtlpServer::start(Listen::Http, script).await)
    });
    let program = program(&format!(
        "[destinations.good]\nendpoint = \"http://{}\"\nsignals = \"traces\"\n\
         [destinations.bad]\nendpoint = \"http://{}\"\nsignals = \"traces\"\n\
         [destinations.files]\notlp_file = \"out\"\n",
        good.addr, bad.addr
    ));
    let ran = run(&program, "backfill", &[]);
    assert_eq!(ran.code(), 4, "{}", ran.stderr());
    assert!(ran.stderr().contains("bad: ") && ran.stderr().contains("good: reading"), "{}", ran.stderr());
    assert!(ran.stdout().contains("good:\nsessions   1"), "{}", ran.stdout());
    let written = ids_in(&program.path("out"));
    assert!(written.len() > 3);
    let upper = written.iter().map(|id| id.to_uppercase()).collect::<BTreeSet<_>>();
    assert_eq!(ids_at(&good), upper);
    assert_eq!(names(&program), ["bad", "files", "good"]);

    // The good ones have nothing new; the bad one gets everything, now that it is told alone.
    let again = run(&program, "backfill", &["--json"]);
    let lines: Vec<Value> = again.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let delivered = |name: &str| {
        let summary = lines.iter().find(|summary| summary["name"] == name).unwrap();
        summary["sessions_delivered_before"].as_u64().unwrap()
    };
    assert_eq!([delivered("good"), delivered("files"), delivered("bad")], [1, 1, 0]);
    assert_eq!(ids_in(&program.path("out")), written);
    let one = run(&program, "status", &["--destination", "good", "--json"]).json();
    assert_eq!((one["states"].as_array().unwrap().len(), &one["states"][0]["name"]), (1, &"good".into()));
    let state = program.run(&["state", "check", "--config", program.path("config.toml").to_str().unwrap()]);
    assert_eq!(state.code(), 3);
    assert!(state.stderr().contains("bad, files, good"), "{}", state.stderr());
}

#[test]
fn a_watcher_serves_the_living_while_one_is_dead_and_goes_on_after_it_was_killed() {
    let runtime = Runtime::new().unwrap();
    let good = runtime.block_on(OtlpServer::start(Listen::Http, []));
    // Nobody listens at this port.
    let program = program(&format!(
        "[destinations.dead]\nendpoint = \"http://127.0.0.1:1\"\n\
         [destinations.good]\nendpoint = \"http://{}\"\nsignals = \"traces\"\n\
         [destinations.files]\notlp_file = \"out\"\n",
        good.addr
    ));
    let mut child = watch(&program);
    until("the first delivery", || !ids_at(&good).is_empty() && !ids_in(&program.path("out")).is_empty());
    until("the same everywhere", || ids_at(&good).len() == ids_in(&program.path("out")).len());
    // Once what was delivered is remembered, killing loses nothing.
    until("the copies of the states", || {
        ["good", "files"].iter().all(|name| {
            let copy = program.path("state/claude-otel/destinations").join(name).join("checkpoints.json");
            std::fs::read_to_string(copy).is_ok_and(|text| text.contains(FIRST))
        })
    });
    signal(&child, "-KILL");
    child.wait().unwrap();
    let before = ids_at(&good).len();

    old(&program, SECOND);
    let child = watch(&program);
    until("the second session", || {
        ids_at(&good).len() > before && ids_in(&program.path("out")).len() == ids_at(&good).len()
    });
    signal(&child, "-TERM");
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(4), "{said}");
    assert!(said.contains("dead: the destination did not take the rest in time"), "{said}");
    assert!(said.contains("good: ") && said.contains("files: "), "{said}");
}

#[test]
fn the_first_that_is_done_does_not_end_the_others() {
    // Which one is first is a matter of luck.
    for _ in 0..12 {
        let program = program("[destinations.a]\notlp_file = \"a\"\n[destinations.b]\notlp_file = \"b\"\n");
        let ran = run(&program, "reexport", &["--since", "2020-01-01"]);
        assert_eq!(ran.code(), 0, "{} {}", ran.stdout(), ran.stderr());
        assert_eq!(ids_in(&program.path("a")), ids_in(&program.path("b")));
    }
}

#[test]
fn two_writers_of_one_place_are_two_instances() {
    let program = program("[destinations.a]\notlp_file = \"a\"\n[destinations.b]\notlp_file = \"b\"\n");
    let ran = run(&program, "reexport", &["--since", "2020-01-01"]);
    assert_eq!(ran.code(), 0, "{} {}", ran.stdout(), ran.stderr());
    let instance = |name: &str| {
        let file = std::fs::read_to_string(program.path(name).join("traces.jsonl")).unwrap();
        let request: Value = serde_json::from_str(file.lines().next().unwrap()).unwrap();
        let attributes = request["resourceSpans"][0]["resource"]["attributes"].as_array().unwrap().clone();
        attributes.iter().find(|pair| pair["key"] == "service.instance.id").unwrap()["value"].clone()
    };
    assert_ne!(instance("a"), instance("b"));
    assert!(!program.path("state/claude-otel/destinations").exists());
}

#[test]
fn what_is_too_old_is_left_out_loudly_and_sent_when_asked_for() {
    let program = program("[destinations.files]\notlp_file = \"out\"\nmax_age = \"1h\"\n");
    let ran = run(&program, "backfill", &[]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(ran.stderr().contains("turns that began more than 1h before"), "{}", ran.stderr());
    assert!(ran.stdout().contains("too old    1 turn not sent; --old-data send"), "{}", ran.stdout());
    assert_eq!(ids_in(&program.path("out")).len(), 0);
    let sent = run(&program, "backfill", &["--old-data", "send"]);
    assert!(!sent.stdout().contains("too old"), "{}", sent.stdout());
    assert!(ids_in(&program.path("out")).len() > 3);
    // What was delivered is not news, however old.
    assert!(!run(&program, "backfill", &[]).stdout().contains("too old"));
}
