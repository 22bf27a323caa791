//! The client's own telemetry against its transcripts: recorded runs of the real client, and what is found when either
//! side is tampered with. `CLAUDE_OTEL_LAB=DIR` names a folder of `VERSION/RUN/{transcripts,otel}`.

mod tampered;
mod user;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use claude_otel::pipeline::peek::Peeker;
use claude_otel::pipeline::plan::Plan;
use claude_otel::pipeline::rebuilt::rebuilt;
use claude_otel::reconcile::{Both, Collector, Comparison, Difference, Outcome, Reason, Selection};
use claude_otel::session::facts::{LlmCall, Session};
use claude_otel::source::{self, OwnerRule, TranscriptReader};
use claude_otel::transcript::time::Millis;

use crate::golden;

struct Everything;

impl Selection for Everything {
    fn takes_session(&self, _: &Session) -> bool {
        true
    }

    fn takes_id(&self, _: &str) -> bool {
        true
    }

    fn takes_time(&self, _: Millis) -> bool {
        true
    }

    fn cost(&self, _: &LlmCall) -> Option<f64> {
        None
    }
}

/// Compares telemetry, line by line, with the transcripts below a root.
fn compare<'a>(root: &Path, lines: impl IntoIterator<Item = &'a str>) -> Outcome {
    let mut collector = Collector::default();
    lines.into_iter().for_each(|line| collector.line(line.as_bytes()));
    let mut comparison = Comparison::new(collector.finish());
    let mut options = golden::options(root, 1);
    options.source.roots = vec![root.to_path_buf()];
    let roots = source::resolve(&options.source.roots, |_| None, None).unwrap();
    let found = source::discover(&roots, OwnerRule::Any);
    let mut peeker = Peeker::new(TranscriptReader::new(&options.source), options.read.decode);
    let plan = Plan::of(found.files.into_iter().map(Arc::new), |file| peeker.peek(file));
    let unread = rebuilt(&plan, &options, |_, session| {
        comparison.session(&session, &Everything);
        true
    });
    assert!(unread.is_empty(), "{unread:?}");
    comparison.finish(&Everything)
}

/// The folder of a scenario's transcripts.
fn projects(scenario: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let own = fixtures.join("reconcile").join(scenario).join("projects");
    if own.is_dir() { own } else { fixtures.join("claude").join(scenario).join("projects") }
}

/// What the client told in a scenario.
fn telemetry(scenario: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reconcile");
    fs::read_to_string(fixtures.join(format!("{scenario}.jsonl"))).unwrap()
}

/// A scenario: model calls, tool calls and failures on both sides, and what is explained by which rule.
type Scenario = (&'static str, [u64; 3], &'static [(&'static str, u64)]);

const SCENARIOS: [Scenario; 16] = [
    ("one-turn", [1, 0, 0], &[]),
    ("retry", [1, 0, 0], &[]),
    ("cut-attempts", [1, 0, 0], &[("cut_attempts", 4)]),
    ("interrupt-in-tool", [2, 1, 0], &[]),
    ("interrupt-in-stream", [1, 0, 0], &[("clients_own_work", 1)]),
    ("kill-and-resume", [2, 0, 0], &[("tool_cut", 1)]),
    ("signal", [1, 0, 0], &[("tool_cut", 1)]),
    ("agent-parallel", [7, 5, 0], &[]),
    ("agent-failed", [2, 1, 1], &[]),
    ("tool-error", [5, 2, 0], &[("tool_not_started", 2)]),
    ("rejection", [3, 1, 0], &[("tool_refused", 1)]),
    ("compaction-auto", [3, 1, 0], &[("clients_own_work", 1)]),
    ("background-session", [3, 1, 0], &[("clients_own_work", 2)]),
    ("web-search", [2, 1, 0], &[("clients_own_work", 1)]),
    ("fork", [4, 1, 0], &[]),
    ("two-clients", [5, 4, 0], &[]),
];

fn reasons(outcome: &Outcome) -> BTreeMap<&'static str, u64> {
    outcome
        .reasons()
        .into_iter()
        .map(|(reason, count)| (reason.map_or("unexplained", |rule| rule.name()), count))
        .collect()
}

fn matched(outcome: &Outcome) -> [u64; 3] {
    let matched = |both: Both| both.matched;
    [
        matched(outcome.total(|session| &session.calls)),
        matched(outcome.total(|session| &session.tools)),
        matched(outcome.total(|session| &session.failures)),
    ]
}

#[test]
fn every_difference_of_recorded_runs_has_its_reason() {
    for (scenario, both, rules) in SCENARIOS {
        let outcome = compare(&projects(scenario), telemetry(scenario).lines());
        assert_eq!(matched(&outcome), both, "{scenario}");
        let rules: BTreeMap<&str, u64> = rules.iter().copied().collect();
        assert_eq!(reasons(&outcome), rules, "{scenario}: {:?}", outcome.findings);
        assert_eq!(outcome.counts.repeated + outcome.counts.broken_lines, 0, "{scenario}");
    }
}

#[test]
fn the_page_has_a_row_for_every_reason_and_names_every_difference() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reconcile.md")).unwrap();
    for reason in Reason::ALL {
        assert!(page.contains(&format!("| `{}` | ", reason.name())), "{}", reason.name());
    }
    for difference in Difference::ALL {
        assert!(page.contains(&format!("`{}`", difference.name())), "{}", difference.name());
    }
}

#[test]
fn times_of_the_same_things_lie_close_together() {
    let outcome = compare(&projects("agent-parallel"), telemetry("agent-parallel").lines());
    let offsets = &outcome.offsets;
    assert_eq!((offsets.call_starts.len(), offsets.call_ends.len(), offsets.tool_ends.len()), (7, 7, 5));
    for offset in offsets.call_starts.iter().chain(&offsets.call_ends).chain(&offsets.tool_ends) {
        assert!(offset.abs() < 2_000, "{offsets:?}");
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_difference_of_the_laboratory_has_its_reason() {
    let Some(lab) = std::env::var_os("CLAUDE_OTEL_LAB") else { return };
    let empty = tempfile::tempdir().unwrap();
    let versions = sorted(Path::new(&lab)).into_iter().filter(|version| version.is_dir());
    let runs: Vec<PathBuf> =
        versions.flat_map(|version| sorted(&version)).filter(|run| run.join("otel").is_dir()).collect();
    let (mut both, mut rules, mut faults) = ([0; 3], BTreeMap::new(), Vec::new());
    for run in &runs {
        let texts: Vec<String> =
            sorted(&run.join("otel")).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        let root = Some(run.join("transcripts")).filter(|root| root.is_dir()).unwrap_or(empty.path().to_path_buf());
        let outcome = compare(&root, texts.iter().flat_map(|text| text.lines()));
        let unexplained = outcome.findings.iter().filter(|finding| finding.reason.is_none());
        faults.extend(unexplained.map(|finding| format!("{}: {finding:?}", run.display())));
        both.iter_mut().zip(matched(&outcome)).for_each(|(sum, more)| *sum += more);
        for (rule, count) in reasons(&outcome) {
            *rules.entry(rule).or_insert(0) += count;
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    println!("{} runs, {both:?} calls, tools and failures on both sides, explained: {rules:?}", runs.len());
    assert!(runs.len() >= 80 && both[0] >= 200 && both[1] >= 100 && both[2] >= 5, "{} runs, {both:?}", runs.len());
}
