//! `claude-otel backfill`: export old transcripts once.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use globset::{Glob, GlobSet, GlobSetBuilder};

use super::arguments::{Moment, duration, moment};
use super::destination::{DestinationArgs, resource_of};
use super::output::{line, note};
use super::progress::{Display, Show};
use super::stop::Stop;
use super::summary::Summary;
use super::{ExitCode, Surroundings};
use crate::export::destination::Destination;
use crate::export::error::ExportError;
use crate::export::exporter::{ExportOptions, Exporter};
use crate::pipeline::backfill::{self, Outcome};
use crate::pipeline::filter::{Filter, Shard};
use crate::pipeline::peek::Peeker;
use crate::pipeline::plan::Plan;
use crate::pipeline::read::ReadOptions;
use crate::pipeline::workers::RebuildOptions;
use crate::session::closing::ClosingOptions;
use crate::source::{self, OwnerRule, TranscriptReader};
use crate::telemetry::ids::{IdKind, Identity};
use crate::telemetry::options::{MapOptions, PathMode, TraceScope};
use crate::transcript::claude::DecodeOptions;
use crate::transcript::problem::{Problem, ProblemKind};

/// A clock of another machine may be ahead by so much.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long the end may take once it was asked for.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Export old transcripts once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel backfill --endpoint http://localhost:4318
  claude-otel backfill --root ~/.claude/projects --since 7d --otlp-file traces
  claude-otel backfill --dry-run --print --session 1231f6ba")]
pub struct BackfillArgs {
    /// Read transcripts below this folder; may be repeated [default: the client's own folders]
    #[arg(long = "root", value_name = "DIR")]
    roots: Vec<PathBuf>,
    #[command(flatten)]
    destination: DestinationArgs,
    /// Send turns that began at this time or later: a time, a day (UTC), or an age such as 7d
    #[arg(long, value_name = "WHEN", value_parser = moment, help_heading = "What is sent")]
    since: Option<Moment>,
    /// Send turns that began before this time
    #[arg(long, value_name = "WHEN", value_parser = moment, help_heading = "What is sent")]
    until: Option<Moment>,
    /// Send sessions in folders that match; may be repeated
    #[arg(long = "project", value_name = "GLOB", help_heading = "What is sent")]
    projects: Vec<String>,
    /// Send sessions whose id begins so; may be repeated
    #[arg(long = "session", value_name = "ID", help_heading = "What is sent")]
    sessions: Vec<String>,
    /// Send one of N equal parts of the sessions, counted from 0
    #[arg(long, value_name = "I/N", help_heading = "What is sent")]
    shard: Option<Shard>,
    /// What one trace holds
    #[arg(long, value_enum, default_value_t = Scope::Turn, help_heading = "What is sent")]
    trace_scope: Scope,
    /// How much of paths is sent: none (and no branch), name (the folder's last part), full
    #[arg(long, value_enum, default_value_t = Paths::Name, help_heading = "What is sent")]
    paths: Paths,
    /// Quiet after which a turn with nothing pending, and a session's segment, is over; changes span ids of sessions
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30m", help_heading = "What is over")]
    session_idle: Duration,
    /// Quiet after which a turn with an unanswered tool call or agent is over
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "24h", help_heading = "What is over")]
    max_open: Duration,
    /// Send what is still open too
    #[arg(long, help_heading = "What is over")]
    finish: bool,
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Skip lines longer than this
    #[arg(long, value_name = "BYTES", default_value_t = source::DEFAULT_MAX_LINE_BYTES)]
    max_line_bytes: usize,
    /// Rebuild and summarise; send nothing
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: print what would be sent, as OTLP/JSON
    #[arg(long, requires = "dry_run", conflicts_with = "tree")]
    print: bool,
    /// Draw every session as a tree
    #[arg(long)]
    tree: bool,
    /// Exit with 5 when anything was not understood
    #[arg(long)]
    strict: bool,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Scope {
    /// One turn
    Turn,
    /// One stretch of a session
    Session,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Paths {
    /// Neither paths nor branches
    None,
    /// The folder's last part, and the branch
    Name,
    /// The whole path too
    Full,
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error(transparent)]
    Source(#[from] source::SourceError),
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error("--project {pattern:?} is no pattern: {problem}")]
    Project { pattern: String, problem: globset::Error },
    #[error("{0}")]
    Export(#[from] ExportError),
    #[error("the runtime could not be started: {0}")]
    Runtime(#[from] std::io::Error),
}

impl SetupError {
    fn code(&self) -> ExitCode {
        match self {
            Self::Source(_) | Self::Config(_) => ExitCode::Configuration,
            Self::Project { .. } => ExitCode::Usage,
            Self::Export(error) if error.is_configuration() => ExitCode::Configuration,
            Self::Export(_) => ExitCode::Destination,
            Self::Runtime(_) => ExitCode::Internal,
        }
    }
}

/// Runs the command.
pub fn run(args: &BackfillArgs, surroundings: &Surroundings) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let done = runtime.map_err(SetupError::from).and_then(|runtime| runtime.block_on(backfill_all(args, surroundings)));
    done.unwrap_or_else(|error| {
        note(&format!("error: {error}"));
        error.code()
    })
}

async fn backfill_all(args: &BackfillArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let mut stop = Stop::listen()?;
    let destination = args.destination.resolve(surroundings)?;
    let destination_name = if args.dry_run { "nowhere (--dry-run)".to_owned() } else { destination.describe() };
    let resource = resource_of(&destination, surroundings)?;
    let options = rebuild_options(args, surroundings)?;
    let roots =
        source::resolve(&args.roots, |name: &str| surroundings.variable(name).map(Into::into), surroundings.home())?;
    let found = source::discover(&roots, OwnerRule::of_this_process());
    let mut peeker = Peeker::new(TranscriptReader::new(&options.source), options.read.decode);
    let plan = Plan::of(found.files.into_iter().map(Arc::new), |file| peeker.peek(file));

    let is_quiet = args.json;
    if !is_quiet {
        let sessions: usize = plan.families.iter().map(|family| family.sessions.len()).sum();
        note(&format!(
            "reading {sessions} sessions ({:.1} MB), sending to {destination_name}",
            plan.size() as f64 / 1e6
        ));
        if let Destination::File(file) = &destination
            && file.defaulted
            && !args.dry_run
        {
            note(
                "no destination is configured, so spans are kept in files; --endpoint URL or OTEL_EXPORTER_OTLP_ENDPOINT sends them to a receiver",
            );
        }
    }
    let mut exporter = match destination {
        _ if args.dry_run => None,
        Destination::Disabled { ref reason } => {
            note(&format!("nothing will be sent: {reason}"));
            None
        }
        destination => {
            let dead_letters = surroundings.state_dir().join("dead-letter").join(folder_name(&destination));
            Some(Exporter::open(destination, resource.clone(), ExportOptions::new(dead_letters)).await?)
        }
    };
    let show = match (args.print, args.tree) {
        (true, _) => Show::OtlpJson,
        (_, true) => Show::Tree,
        _ => Show::Nothing,
    };
    let mut display = Display::new(plan.size(), is_quiet, show, resource);
    let mut asked = stop.clone();
    let stopping = backfill::Stop { flag: stop.flag.clone(), asked: async move { asked.asked().await } };
    let mut outcome = Outcome::default();
    tokio::select! {
        () = backfill::run(plan, options, exporter.as_mut(), stopping, &mut display, &mut outcome) => {}
        // Cut off in the middle of a delivery that would not end: what was acknowledged is known all the same.
        () = async { stop.asked().await; tokio::time::sleep(STOP_WITHIN).await } => {}
    }
    display.finish();
    for problem in &found.problems {
        tracing::warn!(%problem, "something was left out");
        outcome.totals.add_problem(Problem::new(problem_kind(problem)));
    }
    let summary = Summary {
        totals: &outcome.totals,
        delivery: exporter.as_ref().map(Exporter::totals),
        undelivered: exporter.as_ref().map_or(0, Exporter::unacknowledged),
        destination: &destination_name,
        empty_files: found.empty_files,
        is_stopped: stop.code().is_some() && outcome.is_cut,
        failure: outcome.failure.as_ref().map(ToString::to_string),
    };
    let is_told = report(args, &summary) && !display.is_cut;
    Ok(if is_told { exit_code(args, &outcome, stop.code()) } else { ExitCode::Internal })
}

/// A folder of its own for every destination: two destinations refuse different things.
fn folder_name(destination: &Destination) -> String {
    Identity::new(IdKind::Session, &destination.identity(), "destination").span_id().to_string()
}

/// Prints the summary; false when it could not be printed.
fn report(args: &BackfillArgs, summary: &Summary<'_>) -> bool {
    let text = match (args.json, args.tree) {
        (true, _) => summary.json().to_string(),
        // The trees and the summary are two things.
        (false, true) => format!("\n{}", summary.text()),
        (false, false) => summary.text(),
    };
    // What --print prints must stay one JSON object a line.
    if args.print {
        note(&text);
        return true;
    }
    line(&text)
}

fn exit_code(args: &BackfillArgs, outcome: &Outcome, stopped: Option<ExitCode>) -> ExitCode {
    if let Some(error) = &outcome.failure {
        return if error.is_configuration() { ExitCode::Configuration } else { ExitCode::Destination };
    }
    if outcome.is_cut {
        // Nobody asked for it to end: a worker did not come back.
        return stopped.unwrap_or(ExitCode::Internal);
    }
    let lost = outcome.totals.problems.keys().any(|problem| problem.kind.loses_data());
    if args.strict && lost { ExitCode::Problems } else { ExitCode::Done }
}

fn rebuild_options(args: &BackfillArgs, surroundings: &Surroundings) -> Result<RebuildOptions, SetupError> {
    let now = surroundings.now;
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let closing = ClosingOptions {
        session_idle: millis(args.session_idle),
        max_open: millis(args.max_open),
        now: (!args.finish).then_some(now),
        written: None,
    };
    let resting_since = (!args.finish).then(|| now.saturating_sub(closing.session_idle).saturating_mul(1_000_000));
    Ok(RebuildOptions {
        source: source::Options { roots: args.roots.clone(), max_line_bytes: args.max_line_bytes },
        read: ReadOptions { decode: DecodeOptions { latest: now.saturating_add(DAY_MS) }, resting_since },
        closing,
        map: MapOptions {
            trace_scope: match args.trace_scope {
                Scope::Turn => TraceScope::Turn,
                Scope::Session => TraceScope::Session,
            },
            paths: match args.paths {
                Paths::None => PathMode::None,
                Paths::Name => PathMode::Name,
                Paths::Full => PathMode::Full,
            },
            home: surroundings.home().and_then(|home| home.to_str()).map(Into::into),
        },
        filter: Filter {
            since: args.since.map(|since| since.millis(now)),
            until: args.until.map(|until| until.millis(now)),
            projects: globs(&args.projects)?,
            sessions: args.sessions.clone(),
            shard: args.shard,
        },
        threads: args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get),
    })
}

fn globs(patterns: &[String]) -> Result<Option<GlobSet>, SetupError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = Glob::new(pattern).map_err(|problem| SetupError::Project { pattern: pattern.clone(), problem })?;
        set.add(glob);
    }
    set.build().map(Some).map_err(|problem| SetupError::Project { pattern: patterns.join(" "), problem })
}

fn problem_kind(problem: &source::SourceProblem) -> ProblemKind {
    match problem {
        source::SourceProblem::SymlinkOutside { .. } => ProblemKind::SymlinkOutside,
        _ => ProblemKind::UnreadableFile,
    }
}
