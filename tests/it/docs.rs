//! Holds the pages to the code: names, values, help texts and exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use claude_otel::cli::{Cli, ExitCode};
use claude_otel::privacy::BUILT_IN;
use claude_otel::telemetry::contract::markdown::sections;

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

#[test]
fn every_built_in_rule_has_its_row() {
    let table = rows(&page("docs/privacy.md"), "rule");
    let found: Vec<_> = table.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let expected: Vec<_> = BUILT_IN.iter().map(|rule| (rule.id, rule.finds)).collect();
    // Backticks around a whole cell are taken off, inside of it they stay.
    assert_eq!(found, expected);
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

/// Compares a page with what it should be, or makes it so.
fn check(name: &str, fresh: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path_of(name), fresh).unwrap();
        return;
    }
    let text = page(name);
    let differs = text.lines().zip(fresh.lines()).find(|(old, new)| old != new);
    assert!(
        text == fresh,
        "{name} is out of date, first at {differs:?}; UPDATE_DOCS=1 cargo test --test it docs rewrites it"
    );
}

#[test]
fn the_help_on_the_page_is_that_of_the_program() {
    check("docs/cli.md", &with_help(&page("docs/cli.md")));
}

/// The page with the tables of the contract as they are now, and the names of these.
fn with_contract(text: &str) -> (String, Vec<String>) {
    let sections = sections();
    let mut parts = text.split("<!-- contract: ");
    let (mut fresh, mut names) = (parts.next().unwrap().to_owned(), Vec::new());
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end -->\n").unwrap();
        let section = sections.iter().find(|section| section.name == name);
        let section = section.unwrap_or_else(|| panic!("there is no table {name:?}"));
        fresh.extend(["<!-- contract: ", name, " -->\n", &section.text, "<!-- end -->\n", after]);
        names.push(name.to_owned());
    }
    (fresh, names)
}

#[test]
fn the_tables_of_the_contract_are_on_the_page_once() {
    let (fresh, names) = with_contract(&page("docs/telemetry.md"));
    check("docs/telemetry.md", &fresh);
    // The page on vocabularies has these names with those that are not sent; a test of its own holds it.
    let is_elsewhere = |name: &str| name.ends_with("seed") || name.ends_with("openinference");
    for section in sections().iter().filter(|section| !is_elsewhere(&section.name)) {
        let times = names.iter().filter(|name| **name == section.name).count();
        assert_eq!(times, 1, "{:?} is on the page {times} times", section.name);
    }
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
        "docs/looking.md",
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
    for name in [
        "README.md",
        "docs/cli.md",
        "docs/configuration.md",
        "docs/looking.md",
        "docs/watching.md",
        "docs/state.md",
        "docs/privacy.md",
    ] {
        let text = page(name);
        let flags = text.split("`--").skip(1).map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap();
            format!("--{}", &rest[..end])
        });
        let unknown: Vec<_> = flags.filter(|flag| !is_known(flag)).collect();
        assert!(unknown.is_empty(), "{name} names {unknown:?}");
    }
}
