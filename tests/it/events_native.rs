//! Compares events with those that the client's own telemetry sent of the same runs, where somebody names the folder
//! that holds both. `docs/telemetry.md` lists the differences that are allowed here, and why they are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use claude_otel::telemetry::semconv::events;
use claude_otel::telemetry::span::Value;
use serde_json::Value as Json;

use crate::golden::{options, rebuild};

/// Events of one kind by what both sides know them by, each with its attributes as text.
type Events = BTreeMap<String, Vec<BTreeMap<String, String>>>;

/// What joins the two sides, and what has to be the same on both.
const JOINED: [(&str, &str, &[&str]); 6] = [
    (
        events::API_REQUEST,
        "request_id",
        &[
            "model",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_creation_tokens",
            "cache_creation_5m_tokens",
            "cache_creation_1h_tokens",
            "prompt.id",
            "speed",
            "effort",
            "agent.name",
            "agent_id",
            "parent_agent_id",
            "query_source",
        ],
    ),
    (events::API_ERROR, "request_id", &["status_code", "prompt.id", "agent_id"]),
    (events::TOOL_RESULT, "tool_use_id", &["tool_name", "success", "prompt.id", "agent_id", "request_id"]),
    (
        events::TOOL_DECISION,
        "tool_use_id",
        &["tool_name", "decision", "source", "tool_source", "prompt.id", "agent_id"],
    ),
    (events::USER_PROMPT, "prompt.id", &["prompt_length", "message.uuid"]),
    (
        events::SUBAGENT_COMPLETED,
        "agent_id",
        &["agent_type", "is_async", "total_tokens", "total_tool_uses", "model", "final_model", "model_swapped"],
    ),
];

fn native(run: &Path, event: &str, key: &str) -> Events {
    let mut found = Events::new();
    for line in fs::read_to_string(run.join("otel/logs.jsonl")).unwrap().lines() {
        let request: Json = serde_json::from_str(line).unwrap();
        let records = all(&request["body"]["resourceLogs"], "scopeLogs").flat_map(|scope| all_of(scope, "logRecords"));
        for record in records.filter(|record| record["body"]["stringValue"] == event) {
            let attributes: BTreeMap<String, String> = all_of(record, "attributes")
                .map(|pair| (pair["key"].as_str().unwrap().to_owned(), plain(&pair["value"])))
                .collect();
            let id = attributes.get(key).cloned().unwrap_or_default();
            found.entry(id).or_default().push(attributes);
        }
    }
    found
}

fn all<'a>(outer: &'a Json, name: &'a str) -> impl Iterator<Item = &'a Json> {
    outer.as_array().into_iter().flatten().flat_map(move |inner| all_of(inner, name))
}

fn all_of<'a>(outer: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    outer[name].as_array().into_iter().flatten()
}

fn plain(value: &Json) -> String {
    let value = value.as_object().and_then(|kinds| kinds.values().next()).unwrap_or(&Json::Null);
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn ours(run: &Path, event: &str, key: &str) -> Events {
    let mut options = options(run, 1);
    options.source.roots = vec![run.join("transcripts")];
    let mut found = Events::new();
    for record in rebuild(run, options).logs.into_iter().filter(|record| record.event_name == event) {
        let attributes: BTreeMap<String, String> =
            record.attributes.into_iter().map(|(name, value)| (name.to_owned(), shown(&value))).collect();
        let id = attributes.get(key).cloned().unwrap_or_default();
        found.entry(id).or_default().push(attributes);
    }
    found
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Static(text) => (*text).to_owned(),
        Value::Digits(number) | Value::Int(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        other => format!("{other:?}"),
    }
}

/// Every difference of one run, each a line that begins with its kind.
fn differences(name: &str, run: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (event, key, compared) in JOINED {
        let (native, ours) = (native(run, event, key), ours(run, event, key));
        let ids: BTreeSet<&String> = native.keys().chain(ours.keys()).collect();
        for id in ids {
            let (theirs, own) = (native.get(id), ours.get(id));
            let (count, own_count) = (theirs.map_or(0, Vec::len), own.map_or(0, Vec::len));
            if count != own_count {
                let what = theirs.or(own).and_then(|events| events.first());
                found.push(format!("{event} {count} there, {own_count} here: {name} {id} {what:?}"));
                continue;
            }
            for (theirs, own) in theirs.into_iter().flatten().zip(own.into_iter().flatten()) {
                for attribute in compared {
                    // What an older client sends of itself, or leaves out of its transcripts, is on one side only.
                    if let (Some(theirs), Some(own)) = (theirs.get(*attribute), own.get(*attribute))
                        && theirs != own
                    {
                        found.push(format!("{event} {attribute}: {name} {id}: {theirs:?} there, {own:?} here"));
                    }
                }
            }
        }
    }
    found
}

/// A difference that the documentation has: where it was seen, and how it begins.
const KNOWN: [(&str, &str); 15] = [
    // Calls that leave no line: titles, summaries, web searches, refusals of the safety check.
    ("", "claude_code.api_request 1 there, 0 here"),
    // Built-in commands.
    ("i-clear", "claude_code.user_prompt 1 there, 0 here"),
    ("i-model", "claude_code.user_prompt 1 there, 0 here"),
    // A prompt that joined a running turn.
    ("i-queue", "claude_code.user_prompt 2 there, 1 here"),
    // Errors and interruptions, of which no line tells whether anything was decided.
    ("2.1.120/fail", "claude_code.tool_decision 1 there, 0 here"),
    ("i-esc-tool", "claude_code.tool_decision 1 there, 0 here"),
    ("kill9-tool", "claude_code.tool_decision 1 there, 0 here"),
    ("sigint-p", "claude_code.tool_decision 1 there, 0 here"),
    // A refusal of which this version does not tell.
    ("2.1.120/denied", "claude_code.tool_decision 0 there, 1 here"),
    // Calls that failed before they ran: of tools that do not exist, or with inputs that do not fit.
    ("fail", "claude_code.tool_result 0 there, 1 here"),
    // The client had ended before it could tell.
    ("sigint-p", "claude_code.tool_result 0 there, 1 here"),
    // Names of tools of MCP servers, which the client hides by default.
    ("mcp", "claude_code.tool_result tool_name"),
    ("mcp", "claude_code.tool_decision tool_name"),
    // Versions without the event.
    ("2.1.120/", "claude_code.subagent_completed 0 there, 1 here"),
    // An error line without the request's id: told apart by nothing.
    ("2.1.120/error-400", "claude_code.api_error"),
];

#[test]
fn events_are_as_the_client_sent_them() {
    let Some(lab) = std::env::var_os("CLAUDE_OTEL_LAB") else { return };
    let (mut found, mut runs) = (Vec::new(), 0);
    for version in fs::read_dir(lab).unwrap().map(|entry| entry.unwrap().path()) {
        for run in fs::read_dir(&version).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if run.join("otel/logs.jsonl").is_file() && run.join("transcripts").is_dir() {
                let name = run.strip_prefix(version.parent().unwrap()).unwrap().display().to_string();
                found.extend(differences(&name, &run));
                runs += 1;
            }
        }
    }
    assert!(runs > 0);
    let is_known = |line: &String| KNOWN.iter().any(|(run, what)| line.starts_with(what) && line.contains(run));
    found.retain(|line| !is_known(line));
    assert!(found.is_empty(), "{} differences in {runs} runs:\n{}", found.len(), found.join("\n"));
}
