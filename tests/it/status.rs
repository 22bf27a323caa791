//! `status` as a person or a script meets it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::program::{Program, Run};
use crate::support::transcript::{CallScript, write};

const ID: &str = "10000000-0000-4000-8000-000000000001";

/// The text of a session with one turn, which shares nothing with others.
pub(crate) fn session(id: &str) -> String {
    let call =
        CallScript { tokens: [3, 50, 1000, 200], texts: 1, tools: vec![false], agent: vec![], placeholder: false };
    let last = CallScript { tools: vec![], ..call.clone() };
    write(id, &vec![vec![call, last]]).main.replace("\"00000024-", &format!("\"{}-", &id[..8]))
}

fn other(number: u32) -> String {
    format!("{number}0000000-0000-4000-8000-00000000000{number}")
}

fn one_session() -> Program {
    let program = Program::new();
    program.transcript(&format!("{ID}.jsonl"), &session(ID));
    program
}

fn delivered() -> Program {
    let program = one_session();
    assert_eq!(program.backfill(&["--finish"]).code(), 0);
    program
}

fn age(path: &Path, seconds: u64) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

fn status(program: &Program) -> Value {
    let run = program.run(&["status", "--json"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let all = run.json();
    assert_eq!(all["states"].as_array().unwrap().len(), 1, "{all}");
    all["states"][0].clone()
}

fn text(program: &Program) -> String {
    let run = program.run(&["status"]);
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
    run.stdout()
}

/// One subject's line, without its name.
fn said<'a>(text: &'a str, subject: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(subject));
    line.unwrap_or_else(|| panic!("nothing of {subject:?} in:\n{text}")).trim_start()
}

fn everything_below(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push((path.clone(), Vec::new()));
            all.extend(everything_below(&path));
        } else {
            all.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn where_nothing_was_kept_it_says_so_and_makes_nothing() {
    let program = one_session();
    assert!(text(&program).starts_with("nothing was delivered yet"), "{}", text(&program));
    assert!(text(&program).contains("`claude-otel watch`"));
    assert_eq!(program.run(&["status", "--json"]).json()["states"], Value::Array(Vec::new()));
    let one = program.run(&["status", "--endpoint", "http://localhost:4318"]);
    assert!(one.code() == 0 && one.stdout().starts_with("http://localhost:4318/v1/traces"), "{}", one.stdout());
    assert!(said(&one.stdout(), "copy").starts_with("nothing was delivered to this destination"));
    assert!(!program.path("state").exists());
    assert_eq!(program.run(&["status", "--root", "/does/not/exist"]).code(), 3);
}

#[test]
fn what_was_delivered_is_told_and_nothing_is_touched() {
    let program = one_session();
    let summary = program.backfill(&["--finish", "--json"]).json();
    let before = everything_below(&program.path("state"));
    let state = status(&program);
    let text = text(&program);
    assert_eq!(everything_below(&program.path("state")), before);
    assert_eq!(state["totals"]["spans"], summary["spans"]["delivered"]);
    assert_eq!(state["totals"]["tokens.output"], 100);
    assert!(state["destination"].as_str().unwrap().starts_with("OTLP/JSON files in "), "{state}");
    assert!(state["last_acknowledged_age_seconds"].as_i64().unwrap() < 60);
    assert!(state["mirror"]["age_seconds"].as_i64().unwrap() < 60 && state["mirror"]["files"] == 1);
    let root = program.root().canonicalize().unwrap();
    assert_eq!((&state["roots"][0]["path"], &state["roots"][0]["kept_days"]), (&root.to_str().into(), &30.into()));
    for (part, count) in [("lag", "bytes"), ("left_out", "transcripts"), ("retention", "urgent")] {
        assert_eq!(state[part][count], 0, "{part}");
    }
    assert_eq!(
        (&state["holder"], &state["open_sessions"], &state["horizon_unix_ms"]),
        (&Value::Null, &Value::Array(vec![]), &Value::Null)
    );
    assert!(said(&text, "holder").starts_with("nobody"), "{text}");
    assert!(said(&text, "totals").contains("1 turn"), "{text}");
    assert_eq!(said(&text, "behind"), "nothing, in 1 transcript");
    assert_eq!(said(&text, "problems"), "none");
    assert_eq!(
        said(&text, "retention"),
        "the client keeps transcripts for 30 days by default; all of them are delivered"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 100 || line.contains('/')), "{text}");
}

#[test]
fn what_is_behind_is_told_by_file() {
    let program = delivered();
    let grown = program.root().join("-srv-api").join(format!("{ID}.jsonl"));
    let size = fs::metadata(&grown).unwrap().len();
    File::options().append(true).open(&grown).unwrap().write_all(b"{\"type\":\"mode\"}\n").unwrap();
    age(&grown, 600);
    let new = program.transcript(&format!("{}.jsonl", other(2)), &session(&other(2)));
    let state = status(&program);
    let lag = state["lag"]["transcripts"].as_array().unwrap();
    let new_size = fs::metadata(&new).unwrap().len();
    assert_eq!(lag.iter().map(|one| one["bytes"].as_u64().unwrap()).collect::<Vec<_>>(), [new_size, 16]);
    assert_eq!((&lag[0]["offset"], &lag[1]["offset"]), (&Value::Null, &size.into()));
    assert!(lag[0]["path"].as_str().unwrap().ends_with(&format!("{}.jsonl", other(2))), "{}", lag[0]);
    assert!((600..660).contains(&lag[1]["seconds"].as_i64().unwrap()), "{}", lag[1]);
    assert_eq!((&state["lag"]["bytes"], &state["lag"]["of_transcripts"]), (&(new_size + 16).into(), &2.into()));
    assert_eq!(state["lag"]["seconds"], lag[1]["seconds"]);
    let text = text(&program);
    assert!(said(&text, "behind").ends_with("up to 10 min old") && text.contains("16 B"), "{text}");
    assert!(text.contains(&format!("-srv-api/{ID}.jsonl")), "{text}");
    // Where else nothing is behind.
    let elsewhere = program.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let run = program.run(&["status", "--json", "--root", elsewhere.to_str().unwrap()]);
    assert_eq!((&run.json()["states"][0]["lag"]["bytes"]), &0);
    // What is read no longer lags.
    assert_eq!(program.backfill(&["--finish"]).code(), 0);
    assert_eq!(status(&program)["lag"]["bytes"], 0);
}

#[test]
fn a_file_that_was_moved_or_lacks_its_last_newline_is_not_behind() {
    let program = one_session();
    let path = program.root().join("-srv-api").join(format!("{ID}.jsonl"));
    File::options().append(true).open(&path).unwrap().write_all(b"{\"type\":\"half").unwrap();
    assert_eq!(program.backfill(&["--finish"]).code(), 0);
    let moved = program.transcript("moved/x", "").with_file_name(format!("{ID}.jsonl"));
    fs::rename(path, moved).unwrap();
    assert_eq!(status(&program)["lag"]["bytes"], 0);
}

#[test]
fn what_the_client_will_delete_first_is_warned_of() {
    let program = delivered();
    let (old, agents) = (other(2), format!("{}/subagents/agent-abc.jsonl", other(2)));
    let main = program.transcript(&format!("{old}.jsonl"), &session(&old));
    let agent = program.transcript(&agents, "{\"type\":\"user\"}\n");
    age(&main, 4 * 86_400);
    // It goes with its main file, however old it is.
    age(&agent, 40 * 86_400);
    let calm = status(&program);
    assert_eq!(calm["retention"]["urgent"], 0, "{calm}");
    assert!(!text(&program).contains("WARNING"));
    let settings = program.path("settings.json");
    fs::write(&settings, "{\"cleanupPeriodDays\": 5}").unwrap();
    let state = status(&program);
    let listed = state["retention"]["transcripts"].as_array().unwrap();
    assert_eq!((listed.len(), &state["retention"]["urgent"]), (2, &2.into()));
    for one in listed {
        let days = one["days_left"].as_f64().unwrap();
        assert!((0.9..1.01).contains(&days) && one["reason"] == "unread", "{one}");
    }
    let named = settings.canonicalize().unwrap();
    assert_eq!(
        (&state["roots"][0]["kept_days"], &state["roots"][0]["kept_days_from"]),
        (&5.into(), &named.to_str().into())
    );
    let text = text(&program);
    let warning = said(&text, "WARNING");
    assert!(warning.starts_with("the client deletes 2 transcripts within 3 days, undelivered;"), "{text}");
    assert!(text.contains("`claude-otel backfill`"), "{text}");
    assert_eq!(program.backfill(&["--finish"]).code(), 0);
    assert_eq!(status(&program)["retention"]["transcripts"], Value::Array(Vec::new()));
}

#[test]
fn what_the_first_start_left_out_is_named_with_what_exports_it() {
    let program = one_session();
    let old = program.transcript(&format!("{}.jsonl", other(2)), &session(&other(2)));
    age(&old, 3 * 86_400);
    let root = program.root();
    let once = ["watch", "--once", "--backfill", "48h", "--session-idle", "1ms", "--root", root.to_str().unwrap()];
    let once = program.run(&once);
    assert_eq!(once.code(), 0, "{}", once.stderr());
    let state = status(&program);
    let size = fs::metadata(&old).unwrap().len();
    assert_eq!((&state["left_out"]["transcripts"], &state["left_out"]["bytes"]), (&1.into(), &size.into()));
    assert_eq!(state["lag"]["bytes"], 0, "what was left out on purpose is not behind");
    assert!(state["horizon_unix_ms"].as_i64().is_some());
    // The turn of the other session is older than the horizon, though its file is not.
    assert_eq!(state["left_out"]["transcripts_in_part"], 1);
    let text = text(&program);
    assert!(said(&text, "left out").starts_with("1 transcript ("), "{text}");
    assert!(text.contains("`claude-otel backfill`"), "{text}");
    assert_eq!(program.backfill(&["--finish"]).code(), 0);
    let left = &status(&program)["left_out"];
    assert_eq!((&left["transcripts"], &left["transcripts_in_part"]), (&0.into(), &0.into()));
}

#[test]
fn an_open_turn_is_told_with_what_it_waits_for() {
    let program = Program::new();
    let stamp = (chrono::Utc::now() - chrono::TimeDelta::seconds(60)).format("%Y-%m-%dT%H:%M:%S%.3fZ");
    let prompt = format!(
        r#"{{"parentUuid":null,"type":"user","message":{{"role":"user","content":"go"}},"uuid":"{ID}","timestamp":"{stamp}","sessionId":"{ID}","version":"2.1.330"}}"#
    );
    program.transcript(&format!("{ID}.jsonl"), &(prompt + "\n"));
    assert_eq!(program.backfill(&[]).code(), 0);
    let state = status(&program);
    let open = state["open_sessions"].as_array().unwrap();
    assert_eq!((open.len(), &open[0]["id"], &open[0]["open_turns"]), (1, &ID.into(), &1.into()));
    assert!(open[0]["due_unix_ms"].as_i64() > open[0]["last_activity_unix_ms"].as_i64(), "{}", open[0]);
    assert_eq!(state["retention"]["transcripts"][0]["reason"], "open");
    let text = text(&program);
    assert_eq!(said(&text, "open"), "1 session with open turns");
    assert!(text.contains("10000000  1 turn, quiet for 1 min; quiet closes more of it in "), "{text}");
}

#[test]
fn who_watches_is_told_while_it_does() {
    let program = delivered();
    let root = program.root();
    let mut child = program
        .command(&["watch", "--root", root.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("caught up")));
    let state = status(&program);
    assert_eq!((&state["holder"]["command"], &state["holder"]["pid"]), (&"watch".into(), &child.id().into()));
    assert!(said(&text(&program), "holder").starts_with(&format!("`watch`, pid {}, for ", child.id())));
    let kill = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(lines.map(Result::unwrap).filter(|line| line.contains("panicked")).count(), 0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(status(&program)["holder"], Value::Null);
}

#[test]
fn all_destinations_are_shown_and_a_flag_chooses_one() {
    let program = delivered();
    let there = program.path("there");
    let run = |args: &[&str]| -> Run { program.run(args) };
    let there = there.to_str().unwrap();
    assert_eq!(program.backfill(&["--finish", "--otlp-file", there, "--destination", "second"]).code(), 0);
    let all = run(&["status", "--json"]).json();
    assert_eq!(all["states"].as_array().unwrap().len(), 2);
    let second = run(&["status", "--json", "--destination", "second"]).json();
    assert_eq!((second["states"].as_array().unwrap().len(), &second["states"][0]["name"]), (1, &"second".into()));
    assert!(second["states"][0]["destination"].as_str().unwrap().ends_with("there"));
    assert_eq!(run(&["status"]).stdout().matches("\ndelivered  ").count(), 2);
}
