//! Holds names, documents and fixtures together: what is added to one of them has to be in the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use claude_otel::export::tree;
use claude_otel::pipeline::delivered::Delivered;
use claude_otel::pipeline::live::LiveSession;
use claude_otel::pipeline::peek::Peeker;
use claude_otel::pipeline::plan::Plan;
use claude_otel::pipeline::plan::SessionFiles;
use claude_otel::pipeline::read::ReadOptions;
use claude_otel::session::closing::ClosingOptions;
use claude_otel::session::facts::{Join, RunOutcome, ToolOutcome, TurnOrigin};
use claude_otel::session::timing::TimeSource;
use claude_otel::source::{self, OwnerRule, TranscriptReader};
use claude_otel::transcript::claude::DecodeOptions;
use claude_otel::transcript::names::{AttachmentType, BlockType, ProgressType, RecordType, SystemSubtype};
use claude_otel::transcript::problem::ProblemKind;
use serde_json::Value;

use crate::golden::{folders, options, rebuild, scenarios, texts};

/// Names with what becomes of each.
type Names = BTreeMap<String, &'static str>;

fn document() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/transcript-format.md")).unwrap()
}

/// First and last columns of a section's table: the name without its backticks, and the last word on it.
fn rows(document: &str, section: &str) -> Vec<(String, String)> {
    let heading = format!("\n## {section}\n");
    let (_, text) = document.split_once(&heading).unwrap_or_else(|| panic!("no section {section}"));
    let text = text.split("\n## ").next().unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.strip_suffix(" |")?.split('|').map(str::trim).collect();
        Some((cells[0].strip_suffix('`')?.to_owned(), (*cells.last()?).to_owned()))
    };
    text.lines().filter_map(row).collect()
}

/// Names that stand only in the code, only in the document, or twice or differently in it.
fn differences(document: &str, section: &str, names: &Names) -> Vec<String> {
    let mut left: Names = names.clone();
    let mut found = Vec::new();
    for (name, word) in rows(document, section) {
        match left.remove(&name) {
            None => found.push(format!("{section}: `{name}` is no name, or has two rows")),
            Some(expected) if !expected.is_empty() && expected != word => {
                found.push(format!("{section}: `{name}` is {expected:?}, not {word:?}"));
            }
            Some(_) => {}
        }
    }
    found.extend(left.into_keys().map(|name| format!("{section}: `{name}` has no row")));
    found
}

/// The names of an enum of the format.
macro_rules! names_of {
    ($enum:ident) => {
        $enum::ALL.iter().map(|variant| (variant.name().to_owned(), variant.reading().word())).collect::<Names>()
    };
}

fn sections() -> [(&'static str, Names); 5] {
    [
        ("Record types", names_of!(RecordType)),
        ("System subtypes", names_of!(SystemSubtype)),
        ("Attachment types", names_of!(AttachmentType)),
        ("Progress types", names_of!(ProgressType)),
        ("Block types", names_of!(BlockType)),
    ]
}

#[test]
fn every_name_has_its_row_and_every_row_its_name() {
    let document = document();
    let found: Vec<String> =
        sections().iter().flat_map(|(section, names)| differences(&document, section, names)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_problem_has_its_row() {
    let names: Names = ProblemKind::ALL.iter().map(|kind| (kind.name().to_owned(), "")).collect();
    let found = differences(&document(), "Problems", &names);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_row_that_is_wrong_or_missing_is_seen() {
    let names: Names = [("a".to_owned(), "decoded"), ("b".to_owned(), "decoded")].into();
    let of = |table: &str| differences(&format!("\n## T\n\n{table}\n\n## U\n\n| `c` | decoded |\n"), "T", &names);
    assert!(of("| `a` | x | decoded |\n| `b` | decoded |").is_empty());
    assert_eq!(of("| `a` | decoded |"), ["T: `b` has no row"]);
    assert_eq!(of("| `a` | known, ignored |\n| `b` | decoded |"), ["T: `a` is \"decoded\", not \"known, ignored\""]);
    assert_eq!(of("| `a` | decoded |\n| `b` | decoded |\n| `c` | decoded |").len(), 1);
}

/// Every name in the fixtures' lines, by the section that lists it.
fn names_in_fixtures() -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    for folder in folders() {
        for file in files_below(&folder.join("projects")) {
            if file.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let bytes = fs::read(&file).unwrap();
            let records = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
            records.for_each(|record: Value| note_names(&record, &mut found));
        }
    }
    found
}

fn note_names(record: &Value, found: &mut BTreeSet<(&'static str, String)>) {
    let mut note = |section, name: &Value| {
        if let Some(name) = name.as_str() {
            found.insert((section, name.to_owned()));
        }
    };
    note("Record types", &record["type"]);
    match record["type"].as_str() {
        Some("system") => note("System subtypes", &record["subtype"]),
        Some("attachment") => note("Attachment types", &record["attachment"]["type"]),
        Some("progress") => note("Progress types", &record["data"]["type"]),
        _ => {}
    }
    for block in record["message"]["content"].as_array().into_iter().flatten() {
        note("Block types", &block["type"]);
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn every_name_occurs_in_a_fixture() {
    let found = names_in_fixtures();
    let missing: Vec<(&str, String, &str)> = sections()
        .into_iter()
        .flat_map(|(section, names)| names.into_iter().map(move |(name, word)| (section, name, word)))
        .filter(|(section, name, _)| !found.contains(&(*section, name.clone())))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every value of an attribute on the spans of all scenarios.
fn values_of(attribute: &str) -> BTreeSet<String> {
    scenarios().iter().flat_map(|scenario| texts(scenario, attribute).map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn assert_all_occur<'a>(attribute: &str, expected: impl IntoIterator<Item = &'a str>) {
    let found = values_of(attribute);
    let missing: Vec<&str> = expected.into_iter().filter(|value| !found.contains(*value)).collect();
    assert!(missing.is_empty(), "{attribute} is never {missing:?}");
}

#[test]
fn every_tool_outcome_occurs() {
    assert_all_occur("claude_code.tool.outcome", ToolOutcome::ALL.iter().map(|outcome| outcome.name()));
}

#[test]
fn every_run_outcome_occurs() {
    use RunOutcome::{Completed, Error, Interrupted, Unfinished};
    let all = [Completed, Interrupted, Error, Unfinished];
    for outcome in all {
        // A new outcome does not compile until it is listed above.
        match outcome {
            Completed | Interrupted | Error | Unfinished => {}
        }
    }
    assert_all_occur("claude_code.turn.outcome", all.map(RunOutcome::name));
}

#[test]
fn every_origin_occurs() {
    use TurnOrigin::{Command, Human, Peer, Scheduled, Sdk, TaskNotification, Unknown};
    let all = [Human, Sdk, TaskNotification, Scheduled, Peer, Command, Unknown];
    for origin in all {
        match origin {
            Human | Sdk | TaskNotification | Scheduled | Peer | Command | Unknown => {}
        }
    }
    assert_all_occur("claude_code.turn.origin", all.map(TurnOrigin::name));
}

#[test]
fn every_source_of_a_time_occurs() {
    let mut found = values_of("claude_otel.timing.start_source");
    found.extend(values_of("claude_otel.timing.end_source"));
    let missing: Vec<&str> =
        TimeSource::ALL.iter().map(|source| source.name()).filter(|name| !found.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_way_to_join_an_agent_occurs() {
    let found: Vec<Join> = folders().iter().flat_map(|folder| joins_in(folder)).collect();
    for join in [Join::Meta, Join::Result, Join::Progress, Join::Text, Join::Time, Join::None] {
        match join {
            Join::Meta | Join::Result | Join::Progress | Join::Text | Join::Time | Join::None => {}
        }
        assert!(found.contains(&join), "{join:?}");
    }
}

/// How the agents of a scenario were joined, which the spans tell only of guesses.
fn joins_in(folder: &Path) -> Vec<Join> {
    let options = options(folder, 1);
    let (closing, read): (ClosingOptions, ReadOptions) = (options.closing, options.read);
    let decode: DecodeOptions = read.decode;
    let found = source::discover(&source::resolve(&options.source.roots, |_| None, None).unwrap(), OwnerRule::Any);
    let mut peeker = Peeker::new(TranscriptReader::new(&options.source), decode);
    let plan = Plan::of(found.files.into_iter().map(Arc::new), |file| peeker.peek(file));
    let mut reader = TranscriptReader::new(&options.source);
    let sessions = plan.families.iter().flat_map(|family| &family.sessions);
    sessions
        .flat_map(|files: &SessionFiles| {
            let mut live = LiveSession::new(&files.id, Delivered::unknown());
            live.catch_up(files, &mut reader, read);
            live.resolve(closing).agents
        })
        .map(|agent| agent.join)
        .collect()
}

#[test]
fn every_problem_of_a_file_occurs() {
    // Of a line too long, see below; the other two are about what is no readable file.
    let elsewhere = [ProblemKind::OversizedLine, ProblemKind::UnreadableFile, ProblemKind::SymlinkOutside];
    let found: BTreeSet<ProblemKind> =
        scenarios().iter().flat_map(|scenario| scenario.totals.problems.keys().map(|problem| problem.kind)).collect();
    let missing: Vec<ProblemKind> =
        ProblemKind::ALL.into_iter().filter(|kind| !found.contains(kind) && !elsewhere.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_line_longer_than_the_limit_is_counted_and_the_rest_is_read() {
    let folder = folders().into_iter().find(|folder| folder.ends_with("deep-nesting")).unwrap();
    let mut options = options(&folder, 1);
    options.source.max_line_bytes = 800;
    let short = rebuild(&folder, options);
    let counts: Vec<_> = short.totals.problems.iter().map(|(problem, count)| (problem.kind, *count)).collect();
    assert_eq!(counts, [(ProblemKind::OversizedLine, 1)]);
    assert_eq!(texts(&short, "gen_ai.response.id").count(), 2);
}

#[test]
fn the_picture_in_the_readme_is_what_the_sample_gives() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = package.join("fixtures/sample");
    let mut options = options(&sample, 1);
    options.source.roots = vec![sample.clone()];
    let real = tree::draw(&rebuild(&sample, options).spans);
    // The picture is narrower, and ends before what the times rest on.
    let words = |line: &str| {
        let line = line.split(" [").next().unwrap_or_default();
        let depth = line.len() - line.trim_start().len();
        (depth, line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    };
    let readme = fs::read_to_string(package.join("README.md")).unwrap();
    let picture = readme.split("```text\n").nth(1).unwrap().split("\n...\n```").next().unwrap();
    let (drawn, real): (Vec<_>, Vec<_>) = (picture.lines().map(words).collect(), real.lines().map(words).collect());
    assert!(drawn.len() > 10);
    assert_eq!(drawn, real[..drawn.len()]);
}
