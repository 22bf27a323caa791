//! `claude-otel report`: what a period held.

mod tables;
mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::draw::Canvas;
use super::looking::LookArgs;
use super::output::{line, note};
use super::pass::SetupError;
use super::selection::globs;
use super::zone::PeriodArgs;
use super::{ExitCode, Surroundings, pages};
use crate::pipeline::filter::Filter;
use crate::pipeline::rebuilt::rebuilt;
use crate::view::page::of_report;
use crate::view::report::{Report, Tally};

/// Show what a period held.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel report --since 7d
  claude-otel report --since 2026-11-01 --until 2026-12-01 --by project
  claude-otel report --since 1d --json
  claude-otel report --since 30d --html report.html")]
pub struct ReportArgs {
    #[command(flatten)]
    period: PeriodArgs,
    /// Only sessions in folders that match; may be repeated
    #[arg(long = "project", value_name = "GLOB")]
    projects: Vec<String>,
    /// Only this table, with all of its rows
    #[arg(long, value_name = "WHAT", value_enum, conflicts_with = "json")]
    by: Option<By>,
    #[command(flatten)]
    look: LookArgs,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the report as one HTML page that needs nothing else; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "by"])]
    html: Option<PathBuf>,
}

/// What the rows of a table stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// The last part of a session's folder
    Project,
    /// A model
    Model,
    /// A day
    Day,
    /// A tool
    Tool,
    /// A branch
    Branch,
}

/// Runs the command.
pub fn run(args: &ReportArgs, surroundings: &Surroundings) -> ExitCode {
    match report(args, surroundings) {
        Ok(report) => {
            if let Some(file) = &args.html {
                return pages::put(file, of_report(&report));
            }
            let text = if args.json {
                serde_json::to_string(&report).unwrap_or_default()
            } else {
                text::of(&report, args.by, args.period.zone(), surroundings.now, Canvas::of(surroundings))
            };
            if line(&text) { ExitCode::Done } else { ExitCode::Internal }
        }
        Err(error) => {
            note(&format!("error: {error}"));
            error.code()
        }
    }
}

/// The report of the period.
pub(super) fn report(args: &ReportArgs, surroundings: &Surroundings) -> Result<Report, SetupError> {
    let filter = Filter { projects: globs("--project", &args.projects)?, ..Filter::default() };
    let sight = args.look.find(filter, surroundings)?;
    let range = args.period.range(surroundings.now)?;
    let plan = sight.plan.written_since(range.since.unwrap_or(i64::MIN));
    let mut tally = Tally::new(range, args.period.zone().calendar());
    let problems = rebuilt(&plan, &sight.options, |_, session| {
        tally.add(&session, &sight.options.map);
        true
    });
    for problem in sight.problems.iter().chain(&problems) {
        tracing::warn!(%problem, "something was left out");
    }
    Ok(tally.report())
}
