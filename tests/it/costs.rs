//! Costs against those that clients recorded themselves, and prices of a user's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use claude_otel::telemetry::prices::PriceTable;
use claude_otel::telemetry::span::{Span, Value};
use serde_json::{Value as Json, json};

use crate::golden::{Rebuilt, options, rebuild, scenarios};
use crate::support::program::{Program, spans_in};
use crate::support::transcript::{CallScript, write};

const ID: &str = "10000000-0000-4000-8000-000000000001";

/// A billionth of a dollar: what the client's sums of fractions may be off.
const ROUNDING: f64 = 1e-9;

fn number(span: &Span, attribute: &str) -> Option<f64> {
    span.attributes.iter().find(|(name, _)| *name == attribute).and_then(|(_, value)| match value {
        Value::Double(number) => Some(*number),
        _ => None,
    })
}

fn text<'a>(span: &'a Span, attribute: &str) -> Option<&'a str> {
    span.attributes.iter().find(|(name, _)| *name == attribute).and_then(|(_, value)| match value {
        Value::Str(text) => Some(&**text),
        Value::Static(text) => Some(*text),
        _ => None,
    })
}

/// What is wrong where a client has said what its sessions cost; `None` where it has not, or not clearly.
fn against_totals(run: &Rebuilt) -> Option<Result<(), String>> {
    let compared = run.totals.compared?;
    let (client, ours) = (compared.client.dollars(), compared.ours.dollars());
    let is_same = (client - ours).abs() < ROUNDING;
    Some(if is_same { Ok(()) } else { Err(format!("{}: {client} by the client, {ours} by the table", run.name)) })
}

/// Scenarios in which no price can follow the client, with the reason. Everything else has to.
const NOT_COMPARED: [(&str, &str); 1] =
    [("two-clients", "each client counts its own calls, and no line says whose it is")];

fn is_not_compared(run: &Rebuilt) -> bool {
    NOT_COMPARED.iter().any(|(name, _)| run.name.ends_with(name))
}

#[test]
fn sessions_cost_what_the_client_says() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for scenario in scenarios() {
        if let Some(result) = against_totals(&scenario) {
            compared += 1;
            wrong.extend(result.err());
        } else if has_totals(&scenario.folder) && !is_not_compared(&scenario) {
            wrong.push(format!("{} has totals that were not compared", scenario.name));
        }
    }
    assert!(compared >= 30, "only {compared} scenarios have totals");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn has_totals(folder: &Path) -> bool {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if String::from_utf8_lossy(&fs::read(path).unwrap()).contains("{\"type\":\"cost-state\"") {
                return true;
            }
        }
    }
    false
}

/// What is to be known of one call's cost, by the id of its request.
type Costs = BTreeMap<(String, String), f64>;

/// What a client's own telemetry says that each call cost.
fn told_by_the_client(run: &Path) -> Costs {
    let Ok(logs) = fs::read_to_string(run.join("otel/logs.jsonl")) else { return Costs::new() };
    let mut costs = Costs::new();
    for line in logs.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok()) {
        let list = |value: &Json, field: &str| value[field].as_array().cloned().unwrap_or_default();
        let scopes = list(&line["body"], "resourceLogs").into_iter().flat_map(|resource| list(&resource, "scopeLogs"));
        for record in scopes.flat_map(|scope| list(&scope, "logRecords")) {
            let attributes: BTreeMap<String, String> = list(&record, "attributes")
                .iter()
                .map(|pair| {
                    let value = pair["value"].as_object().and_then(|value| value.values().next()).cloned();
                    let value = value.unwrap_or_default();
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    (pair["key"].as_str().unwrap_or_default().to_owned(), text)
                })
                .collect();
            let get = |name: &str| attributes.get(name);
            if let (Some(session), Some(request), Some(cost)) = (get("session.id"), get("request_id"), get("cost_usd"))
            {
                costs.insert((session.clone(), request.clone()), cost.parse().unwrap());
            }
        }
    }
    costs
}

/// By how much a client says less of a call, with good reason; `None` where it may say anything.
fn explained(run: &Rebuilt, span: &Span) -> Option<f64> {
    // All attempts that were cut are charged to the answer; their tokens are on no line, so they are hidden usage.
    const CUT_ATTEMPTS: &str = "/cut-always";
    if run.name.ends_with(CUT_ATTEMPTS) {
        return None;
    }
    // Clients before 2.1.280 did not tell the two lifetimes of cache writes apart and charged both as the shorter one:
    // for one token 1.25 instead of 2 times the price of input.
    let is_before = text(span, "claude_code.version").is_some_and(|version| version == "2.1.120");
    let input = match text(span, "gen_ai.response.model") {
        Some("claude-sonnet-4-6") => 3.0,
        Some("claude-opus-4-7") => 5.0,
        Some("claude-haiku-4-5-20251001") => 1.0,
        _ => 0.0,
    };
    let hour = span.attributes.iter().find_map(|(name, value)| match value {
        Value::Int(tokens) if *name == "claude_code.usage.cache_creation.1h_input_tokens" => Some(*tokens as f64),
        _ => None,
    });
    Some(if is_before { hour.unwrap_or_default() * input * 0.75 / 1e6 } else { 0.0 })
}

/// Calls that cost something else than the client says, and how many were compared.
fn against_calls(run: &Rebuilt, told: &Costs) -> (Vec<String>, usize) {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for span in run.spans.iter().filter(|span| span.name.starts_with("chat")) {
        let key = text(span, "session.id").zip(text(span, "claude_code.request_id"));
        let Some(told) = key.and_then(|(session, request)| told.get(&(session.to_owned(), request.to_owned()))) else {
            continue;
        };
        let Some(less) = explained(run, span) else { continue };
        compared += 1;
        let ours = number(span, "claude_code.cost_usd");
        if ours.is_none_or(|ours| (ours - less - told).abs() > ROUNDING) {
            wrong.push(format!("{}: {}: {told} by the client, {ours:?} by the table", run.name, span.name));
        }
    }
    (wrong, compared)
}

/// Runs of real clients, where somebody names the folder that holds them.
#[test]
fn recorded_runs_cost_what_their_clients_say() {
    let Some(lab) = std::env::var_os("CLAUDE_OTEL_LAB") else { return };
    let (mut wrong, mut sessions, mut calls) = (Vec::new(), 0, 0);
    for version in fs::read_dir(lab).unwrap().map(|entry| entry.unwrap().path()) {
        for run in fs::read_dir(&version).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if !run.join("transcripts").is_dir() {
                continue;
            }
            let mut options = options(&run, 1);
            options.source.roots = vec![run.join("transcripts")];
            let name = run.strip_prefix(version.parent().unwrap()).unwrap().display().to_string();
            let rebuilt = Rebuilt { name, ..rebuild(&run, options) };
            match against_totals(&rebuilt) {
                Some(result) => {
                    sessions += 1;
                    wrong.extend(result.err());
                }
                None if has_totals(&run.join("transcripts")) && !is_not_compared(&rebuilt) => {
                    wrong.push(format!("{} has totals that were not compared", rebuilt.name));
                }
                None => {}
            }
            let (differences, compared) = against_calls(&rebuilt, &told_by_the_client(&run));
            wrong.extend(differences);
            calls += compared;
        }
    }
    assert!(sessions > 0 && calls > 0, "{sessions} runs with totals and {calls} calls were compared");
    assert!(wrong.is_empty(), "{} of {sessions} runs and {calls} calls:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn sums_hold_what_their_calls_cost_and_calls_that_the_client_made_up_cost_nothing() {
    for scenario in scenarios() {
        let sum = |name: &str, attribute: &str| -> f64 {
            let spans = scenario.spans.iter().filter(|span| span.name.starts_with(name));
            spans.filter_map(|span| number(span, attribute)).sum()
        };
        let (calls, sessions) = (sum("chat", "claude_code.cost_usd"), sum("session", "claude_code.usage.cost_usd"));
        assert!((calls - sessions).abs() < ROUNDING, "{}: calls {calls}, sessions {sessions}", scenario.name);
        assert!(!scenario.totals.models.contains_key("<synthetic>"), "{}", scenario.name);
    }
}

#[test]
fn the_page_shows_a_table_that_can_be_read_and_names_the_one_in_the_program() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cost.md")).unwrap();
    let example = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let table = PriceTable::default();
    assert!(page.contains(&format!("`{}`", table.id())));
    assert!(table.with_overrides(example).unwrap().id().starts_with("contract-2026-11-01+"));
}

/// One turn of a call with 3 input, 50 output, 1000 read and 200 written tokens by `model`.
fn program(model: &str) -> Program {
    let program = Program::new();
    let call = CallScript { tokens: [3, 50, 1000, 200], texts: 0, tools: vec![], agent: vec![], placeholder: false };
    let text = write(ID, &vec![vec![call]]).main;
    let known: Json = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let known = known["message"]["model"].as_str().unwrap().to_owned();
    program.transcript(&format!("{ID}.jsonl"), &text.replace(&known, model));
    program
}

#[test]
fn an_unknown_model_is_counted_and_never_free() {
    let program = program("claude-next-9");
    let found = program.backfill(&["--dry-run", "--json", "--finish"]).json();
    assert_eq!((&found["cost"]["usd"], &found["cost"]["unpriced_calls"]), (&Json::Null, &json!({"claude-next-9": 1})));
    let folder = program.path("out");
    assert_eq!(program.backfill(&["--finish", "--otlp-file", folder.to_str().unwrap()]).code(), 0);
    let spans = spans_in(&folder);
    let has = |span: &Json, name: &str| span["attributes"].as_array().unwrap().iter().any(|pair| pair["key"] == name);
    assert!(!spans.is_empty());
    for span in &spans {
        assert!(!has(span, "claude_code.cost_usd") && !has(span, "claude_code.usage.cost_usd"), "{span}");
        assert_eq!(
            has(span, "claude_otel.cost.lower_bound"),
            !span["name"].as_str().unwrap().starts_with("chat"),
            "{span}"
        );
    }
    let said = program.backfill(&["--dry-run", "--finish"]).stdout();
    assert!(said.contains("unpriced   claude-next-9 (1 calls)"), "{said}");
}

#[test]
fn prices_come_from_a_file_by_flag_or_variable_and_a_bad_one_ends_the_program() {
    let program = program("claude-next-9");
    let prices = program.path("prices.json");
    let table = r#"{"table": "mine", "date": "2026-11-01", "models": {"claude-next-9":
        {"input": 1, "output": 2, "cache_read": 0.1, "cache_write_5m": 1.25, "cache_write_1h": 2}}}"#;
    fs::write(&prices, table).unwrap();
    let prices = prices.to_str().unwrap();
    let found = program.backfill(&["--dry-run", "--json", "--finish", "--prices", prices]).json();
    // 3 * 1 + 50 * 2 + 1000 * 0.1 + 200 * 1.25, in millionths.
    assert_eq!(found["cost"]["usd"], 0.000_453);
    assert_eq!(found["cost"]["table"], "mine-2026-11-01+anthropic-list-2026-11-22");
    fs::write(prices, table.replace("\"output\"", "\"out\"")).unwrap();
    let run = program.backfill(&["--dry-run", "--prices", prices]);
    assert_eq!(run.code(), 3);
    assert!(
        run.stderr().contains("the file of prices") && run.stderr().contains("\"out\" is no field"),
        "{}",
        run.stderr()
    );
    let run = program.backfill(&["--dry-run", "--prices", "/nowhere/prices.json"]);
    assert_eq!((run.code(), run.stderr().contains("/nowhere/prices.json")), (3, true));
}
