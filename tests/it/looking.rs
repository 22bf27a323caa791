//! `sessions`, `show` and `report` as a person or a script meets them.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value;

use crate::golden::folders;
use crate::status::session;
use crate::support::program::Program;
use crate::support::transcript::{CallScript, write};

/// Scenarios with turns, agents, errors, interrupts, compactions and copies.
const SCENARIOS: [&str; 8] = [
    "agent-nested",
    "agent-parallel",
    "compaction-manual",
    "denial",
    "fork",
    "interactive-turns",
    "interrupt-in-tool",
    "retry",
];
const ID: &str = "10000000-0000-4000-8000-000000000001";
/// Numbers that add up over sessions, and over periods.
const ADDED: [&str; 6] = ["turns", "llm_calls", "tool_calls", "tool_errors", "agents", "compactions"];
const TOKENS: [&str; 4] = ["input", "output", "cache_read", "cache_creation"];
/// What a bill of all scenarios may be off by for being added up as fractions.
const ROUNDING: f64 = 1e-9;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// A root with the scenarios that are wanted.
fn with(is_wanted: impl Fn(&str) -> bool) -> Program {
    let program = Program::new();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        if is_wanted(name) {
            copy(&folder.join("projects"), &program.root().join(name));
        }
    }
    program
}

fn scenario(name: &str) -> Program {
    with(|one| one == name)
}

/// Runs a command over the root, on so many columns, where it is always UTC.
fn shown(program: &Program, columns: usize, args: &[&str]) -> String {
    let root = program.root();
    let args = [args, &["--root", root.to_str().unwrap()]].concat();
    let output = program.command(&args).env("COLUMNS", columns.to_string()).env("TZ", "UTC0").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.as_str()), (Some(0), ""), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(program: &Program, args: &[&str]) -> Value {
    serde_json::from_str(&shown(program, 80, &[args, &["--json"]].concat())).unwrap()
}

/// No line is wider than it may be. No fixture holds wide characters where they are shown.
fn assert_fits(text: &str, columns: usize) {
    let widest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(widest.chars().count() <= columns, "{} columns: {widest}", widest.chars().count());
}

#[test]
fn lists_fit_the_terminal() {
    let program = with(|name| SCENARIOS.contains(&name));
    for columns in [80, 200] {
        let list = shown(&program, columns, &["sessions"]);
        assert_fits(&list, columns);
        assert_snapshot!(format!("sessions-{columns}"), list);
    }
}

#[test]
fn sessions_are_drawn_turn_by_turn() {
    for name in ["agent-nested", "compaction-manual", "interactive-turns", "interrupt-in-tool", "retry"] {
        let program = scenario(name);
        for columns in [80, 200] {
            let page = shown(&program, columns, &["show", "last", "--content", "summary"]);
            assert_fits(&page, columns);
            assert_snapshot!(format!("show-{name}-{columns}"), page);
        }
    }
}

#[test]
fn one_turn_is_told_in_full() {
    let program = scenario("denial");
    let page = shown(&program, 80, &["show", "last", "--turn", "1", "--content", "summary"]);
    assert_fits(&page, 80);
    assert_snapshot!("show-turn", page);
}

#[test]
fn reports_fit_the_terminal() {
    let program = with(|name| SCENARIOS.contains(&name));
    for columns in [80, 200] {
        let report = shown(&program, columns, &["report", "--until", "2027-01-01"]);
        assert_fits(&report, columns);
        assert_snapshot!(format!("report-{columns}"), report);
    }
    assert_snapshot!("report-by-branch", shown(&program, 80, &["report", "--until", "2027-01-01", "--by", "branch"]));
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

#[test]
fn a_report_a_list_and_a_backfill_come_to_the_same() {
    let program = with(|_| true);
    let run = program.backfill(&["--dry-run", "--finish", "--json"]);
    let (backfill, report, list) = (run.json(), json(&program, &["report"]), json(&program, &["sessions"]));
    let totals = &report["totals"];
    let of_list = |of: &dyn Fn(&Value) -> u64| list["sessions"].as_array().unwrap().iter().map(of).sum::<u64>();
    for name in ADDED {
        assert_eq!(of_list(&|card| number(&card[name])), number(&totals[name]), "{name} of the list");
        let ours = match name {
            "turns" => number(&totals["turns"]) - number(&totals["compaction_turns"]),
            name => number(&totals[name]),
        };
        assert_eq!(ours, number(&backfill[name]), "{name} of the backfill");
        assert!(ours > 0, "{name} is nowhere");
    }
    assert_eq!(of_list(&|card| number(&card["busy_ms"])), number(&totals["busy_ms"]));
    assert_eq!(report["waits"]["busy_ms"], totals["busy_ms"]);
    for name in TOKENS {
        assert_eq!(of_list(&|card| number(&card["tokens"][name])), number(&totals["tokens"][name]), "{name}");
        assert_eq!(number(&totals["tokens"][name]), number(&backfill["tokens"][name]), "{name}");
    }
    let costs = [
        totals["cost"]["usd"].as_f64().unwrap(),
        list["sessions"].as_array().unwrap().iter().filter_map(|card| card["cost"]["usd"].as_f64()).sum(),
    ];
    for cost in costs {
        assert!((cost - backfill["cost"]["usd"].as_f64().unwrap()).abs() < ROUNDING, "{cost}");
    }
    for name in ["api_retries", "api_errors", "interrupts"] {
        assert_eq!(report["errors"][name], backfill[name], "{name}");
    }
    assert_eq!(report["errors"]["tool_outcomes"], backfill["tool_outcomes"]);
    for (rows, name, calls) in [("tools", "tools", "calls"), ("models", "models", "calls")] {
        for row in report[rows].as_array().unwrap().iter().filter(|row| row["name"] != "unknown") {
            let name_of_row = row["name"].as_str().unwrap();
            assert_eq!(row[calls], backfill[name][name_of_row][calls], "{name_of_row}");
        }
    }
}

#[test]
fn rows_add_up_to_the_totals() {
    let program = with(|_| true);
    let report = json(&program, &["report"]);
    for rows in ["projects", "branches", "days"] {
        for name in ADDED {
            let sum: u64 = report[rows].as_array().unwrap().iter().map(|row| number(&row[name])).sum();
            assert_eq!(sum, number(&report["totals"][name]), "{name} of {rows}");
        }
    }
    let calls: u64 = report["models"].as_array().unwrap().iter().map(|row| number(&row["calls"])).sum();
    assert_eq!(calls, number(&report["totals"]["llm_calls"]));
}

#[test]
fn a_period_cuts_by_the_start_and_loses_nothing() {
    let program = scenario("interactive-turns");
    let whole = json(&program, &["report"]);
    let (first, last) =
        (whole["period"]["first_unix_ms"].as_i64().unwrap(), whole["period"]["last_unix_ms"].as_i64().unwrap());
    let stamp = |millis: i64| chrono::DateTime::from_timestamp_millis(millis).unwrap().to_rfc3339();
    let mut halves_with_something = 0;
    for part in 1..8 {
        let cut = stamp(first + (last - first) * part / 8);
        let (before, after) =
            (json(&program, &["report", "--until", &cut]), json(&program, &["report", "--since", &cut]));
        halves_with_something +=
            u64::from(number(&before["totals"]["tool_calls"]) > 0 && number(&after["totals"]["tool_calls"]) > 0);
        for name in ADDED {
            let sum = number(&before["totals"][name]) + number(&after["totals"][name]);
            assert_eq!(sum, number(&whole["totals"][name]), "{name} cut at {cut}");
        }
        for name in TOKENS {
            let sum = number(&before["totals"]["tokens"][name]) + number(&after["totals"]["tokens"][name]);
            assert_eq!(sum, number(&whole["totals"]["tokens"][name]), "{name} cut at {cut}");
        }
        let pauses = |report: &Value| number(&report["waits"]["idles"]) + number(&report["waits"]["aways"]);
        assert_eq!(pauses(&before) + pauses(&after), pauses(&whole));
    }
    assert!(halves_with_something > 0, "no cut was inside of the session");
}

#[test]
fn days_are_local_unless_utc_is_asked_for() {
    let program = scenario("one-turn");
    let root = program.root();
    let days = |zone: &str, more: &[&str]| {
        let args = [&["report", "--json", "--root", root.to_str().unwrap()], more].concat();
        let output = program.command(&args).env("TZ", zone).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let days = report["days"].as_array().unwrap().iter().map(|row| row["day"].as_str().unwrap().to_owned());
        (days.collect::<Vec<_>>(), report["period"]["days"].as_str().unwrap().to_owned())
    };
    let (utc, name) = days("AAA-14", &["--utc"]);
    assert_eq!(name, "utc");
    let (east, name) = days("AAA-14", &[]);
    assert_eq!(name, "local");
    let (west, _) = days("AAA+10", &[]);
    assert_eq!(utc.len(), 1);
    // A day apart, somewhere in the world it is always another day.
    assert!(east != west && (east == utc || west == utc || east > utc), "{west:?} {utc:?} {east:?}");
    // A day begins where the user is.
    let (since, _) = days("AAA-14", &["--since", &east[0]]);
    assert_eq!(since, east);
    let (before, _) = days("AAA-14", &["--until", &east[0]]);
    assert!(before.is_empty());
}

#[test]
fn a_turn_alone_is_a_tree_of_its_own() {
    let program = scenario("interactive-turns");
    let (whole, second) = (json(&program, &["show", "last"]), json(&program, &["show", "last", "--turn", "2"]));
    let items = second["items"].as_array().unwrap();
    assert!(items.len() > 1 && items.len() < whole["items"].as_array().unwrap().len());
    assert!(items.iter().all(|item| item["turn"] == 2));
    assert!(items[0]["parent"].is_null());
    for (place, item) in items.iter().enumerate().skip(1) {
        assert!((item["parent"].as_u64().unwrap() as usize) < place, "{item}");
    }
}

#[test]
fn a_session_that_is_not_clear_is_asked_for_again() {
    let program = with(|name| SCENARIOS.contains(&name));
    let root = program.root();
    let fails = |args: &[&str]| {
        let run = program.run(&[args, &["--root", root.to_str().unwrap()]].concat());
        assert_eq!((run.code(), run.stdout().as_str()), (2, ""));
        run.stderr()
    };
    let none = fails(&["show", "zzz"]);
    assert!(none.contains("no session's id begins with \"zzz\"") && none.contains("claude-otel sessions"), "{none}");
    let several = fails(&["show", ""]);
    assert!(several.contains("several sessions' ids") && several.lines().count() > 5, "{several}");
    let turn = fails(&["show", "last", "--turn", "99"]);
    assert!(turn.contains("has no turn 99"), "{turn}");
}

#[test]
fn nothing_to_show_is_said_and_is_no_error() {
    let program = Program::new();
    fs::create_dir_all(program.root()).unwrap();
    assert!(shown(&program, 80, &["sessions"]).starts_with("there are no sessions in "));
    assert!(shown(&program, 80, &["report", "--since", "7d"]).contains("nothing began in it"));
    assert_eq!(json(&program, &["sessions"])["sessions"], Value::Array(Vec::new()));
    let program = scenario("one-turn");
    assert!(shown(&program, 80, &["sessions", "--project", "none-such"]).starts_with("no session is such"));
    assert!(shown(&program, 80, &["report", "--until", "2020-01-01"]).contains("nothing began in it"));
}

#[test]
fn lists_are_narrowed_sorted_and_cut() {
    let program = with(|name| SCENARIOS.contains(&name));
    let list = |args: &[&str]| json(&program, &[&["sessions"], args].concat())["sessions"].as_array().unwrap().clone();
    let all = list(&[]);
    let starts: Vec<i64> = all.iter().map(|card| card["start_unix_ms"].as_i64().unwrap()).collect();
    assert!(starts.is_sorted() && starts.len() > 5);
    let dearest = list(&["--sort", "cost", "--limit", "2", "--reverse"]);
    let cost = |card: &Value| card["cost"]["usd"].as_f64().unwrap_or_default();
    assert_eq!(dearest.len(), 2);
    assert!(cost(&dearest[0]) >= cost(&dearest[1]));
    assert!(all.iter().all(|card| cost(card) <= cost(&dearest[0])));
    let with_errors = list(&["--errors"]);
    assert!(!with_errors.is_empty() && with_errors.len() < all.len());
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!(list(&["--session", &id[..13]]).len(), 1);
    assert!(list(&["--running"]).is_empty());
    assert!(list(&["--model", "no-such-model"]).is_empty());
    assert_eq!(list(&["--model", "SONNET"]).len(), list(&["--model", "sonnet"]).len());
    let edge = chrono::DateTime::from_timestamp_millis(all[2]["end_unix_ms"].as_i64().unwrap()).unwrap().to_rfc3339();
    assert!(list(&["--since", &edge]).iter().any(|card| card["id"] == all[2]["id"]), "its last activity is inside");
}

#[test]
fn what_was_exported_is_told_where_there_is_a_state() {
    let program = scenario("one-turn");
    let exported = || json(&program, &["sessions"])["sessions"][0]["exported"].clone();
    assert_eq!(exported(), Value::Null);
    assert_eq!(program.backfill(&["--finish"]).code(), 0);
    assert_eq!(exported(), "yes");
    program.transcript(&format!("{ID}.jsonl"), &session(ID));
    let list = json(&program, &["sessions"]);
    let mut all: Vec<&str> =
        list["sessions"].as_array().unwrap().iter().map(|card| card["exported"].as_str().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, ["no", "yes"]);
    let file = fs::read_dir(program.root().join("one-turn"))
        .unwrap()
        .flat_map(|entry| fs::read_dir(entry.unwrap().path()).unwrap());
    let file = file
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text + "{\"type\":\"progress\"}\n").unwrap();
    let list = json(&program, &["sessions"]);
    assert!(list["sessions"].as_array().unwrap().iter().any(|card| card["exported"] == "in_part"), "{list}");
}

/// What a terminal would obey, or what would turn what stands around it.
fn is_hostile(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn no_transcript_commands_the_terminal() {
    let evil = r"\u001b[31m\u001b]0;gone\u0007\u009b2J\u202eevil\u200b\r\b";
    let program = Program::new();
    let at = |second: u32, body: &str| {
        format!(
            r#"{{"parentUuid":null,{body},"uuid":"30000000-0000-4000-8000-{second:012}","timestamp":"2026-11-19T00:00:{second:02}.000Z","sessionId":"30000000-0000-4000-8000-000000000003","version":"2{evil}","cwd":"/srv/a{evil}","gitBranch":"b{evil}"}}"#
        )
    };
    let lines = [
        at(1, &format!(r#""type":"user","message":{{"role":"user","content":"do {evil}\nit"}}"#)),
        at(
            2,
            &format!(
                r#""type":"assistant","message":{{"id":"msg_1{evil}","role":"assistant","model":"claude-{evil}","content":[{{"type":"text","text":"{evil}"}},{{"type":"tool_use","id":"toolu_1","name":"Bash{evil}","input":{{"command":"ls {evil}","description":"{evil}"}}}},{{"type":"tool_use","id":"toolu_2","name":"Bash","input":{{"command":"ls {evil}"}}}}],"stop_reason":"tool_use{evil}","usage":{{"input_tokens":1,"output_tokens":2}}}},"requestId":"req_1{evil}""#
            ),
        ),
        at(
            3,
            &format!(
                r#""type":"user","message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"toolu_2","is_error":true,"content":"{evil}"}}]}}"#
            ),
        ),
        format!(r#"{{"type":"ai-title","aiTitle":"t{evil}","sessionId":"30000000-0000-4000-8000-000000000003"}}"#),
    ];
    program.transcript("30000000-0000-4000-8000-000000000003.jsonl", &(lines.join("\n") + "\n"));
    for level in ["none", "summary", "full"] {
        for args in [
            &["sessions"][..],
            &["show", "last"],
            &["show", "last", "--turn", "1"],
            &["report"],
            &["report", "--by", "branch"],
        ] {
            let text = shown(&program, 200, &[args, &["--content", level]].concat());
            let found = text.chars().find(|c| is_hostile(*c));
            assert_eq!(found, None, "{args:?} at {level}: {text:?}");
            let printed = shown(&program, 80, &[args, &["--content", level]].concat());
            assert_eq!(printed.chars().find(|c| is_hostile(*c)), None);
        }
    }
    // The test sees something: the texts are there.
    let text = shown(&program, 200, &["show", "last", "--content", "full"]);
    assert!(text.contains("evil") && text.contains("ls "), "{text}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let program = with(|_| true);
    let root = program.root();
    for args in [&["sessions"][..], &["sessions", "--json"], &["report"]] {
        let args = [args, &["--root", root.to_str().unwrap()]].concat();
        let mut child = program.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        assert_eq!((child.wait().unwrap().code(), error.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_filter_of_what_is_sent_narrows_nothing_that_is_shown() {
    let program = scenario("one-turn");
    let root = program.root();
    let args = ["sessions", "--json", "--root", root.to_str().unwrap()];
    let output =
        program.command(&args).env("CLAUDE_OTEL_SINCE", "1s").env("CLAUDE_OTEL_PROJECTS", "other").output().unwrap();
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list["sessions"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_going_on_is_marked() {
    let program = Program::new();
    let now = chrono::Utc::now();
    let stamp = |ago: i64| (now - chrono::Duration::seconds(ago)).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let line = |number: u32, ago: i64, body: &str| {
        format!(
            r#"{{"parentUuid":null,{body},"uuid":"40000000-0000-4000-8000-{number:012}","timestamp":"{}","sessionId":"{ID}","version":"2.1.330","cwd":"/srv/api"}}"#,
            stamp(ago)
        ) + "\n"
    };
    let text = line(1, 20, r#""type":"user","message":{"role":"user","content":"go"}"#)
        + &line(
            2,
            15,
            r#""type":"assistant","message":{"id":"msg_1","role":"assistant","model":"claude-sonnet-5","content":[{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"command":"sleep 60"}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}"#,
        );
    program.transcript(&format!("{ID}.jsonl"), &text);
    let list = shown(&program, 80, &["sessions", "--running"]);
    assert!(list.contains('▸') && list.contains("1 session"), "{list}");
    let page = shown(&program, 80, &["show", "last"]);
    assert!(page.contains("busy for") && page.contains(", running"), "{page}");
    assert!(page.lines().any(|line| line.contains("Bash") && line.contains('▸')), "{page}");
    assert!(page.contains("▸ running"), "{page}");
    assert_eq!(json(&program, &["report"])["totals"]["open_turns"], 1);
}

#[test]
fn a_great_session_shows_what_matters_and_says_what_is_left_out() {
    let call =
        |tools: Vec<bool>| CallScript { tokens: [1, 2, 3, 4], texts: 0, tools, agent: vec![], placeholder: false };
    let mut calls = vec![call(vec![false]); 249];
    calls.push(call(vec![true]));
    let program = Program::new();
    program.transcript(&format!("{ID}.jsonl"), &write(ID, &vec![calls]).main);
    let lines = |args: &[&str]| shown(&program, 80, &[&["show", ID], args].concat());
    let page = lines(&[]);
    assert!(page.lines().count() < 40, "{page}");
    assert!(page.contains('✗'), "what failed is shown");
    let left_out = page.lines().find(|line| line.starts_with('…')).unwrap();
    assert!(left_out.contains("--turn 1 or --all shows them"), "{left_out}");
    assert!(lines(&["--all"]).lines().count() > 500);
    assert!(lines(&["--turn", "1"]).lines().count() > 500);
    let errors = lines(&["--errors"]);
    assert_eq!(errors.lines().filter(|line| line.contains("Bash")).count(), 2, "{errors}");
}
