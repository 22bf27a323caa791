//! Holds the pages to the code: names, values, help texts and exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use claude_otel::cli::{Cli, ExitCode};
use claude_otel::privacy::{BUILT_IN, Sanitizer};
use claude_otel::session::facts::{Join, RunOutcome, StartType, ToolOutcome, TurnOrigin};
use claude_otel::session::timing::TimeSource;
use claude_otel::telemetry::resource::{self, ResourceFacts};
use claude_otel::telemetry::semconv;

/// Wide enough for every flag, and the same everywhere.
const COLUMNS: &str = "100";

fn path_of(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(page)
}

fn page(page: &str) -> String {
    fs::read_to_string(path_of(page)).unwrap()
}

/// The cells of a table's line, without backticks.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
}

/// The rows of all tables on a page whose first column has this heading.
fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        // A name in a first column stands in backticks, which a heading does not.
        if !line.starts_with("| `") && cells(line).is_some_and(|cells| cells[0] == heading) {
            assert!(lines.next().unwrap().starts_with("| ---"), "{heading} is no table");
            found.extend(lines.by_ref().map_while(cells));
        }
    }
    assert!(!found.is_empty(), "there is no table of {heading}");
    found
}

fn first_column(text: &str, heading: &str) -> Vec<String> {
    rows(text, heading).into_iter().map(|mut row| row.swap_remove(0)).collect()
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// All variants by name. A variant that is added and left out here does not compile.
macro_rules! names_of {
    ($kind:ident: $($variant:ident),+) => {{
        let _ = |value: $kind| match value { $($kind::$variant => ()),+ };
        [$($kind::$variant),+].map(|value| value.name().to_owned()).to_vec()
    }};
}

#[test]
fn every_attribute_has_one_row_and_every_row_an_attribute() {
    let text = page("docs/telemetry.md");
    assert_eq!(sorted(first_column(&text, "attribute")), sorted(owned(semconv::ATTRIBUTES)));
    assert!(rows(&text, "attribute").iter().all(|row| row.len() == 5), "a row is incomplete");
}

#[test]
fn every_built_in_rule_has_its_row() {
    let table = rows(&page("docs/privacy.md"), "rule");
    let found: Vec<_> = table.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let expected: Vec<_> = BUILT_IN.iter().map(|rule| (rule.id, rule.finds)).collect();
    // Backticks around a whole cell are taken off, inside of it they stay.
    assert_eq!(found, expected);
}

#[test]
fn every_log_event_and_every_attribute_of_one_has_one_row() {
    use semconv::events;
    let text = page("docs/telemetry.md");
    let all: Vec<&str> = events::OF_THE_CLIENT.iter().chain(events::OF_OURS).copied().collect();
    assert_eq!(first_column(&text, "log event"), owned(&all));
    assert_eq!(sorted(first_column(&text, "event attribute")), sorted(owned(events::ATTRIBUTES)));
    let whose = |row: &Vec<String>| (events::OF_THE_CLIENT.contains(&row[0].as_str()), row[1] == "the client");
    assert!(rows(&text, "log event").iter().map(whose).all(|(is_of_client, says)| is_of_client == says));
}

#[test]
fn every_span_event_has_one_row() {
    assert_eq!(first_column(&page("docs/telemetry.md"), "event"), owned(semconv::EVENTS));
}

#[test]
fn every_source_of_a_time_has_its_row_with_its_certainty() {
    let table = rows(&page("docs/telemetry.md"), "source");
    let found: Vec<_> = table.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let expected: Vec<_> = TimeSource::ALL.iter().map(|source| (source.name(), source.certainty().name())).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_value_of_a_closed_list_has_its_row() {
    let text = page("docs/telemetry.md");
    let tools: Vec<_> = ToolOutcome::ALL.iter().map(|outcome| outcome.name().to_owned()).collect();
    assert_eq!(first_column(&text, "tool outcome"), tools);
    let runs: Vec<String> = names_of!(RunOutcome: Completed, Interrupted, Error, Unfinished);
    assert_eq!(first_column(&text, "run outcome"), runs);
    let origins: Vec<String> = names_of!(TurnOrigin: Human, Sdk, TaskNotification, Scheduled, Peer, Command, Unknown);
    assert_eq!(first_column(&text, "origin"), origins);
    let starts: Vec<String> = names_of!(StartType: Fresh, Resume, Fork, Continue);
    assert_eq!(first_column(&text, "start type"), starts);
    let joins = [Join::Meta, Join::Result, Join::Progress, Join::Text, Join::Time, Join::None];
    let guesses: Vec<_> = joins.iter().filter_map(|join| join.guess()).collect();
    assert_eq!(first_column(&text, "join"), owned(&guesses));
}

#[test]
fn every_resource_attribute_has_its_row() {
    let facts = ResourceFacts { host_name: Some("desk".to_owned()), ..ResourceFacts::default() };
    let made =
        resource::build(facts, &Sanitizer::default()).attributes.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(sorted(first_column(&page("docs/telemetry.md"), "resource attribute")), sorted(made));
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let expected: Vec<_> = ExitCode::ALL.iter().map(|code| code.number().to_string()).collect();
    assert_eq!(first_column(&page("docs/cli.md"), "code"), expected);
}

/// What the program prints in an empty environment; blanks at the end of lines are no part of it.
fn help(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_claude-otel"))
        .args(arguments.split_whitespace())
        .env_clear()
        .env("COLUMNS", COLUMNS)
        .output()
        .unwrap();
    assert!(output.status.success(), "claude-otel {arguments} failed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// The page with the help texts as they are now.
fn with_help(text: &str) -> String {
    let mut parts = text.split("<!-- help: ");
    let mut fresh = parts.next().unwrap().to_owned();
    for part in parts {
        let (arguments, rest) = part.split_once(" -->\n```text\n").unwrap();
        let (_, after) = rest.split_once("```\n").unwrap();
        fresh.extend(["<!-- help: ", arguments, " -->\n```text\n", &help(arguments), "```\n", after]);
    }
    fresh
}

#[test]
fn the_help_on_the_page_is_that_of_the_program() {
    let text = page("docs/cli.md");
    let fresh = with_help(&text);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path_of("docs/cli.md"), &fresh).unwrap();
        return;
    }
    let differs = text.lines().zip(fresh.lines()).find(|(old, new)| old != new);
    assert!(
        text == fresh,
        "docs/cli.md is out of date, first at {differs:?}; UPDATE_DOCS=1 cargo test --test it docs rewrites it"
    );
}

#[test]
fn every_command_has_its_help_on_the_page() {
    let (text, top) = (page("docs/cli.md"), help("--help"));
    let commands = top.split("Commands:\n").nth(1).unwrap().lines().map_while(|line| line.strip_prefix("  "));
    let names: Vec<_> = commands.filter_map(|line| line.split_whitespace().next()).filter(|n| *n != "help").collect();
    assert!(names.contains(&"backfill"));
    for name in names {
        assert_eq!(text.matches(&format!("<!-- help: {name} --help -->")).count(), 1, "{name}");
    }
}

#[test]
fn every_example_is_understood() {
    let mut seen = 0;
    let pages = [
        "README.md",
        "docs/cli.md",
        "docs/configuration.md",
        "docs/backends.md",
        "docs/backends/mlflow.md",
        "docs/backends/oteltap.md",
        "docs/backends/phoenix.md",
        "docs/backends/rotel.md",
        "docs/backends/victoria-metrics.md",
        "docs/watching.md",
        "docs/state.md",
        "docs/privacy.md",
    ];
    for name in pages {
        for line in page(name).lines().filter(|line| line.starts_with("claude-otel ")) {
            let parsed = Cli::try_parse_from(line.split_whitespace());
            assert!(parsed.is_ok(), "{name}: {line}: {}", parsed.unwrap_err());
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} examples were found");
}

#[test]
fn no_page_names_a_flag_that_does_not_exist() {
    // The page holds the help of every command, and is compared with the program.
    let known: String =
        page("docs/cli.md").split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let is_known =
        |flag: &str| known.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == flag);
    for name in
        ["README.md", "docs/cli.md", "docs/configuration.md", "docs/watching.md", "docs/state.md", "docs/privacy.md"]
    {
        let text = page(name);
        let flags = text.split("`--").skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap();
            format!("--{}", &rest[..end])
        });
        let unknown: Vec<_> = flags.filter(|flag| !is_known(flag)).collect();
        assert!(unknown.is_empty(), "{name} names {unknown:?}");
    }
}
