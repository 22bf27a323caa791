//! `claude-otel reconcile`: the client's own telemetry against its transcripts.

mod files;
mod json;
mod sentence;
mod table;
mod text;

use std::collections::HashSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::arguments::{Moment, duration, moment};
use super::draw::terminal_columns;
use super::findings::find;
use super::output::{line, note};
use super::pass::{self, SetupError};
use super::prices::price_table;
use super::selection::{DAY_MS, FilterArgs, SourceArgs, millis};
use super::words::counted;
use super::{ExitCode, Surroundings};
use crate::pipeline::filter::Filter;
use crate::pipeline::measuring::Measuring;
use crate::pipeline::read::ReadOptions;
use crate::pipeline::rebuilt::rebuilt;
use crate::pipeline::workers::RebuildOptions;
use crate::reconcile::{Collector, Comparison, Selection};
use crate::session::closing::ClosingOptions;
use crate::session::facts::{LlmCall, Session};
use crate::source;
use crate::telemetry::options::MapOptions;
use crate::telemetry::prices::PriceTable;
use crate::transcript::claude::DecodeOptions;
use crate::transcript::time::Millis;
use files::{FilesError, ReadFiles};

/// Compare the client's own telemetry with its transcripts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel reconcile /var/lib/otelcol/claude.jsonl
  claude-otel reconcile --since 7d --json telemetry/ | jq .reasons
  claude-otel reconcile --strict --root ~/.claude/projects telemetry/")]
pub struct ReconcileArgs {
    /// Files of OTLP/JSON, one request a line, as a Collector's file exporter writes them, or folders of such files
    #[arg(value_name = "TELEMETRY", required = true)]
    telemetry: Vec<PathBuf>,
    #[command(flatten)]
    source: SourceArgs,
    /// Compare turns that began at this time or later: a time, a day (UTC), or an age such as 7d
    #[arg(long, value_name = "WHEN", value_parser = moment, help_heading = "What is compared")]
    since: Option<Moment>,
    /// Compare turns that began before this time
    #[arg(long, value_name = "WHEN", value_parser = moment, help_heading = "What is compared")]
    until: Option<Moment>,
    /// Compare sessions in folders that match; may be repeated
    #[arg(long = "project", value_name = "GLOB", help_heading = "What is compared")]
    projects: Vec<String>,
    /// Compare sessions whose id begins so; may be repeated
    #[arg(long = "session", value_name = "ID", help_heading = "What is compared")]
    sessions: Vec<String>,
    /// Compare what is still open too
    #[arg(long, help_heading = "What is over")]
    finish: bool,
    /// Quiet after which a turn with nothing pending is over
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30m", help_heading = "What is over")]
    session_idle: Duration,
    /// Quiet after which a turn with an unanswered tool call or agent is over
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "24h", help_heading = "What is over")]
    max_open: Duration,
    /// Prices of models that stand above the program's own: a table as docs/cost.md describes it, or the file of litellm
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Show every session and every difference
    #[arg(long)]
    all: bool,
    /// Exit with 5 when a difference is unexplained, or a file was not understood
    #[arg(long)]
    strict: bool,
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
enum ReconcileError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(
        "no record of Claude Code's own telemetry is in {files}: {lines} were read, {others} are of other programs; \
         docs/reconcile.md says how to have it written"
    )]
    Nothing { files: String, lines: String, others: String },
    #[error(
        "the telemetry tells of {told}, the transcripts are of {rebuilt}, and none of them is the same: name the \
         folder of the same machine and user with --root, or the files of the same time"
    )]
    Apart { told: String, rebuilt: String },
}

impl ReconcileError {
    fn code(&self) -> ExitCode {
        match self {
            Self::Setup(error) => error.code(),
            Self::Files(_) | Self::Nothing { .. } | Self::Apart { .. } => ExitCode::Configuration,
        }
    }
}

/// Runs the command.
pub fn run(args: &ReconcileArgs, surroundings: &Surroundings) -> ExitCode {
    compare(args, surroundings).unwrap_or_else(|error| {
        note(&format!("error: {error}"));
        error.code()
    })
}

fn compare(args: &ReconcileArgs, surroundings: &Surroundings) -> Result<ExitCode, ReconcileError> {
    let chosen = Chosen {
        filter: filter(args, surroundings)?,
        prices: price_table(args.prices.as_deref()).map_err(SetupError::from)?,
    };
    let roots = pass::roots(&args.source.roots, surroundings).map_err(SetupError::from)?;
    let files = files::files(&args.telemetry)?;
    let mut collector = Collector::default();
    let read = files::read(&files, &mut collector);
    tell(&read);
    let report = collector.finish();
    let counts = report.counts;
    if report.sessions.is_empty() {
        return Err(ReconcileError::Nothing {
            files: counted(read.files, "file"),
            lines: counted(counts.lines, "line"),
            others: counted(counts.of_others, "record"),
        });
    }
    let rebuild = rebuild_options(args, &chosen, surroundings);
    let found = find(&roots, &rebuild);
    for problem in &found.problems {
        tracing::warn!(%problem, "something was left out");
    }
    let mut comparison = Comparison::new(report);
    // Copies of history are only known beside what they were copied from: families stay whole.
    let plan = found.plan.of_sessions(&args.sessions);
    let unread = rebuilt(&plan, &rebuild, |_, session| {
        comparison.session(&session, &chosen);
        true
    });
    for problem in &unread {
        tracing::warn!(%problem, "a file was not read to its end");
    }
    let outcome = comparison.finish(&chosen);
    if outcome.is_apart() {
        return Err(ReconcileError::Apart {
            told: counted(outcome.told_sessions, "session"),
            rebuilt: counted(outcome.rebuilt_sessions, "session"),
        });
    }
    if outcome.rebuilt_sessions == 0 {
        note("no transcript was found, or none is chosen: --root names their folder, --session and --project choose");
    }
    let printed = if args.json {
        line(&json::of(&outcome, &read, &chosen.prices.id()).to_string())
    } else {
        let columns = if std::io::stdout().is_terminal() { terminal_columns() } else { None };
        line(&text::of(&outcome, &read, text::View { columns, is_all: args.all }))
    };
    let has_problems = outcome.unexplained() > 0 || !read.problems.is_empty() || !read.broken.is_empty();
    Ok(match (printed, args.strict && has_problems) {
        (false, _) => ExitCode::Internal,
        (true, true) => ExitCode::Problems,
        (true, false) => ExitCode::Done,
    })
}

/// What is chosen by the flags, and what things cost.
struct Chosen {
    filter: Filter,
    prices: Arc<PriceTable>,
}

impl Selection for Chosen {
    fn takes_session(&self, session: &Session) -> bool {
        self.filter.takes_session(session)
    }

    fn takes_id(&self, session: &str) -> bool {
        let prefixes = &self.filter.sessions;
        // Nobody knows the folder of a session without a transcript.
        self.filter.projects.is_none()
            && (prefixes.is_empty() || prefixes.iter().any(|prefix| session.starts_with(prefix.as_str())))
    }

    fn takes_time(&self, time: Millis) -> bool {
        self.filter.takes_time(time)
    }

    fn cost(&self, call: &LlmCall) -> Option<f64> {
        self.prices.cost(call).map(|cost| cost.amount.dollars())
    }
}

fn filter(args: &ReconcileArgs, surroundings: &Surroundings) -> Result<Filter, SetupError> {
    let filter = FilterArgs {
        since: args.since,
        until: args.until,
        projects: args.projects.clone(),
        sessions: args.sessions.clone(),
        shard: None,
    };
    filter.filter(surroundings.now)
}

/// How sessions are rebuilt: as everywhere, for nobody but the comparison.
fn rebuild_options(args: &ReconcileArgs, chosen: &Chosen, surroundings: &Surroundings) -> RebuildOptions {
    let now = surroundings.now;
    let idle = millis(args.session_idle);
    let asked = (!args.finish).then_some(now);
    RebuildOptions {
        source: source::Options { roots: args.source.roots.clone(), max_line_bytes: args.source.max_line_bytes },
        read: ReadOptions {
            decode: DecodeOptions { latest: now.saturating_add(DAY_MS), texts: false },
            resting_since: asked.map(|now| now.saturating_sub(idle).saturating_mul(1_000_000)),
        },
        closing: ClosingOptions { session_idle: idle, max_open: millis(args.max_open), now: asked, written: None },
        map: MapOptions::default(),
        filter: chosen.filter.clone(),
        threads: 1,
        now,
        measuring: Measuring::Off,
        by_mtime: false,
        memory: None,
        assumed: HashSet::new(),
    }
}

/// What could not be read, file by file.
fn tell(read: &ReadFiles) {
    for (path, problem) in &read.problems {
        note(&format!("warning: {} was not read to its end ({problem}); what came before it counts", path.display()));
    }
    for (path, lines) in &read.broken {
        let lines = counted(*lines, "line");
        note(&format!("warning: {lines} of {} are no OTLP/JSON and were left out", path.display()));
    }
}
