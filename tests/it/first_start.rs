//! The first start on a machine with history, and the one after the state was lost: what is left out, and what is not.

use crate::support::program::Program;

const SESSION: &str = "00000000-0000-4000-8000-00000000000a.jsonl";

/// A session of one turn, long ago.
fn old_session(program: &Program) {
    let line = |kind: &str, body: &str, uuid: u32, parent: &str| {
        format!(
            r#"{{"parentUuid":{parent},"type":"{kind}","message":{body},"uuid":"00000000-0000-4000-8000-{uuid:012}","timestamp":"2026-03-01T10:00:0{uuid}.000Z","sessionId":"s","version":"2.1.330"}}"#
        ) + "\n"
    };
    let prompt = line("user", r#"{"role":"user","content":"go"}"#, 1, "null");
    let answer = line(
        "assistant",
        r#"{"id":"msg_00000000000000000001","model":"claude-sonnet-5","content":[{"type":"text","text":"done"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}"#,
        2,
        r#""00000000-0000-4000-8000-000000000001""#,
    );
    let path = program.transcript(SESSION, &(prompt + &answer));
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_772_359_210);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(then).unwrap();
}

fn once(program: &Program, how_far: &str) -> String {
    let (root, out) = (program.root(), program.path("out"));
    let args = [
        "watch",
        "--once",
        "--backfill",
        how_far,
        "--root",
        root.to_str().unwrap(),
        "--otlp-file",
        out.to_str().unwrap(),
    ];
    let run = program.run(&args);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    run.stderr()
}

fn backfill(program: &Program) -> u64 {
    let out = program.path("out");
    program.backfill(&["--json", "--otlp-file", out.to_str().unwrap()]).json()["spans"]["delivered"].as_u64().unwrap()
}

#[test]
fn what_is_left_out_is_said_and_a_backfill_sends_it_once() {
    for how_far in ["none", "24h"] {
        let program = Program::new();
        old_session(&program);
        let said = once(&program, how_far);
        assert!(
            said.contains("1 sessions") && said.contains("are left out; `claude-otel backfill` exports them"),
            "{said}"
        );
        // The moment is kept, whatever a later start says.
        assert!(once(&program, "all").contains("are left out"));
        assert_eq!(backfill(&program), 3);
        assert_eq!(backfill(&program), 0);
    }
}

#[test]
fn all_of_it_may_be_asked_for() {
    let program = Program::new();
    old_session(&program);
    assert!(!once(&program, "all").contains("left out"));
    assert_eq!(backfill(&program), 0);
}

#[test]
fn what_a_filter_left_out_is_sent_by_who_has_none() {
    let program = Program::new();
    old_session(&program);
    let out = program.path("out");
    let since = ["--json", "--since", "2026-06-01", "--otlp-file", out.to_str().unwrap()];
    assert_eq!(program.backfill(&since).json()["spans"]["delivered"], 0);
    once(&program, "all");
    assert_eq!(crate::support::program::spans_in(&out).len(), 3);
    assert_eq!(backfill(&program), 0);
}

#[test]
fn what_the_copy_of_a_lost_state_proves_is_not_sent_again() {
    let program = Program::new();
    old_session(&program);
    assert_eq!(backfill(&program), 3);
    let states = std::fs::read_dir(program.path("state/claude-otel/destinations")).unwrap();
    let state = states.map(|entry| entry.unwrap().path()).next().unwrap();
    std::fs::write(state.join("db/db"), "").unwrap();
    let out = program.path("out");
    let again = program.backfill(&["--json", "--otlp-file", out.to_str().unwrap()]);
    assert!(again.stderr().contains("begun anew"), "{}", again.stderr());
    assert_eq!(again.json()["spans"]["delivered"], 0);
    // And it is known from now on, as if nothing had happened.
    let third = program.backfill(&["--json", "--otlp-file", out.to_str().unwrap()]).json();
    assert_eq!(third["sessions_delivered_before"], 1);
}
