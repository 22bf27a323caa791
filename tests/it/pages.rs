//! Pages: they hold what `--json` says and nothing else, and no text of a transcript becomes markup.

use std::fs;

use serde_json::{Value, json};

use crate::support::program::Program;

const SESSION: &str = "5d0c8a3e-1111-4222-8333-444455556666";
/// A word that stands in every text, and at the end of those that are too long for a summary.
const CANARY: &str = "XQ7PAGE7QX";
const LATE: &str = "XQ7LATE7QX";
/// Each breaks out of another place.
const HOSTILE: [&str; 8] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\"'><svg onload=alert(3)>",
    "<!--<script>",
    "</style><style>*{display:none}</style>",
    "\u{202e}gnirts\u{202c}",
    "a\u{0}b\u{1b}[31mred\u{2028}\u{2029}",
    "&lt;b&gt; &#60;",
];

/// A transcript of turns, each with a prompt, a tool call and its result; every text is made by `text`.
fn transcript(texts: &[&str], cwd: &str, branch: &str) -> String {
    let mut lines = vec![json!({"type": "ai-title", "aiTitle": texts.join(" "), "sessionId": SESSION})];
    let mut above = Value::Null;
    let mut line = |kind: &str, message: Value| {
        let number = lines.len();
        let uuid = format!("00000000-0000-4000-8000-{number:012}");
        lines.push(json!({
            "parentUuid": above, "isSidechain": false, "type": kind, "message": message, "uuid": uuid,
            "timestamp": format!("2026-10-05T09:{:02}:{:02}.000Z", number / 60, number % 60), "cwd": cwd,
            "sessionId": SESSION, "version": "2.1.330", "gitBranch": branch,
        }));
        above = json!(uuid);
    };
    for (number, text) in texts.iter().enumerate() {
        let answer = |content: Value, stop: &str, part: &str| {
            json!({"id": format!("msg_{number}{part}"), "type": "message", "role": "assistant", "model": text, "content": content,
                   "stop_reason": stop, "usage": {"input_tokens": 3, "output_tokens": 5}})
        };
        let (call, input) =
            (format!("toolu_{number}"), json!({"command": text, "file_path": text, "description": text}));
        line("user", json!({"role": "user", "content": text}));
        let used =
            json!([{"type": "text", "text": text}, {"type": "tool_use", "id": call, "name": text, "input": input}]);
        line("assistant", answer(used, "tool_use", "a"));
        let result = json!({"tool_use_id": call, "type": "tool_result", "content": text, "is_error": true});
        line("user", json!({"role": "user", "content": [result]}));
        line("assistant", answer(json!([{"type": "text", "text": text}]), "end_turn", "b"));
    }
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

/// What stands before the data, the data, and what stands behind it.
fn parts(page: &str) -> (&str, Value, &str) {
    let (before, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, after) = rest.split_once("</script>").unwrap();
    assert!(!data.contains(['<', '>', '&']), "the data has signs of markup");
    (before, serde_json::from_str(data).unwrap(), after)
}

fn page(program: &Program, command: &[&str], more: &[&str]) -> String {
    let root = program.root();
    let mut args = command.to_vec();
    args.extend(["--root", root.to_str().unwrap(), "--html", "-"]);
    args.extend(more);
    let run = program.run(&args);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    run.stdout()
}

fn json(program: &Program, command: &[&str], more: &[&str]) -> Value {
    let root = program.root();
    let mut args = command.to_vec();
    args.extend(["--root", root.to_str().unwrap(), "--json"]);
    args.extend(more);
    program.run(&args).json()
}

#[test]
fn pages_hold_what_json_says_and_texts_stay_texts() {
    let (plain, hostile) = (Program::new(), Program::new());
    plain.transcript(&format!("{SESSION}.jsonl"), &transcript(&["Hello."], "/srv/api", "main"));
    let evil = HOSTILE.concat();
    hostile.transcript(&format!("{SESSION}.jsonl"), &transcript(&HOSTILE, &format!("/srv/{evil}"), &evil));
    for (command, more) in [(&["show", "last"][..], &["--content", "full"][..]), (&["report"], &[])] {
        let (page, other) = (page(&hostile, command, more), page(&plain, command, more));
        let (before, data, after) = parts(&page);
        assert_eq!(data, json(&hostile, command, more));
        // All of the markup is the same whatever a transcript says, so none of it is a transcript's.
        assert_eq!((before, after), (parts(&other).0, parts(&other).2));
        let scripts = [before, after].map(|part| part.matches("<script").count());
        assert_eq!((scripts, page.matches("<style").count()), ([0, 1], 1));
        for policy in ["default-src 'none'", "script-src 'sha256-", "style-src 'sha256-"] {
            assert!(before.contains(policy), "{policy}");
        }
        assert!(!before.contains("unsafe") && !before.contains("src=") && !after.contains("src="));
    }
    let story = json(&hostile, &["show", "last"], &["--content", "full"]).to_string();
    assert!(story.contains("alert(2)") && story.contains("\u{202e}"), "nothing was put to the test");
}

#[test]
fn pages_hold_no_more_than_the_level_of_content_lets_out() {
    let program = Program::new();
    let long = format!("{CANARY} {} {LATE}", "word ".repeat(80));
    program.transcript(&format!("{SESSION}.jsonl"), &transcript(&[&long], "/srv/api", "main"));
    for (level, has_canary, has_late) in [("none", false, false), ("summary", true, false), ("full", true, true)] {
        let page = page(&program, &["show", "last"], &["--content", level]);
        assert_eq!((page.contains(CANARY), page.contains(LATE)), (has_canary, has_late), "{level}");
    }
    let page = page(&program, &["report"], &[]);
    assert!(!page.contains(CANARY) && !page.contains(LATE));
}

#[test]
fn only_a_page_gives_way_to_a_page() {
    let program = Program::new();
    program.transcript(&format!("{SESSION}.jsonl"), &transcript(&["Hello."], "/srv/api", "main"));
    let root = program.root();
    let put = |file: &str| {
        let run = program.run(&["show", "last", "--root", root.to_str().unwrap(), "--html", file]);
        (run.code(), run.stderr())
    };
    let file = program.path("session.html");
    for _ in 0..2 {
        assert_eq!(put(file.to_str().unwrap()).0, 0);
        assert!(fs::read_to_string(&file).unwrap().ends_with("</html>\n"));
    }
    let notes = program.path("notes.txt");
    fs::write(&notes, "mine").unwrap();
    let (code, said) = put(notes.to_str().unwrap());
    assert_eq!((code, fs::read_to_string(&notes).unwrap().as_str()), (2, "mine"));
    assert!(said.contains("is no page of claude-otel"), "{said}");
}
