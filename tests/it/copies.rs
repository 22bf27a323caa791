//! Copies of history, whichever of the files is read first: one owner, the best usage, nothing twice.

use serde_json::Value;

use crate::support::program::{Program, spans_in};
use crate::support::transcript::{CallScript, SessionScript, write};

/// Of the two sessions of each test, the one with the smaller id would own what nothing else decides.
const SMALL: &str = "10000000-0000-4000-8000-000000000001";
const GREAT: &str = "90000000-0000-4000-8000-000000000009";

fn call(output: u64) -> CallScript {
    CallScript { tokens: [3, output, 0, 0], texts: 0, tools: vec![], agent: vec![], placeholder: false }
}

fn file(program: &Program, id: &str, text: &str) {
    program.transcript(&format!("{id}.jsonl"), text);
}

/// The spans of a run over everything, and its summary.
fn run(program: &Program) -> (Vec<Value>, Value) {
    let out = program.path("out");
    let run = program.backfill(&["--finish", "--json", "--otlp-file", out.to_str().unwrap()]);
    (spans_in(&out), run.json())
}

fn attribute<'a>(span: &'a Value, name: &str) -> &'a Value {
    let all = span["attributes"].as_array().unwrap();
    all.iter().find(|attribute| attribute["key"] == name).map_or(&Value::Null, |attribute| &attribute["value"])
}

/// The sessions of the spans whose names begin so, in order.
fn sessions_of(spans: &[Value], prefix: &str) -> Vec<String> {
    let named = spans.iter().filter(|span| span["name"].as_str().unwrap().starts_with(prefix));
    named.map(|span| attribute(span, "session.id")["stringValue"].as_str().unwrap().to_owned()).collect()
}

fn relabelled(text: &str, from: &str, to: &str, mark: &str) -> String {
    text.replace(&format!("\"sessionId\":\"{from}\""), &format!("\"sessionId\":\"{to}\"{mark}"))
}

#[test]
fn a_line_that_says_where_it_was_copied_from_owns_nothing() {
    let program = Program::new();
    let text = write(GREAT, &vec![vec![call(19)], vec![call(50)]]).main;
    file(&program, GREAT, &text);
    file(&program, SMALL, &relabelled(&text, GREAT, SMALL, &format!(",\"requestSessionId\":\"{GREAT}\"")));
    let (spans, summary) = run(&program);
    assert_eq!(sessions_of(&spans, "chat "), [GREAT, GREAT]);
    assert_eq!((&summary["turns"], &summary["copied_sessions"]), (&2.into(), &1.into()));
}

#[test]
fn a_copy_whose_origin_is_gone_owns_what_it_holds() {
    let program = Program::new();
    let text = write(GREAT, &vec![vec![call(19)]]).main;
    file(&program, SMALL, &relabelled(&text, GREAT, SMALL, &format!(",\"requestSessionId\":\"{GREAT}\"")));
    assert_eq!(sessions_of(&run(&program).0, "chat "), [SMALL]);
}

#[test]
fn the_copy_with_the_later_count_raises_the_owners_usage() {
    let program = Program::new();
    let text = write(SMALL, &vec![vec![call(50)]]).main;
    file(&program, SMALL, &text.replace("\"output_tokens\":50", "\"output_tokens\":5"));
    file(&program, GREAT, &relabelled(&text, SMALL, GREAT, ""));
    let (spans, summary) = run(&program);
    assert_eq!(sessions_of(&spans, "chat "), [SMALL]);
    assert_eq!(summary["tokens"]["output"], 50);
}

#[test]
fn of_two_copies_with_the_same_times_the_one_with_the_agents_is_the_origin() {
    let program = Program::new();
    let script: SessionScript = vec![vec![CallScript { agent: vec![[1, 7, 0, 0]], ..call(19) }, call(50)]];
    let transcript = write(GREAT, &script);
    file(&program, GREAT, &transcript.main);
    for (agent, text) in &transcript.agents {
        program.transcript(&format!("{GREAT}/subagents/agent-{agent}.jsonl"), text);
    }
    file(&program, SMALL, &relabelled(&transcript.main, GREAT, SMALL, ""));
    let (spans, summary) = run(&program);
    assert_eq!(sessions_of(&spans, "chat "), [GREAT; 3]);
    assert_eq!(sessions_of(&spans, "invoke_agent claude-code"), [GREAT]);
    assert_eq!((&summary["turns"], &summary["agents"], &summary["tool_calls"]), (&1.into(), &1.into(), &1.into()));
}

#[test]
fn what_strangers_share_by_chance_or_by_a_late_copy_counts_once() {
    let program = Program::new();
    let shared = write("shared", &vec![vec![CallScript { tools: vec![false], ..call(40) }]]).main;
    // Different beginnings, so that nothing in the heads ties the two sessions together.
    for (id, first) in [(SMALL, 19), (GREAT, 23)] {
        let own = write(id, &vec![vec![call(first)]])
            .main
            .replace("-4000-8000-0000000000", &format!("-4000-8000-{first}00000000"));
        file(&program, id, &(own + &relabelled(&shared, "shared", id, "")));
    }
    let (spans, summary) = run(&program);
    assert_eq!(summary["tokens"]["output"], 19 + 23 + 40);
    assert_eq!((&summary["llm_calls"], &summary["tool_calls"]), (&3.into(), &1.into()));
    assert_eq!(spans.iter().filter(|span| span["name"] == "execute_tool Bash").count(), 1);
}
