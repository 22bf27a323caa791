//! Rebuilds every scenario below `fixtures/claude` and compares the tree with the one beside it.
//!
//! A new scenario is a new folder: `README.md` with one line, `projects/` as on disk, and `tree.snap`, which the first
//! run proposes. Nothing is registered anywhere.

use std::collections::HashSet;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{fs, io};

use claude_otel::export::{preview, tree};
use claude_otel::pipeline::backfill::{self, Observer, Outcome, Progress};
use claude_otel::pipeline::filter::Filter;
use claude_otel::pipeline::history::History;
use claude_otel::pipeline::ledger::OwnedIds;
use claude_otel::pipeline::measuring::Measuring;
use claude_otel::pipeline::peek::Peeker;
use claude_otel::pipeline::plan::Plan;
use claude_otel::pipeline::read::ReadOptions;
use claude_otel::pipeline::totals::Totals;
use claude_otel::pipeline::workers::RebuildOptions;
use claude_otel::session::closing::ClosingOptions;
use claude_otel::source::{self, OwnerRule, TranscriptReader};
use claude_otel::telemetry::log::LogRecord;
use claude_otel::telemetry::options::MapOptions;
use claude_otel::telemetry::span::{Attributes, Resource, Span, Telemetry, Value};
use claude_otel::transcript::claude::DecodeOptions;

use crate::support::spans::resource;

/// The year 2100: what the fixtures hold beyond it is absurd on every day on which the tests run.
const LATEST: i64 = 4_102_444_800_000;

const MINUTE_MS: i64 = 60_000;

/// One scenario, rebuilt.
pub(crate) struct Rebuilt {
    /// The folder's name.
    pub(crate) name: String,
    /// The folder.
    pub(crate) folder: PathBuf,
    /// Everything that would be sent.
    pub(crate) spans: Vec<Span>,
    /// Their events.
    pub(crate) logs: Vec<LogRecord>,
    /// Everything that was counted.
    pub(crate) totals: Totals,
    /// What the sessions add to series, minute by minute.
    pub(crate) history: History,
}

/// The folders of all scenarios, in the order of their names.
pub(crate) fn folders() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claude");
    let entries: io::Result<Vec<PathBuf>> = fs::read_dir(folder).unwrap().map(|entry| Ok(entry?.path())).collect();
    let mut folders = entries.unwrap();
    folders.sort();
    folders
}

/// Every scenario with everything closed.
pub(crate) fn scenarios() -> Vec<Rebuilt> {
    folders().iter().map(|folder| rebuild(folder, options(folder, 1))).collect()
}

/// The options under which scenarios are drawn.
pub(crate) fn options(folder: &Path, threads: usize) -> RebuildOptions {
    RebuildOptions {
        source: source::Options {
            roots: vec![folder.join("projects")],
            max_line_bytes: source::DEFAULT_MAX_LINE_BYTES,
        },
        read: ReadOptions { decode: DecodeOptions { latest: LATEST, texts: false }, resting_since: None },
        closing: ClosingOptions {
            session_idle: 30 * MINUTE_MS,
            max_open: 24 * 60 * MINUTE_MS,
            now: None,
            written: None,
        },
        map: MapOptions::default(),
        filter: Filter::default(),
        threads,
        now: 0,
        measuring: Measuring::History { every: MINUTE_MS, is_whole: false },
        by_mtime: false,
        memory: None,
        assumed: HashSet::new(),
    }
}

/// Rebuilds one scenario.
pub(crate) fn rebuild(folder: &Path, options: RebuildOptions) -> Rebuilt {
    let roots = source::resolve(&options.source.roots, |_| None, None).unwrap();
    let found = source::discover(&roots, OwnerRule::Any);
    assert!(found.problems.is_empty(), "{}: {:?}", folder.display(), found.problems);
    let mut peeker = Peeker::new(TranscriptReader::new(&options.source), options.read.decode);
    let plan = Plan::of(found.files.into_iter().map(Arc::new), |file| peeker.peek(file));
    let mut seen = Seen::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let mut outcome = Outcome::default();
    runtime.block_on(backfill::run(
        backfill::Work { plan, owned: OwnedIds::default(), is_again: false },
        options,
        None,
        None,
        backfill::Stop { flag: stop, asked: std::future::pending() },
        &mut seen,
        &mut outcome,
    ));
    assert!(!outcome.is_cut, "{}", folder.display());
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let (spans, logs) = (seen.0.spans, seen.0.logs);
    Rebuilt { name, folder: folder.to_path_buf(), spans, logs, totals: outcome.totals, history: outcome.history }
}

#[derive(Default)]
struct Seen(Telemetry);

impl Observer for Seen {
    fn is_looking(&self) -> bool {
        true
    }

    fn telemetry(&mut self, telemetry: &Telemetry) {
        self.0.spans.extend_from_slice(&telemetry.spans);
        self.0.logs.extend_from_slice(&telemetry.logs);
    }

    fn progress(&mut self, _: Progress) {}
}

/// Asserts on every scenario and says of all failures together, so that one change is read once.
pub(crate) fn check_all(check: impl Fn(&Rebuilt)) {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 80, "only {} scenarios were found", scenarios.len());
    let fails = |scenario: &&Rebuilt| catch_unwind(AssertUnwindSafe(|| check(scenario))).is_err();
    let failed: Vec<&str> = scenarios.iter().filter(fails).map(|scenario| scenario.name.as_str()).collect();
    assert!(failed.is_empty(), "{} of {} scenarios: {failed:?}", failed.len(), scenarios.len());
}

pub(crate) fn snapshots(folder: &Path) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn golden() {
    check_all(|scenario| {
        snapshots(&scenario.folder).bind(|| insta::assert_snapshot!("tree", drawn(scenario)));
    });
}

/// The tree, and below it what no span shows: usage on no line, and what was not understood.
fn drawn(scenario: &Rebuilt) -> String {
    let mut text = tree::draw(&scenario.spans);
    for (model, usage) in &scenario.totals.hidden {
        let _ = writeln!(text, "on no line: {model} {usage:?}");
    }
    for (problem, count) in &scenario.totals.problems {
        let _ = writeln!(text, "problem: {count} {} {}", problem.kind.name(), problem.subject);
    }
    text
}

#[test]
fn every_scenario_says_in_one_line_what_it_shows() {
    check_all(|scenario| {
        let text = fs::read_to_string(scenario.folder.join("README.md")).unwrap();
        assert_eq!(text.lines().count(), 1, "{}", scenario.name);
    });
}

#[test]
fn every_parent_is_there_and_no_id_is_used_twice() {
    check_all(|scenario| {
        let ids: HashSet<_> = scenario.spans.iter().map(|span| (span.trace_id, span.span_id)).collect();
        assert_eq!(ids.len(), scenario.spans.len(), "an id is used twice");
        for span in &scenario.spans {
            let parent = span.parent_span_id.map(|parent| (span.trace_id, parent));
            assert!(parent.is_none_or(|parent| ids.contains(&parent)), "{} has no parent", span.name);
        }
    });
}

#[test]
fn nothing_ends_before_it_starts_and_attributes_are_sorted() {
    let is_sorted = |attributes: &Attributes| attributes.is_sorted_by(|(a, _), (b, _)| a < b);
    check_all(|scenario| {
        for span in &scenario.spans {
            assert!(span.end_unix_nano >= span.start_unix_nano, "{} ends before it starts", span.name);
            assert!(is_sorted(&span.attributes), "{}", span.name);
            assert!(span.events.iter().all(|event| is_sorted(&event.attributes)), "{}", span.name);
            assert!(span.links.iter().all(|link| is_sorted(&link.attributes)), "{}", span.name);
        }
    });
}

#[test]
fn every_message_and_every_tool_use_is_one_span() {
    check_all(|scenario| {
        for attribute in ["gen_ai.response.id", "gen_ai.tool.call.id"] {
            let values: Vec<&str> = texts(scenario, attribute).collect();
            let different: HashSet<&str> = values.iter().copied().collect();
            assert_eq!(values.len(), different.len(), "{attribute} is not unique: {values:?}");
        }
    });
}

#[test]
fn threads_change_nothing() {
    check_all(|scenario| {
        let again = rebuild(&scenario.folder, options(&scenario.folder, 3));
        assert_eq!(again.spans, scenario.spans);
        assert_eq!(again.logs, scenario.logs);
    });
}

/// Values of an attribute on the spans of a scenario.
pub(crate) fn texts<'a>(scenario: &'a Rebuilt, attribute: &'a str) -> impl Iterator<Item = &'a str> {
    scenario.spans.iter().flat_map(|span| &span.attributes).filter(move |(name, _)| *name == attribute).filter_map(
        |(_, value)| match value {
            Value::Str(text) => Some(&**text),
            Value::Static(text) => Some(*text),
            _ => None,
        },
    )
}

#[test]
fn one_turn_leaves_as_exactly_this_json() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/claude/one-turn");
    let resource: Resource = resource();
    let spans = rebuild(&folder, options(&folder, 1)).spans;
    let json: serde_json::Value = serde_json::from_str(&preview::otlp_json(&resource, &spans).unwrap()).unwrap();
    // The version is no part of what is compared.
    let version = format!("\"version\": {:?}", env!("CARGO_PKG_VERSION"));
    let pretty = serde_json::to_string_pretty(&json).unwrap().replace(&version, "\"version\": \"VERSION\"");
    snapshots(&folder).bind(|| insta::assert_snapshot!("otlp", pretty));
}
