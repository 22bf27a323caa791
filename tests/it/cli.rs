//! `backfill` as a person or a script meets it: flags, output, exit codes.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use serde_json::Value;

use crate::support::program::{Program, spans_in};
use crate::support::transcript::{CallScript, SessionScript, write};

fn script(turns: usize) -> SessionScript {
    let call = |tools: Vec<bool>, agent: Vec<[u64; 4]>| CallScript {
        tokens: [3, 50, 1000, 200],
        texts: 1,
        tools,
        agent,
        placeholder: true,
    };
    (0..turns).map(|_| vec![call(vec![false, true], vec![[1, 7, 20, 2]]), call(vec![], vec![])]).collect()
}

/// A root with three sessions of two turns, with agents.
fn three_sessions() -> Program {
    let program = Program::new();
    for session in 1..=3 {
        let id = format!("{session}0000000-0000-4000-8000-00000000000{session}");
        let transcript = write(&id, &script(2));
        program.transcript(&format!("{id}.jsonl"), &transcript.main);
        for (agent, text) in &transcript.agents {
            program.transcript(&format!("{id}/subagents/agent-{agent}.jsonl"), text);
        }
    }
    program
}

fn ids(spans: &[Value]) -> BTreeSet<(String, String)> {
    spans.iter().map(|span| (span["traceId"].to_string(), span["spanId"].to_string())).collect()
}

fn exported(program: &Program, name: &str, more: &[&str]) -> Vec<Value> {
    let folder = program.path(name);
    let mut args = vec!["--finish", "--otlp-file", folder.to_str().unwrap()];
    args.extend(more);
    let run = program.backfill(&args);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    spans_in(&folder)
}

#[test]
fn what_the_client_sends_itself_is_left_to_it_and_the_run_says_so() {
    let program = three_sessions();
    let note = "the client sends telemetry itself";
    assert!(!program.backfill(&["--dry-run"]).stderr().contains(note));
    std::fs::create_dir_all(program.path("home/.claude")).unwrap();
    let settings = r#"{"env":{"CLAUDE_CODE_ENABLE_TELEMETRY":"1"}}"#;
    std::fs::write(program.path("home/.claude/settings.json"), settings).unwrap();
    assert!(program.backfill(&["--dry-run"]).stderr().contains(note));
    assert!(!program.backfill(&["--dry-run", "--vocab", "claude_code"]).stderr().contains(note));
    let wrong = program.backfill(&["--dry-run", "--vocab", "seeds"]);
    assert_eq!(wrong.code(), 3, "{}", wrong.stderr());
    assert!(wrong.stderr().contains("--vocab is \"seeds\""), "{}", wrong.stderr());
}

#[test]
fn vocabularies_reach_what_is_sent() {
    let program = three_sessions();
    let names = |span: &Value| -> BTreeSet<String> {
        let list = span["attributes"].as_array().into_iter().flatten();
        list.filter_map(|pair| Some(pair["key"].as_str()?.to_owned())).collect()
    };
    let of = |name: &str, more: &[&str]| -> BTreeSet<String> {
        exported(&program, name, more).iter().flat_map(names).collect()
    };
    let plain = of("plain", &[]);
    assert!(!plain.contains("tokens.total") && !plain.contains("openinference.span.kind"));
    let seed = of("seed", &["--again", "--vocab", "seed,openinference", "--genai-semconv", "latest"]);
    assert!(seed.contains("tokens.total") && seed.contains("openinference.span.kind"));
    assert!(!seed.contains("gen_ai.usage.cache_creation.input_tokens"));
}

#[test]
fn the_summary_counts_what_was_found_and_delivered() {
    let program = three_sessions();
    let run = program.backfill(&["--finish", "--json"]);
    let summary = run.json();
    assert_eq!(run.code(), 0);
    let expect =
        [("sessions", 3), ("turns", 6), ("llm_calls", 18), ("tool_calls", 18), ("tool_errors", 6), ("agents", 6)];
    for (name, count) in expect {
        assert_eq!(summary[name], count, "{name}");
    }
    assert_eq!(summary["tokens"]["output"], 3 * 2 * (50 + 50 + 7));
    assert_eq!(summary["spans"]["made"], summary["spans"]["delivered"]);
    assert_eq!(summary["problems"]["guessed_agent_parent"], Value::Null);
}

#[test]
fn without_a_destination_files_are_kept_in_the_state_folder_and_it_is_said() {
    let program = three_sessions();
    let run = program.backfill(&["--finish"]);
    assert_eq!(run.code(), 0);
    assert!(run.stderr().contains("no destination is configured"), "{}", run.stderr());
    assert!(run.stderr().contains("--endpoint"), "{}", run.stderr());
    assert!(!spans_in(&program.path("state/claude-otel/otlp")).is_empty());
}

#[test]
fn any_number_of_threads_writes_the_same_spans() {
    let program = three_sessions();
    let one = exported(&program, "one", &["--threads", "1"]);
    assert!(!one.is_empty());
    // In the same order too.
    assert!(one == exported(&program, "four", &["--threads", "4"]));
}

#[test]
fn shards_and_filters_send_parts_with_the_same_ids() {
    let program = three_sessions();
    let whole = ids(&exported(&program, "whole", &[]));
    let mut parts = BTreeSet::new();
    let mut sum = 0;
    for shard in ["0/3", "1/3", "2/3"] {
        let part = ids(&exported(&program, &format!("shard-{}", &shard[..1]), &["--shard", shard]));
        sum += part.len();
        parts.extend(part);
    }
    assert_eq!(sum, whole.len(), "a span is in two shards, or in none");
    assert_eq!(parts, whole);
    let one = ids(&exported(&program, "session", &["--session", "2"]));
    assert_eq!(one.len() * 3, whole.len());
    assert!(one.is_subset(&whole));
    assert_eq!(ids(&exported(&program, "project", &["--project", "api"])), whole);
    let none = program.backfill(&["--finish", "--json", "--dry-run", "--project", "web*"]).json();
    assert_eq!((&none["turns"], &none["spans"]["made"]), (&0.into(), &0.into()));
}

#[test]
fn a_period_holds_the_turns_that_begin_in_it() {
    let program = three_sessions();
    let all = program.backfill(&["--finish", "--json", "--dry-run"]).json();
    // The made-up sessions begin at 1,795,000,000,137 ms, and each second turn 11 lines later.
    let before = program.backfill(&["--finish", "--json", "--dry-run", "--until", "2026-11-18T11:06:41Z"]).json();
    let after = program.backfill(&["--finish", "--json", "--dry-run", "--since", "2026-11-18T11:06:41Z"]).json();
    assert_eq!((&before["turns"], &after["turns"]), (&3.into(), &3.into()));
    for name in ["llm_calls", "tool_calls", "agents"] {
        let sum = before[name].as_u64().unwrap() + after[name].as_u64().unwrap();
        assert_eq!(Some(sum), all[name].as_u64(), "{name}");
    }
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let program = Program::new();
    let root = program.root();
    std::fs::create_dir_all(&root).unwrap();
    let root = root.to_str().unwrap();
    for command in ["backfill", "reexport", "sessions", "report", "reconcile"] {
        let period = ["--root", root, "--utc", "--since", "2026-11-02", "--until", "2026-11-01"];
        let (shows, compares) = (["sessions", "report"].contains(&command), command == "reconcile");
        let mut args = vec![command];
        args.extend(period.iter().filter(|arg| shows || **arg != "--utc"));
        args.extend(compares.then_some(root));
        let run = program.run(&args);
        assert_eq!(run.code(), 2, "{command}: {}", run.stderr());
        assert!(run.stderr().contains("--until is 2026-11-01T00:00:00Z, which is not after"), "{}", run.stderr());
    }
    assert!(!program.path("state").exists());
}

#[test]
fn a_turn_that_may_go_on_is_not_sent_until_it_is_over_but_its_finished_parts_are() {
    let program = Program::new();
    let now = chrono::Utc::now();
    let line = |ago: i64, kind: &str, body: &str, uuid: u32, parent: &str| {
        let stamp = (now - chrono::TimeDelta::seconds(ago)).format("%Y-%m-%dT%H:%M:%S%.3fZ");
        format!(
            r#"{{"parentUuid":{parent},"type":"{kind}","message":{body},"uuid":"00000000-0000-4000-8000-{uuid:012}","timestamp":"{stamp}","sessionId":"s","version":"2.1.330"}}"#
        ) + "\n"
    };
    let prompt = line(60, "user", r#"{"role":"user","content":"go"}"#, 1, "null");
    let answer = line(
        50,
        "assistant",
        r#"{"id":"msg_00000000000000000001","model":"claude-sonnet-5","content":[{"type":"tool_use","id":"toolu_1","name":"Bash","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}"#,
        2,
        r#""00000000-0000-4000-8000-000000000001""#,
    );
    program.transcript("00000000-0000-4000-8000-00000000000a.jsonl", &(prompt + &answer));
    let open = program.backfill(&["--json", "--dry-run"]).json();
    // The answer is complete; its call is not.
    assert_eq!((&open["turns"], &open["open_turns"], &open["spans"]["made"]), (&0.into(), &1.into(), &1.into()));
    // Quiet for longer than either limit, or told so, it is over.
    for over in [&["--finish"][..], &["--session-idle", "1s", "--max-open", "10s"]] {
        let mut args = vec!["--json", "--dry-run"];
        args.extend(over);
        let closed = program.backfill(&args).json();
        assert_eq!((&closed["turns"], &closed["open_turns"]), (&1.into(), &0.into()), "{over:?}");
    }
    // The unanswered call keeps it open for the longer limit.
    let pending = program.backfill(&["--json", "--dry-run", "--session-idle", "1s"]).json();
    assert_eq!(pending["open_turns"], 1);
}

#[test]
fn dry_run_prints_what_would_leave_and_leaves_nothing() {
    let program = three_sessions();
    let run = program.backfill(&["--finish", "--dry-run", "--print"]);
    let printed: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spans: Vec<Value> = printed
        .iter()
        .filter_map(|request| request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned())
        .flatten()
        .collect();
    assert!(printed.iter().any(|request| request["resourceLogs"].is_array()), "events leave too");
    assert!(!program.path("state").exists());
    assert_eq!(ids(&spans), ids(&exported(&program, "sent", &[])));
}

#[test]
fn the_tree_is_drawn_on_request() {
    let tree = three_sessions().backfill(&["--finish", "--dry-run", "--tree"]).stdout();
    assert!(tree.starts_with("session "), "{tree}");
    assert!(tree.contains("\n    execute_tool Agent "), "{tree}");
    assert!(tree.contains("\n        chat claude-sonnet-5 "), "{tree}");
}

#[test]
fn session_scope_hangs_turns_below_the_session() {
    let program = three_sessions();
    let spans = exported(&program, "out", &["--trace-scope", "session"]);
    let traces: BTreeSet<String> = spans.iter().map(|span| span["traceId"].to_string()).collect();
    assert_eq!(traces.len(), 3);
    let roots: Vec<&Value> =
        spans.iter().filter(|span| span["parentSpanId"].as_str().unwrap_or_default().is_empty()).collect();
    assert!(roots.len() == 3 && roots.iter().all(|root| root["name"] == "session"), "{roots:?}");
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let program = three_sessions();
    assert_eq!(program.run(&["backfill", "--bogus"]).code(), 2);
    assert_eq!(program.run(&["backfill", "--shard", "3/3"]).code(), 2);
    assert_eq!(program.run(&["backfill", "--root", "/does/not/exist"]).code(), 3);
    assert_eq!(program.backfill(&["--endpoint", "nonsense"]).code(), 3);
    assert_eq!(program.backfill(&["--protocol", "foo"]).code(), 2);
    assert_eq!(program.backfill(&["--compression", "foo"]).code(), 2);
    assert_eq!(program.backfill(&["--project", "a[", "--dry-run"]).code(), 2);
    std::fs::create_dir_all(program.path("empty")).unwrap();
    let empty = program.run(&["backfill", "--json", "--root", program.path("empty").to_str().unwrap()]);
    assert_eq!((empty.code(), &empty.json()["sessions"]), (0, &0.into()));
}

#[test]
fn strict_fails_on_what_was_not_understood_and_says_its_name() {
    let program = three_sessions();
    program
        .transcript("40000000-0000-4000-8000-000000000004.jsonl", "{\"type\":\"brand-new\",\"uuid\":\"x\"}\n{\"torn\n");
    let lenient = program.backfill(&["--finish", "--dry-run"]);
    assert_eq!(lenient.code(), 0);
    assert!(lenient.stdout().contains("unknown_record_type brand-new 1"), "{}", lenient.stdout());
    let strict = program.backfill(&["--finish", "--dry-run", "--strict", "--json"]);
    assert_eq!(strict.code(), 5);
    assert_eq!(strict.json()["problems"]["torn_line"], 1);
    assert_eq!(three_sessions().backfill(&["--finish", "--dry-run", "--strict"]).code(), 0);
}

/// Reads one HTTP request to its end: a reset instead of an answer would look like a broken line.
fn read_request(stream: &mut TcpStream) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let length =
            text.split_once("content-length: ").and_then(|(_, rest)| rest.split("\r\n").next()?.parse::<usize>().ok());
        if let (Some(head), Some(length)) = (text.find("\r\n\r\n"), length)
            && bytes.len() >= head + 4 + length
        {
            return;
        }
    }
}

#[test]
fn a_refused_destination_ends_with_4_and_says_what_was_kept() {
    let program = three_sessions();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    let run = program.backfill(&["--finish", "--json", "--endpoint", &endpoint]);
    assert_eq!(run.code(), 4, "{}", run.stderr());
    let summary = run.json();
    assert_eq!(summary["spans"]["delivered"], 0);
    assert_eq!(summary["spans"]["not_delivered"], summary["spans"]["made"]);
    assert!(summary["error"].as_str().unwrap().contains("401"), "{summary}");
    assert!(
        !program.path("state/claude-otel/dead-letter").exists(),
        "nothing may be set aside for a refused destination"
    );
    server.join().unwrap();
}

#[test]
fn a_web_page_that_says_200_took_nothing() {
    let program = three_sessions();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        let page = "<html>sign in</html>";
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
            page.len()
        );
        let _ = stream.write_all((head + page).as_bytes());
    });
    let run = program.backfill(&["--finish", "--json", "--endpoint", &endpoint]);
    assert_eq!((run.code(), &run.json()["spans"]["delivered"]), (4, &0.into()));
    assert!(run.json()["error"].as_str().unwrap().contains("web page"), "{}", run.stdout());
    server.join().unwrap();
}

#[test]
fn a_summary_that_cannot_be_written_is_no_success() {
    let program = three_sessions();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let root = program.root();
    let status = program
        .command(&["backfill", "--dry-run", "--root", root.to_str().unwrap()])
        .stdout(Stdio::from(full))
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn ctrl_c_ends_with_130_and_reports() {
    let program = three_sessions();
    // Takes connections and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let root = program.root();
    let mut child = program
        .command(&[
            "backfill",
            "--finish",
            "--json",
            "--timeout",
            "300ms",
            "--root",
            root.to_str().unwrap(),
            "--endpoint",
            &endpoint,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (held, _) = listener.accept().unwrap();
    let signal = |name: &str| {
        assert!(std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    };
    signal("-INT");
    let mut out = String::new();
    child.stdout.as_mut().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let summary: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&summary["stopped"], &summary["spans"]["delivered"]), (&true.into(), &0.into()));
    drop(held);
}

#[test]
fn no_content_leaves_through_names_paths_or_errors() {
    let program = Program::new();
    let secret = "CANARY the quick brown fox";
    let id = "50000000-0000-4000-8000-000000000005";
    let text = write(id, &script(1)).main;
    // Every free text becomes the canary: prompts, answers, inputs, outputs, names, models, branches of tools and agents.
    let text = text
        .replace("do it", secret)
        .replace("\"so\"", &format!("\"{secret}\""))
        .replace("\"name\":\"Bash\"", &format!("\"name\":\"Bash {secret}\""))
        .replace("\"command\":\"ls\"", &format!("\"command\":\"{secret}\",\"file_path\":\"/a/b.{secret}\",\"subagent_type\":\"{secret}\",\"skill\":\"{secret}\""))
        .replace("\"prompt\":\"look\"", &format!("\"prompt\":\"{secret}\",\"description\":\"{secret}\""))
        .replace("\"content\":\"out\"", &format!("\"content\":\"{secret}\""))
        .replace("\"claude-sonnet-5\"", &format!("\"{secret}\""))
        .replace("\"version\":\"2.1.330\"", &format!("\"version\":\"{secret}\",\"entrypoint\":\"{secret}\",\"sessionKind\":\"{secret}\",\"permissionMode\":\"{secret}\",\"requestId\":\"{secret}\",\"effort\":\"{secret}\""));
    let title = format!("{{\"type\":\"ai-title\",\"aiTitle\":\"{secret}\"}}\n{{\"type\":\"{secret}\"}}\n");
    let error = format!(
        "{{\"type\":\"assistant\",\"uuid\":\"60000000-0000-4000-8000-000000000006\",\"parentUuid\":null,\"isApiErrorMessage\":true,\"error\":\"{secret}\",\"timestamp\":\"2026-11-19T00:00:00.000Z\",\"message\":{{\"model\":\"<synthetic>\",\"content\":[{{\"type\":\"text\",\"text\":\"{secret}\"}}]}}}}\n"
    );
    program.transcript(&format!("{id}.jsonl"), &(text + &title + &error));
    let run = program.backfill(&["--finish", "--dry-run", "--print"]);
    let printed = run.stdout();
    assert!(printed.contains("execute_tool _OTHER"));
    for word in secret.split(' ').chain(["%20", "CANARY"]) {
        assert!(!printed.contains(word), "{word:?} leaked");
    }
}
