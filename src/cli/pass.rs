//! One pass over the transcripts, as `backfill`, `reexport` and `watch --once` make it.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::arguments::PeriodError;
use super::destination::{export_options, resource_of};
use super::findings::{Found, find, left_out, remember};
use super::metrics::{self, MetricPlan, Past, PastError};
use super::output::{line, note};
use super::prices::PriceFileError;
use super::privacy::PrivacyError;
use super::progress::{Display, Show};
use super::selection::{PatternError, ShapeArgs, millis};
use super::state_of::{self, StateError};
use super::stop::Stop;
use super::summary::Summary;
use super::{ExitCode, Surroundings, privacy};
use crate::checkpoint::error::StoreError;
use crate::checkpoint::store::Store;
use crate::checkpoint::wait::Wait;
use crate::config::{Target, TargetError};
use crate::export::destination::Destination;
use crate::export::error::ExportError;
use crate::export::exporter::Exporter;
use crate::export::metric_exporter::MetricExporter;
use crate::health::listen::ListenError;
use crate::pipeline::backfill::{self, Outcome, Work};
use crate::pipeline::keeper::Keeper;
use crate::pipeline::mirrors;
use crate::pipeline::workers::{NothingKnown, RebuildOptions};
use crate::source::{self, Root};
use crate::telemetry::signal::Signal;
use crate::transcript::problem::{Problem, ProblemKind};

/// How long the end may take once it was asked for.
pub(super) const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Said when nobody has named a destination.
pub(super) const NO_DESTINATION: &str = "no destination is configured, so spans are kept in files; --endpoint URL or OTEL_EXPORTER_OTLP_ENDPOINT sends them to a receiver";

/// What is told of a pass.
#[derive(Debug, Default, Args)]
pub(super) struct TellArgs {
    /// Worker threads [default: one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Rebuild and summarise; send nothing and leave the state alone
    #[arg(long)]
    pub dry_run: bool,
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

/// What the pass does with the state.
#[derive(Debug)]
pub(super) enum Memory {
    /// It neither reads nor changes it.
    None,
    /// It sends what was not delivered before, and remembers what it delivers.
    Kept(Kept),
}

/// How the state is used.
#[derive(Debug)]
pub(super) struct Kept {
    /// The command that holds the state meanwhile.
    pub command: &'static str,
    /// For how long another holder is waited for.
    pub wait: Wait,
    /// Whether what was delivered is sent again.
    pub again: bool,
    /// For a watcher: turns that began before this time stay unsent, should this be the first start.
    pub horizon: Option<i64>,
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub(super) enum SetupError {
    #[error(transparent)]
    Source(#[from] source::SourceError),
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Prices(#[from] PriceFileError),
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error(transparent)]
    Period(#[from] PeriodError),
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
    #[error("{0}")]
    Export(#[from] ExportError),
    #[error(transparent)]
    Health(#[from] ListenError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error("the runtime could not be started: {0}")]
    Runtime(#[from] std::io::Error),
}

impl From<StoreError> for SetupError {
    fn from(error: StoreError) -> Self {
        Self::State(error.into())
    }
}

impl SetupError {
    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Source(_)
            | Self::Config(_)
            | Self::Target(_)
            | Self::Prices(_)
            | Self::Privacy(_)
            | Self::Health(_) => ExitCode::Configuration,
            Self::Pattern(_) | Self::Period(_) => ExitCode::Usage,
            Self::Export(error) if error.is_configuration() => ExitCode::Configuration,
            Self::Export(_) => ExitCode::Destination,
            Self::State(StateError::Held(_)) => ExitCode::Busy,
            Self::State(StateError::Stopped(code)) => *code,
            Self::State(StateError::Store(error)) if !error.is_retryable() => ExitCode::Configuration,
            Self::State(_) | Self::Runtime(_) => ExitCode::Internal,
        }
    }
}

/// Everything that a pass needs to know.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    pub rebuild: RebuildOptions,
    pub shape: &'a ShapeArgs,
    pub tell: &'a TellArgs,
    pub target: Target,
    /// Whether there are others at the same time.
    pub is_among_others: bool,
    pub memory: Memory,
    pub metrics: MetricPlan,
}

/// Runs something asynchronous to its exit code, on the one thread that there is: what takes time, reading, rebuilding
/// and encoding, has threads of its own.
pub(super) fn block_on(work: impl Future<Output = Result<ExitCode, SetupError>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.map_err(SetupError::from).and_then(|runtime| {
        let done = runtime.block_on(work);
        // Looking up a name goes on for as long as the system likes, when nobody waits for it any more.
        runtime.shutdown_background();
        done
    });
    done.unwrap_or_else(|error| {
        note(&format!("error: {error}"));
        error.code()
    })
}

/// The roots that the flags or the surroundings name.
pub(super) fn roots(explicit: &[PathBuf], surroundings: &Surroundings) -> Result<Vec<Root>, source::SourceError> {
    source::resolve(explicit, |name: &str| surroundings.variable(name).map(Into::into), surroundings.home())
}

impl Pass<'_> {
    /// Makes the pass.
    pub(super) async fn run(self, mut stop: Stop, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
        let Self { mut rebuild, shape, tell, target, is_among_others, memory, metrics } = self;
        let destination = &target.destination;
        suit(&mut rebuild, &target);
        rebuild.measuring = metrics.measuring(matches!(memory, Memory::Kept(_)));
        let filter = rebuild.filter.clone();
        let is_again = matches!(&memory, Memory::Kept(kept) if kept.again);
        let is_sent = !tell.dry_run && !matches!(destination, Destination::Disabled { .. });
        let destination_name = if tell.dry_run { "nowhere (--dry-run)".to_owned() } else { destination.describe() };
        let resource = resource_of(&target, &rebuild.map.privacy, surroundings)?;
        let roots = roots(&rebuild.source.roots, surroundings)?;
        let memory = if is_sent { memory } else { Memory::None };
        let (keeper, mut found) = match memory {
            Memory::None => (None, find(&roots, &rebuild)),
            Memory::Kept(kept) => {
                let dir = state_of::folder_of(&target, surroundings);
                let opened = state_of::open(dir, kept.command, kept.wait.clone(), &mut stop, surroundings).await?;
                state_of::check_settings(&opened.keeper, shape)?;
                let found = remember(&opened, &kept, &roots, &mut rebuild)?;
                let keeper = Arc::new(opened.keeper);
                rebuild.memory = Some(if kept.again { Arc::new(NothingKnown) } else { Arc::clone(&keeper) as Arc<_> });
                (Some(keeper), found)
            }
        };
        privacy::announce(rebuild.map.content);
        if !tell.json {
            announce(&found, &target, &destination_name, tell);
        }
        let mut metric_exporter = None;
        let mut exporter = match destination {
            _ if tell.dry_run => None,
            Destination::Disabled { reason } => {
                note(&format!("nothing will be sent: {reason}"));
                None
            }
            destination => {
                let options = export_options(&target, surroundings);
                if metrics.past != Past::None {
                    metric_exporter = MetricExporter::open(destination, &resource, &options).await?;
                }
                Some(Exporter::open(destination.clone(), resource.clone(), options).await?)
            }
        };
        let show = match (tell.print, tell.tree) {
            (true, _) => Show::OtlpJson,
            (_, true) => Show::Tree,
            _ => Show::Nothing,
        };
        let prices = rebuild.map.prices.id();
        let mut display = Display::new(found.plan.size(), tell.json || is_among_others, show, resource);
        let mut asked = stop.clone();
        let stopping = backfill::Stop { flag: stop.flag.clone(), asked: async move { asked.asked().await } };
        let mut outcome = Outcome::default();
        let work = Work { plan: std::mem::take(&mut found.plan), owned: std::mem::take(&mut found.owned), is_again };
        let running =
            backfill::run(work, rebuild, exporter.as_mut(), keeper.as_deref(), stopping, &mut display, &mut outcome);
        tokio::select! {
            () = running => {}
            // Cut off in the middle of a delivery that would not end: what was acknowledged is known all the same.
            () = async { stop.asked().await; tokio::time::sleep(STOP_WITHIN).await } => {}
        }
        if let Some(exporter) = &mut metric_exporter
            && outcome.failure.is_none()
            && !outcome.is_cut
        {
            let now = surroundings.now;
            let history = &mut outcome.history;
            let told = metrics::tell(metrics, history, keeper.as_deref(), exporter, (is_again, now), &filter).await;
            match told {
                Ok(()) => {}
                Err(PastError::Export(error)) => outcome.failure = Some(error),
                Err(PastError::State(error)) => outcome.forgotten = Some(error),
            }
        }
        display.finish();
        if let Some(keeper) = &keeper {
            let was_delivered = exporter.as_ref().is_some_and(|exporter| exporter.acknowledged() > 0);
            close_state(keeper, &found, destination, surroundings, (was_delivered, outcome.forgotten.as_ref()));
        }
        for problem in &found.problems {
            tracing::warn!(%problem, "something was left out");
            outcome.totals.add_problem(Problem::new(problem_kind(problem)));
        }
        let summary = Summary {
            totals: &outcome.totals,
            delivery: exporter.as_ref().map(Exporter::totals),
            events: exporter.as_ref().map(|exporter| exporter.totals_of(Signal::Logs)),
            points: metric_exporter.as_ref().map(MetricExporter::totals),
            undelivered: exporter.as_ref().map_or(0, Exporter::unacknowledged_spans),
            destination: &destination_name,
            name: target.name.as_deref().filter(|_| is_among_others),
            empty_files: found.empty_files,
            delivered_before: found.delivered_before,
            corrected: outcome.corrected,
            is_stopped: stop.code().is_some() && outcome.is_cut,
            // A run may be cut off in its last delivery, with everything read.
            cut_short: Some((outcome.sessions_read, outcome.sessions_planned)).filter(|(read, planned)| read < planned),
            prices: &prices,
            failure: outcome.failure.as_ref().map(ToString::to_string),
        };
        let is_told = report(tell, &summary) && !display.is_cut;
        Ok(if is_told { exit_code(tell, &outcome, stop.code()) } else { ExitCode::Internal })
    }
}

/// Prunes what no file holds any more, and writes the copy for people.
fn close_state(
    keeper: &Keeper,
    found: &Found,
    destination: &Destination,
    surroundings: &Surroundings,
    (was_delivered, forgotten): (bool, Option<&StoreError>),
) {
    if let Some(problem) = forgotten {
        note(&format!(
            "what was delivered could not be remembered: {problem}; once it can be, a run sends it again under the same ids"
        ));
        return;
    }
    let told = mirrors::Told {
        destination: destination.describe(),
        roots: found.roots.iter().map(|root| root.path.clone()).collect(),
        acknowledged: was_delivered.then_some(surroundings.now),
        now: surroundings.now,
        rebuilds: found.lost.as_ref().map_or(0, |(rebuilds, _)| *rebuilds),
        set_aside: found.lost.as_ref().map(|(_, set_aside)| set_aside.clone()),
        ..mirrors::Told::default()
    };
    // Of a run that found nothing new there is nothing to keep, and what would be forgotten can wait for one that did.
    if mirrors::is_current(keeper, &told) {
        return;
    }
    let written = keeper
        .with(|store| store.prune(surroundings.now, Store::HORIZON_MS, mirrors::is_there))
        .map_err(|error| error.to_string())
        .and_then(|_| mirrors::write(keeper, &told));
    if let Err(problem) = written {
        tracing::warn!(problem, "the copy of the state for people was not written; the state itself is whole");
    }
}

/// Makes what is rebuilt such as the destination can use it.
pub(super) fn suit(rebuild: &mut RebuildOptions, target: &Target) {
    rebuild.filter.max_age = target.skips_beyond().map(millis);
    // What nobody takes is neither made nor remembered as sent.
    rebuild.map.without_events |= !target.destination.signals().has(Signal::Logs);
    if let Some(most) = target.limits.attribute_bytes {
        rebuild.map.content.span_bytes = rebuild.map.content.span_bytes.min(most);
    }
}

/// What is said of a destination that does not want everything, before anything is sent.
pub(super) fn announce_age(target: &Target) {
    if let Some(age) = target.skips_beyond() {
        let whose = target.preset.map(|preset| format!(" ({})", preset.name)).unwrap_or_default();
        note(&format!(
            "turns that began more than {} before they are sent are left out, since the destination{whose} is not to get them; --old-data send sends them",
            humantime::format_duration(age)
        ));
    }
}

fn announce(found: &Found, target: &Target, name: &str, tell: &TellArgs) {
    let destination = &target.destination;
    let sessions: usize = found.plan.families.iter().map(|family| family.sessions.len()).sum();
    let before = match found.delivered_before {
        0 => String::new(),
        before => format!(", {before} more have nothing new"),
    };
    note(&format!("reading {sessions} sessions ({:.1} MB){before}, sending to {name}", found.plan.size() as f64 / 1e6));
    if found.left_out.0 > 0 {
        note(&left_out(found.left_out, found.horizon));
    }
    announce_age(target);
    if let Destination::File(file) = destination
        && file.defaulted
        && !tell.dry_run
    {
        note(NO_DESTINATION);
    }
}

/// Prints the summary; false when it could not be printed.
fn report(tell: &TellArgs, summary: &Summary<'_>) -> bool {
    let text = match (tell.json, tell.tree) {
        (true, _) => summary.json().to_string(),
        // The trees and the summary are two things.
        (false, true) => format!("\n{}", summary.text()),
        (false, false) => summary.text(),
    };
    // What --print prints must stay one JSON object a line.
    if tell.print {
        note(&text);
        return true;
    }
    line(&text)
}

fn exit_code(tell: &TellArgs, outcome: &Outcome, stopped: Option<ExitCode>) -> ExitCode {
    if let Some(error) = &outcome.failure {
        return if error.is_configuration() { ExitCode::Configuration } else { ExitCode::Destination };
    }
    if outcome.is_cut {
        // Nobody asked for it to end: a worker did not come back.
        return stopped.unwrap_or(ExitCode::Internal);
    }
    if outcome.forgotten.is_some() {
        return ExitCode::Internal;
    }
    let lost = outcome.totals.problems.keys().any(|problem| problem.kind.loses_data());
    if tell.strict && lost { ExitCode::Problems } else { ExitCode::Done }
}

fn problem_kind(problem: &source::SourceProblem) -> ProblemKind {
    match problem {
        source::SourceProblem::SymlinkOutside { .. } => ProblemKind::SymlinkOutside,
        _ => ProblemKind::UnreadableFile,
    }
}
