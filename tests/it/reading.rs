//! Files as they lie about in the wild, through the whole program.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::program::Program;
use crate::support::transcript::{CallScript, write};

const ID: &str = "10000000-0000-4000-8000-000000000001";

fn one_turn(id: &str) -> String {
    let call = CallScript { tokens: [3, 50, 1000, 200], texts: 0, tools: vec![], agent: vec![], placeholder: false };
    write(id, &vec![vec![call]]).main
}

fn summary(program: &Program, more: &[&str]) -> Value {
    let mut args = vec!["--dry-run", "--json"];
    args.extend(more);
    program.backfill(&args).json()
}

#[test]
fn half_a_line_waits_while_the_file_may_grow_and_is_a_problem_once_it_is_at_rest() {
    let program = Program::new();
    let path = program.transcript(&format!("{ID}.jsonl"), &(one_turn(ID) + "{\"type\":\"user\",\"mess"));
    let fresh = summary(&program, &[]);
    assert_eq!((&fresh["waiting_lines"], &fresh["problems"]["torn_line"]), (&1.into(), &Value::Null));
    let file = fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    let at_rest = summary(&program, &[]);
    assert_eq!((&at_rest["waiting_lines"], &at_rest["problems"]["torn_line"]), (&0.into(), &1.into()));
    assert_eq!(summary(&program, &["--finish"])["problems"]["torn_line"], 1);
}

#[test]
fn a_whole_last_line_without_a_newline_counts() {
    let program = Program::new();
    program.transcript(&format!("{ID}.jsonl"), one_turn(ID).trim_end());
    let found = summary(&program, &["--finish"]);
    assert_eq!((&found["llm_calls"], &found["problems"]), (&1.into(), &serde_json::json!({})));
}

#[test]
fn a_line_over_the_limit_is_skipped_and_counted_and_the_rest_is_read() {
    let program = Program::new();
    let huge = format!("{{\"type\":\"user\",\"x\":\"{}\"}}\n", "y".repeat(70_000));
    program.transcript(&format!("{ID}.jsonl"), &(huge + &one_turn(ID)));
    let found = summary(&program, &["--finish", "--max-line-bytes", "65536"]);
    assert_eq!((&found["problems"]["oversized_line"], &found["llm_calls"]), (&1.into(), &1.into()));
    assert_eq!(summary(&program, &["--finish"])["problems"], serde_json::json!({}));
}

#[test]
fn links_out_of_the_root_are_named_and_pipes_never_block() {
    let program = Program::new();
    let outside = program.path("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("20000000-0000-4000-8000-000000000002.jsonl"), one_turn("2")).unwrap();
    program.transcript(&format!("{ID}.jsonl"), &one_turn(ID));
    symlink(&outside, program.root().join("linked")).unwrap();
    let pipe = program.root().join("-srv-api/30000000-0000-4000-8000-000000000003.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let found = summary(&program, &["--finish"]);
    assert_eq!((&found["sessions"], &found["problems"]["symlink_outside"]), (&1.into(), &1.into()));
}

#[test]
fn the_same_session_in_two_folders_and_two_roots_counts_once() {
    let program = Program::new();
    program.transcript(&format!("{ID}.jsonl"), &one_turn(ID));
    let other = program.path("other/-moved");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join(format!("{ID}.jsonl")), one_turn(ID)).unwrap();
    let root = program.path("other");
    let found = summary(&program, &["--finish", "--root", root.to_str().unwrap()]);
    assert_eq!(
        (&found["files"], &found["sessions"], &found["llm_calls"], &found["turns"]),
        (&2.into(), &1.into(), &1.into(), &1.into())
    );
    assert_eq!(found["tokens"]["output"], 50);
}

#[test]
fn what_the_client_counted_and_no_line_shows_is_hidden_usage() {
    let program = Program::new();
    let totals = |output: u64| {
        format!(
            "{{\"type\":\"cost-state\",\"sessionId\":\"{ID}\",\"startTime\":1794999999000,\"totalDuration\":9000,\"totalCostUSD\":0.1,\"modelUsage\":{{\"claude-sonnet-5\":{{\"inputTokens\":13,\"outputTokens\":{output},\"cacheReadInputTokens\":1000,\"cacheCreationInputTokens\":200}}}}}}\n"
        )
    };
    // Written twice at an interactive exit; the last one stands.
    program.transcript(&format!("{ID}.jsonl"), &(one_turn(ID) + &totals(70) + &totals(90)));
    let found = summary(&program, &["--finish"]);
    assert_eq!(
        (&found["hidden_tokens"]["claude-sonnet-5"]["input"], &found["hidden_tokens"]["claude-sonnet-5"]["output"]),
        (&10.into(), &40.into())
    );
    assert_eq!(found["tokens"]["output"], 50, "hidden usage is never part of the calls");
    // Less than the lines show cannot be: it is said, and nothing is made up.
    program.transcript(&format!("{ID}.jsonl"), &(one_turn(ID) + &totals(20)));
    let unclear = summary(&program, &["--finish"]);
    assert_eq!(
        (&unclear["hidden_tokens"], &unclear["problems"]["hidden_usage_unclear"]),
        (&serde_json::json!({}), &1.into())
    );
}

#[test]
fn records_before_the_first_time_happened_with_it_and_not_in_1970() {
    let program = Program::new();
    let text = one_turn(ID);
    let (first, rest) = text.split_once('\n').unwrap();
    let untimed = first.replace("2026-11-18T11:06:40.137Z", "1970-01-01T00:00:00.000Z");
    assert_ne!(untimed, first);
    program.transcript(&format!("{ID}.jsonl"), &format!("{untimed}\n{rest}"));
    let out = program.path("out");
    let run = program.backfill(&["--finish", "--json", "--otlp-file", out.to_str().unwrap()]);
    assert_eq!(run.json()["problems"]["absurd_time"], 1);
    for span in crate::support::program::spans_in(&out) {
        assert!(span["startTimeUnixNano"].as_str().unwrap().starts_with("1795"), "{span}");
    }
}

#[test]
fn a_copy_that_names_its_origin_belongs_to_it_even_when_it_begins_in_the_middle() {
    let program = Program::new();
    let call = |output: u64| CallScript {
        tokens: [3, output, 0, 0],
        texts: 0,
        tools: vec![],
        agent: vec![],
        placeholder: false,
    };
    let origin = "90000000-0000-4000-8000-000000000009";
    let main = write(origin, &vec![vec![call(19)], vec![call(50)]]).main;
    // The second turn only, cut short while it streamed, under a smaller id and with an earlier line of its own.
    let queue = "{\"type\":\"queue-operation\",\"operation\":\"dequeue\",\"timestamp\":\"2026-11-18T11:00:00.000Z\"}\n";
    let second: String = main.lines().skip(2).map(|line| line.to_owned() + "\n").collect();
    let copy = second
        .replace(
            &format!("\"sessionId\":\"{origin}\""),
            &format!("\"sessionId\":\"{ID}\",\"forkedFrom\":{{\"sessionId\":\"{origin}\"}}"),
        )
        .replace("\"output_tokens\":50", "\"output_tokens\":5");
    assert_ne!(second, copy);
    program.transcript(&format!("{origin}.jsonl"), &main);
    program.transcript(&format!("{ID}.jsonl"), &(queue.to_owned() + &copy));
    let found = summary(&program, &["--finish"]);
    assert_eq!((&found["llm_calls"], &found["turns"], &found["copied_sessions"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(found["tokens"]["output"], 69);
}

#[test]
fn a_fork_that_shares_only_a_prompt_is_a_copy_all_the_same() {
    let program = Program::new();
    let (origin, fork) = ("10000000-0000-4000-8000-00000000000a", "90000000-0000-4000-8000-00000000000b");
    let call = CallScript { tokens: [3, 50, 0, 0], texts: 0, tools: vec![], agent: vec![], placeholder: false };
    let whole = write(origin, &vec![vec![call.clone()], vec![call]]).main;
    // The origin died before its first answer; the fork has the prompt and went on from it.
    let prompt: String = whole.lines().take(1).map(|line| line.to_owned() + "\n").collect();
    program.transcript(&format!("{origin}.jsonl"), &prompt);
    program.transcript(&format!("{fork}.jsonl"), &whole.replace(origin, fork));
    let found = summary(&program, &["--finish"]);
    assert_eq!((&found["turns"], &found["llm_calls"]), (&2.into(), &2.into()));
}

#[test]
fn a_response_without_any_id_counts() {
    let program = Program::new();
    let answer = r#"{"type":"assistant","timestamp":"2026-11-18T11:06:41.000Z","message":{"model":"glm","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":7}}}"#;
    program.transcript(&format!("{ID}.jsonl"), &(one_turn(ID) + answer + "\n"));
    let found = summary(&program, &["--finish"]);
    assert_eq!((&found["llm_calls"], &found["tokens"]["output"]), (&2.into(), &57.into()));
}

#[test]
fn three_records_on_one_line_are_three() {
    let program = Program::new();
    let text = one_turn(ID);
    let other =
        one_turn("20000000-0000-4000-8000-000000000002").lines().last().unwrap().replace("2-000000", "3-000000");
    let lines: Vec<&str> = text.lines().collect();
    program.transcript(&format!("{ID}.jsonl"), &format!("{}{}{other}\n", lines[0], lines[1]));
    let found = summary(&program, &["--finish"]);
    assert_eq!((&found["llm_calls"], &found["problems"]["torn_line"]), (&2.into(), &Value::Null));
}
