//! `reconcile` as a person or a script meets it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{projects, telemetry};
use crate::support::program::{Program, Run};

/// Runs it over a scenario's transcripts and any telemetry.
fn run(program: &Program, scenario: &str, telemetry: &Path, more: &[&str]) -> Run {
    let root = projects(scenario);
    let mut args = vec!["reconcile", "--root", root.to_str().unwrap(), telemetry.to_str().unwrap()];
    args.extend(more);
    program.run(&args)
}

/// A folder with the telemetry of scenarios.
fn told(program: &Program, scenarios: &[&str]) -> std::path::PathBuf {
    let folder = program.path("telemetry");
    fs::create_dir_all(&folder).unwrap();
    for scenario in scenarios {
        fs::write(folder.join(format!("{scenario}.jsonl")), telemetry(scenario)).unwrap();
    }
    folder
}

#[test]
fn all_is_explained_and_the_exit_code_says_so() {
    let program = Program::new();
    let folder = told(&program, &["compaction-auto"]);
    let run = run(&program, "compaction-auto", &folder, &["--strict"]);
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
    let text = run.stdout();
    for line in [
        "sessions     1 on both sides",
        "             model calls               3                 0               1",
        "differences  1, all of them explained",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn what_is_unexplained_is_named_and_ends_with_5_where_that_is_asked_for() {
    let program = Program::new();
    let folder = told(&program, &["one-turn"]);
    let file = folder.join("one-turn.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        text.replace("\"output_tokens\",\"value\":{\"intValue\":201", "\"output_tokens\",\"value\":{\"intValue\":202"),
    )
    .unwrap();
    let lenient = run(&program, "one-turn", &folder, &[]);
    assert_eq!(lenient.code(), 0);
    let text = lenient.stdout();
    assert!(text.contains("unexplained  1231f6ba call_tokens req_lab000001"), "{text}");
    assert_eq!(run(&program, "one-turn", &folder, &["--strict"]).code(), 5);
    let json = run(&program, "one-turn", &folder, &["--json"]).json();
    assert_eq!((&json["calls"]["matched"], json["unexplained"].as_u64().unwrap() > 0), (&Value::from(1), true));
    let finding = &json["findings"][0];
    assert_eq!(
        [
            &finding["difference"],
            &finding["id"],
            &finding["token_type"],
            &finding["transcripts"],
            &finding["telemetry"]
        ],
        [&Value::from("call_tokens"), &"req_lab000001".into(), &"output".into(), &201.into(), &202.into()]
    );
}

#[test]
fn nothing_in_common_is_a_mistake_that_is_named() {
    let program = Program::new();
    let folder = told(&program, &["one-turn"]);
    let apart = run(&program, "retry", &folder, &[]);
    assert_eq!(apart.code(), 3);
    assert!(apart.stderr().contains("none of them is the same"), "{}", apart.stderr());
    fs::write(folder.join("one-turn.jsonl"), "{\"resourceSpans\":[]}\n").unwrap();
    let nothing = run(&program, "retry", &folder, &[]);
    assert_eq!(nothing.code(), 3);
    assert!(nothing.stderr().contains("no record of Claude Code's own telemetry"), "{}", nothing.stderr());
    let absent = run(&program, "retry", &program.path("absent"), &[]);
    assert_eq!(absent.code(), 3);
}

#[test]
fn broken_lines_are_told_by_their_file_and_the_rest_counts() {
    let program = Program::new();
    let folder = told(&program, &["retry"]);
    let file = folder.join("retry.jsonl");
    fs::write(&file, telemetry("retry") + "{\"resourceLogs\":[{\"cut").unwrap();
    let lenient = run(&program, "retry", &folder, &[]);
    assert_eq!(lenient.code(), 0);
    assert!(
        lenient.stderr().contains("1 line of ") && lenient.stderr().contains("retry.jsonl"),
        "{}",
        lenient.stderr()
    );
    assert_eq!(run(&program, "retry", &folder, &["--strict"]).code(), 5);
}

#[test]
fn one_session_and_one_time_can_be_chosen() {
    let program = Program::new();
    let folder = told(&program, &["fork"]);
    let chosen = |more: &[&str]| {
        let run = run(&program, "fork", &folder, &[more, &["--json"]].concat());
        assert_eq!(run.code(), 0, "{}", run.stderr());
        let json = run.json();
        assert_eq!(json["differences"], 0, "{json}");
        json["calls"]["matched"].as_u64().unwrap()
    };
    let (all, one, other) = (chosen(&[]), chosen(&["--session", "cbb1f656"]), chosen(&["--session", "101aa596"]));
    assert_eq!((all, one + other), (4, 4));
    assert!(one > 0 && other > 0);
    assert_eq!(chosen(&["--since", "2030-01-01"]), 0);
}
