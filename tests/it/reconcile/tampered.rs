//! Whatever is taken away from either side, or changed, is found, and no rule explains it away.

use std::fs;
use std::path::Path;

use claude_otel::reconcile::{Difference, Finding, Outcome, Reason};
use serde_json::Value;
use tempfile::TempDir;

use super::{SCENARIOS, compare, projects, reasons, telemetry};

/// What a scenario's client told, as values that can be changed.
struct Told(Vec<Value>);

impl Told {
    fn of(scenario: &str) -> Self {
        Self(telemetry(scenario).lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    fn lines(&self) -> Vec<String> {
        self.0.iter().map(Value::to_string).collect()
    }

    fn compare(&self, root: &Path) -> Outcome {
        compare(root, self.lines().iter().map(String::as_str))
    }

    /// Runs over all lists of records, whatever they are.
    fn each_list(&mut self, mut change: impl FnMut(&mut Vec<Value>)) {
        fn walk(value: &mut Value, change: &mut impl FnMut(&mut Vec<Value>)) {
            match value {
                Value::Object(fields) => {
                    for (key, value) in fields.iter_mut() {
                        if let ("logRecords" | "spans" | "dataPoints", Value::Array(list)) = (key.as_str(), &mut *value)
                        {
                            change(list);
                        }
                        if key != "attributes" {
                            walk(value, change);
                        }
                    }
                }
                Value::Array(list) => list.iter_mut().for_each(|value| walk(value, change)),
                _ => {}
            }
        }
        self.0.iter_mut().for_each(|line| walk(line, &mut change));
    }

    /// The same without the records that match.
    fn without(mut self, is_meant: impl Fn(&Value) -> bool) -> Self {
        self.each_list(|list| list.retain(|record| !is_meant(record)));
        self
    }
}

fn attribute<'a>(record: &'a Value, key: &str) -> Option<&'a Value> {
    let pairs = record["attributes"].as_array()?;
    let value = &pairs.iter().find(|pair| pair["key"] == key)?["value"];
    value.as_object()?.values().next()
}

fn is(record: &Value, key: &str, value: &str) -> bool {
    attribute(record, key).is_some_and(|found| found == value)
}

fn is_event(record: &Value, name: &str) -> bool {
    is(record, "event.name", name)
}

fn is_span(record: &Value) -> bool {
    record["name"].is_string()
}

/// The ids of requests with events that calls on record answer to, by scenario.
fn visible_requests(scenario: &str) -> Vec<String> {
    let mut ids = Vec::new();
    Told::of(scenario).each_list(|list| {
        for record in list.iter().filter(|record| is_event(record, "api_request")) {
            let source = attribute(record, "query_source").and_then(Value::as_str).unwrap();
            if source == "sdk" || source.starts_with("repl_main_thread") || source.starts_with("agent:") {
                ids.push(attribute(record, "request_id").and_then(Value::as_str).unwrap().to_owned());
            }
        }
    });
    ids
}

/// The ids of tool calls whose results were told.
fn told_tools(scenario: &str) -> Vec<String> {
    let mut ids = Vec::new();
    Told::of(scenario).each_list(|list| {
        let results = list.iter().filter(|record| is_event(record, "tool_result"));
        ids.extend(results.map(|record| attribute(record, "tool_use_id").and_then(Value::as_str).unwrap().to_owned()));
    });
    ids
}

fn unexplained(outcome: &Outcome) -> Vec<&Finding> {
    outcome.findings.iter().filter(|finding| finding.reason.is_none()).collect()
}

/// Whether such a difference of that id is there, unexplained.
fn has(outcome: &Outcome, difference: Difference, id: &str) -> bool {
    unexplained(outcome).iter().any(|finding| finding.difference == difference && finding.id.as_deref() == Some(id))
}

#[test]
fn a_request_that_was_not_told_of_is_missed_by_its_id() {
    for (scenario, ..) in SCENARIOS {
        for id in visible_requests(scenario) {
            let is_meant =
                |record: &Value| is(record, "request_id", &id) && (is_event(record, "api_request") || is_span(record));
            let outcome = Told::of(scenario).without(is_meant).compare(&projects(scenario));
            assert!(has(&outcome, Difference::CallOnlyInTranscripts, &id), "{scenario} {id}: {:?}", outcome.findings);
        }
    }
}

#[test]
fn an_event_that_did_not_arrive_is_missed_though_its_span_did() {
    for (scenario, ..) in SCENARIOS {
        for id in visible_requests(scenario) {
            let is_meant = |record: &Value| is(record, "request_id", &id) && is_event(record, "api_request");
            let outcome = Told::of(scenario).without(is_meant).compare(&projects(scenario));
            assert!(has(&outcome, Difference::CallEventMissing, &id), "{scenario} {id}: {:?}", outcome.findings);
        }
    }
}

#[test]
fn the_numbers_of_events_tell_that_one_was_lost() {
    let ids = visible_requests("agent-parallel");
    let is_meant = |record: &Value| is(record, "request_id", &ids[2]) && !is_event(record, "tool_result");
    let outcome = Told::of("agent-parallel").without(is_meant).compare(&projects("agent-parallel"));
    let findings = unexplained(&outcome);
    let lost = findings.iter().find(|finding| finding.id.as_deref() == Some(&ids[2])).unwrap();
    assert!(lost.lost_events >= 1, "{lost:?}");
}

#[test]
fn a_result_that_was_not_told_of_is_missed_by_its_id() {
    for (scenario, ..) in SCENARIOS {
        for id in told_tools(scenario) {
            let is_meant = |record: &Value| is(record, "tool_use_id", &id) && is_event(record, "tool_result");
            let outcome = Told::of(scenario).without(is_meant).compare(&projects(scenario));
            assert!(has(&outcome, Difference::ToolOnlyInTranscripts, &id), "{scenario} {id}: {:?}", outcome.findings);
        }
    }
}

#[test]
fn a_failed_tool_of_which_nothing_arrived_is_no_tool_that_was_not_started() {
    let id = told_tools("tool-error")[0].clone();
    let outcome =
        Told::of("tool-error").without(|record| is(record, "tool_use_id", &id)).compare(&projects("tool-error"));
    assert!(has(&outcome, Difference::ToolOnlyInTranscripts, &id), "{:?}", outcome.findings);
}

#[test]
fn another_number_of_tokens_is_found_whatever_its_kind() {
    for (scenario, ..) in SCENARIOS {
        let Some(id) = visible_requests(scenario).pop() else { continue };
        for kind in ["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"] {
            for step in [1, -1] {
                let mut told = Told::of(scenario);
                told.each_list(|list| {
                    for record in list.iter_mut().filter(|record| is(record, "request_id", &id)) {
                        for pair in record["attributes"].as_array_mut().unwrap() {
                            if pair["key"] == kind {
                                let value = pair["value"].as_object().unwrap().values().next().unwrap();
                                let old = value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap();
                                pair["value"] = serde_json::json!({"intValue": (old + step).to_string()});
                            }
                        }
                    }
                });
                let outcome = told.compare(&projects(scenario));
                assert!(has(&outcome, Difference::CallTokens, &id), "{scenario} {id} {kind}: {:?}", outcome.findings);
            }
        }
    }
}

#[test]
fn another_sum_is_found() {
    let mut told = Told::of("compaction-auto");
    let mut is_done = false;
    told.each_list(|list| {
        let point = list.iter_mut().find(|record| is(record, "type", "output") && is(record, "query_source", "main"));
        if let Some(point) = point.filter(|_| !is_done) {
            point["asDouble"] = serde_json::json!(point["asDouble"].as_f64().unwrap() + 1.0);
            is_done = true;
        }
    });
    let outcome = told.compare(&projects("compaction-auto"));
    let findings = unexplained(&outcome);
    assert!(is_done && findings.len() == 1 && findings[0].difference == Difference::MetricTokens, "{findings:?}");
}

#[test]
fn a_killed_client_loses_its_last_records_and_no_others() {
    let root = projects("kill-and-resume");
    let ids = visible_requests("kill-and-resume");
    // The killed process told of its one call, and after the resume the next one did.
    let is_late =
        |record: &Value| is_event(record, "api_request") || is_event(record, "tool_decision") || is_span(record);
    let died = |record: &Value| record["asDouble"].is_number() || is_late(record) && !is(record, "request_id", &ids[1]);
    let outcome = Told::of("kill-and-resume").without(died).compare(&root);
    let rules: Vec<_> = outcome.findings.iter().map(|finding| finding.reason.map(Reason::name)).collect();
    assert_eq!(rules, [Some("lost_flush"), Some("tool_cut")], "{:?}", outcome.findings);
    // A client that went on telling has lost something else.
    let went_on = |record: &Value| died(record) && !is_event(record, "tool_decision");
    let outcome = Told::of("kill-and-resume").without(went_on).compare(&root);
    assert!(has(&outcome, Difference::CallOnlyInTranscripts, &ids[0]), "{:?}", outcome.findings);
}

#[test]
fn cut_attempts_explain_no_more_than_they_can_have_used() {
    let scaled = |factor: f64| {
        let mut told = Told::of("cut-attempts");
        told.each_list(|list| {
            for point in list.iter_mut().filter(|record| is(record, "type", "cacheRead")) {
                point["asDouble"] = serde_json::json!((point["asDouble"].as_f64().unwrap() * factor).floor());
            }
        });
        told.compare(&projects("cut-attempts")).unexplained()
    };
    assert_eq!([scaled(1.0), scaled(1.1)], [0, 4]);
    assert!(scaled(0.1) > 0, "less is no attempt that was cut");
}

/// A copy of a scenario's transcripts, line by line changed; lines that come back empty are left out.
fn rewritten(scenario: &str, change: impl Fn(Value) -> Option<Value>) -> TempDir {
    fn copy(from: &Path, to: &Path, change: &impl Fn(Value) -> Option<Value>) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let (path, target) = {
                let entry = entry.unwrap();
                (entry.path(), to.join(entry.file_name()))
            };
            if path.is_dir() {
                copy(&path, &target, change);
            } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                let text = fs::read_to_string(&path).unwrap();
                let lines = text.lines().filter_map(|line| change(serde_json::from_str(line).unwrap()));
                fs::write(target, lines.map(|line| line.to_string()).collect::<Vec<_>>().join("\n")).unwrap();
            } else {
                fs::copy(&path, &target).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&projects(scenario), folder.path(), &change);
    folder
}

#[test]
fn a_call_without_its_lines_is_missed_by_its_request() {
    for scenario in ["one-turn", "retry", "agent-parallel", "interrupt-in-tool", "tool-error", "compaction-auto"] {
        for id in visible_requests(scenario) {
            let root = rewritten(scenario, |line| (line["requestId"] != *id).then_some(line));
            let outcome = Told::of(scenario).compare(root.path());
            assert!(has(&outcome, Difference::CallOnlyInTelemetry, &id), "{scenario} {id}: {:?}", outcome.findings);
        }
    }
}

#[test]
fn a_placeholder_explains_more_output_in_the_telemetry_and_nothing_else() {
    let placeholder = |output: u64, input: u64| {
        let root = rewritten("one-turn", |mut line| {
            if line["type"] == "assistant" {
                line["message"]["stop_reason"] = Value::Null;
                line["message"]["usage"]["output_tokens"] = output.into();
                line["message"]["usage"]["input_tokens"] = input.into();
            }
            Some(line)
        });
        reasons(&Told::of("one-turn").compare(root.path())).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(placeholder(3, 1001), [("placeholder_output", 1)]);
    assert_eq!(placeholder(900, 1001), [("unexplained", 1)]);
    assert_eq!(placeholder(201, 3), [("unexplained", 1)]);
}

#[test]
fn a_session_without_a_transcript_is_explained_only_without_a_terminal() {
    let root = projects("retry");
    assert_eq!(reasons(&Told::of("one-turn").compare(&root)).get("not_persisted"), Some(&1));
    let outcome = Told::of("interrupt-in-tool").compare(&root);
    let findings = unexplained(&outcome);
    assert!(findings.iter().any(|finding| finding.difference == Difference::SessionOnlyInTelemetry), "{findings:?}");
}

#[test]
fn a_session_that_told_nothing_is_unexplained_unless_the_files_are_of_another_time() {
    // Both telemetries together reach over the whole day, so that the session lies within.
    let both = Told(Told::of("retry").0.into_iter().chain(Told::of("interrupt-in-stream").0).collect());
    let told = unexplained_sessions(&both.compare(&projects("interrupt-in-tool")));
    assert_eq!(told, 1);
    let outcome = Told::of("retry").compare(&projects("interrupt-in-tool"));
    assert_eq!((unexplained_sessions(&outcome), reasons(&outcome).get("outside_files")), (0, Some(&1)));
}

fn unexplained_sessions(outcome: &Outcome) -> usize {
    let is_meant = |finding: &&&Finding| finding.difference == Difference::SessionOnlyInTranscripts;
    unexplained(outcome).iter().filter(is_meant).count()
}

#[test]
fn sums_alone_are_compared_by_model() {
    for (scenario, ..) in SCENARIOS {
        // Of these two, what the client counted and no line shows is in the metric: attempts that were cut.
        let told = || Told::of(scenario).without(|record| is_span(record) || record["body"].is_object());
        let outcome = told().compare(&projects(scenario));
        assert_eq!(outcome.unexplained(), 0, "{scenario}: {:?}", outcome.findings);
        assert_eq!(outcome.by_sums_alone, outcome.sessions.len() as u64, "{scenario}");
        let halved = told().without(|record| is(record, "type", "output") && is(record, "query_source", "main"));
        assert!(halved.compare(&projects(scenario)).unexplained() > 0 || scenario == "kill-and-resume", "{scenario}");
    }
}

#[test]
fn what_a_collector_delivers_twice_counts_once() {
    let told = Told::of("agent-parallel");
    let (once, twice) = (told.lines(), [told.lines(), told.lines()].concat());
    let root = projects("agent-parallel");
    let outcome = compare(&root, twice.iter().map(String::as_str));
    assert!(outcome.counts.repeated > 0);
    assert_eq!(outcome.sessions, compare(&root, once.iter().map(String::as_str)).sessions);
    assert_eq!(outcome.findings, []);
}

#[test]
fn the_order_of_lines_means_nothing() {
    for (scenario, ..) in SCENARIOS {
        let mut lines = Told::of(scenario).lines();
        let root = projects(scenario);
        let forwards = compare(&root, lines.iter().map(String::as_str));
        lines.reverse();
        let backwards = compare(&root, lines.iter().map(String::as_str));
        assert_eq!(
            (forwards.sessions, reasons_of(&forwards.findings)),
            (backwards.sessions, reasons_of(&backwards.findings))
        );
    }
}

fn reasons_of(findings: &[Finding]) -> Vec<(Difference, Option<&'static str>)> {
    let mut all: Vec<_> =
        findings.iter().map(|finding| (finding.difference, finding.reason.map(Reason::name))).collect();
    all.sort_unstable();
    all
}
