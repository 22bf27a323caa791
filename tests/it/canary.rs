//! Nothing leaks: every text of every record of every scenario is made a secret, and looked for in all that comes out.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;

use claude_otel::privacy::BUILT_IN;
use serde_json::Value;

use crate::golden::folders;
use crate::support::program::{Program, Run};
use crate::support::secrets::{Planted, planted};

/// A word that no fixture holds. It may leave at the content levels, and nowhere else.
const CANARY: &str = "XQ7CANARY7QX";

/// How texts are poisoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Poison {
    /// Behind what stands there, so that a text stays what it is.
    Beside,
    /// In its place, so that a secret that looks like a name is taken for one.
    Alone,
    /// Behind what stands there, and the ids of messages and calls are secrets too.
    Ids,
}

/// What a record has to keep to be decoded at all.
const STRUCTURE: [&str; 24] = [
    "type",
    "subtype",
    "uuid",
    "parentUuid",
    "logicalParentUuid",
    "sessionId",
    "timestamp",
    "tool_use_id",
    "id",
    "toolUseID",
    "parentToolUseID",
    "agentId",
    "role",
    "operation",
    "leafUuid",
    "requestSessionId",
    "messageId",
    "stop_reason",
    "continuedInSessionId",
    "sourceToolUseID",
    "toolUseId",
    "requestRef",
    "hookEvent",
    "kind",
];
/// Ids that join records without being places on disk or lines.
const IDS: [&str; 6] = ["id", "tool_use_id", "toolUseID", "parentToolUseID", "sourceToolUseID", "toolUseId"];
/// Names that leave at every level as they are, so that the canary has no place in them.
const SENT: [&str; 2] = ["cwd", "gitBranch"];

struct Poisoner {
    how: Poison,
    planted: Vec<Planted>,
    /// What was planted, whether or not it can be found again.
    used: Vec<String>,
    next: usize,
    ids: HashMap<String, String>,
}

impl Poisoner {
    fn new(how: Poison) -> Self {
        Self { how, planted: planted(), used: Vec::new(), next: 0, ids: HashMap::new() }
    }

    fn text(&mut self, key: &str, text: &str) -> String {
        if IDS.contains(&key) && self.how == Poison::Ids {
            let number = self.ids.len();
            let id = self.ids.entry(text.to_owned()).or_insert_with(|| format!("{}{}{number:036}", "gh", "p_"));
            self.used.push(id.clone());
            return id.clone();
        }
        if STRUCTURE.contains(&key) {
            return text.to_owned();
        }
        let Planted { text: poison, secret, .. } = &self.planted[self.next % self.planted.len()];
        self.next += 1;
        self.used.push(secret.clone());
        match self.how {
            Poison::Alone => poison.clone(),
            _ if SENT.contains(&key) => format!("{text} {poison}"),
            _ => format!("{text} {CANARY} {poison}"),
        }
    }

    fn value(&mut self, key: &str, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(key, text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(key, value)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| self.value(key, value)),
            _ => {}
        }
    }

    fn file(&mut self, from: &Path, to: &Path) {
        let text = String::from_utf8_lossy(&fs::read(from).unwrap()).into_owned();
        let lines = text.lines().map(|line| match serde_json::from_str::<Value>(line) {
            Ok(mut record) => {
                self.value("", &mut record);
                record.to_string()
            }
            // What no line can hold is another test's.
            Err(_) => String::new(),
        });
        let lines: Vec<String> = lines.collect();
        fs::write(to, lines.join("\n") + "\n").unwrap();
    }

    fn folder(&mut self, from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.folder(&entry.path(), &to);
            } else {
                self.file(&entry.path(), &to);
            }
        }
    }
}

/// Records of kinds that no scenario has, with what they hold in real life.
fn rare_records() -> String {
    let at = r#""sessionId":"50000000-0000-4000-8000-000000000005","timestamp":"2026-11-19T00:00:00.000Z""#;
    [
        r#"{"type":"attachment","uuid":"60000000-0000-4000-8000-000000000001","attachment":{"type":"session_context","content":"mail","email":"a@b.c","accountUuid":"x"},AT}"#,
        r#"{"type":"bridge-session","bridgeSessionId":"x","token":"t","accountUuid":"a","organizationUuid":"o",AT}"#,
        r#"{"type":"ai-title","aiTitle":"a title",AT}"#,
        r#"{"type":"custom-title","customTitle":"another",AT}"#,
        r#"{"type":"summary","summary":"of another","leafUuid":"60000000-0000-4000-8000-000000000001"}"#,
        r#"{"type":"last-prompt","lastPrompt":"what","extra":{"deep":["down"]},AT}"#,
        r#"{"type":"something-new","token":"t","message":{"content":"c","model":"m"},AT}"#,
    ]
    .map(|line| line.replace("AT", at))
    .join("\n")
}

/// Everything that the program left on disk but the transcripts, with what it printed.
fn left_behind(program: &Program, printed: Vec<String>) -> Vec<(String, Vec<u8>)> {
    fn collect(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                collect(&entry.path(), found);
            } else {
                found.push((entry.path().display().to_string(), fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    for name in ["out", "state", "home"] {
        collect(&program.path(name), &mut found);
    }
    found.extend(printed.into_iter().map(|text| ("printed".to_owned(), text.into_bytes())));
    found
}

/// The address of a receiver that takes no content.
fn refusing_receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            // Whoever hangs up early is done.
            let _read = std::io::copy(&mut reader.take(length), &mut std::io::sink());
            let answer = "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno";
            let _written = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// Poisons all scenarios and runs the program over them; gives back all that came out, and what must not be in it.
fn run(how: Poison, level: &str) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let program = Program::new();
    let mut poisoner = Poisoner::new(how);
    for folder in folders() {
        let name = folder.file_name().unwrap().to_owned();
        poisoner.folder(&folder.join("projects"), &program.root().join(name));
    }
    let rare = program.path("rare.jsonl");
    fs::write(&rare, rare_records()).unwrap();
    poisoner.file(
        &rare,
        &program.root().join("-srv-api/50000000-0000-4000-8000-000000000005.jsonl".replace("-srv-api/", "")),
    );
    fs::remove_file(rare).unwrap();
    let out = program.path("out");
    let to = ["--otlp-file", out.to_str().unwrap()];
    let first = program.backfill(&[&["-vv", "--finish", "--json", "--content", level][..], &to].concat());
    assert_eq!(first.code(), 0, "{}", first.stderr());
    let mut runs = vec![first];
    // All that people are shown, at the two ends of what there is.
    if matches!((how, level), (Poison::Alone, "none") | (Poison::Beside, "full")) {
        runs.push(program.backfill(&["--finish", "--tree", "--dry-run", "--content", level]));
        runs.push(program.backfill(&["--finish", "--print", "--dry-run", "--content", level]));
        // A receiver that refuses what it gets: that is set aside, and told.
        let endpoint = refusing_receiver();
        let refused = program.backfill(&["-vv", "--finish", "--endpoint", &endpoint, "--content", level]);
        assert!(program.path("state/claude-otel/dead-letter").exists(), "{}", refused.stderr());
        runs.push(refused);
    }
    runs.push(program.run(&[&["status", "--json"][..], &to].concat()));
    looked_at(&program, level, &mut runs);
    let printed: Vec<String> = runs.iter().map(|run| run.stdout() + &run.stderr()).collect();
    let mut used = poisoner.used;
    used.sort();
    used.dedup();
    (left_behind(&program, printed), used)
}

/// All that people look at: every list and report, and some of the sessions.
fn looked_at(program: &Program, level: &str, runs: &mut Vec<Run>) {
    let root = program.root();
    let mut look = |args: &[&str]| {
        let run = program.run(&[args, &["--root", root.to_str().unwrap(), "--content", level]].concat());
        // A session that goes on with another's history may have no first turn of its own.
        assert!(run.code() == 0 || args.contains(&"--turn"), "{args:?}: {}", run.stderr());
        let json = args.contains(&"--json").then(|| run.json());
        runs.push(run);
        json
    };
    look(&["sessions"]);
    look(&["report"]);
    look(&["report", "--by", "branch"]);
    look(&["report", "--json"]);
    let list = look(&["sessions", "--json"]).unwrap();
    let sessions = list["sessions"].as_array().unwrap();
    assert!(sessions.len() > 40, "only {} sessions are listed", sessions.len());
    for id in sessions.iter().step_by(5).filter_map(|session| session["id"].as_str()) {
        look(&["show", id]);
        look(&["show", id, "--json"]);
        look(&["show", id, "--turn", "1"]);
    }
}

fn find(all: &[(String, Vec<u8>)], words: &[String]) -> Vec<String> {
    let places = |word: &String| {
        let holds = |(_, bytes): &&(String, Vec<u8>)| memchr::memmem::find(bytes, word.as_bytes()).is_some();
        all.iter().filter(holds).map(|(place, _)| format!("{word} in {place}")).collect::<Vec<_>>()
    };
    words.iter().flat_map(places).collect()
}

fn leaks(how: Poison, level: &str, may_sing: bool) {
    let (all, secrets) = run(how, level);
    assert!(secrets.len() > 60, "only {} secrets were planted", secrets.len());
    assert!(all.iter().any(|(place, bytes)| place.contains("traces") && bytes.len() > 100_000), "nothing came out");
    // Of those on several lines, JSON has another form.
    let escaped = secrets.iter().map(|secret| secret.replace('\n', "\\n"));
    let found = find(&all, &escaped.collect::<Vec<_>>());
    assert!(found.is_empty(), "{how:?} at {level}: {} leaks, such as {:#?}", found.len(), &found[..found.len().min(8)]);
    let canaries = find(&all, &[CANARY.to_owned()]);
    assert_eq!(canaries.is_empty(), !may_sing, "{how:?} at {level}: {canaries:#?}");
    // The test sees something: what was planted was found and taken out.
    assert!(!find(&all, &["[REDACTED:github-token]".to_owned()]).is_empty());
}

#[test]
fn by_default_neither_texts_nor_secrets_come_out_anywhere() {
    leaks(Poison::Beside, "none", false);
}

#[test]
fn a_secret_that_is_taken_for_a_name_does_not_come_out() {
    leaks(Poison::Alone, "none", false);
    leaks(Poison::Alone, "full", false);
}

#[test]
fn a_secret_that_is_taken_for_an_id_does_not_come_out() {
    leaks(Poison::Ids, "none", false);
    leaks(Poison::Ids, "full", true);
}

#[test]
fn where_texts_leave_secrets_do_not() {
    leaks(Poison::Beside, "summary", true);
    leaks(Poison::Beside, "full", true);
}

#[test]
fn every_rule_has_a_secret_to_plant() {
    let planted = planted();
    let missing = BUILT_IN.iter().find(|rule| !planted.iter().any(|one| one.rule == rule.id));
    assert!(missing.is_none(), "{missing:?}");
}
