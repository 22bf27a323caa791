//! How calls and segments end, where only one field of a line tells.

use serde_json::{Value, json};

use crate::support::program::{Program, spans_in};

const ID: &str = "10000000-0000-4000-8000-000000000001";

/// Lines of a session, each hanging on the one before it, at the given second.
fn transcript(lines: &[(u32, Value)]) -> String {
    let uuid = |number: usize| format!("00000000-0000-4000-8000-{number:012}");
    let mut text = String::new();
    for (number, (second, body)) in lines.iter().enumerate() {
        let mut line = body.clone();
        line["uuid"] = uuid(number + 1).into();
        line["parentUuid"] = if number == 0 { Value::Null } else { uuid(number).into() };
        line["timestamp"] =
            format!("2026-11-18T{:02}:{:02}:{:02}.000Z", 8 + second / 3600, second / 60 % 60, second % 60).into();
        text += &(line.to_string() + "\n");
    }
    text
}

fn prompt(text: &str) -> Value {
    json!({"type": "user", "message": {"role": "user", "content": text}})
}

fn tool_use(id: &str) -> Value {
    let block = json!({"type": "tool_use", "id": id, "name": "Bash", "input": {"command": "ls"}});
    json!({"type": "assistant", "message": {"id": format!("msg_of_{id}"), "model": "claude-sonnet-5", "content": [block], "stop_reason": "tool_use"}})
}

fn result(id: &str, more: &Value) -> Value {
    let block = json!({"type": "tool_result", "tool_use_id": id, "content": "out", "is_error": false});
    let mut line = json!({"type": "user", "message": {"role": "user", "content": [block]}});
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line
}

fn notification(id: &str, status: &str) -> Value {
    let text = format!(
        "<task-notification>\n<task-id>b1</task-id>\n<tool-use-id>{id}</tool-use-id>\n<status>{status}</status>\n</task-notification>"
    );
    json!({"type": "user", "origin": {"kind": "task-notification"}, "message": {"role": "user", "content": text}})
}

fn spans(lines: &[(u32, Value)]) -> Vec<Value> {
    let program = Program::new();
    program.transcript(&format!("{ID}.jsonl"), &transcript(lines));
    let out = program.path("out");
    assert_eq!(program.backfill(&["--finish", "--otlp-file", out.to_str().unwrap()]).code(), 0);
    spans_in(&out)
}

fn outcome(spans: &[Value]) -> &str {
    let tool = spans.iter().find(|span| span["name"] == "execute_tool Bash").unwrap();
    let all = tool["attributes"].as_array().unwrap();
    all.iter().find(|attribute| attribute["key"] == "claude_code.tool.outcome").unwrap()["value"]["stringValue"]
        .as_str()
        .unwrap()
}

#[test]
fn a_decision_to_reject_is_a_denial_without_any_words() {
    let rejected = json!({"permissionDecision": {"decision": "reject", "source": "config"}});
    let accepted = json!({"permissionDecision": {"decision": "accept", "source": "config"}});
    for (decision, expected) in [(rejected, "denied"), (accepted, "success")] {
        assert_eq!(outcome(&spans(&[(0, prompt("go")), (1, tool_use("t")), (2, result("t", &decision))])), expected);
    }
}

#[test]
fn background_work_ends_as_its_notification_says() {
    for (status, expected) in [("completed", "success"), ("failed", "error"), ("killed", "interrupted")] {
        let launched = json!({"toolUseResult": {"backgroundTaskId": "b1"}});
        let lines =
            [(0, prompt("go")), (1, tool_use("t")), (2, result("t", &launched)), (60, notification("t", status))];
        let spans = spans(&lines);
        assert_eq!(outcome(&spans), expected, "{status}");
        let tool = spans.iter().find(|span| span["name"] == "execute_tool Bash").unwrap();
        let time = |name: &str| tool[name].as_str().unwrap().parse::<u64>().unwrap();
        assert_eq!(time("endTimeUnixNano") - time("startTimeUnixNano"), 59_000_000_000);
    }
}

#[test]
fn a_pause_ends_a_segment_unless_background_work_runs_through_it() {
    let segments = |launched: &Value| {
        let lines = [
            (0, prompt("go")),
            (1, tool_use("t")),
            (2, result("t", launched)),
            (3600, prompt("and on")),
            (3601, tool_use("u")),
            (3602, result("u", &json!({}))),
            (3700, notification("t", "completed")),
        ];
        spans(&lines).iter().filter(|span| span["name"] == "session").count()
    };
    assert_eq!(segments(&json!({})), 2);
    assert_eq!(segments(&json!({"toolUseResult": {"backgroundTaskId": "b1"}})), 1);
}

#[test]
fn a_person_may_type_what_looks_like_a_notification() {
    let launched = json!({"toolUseResult": {"backgroundTaskId": "b1"}});
    let mut typed = notification("t", "killed");
    typed["origin"] = json!({"kind": "human"});
    typed["promptSource"] = "typed".into();
    let spans = spans(&[(0, prompt("go")), (1, tool_use("t")), (2, result("t", &launched)), (60, typed)]);
    assert_eq!(outcome(&spans), "success");
}
