//! `claude-otel backfill`: export old transcripts once.

use std::time::Duration;

use clap::Args;

use super::arguments::duration;
use super::destination::DestinationArgs;
use super::metrics::{HistogramArgs, MetricPlan, PastArgs};
use super::pass::{self, Kept, Memory, Pass, TellArgs};
use super::selection::{FilterArgs, ShapeArgs, SourceArgs, rebuild_options};
use super::stop::Stop;
use super::together::run_all;
use super::{ExitCode, Surroundings, state_of};

/// Export old transcripts once: what was not delivered before.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel backfill --endpoint http://localhost:4318
  claude-otel backfill --root ~/.claude/projects --since 7d --otlp-file traces
  claude-otel backfill --dry-run --print --session 1231f6ba")]
pub struct BackfillArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Send what is still open too
    #[arg(long, help_heading = "What is over")]
    finish: bool,
    /// Send what was delivered before too, under the same ids
    #[arg(long, help_heading = "What is sent")]
    again: bool,
    /// Wait while another process holds the state, for so long or until it lets go, instead of exiting with 75
    #[arg(long, value_name = "DURATION", value_parser = duration, num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "absent, without a value, and with one are three things")]
    wait: Option<Option<Duration>>,
    #[command(flatten)]
    past: PastArgs,
    #[command(flatten)]
    histogram: HistogramArgs,
    #[command(flatten)]
    tell: TellArgs,
}

/// Runs the command.
pub fn run(args: &BackfillArgs, surroundings: &Surroundings) -> ExitCode {
    pass::block_on(async {
        let filter = args.filter.filter(surroundings.now)?;
        let rebuild = rebuild_options(&args.source, &args.shape, filter, args.finish, args.tell.threads, surroundings)?;
        let kept = || Kept { command: "backfill", wait: state_of::wait(args.wait), again: args.again, horizon: None };
        let metrics = MetricPlan::new(args.past.past(), args.histogram, &rebuild.map, surroundings)?;
        let targets = args.destination.resolve(surroundings)?;
        let (stop, is_among_others) = (Stop::listen(pass::STOP_WITHIN)?, targets.len() > 1);
        run_all(targets, |target| {
            let (rebuild, memory) = (rebuild.clone(), Memory::Kept(kept()));
            let pass = Pass {
                rebuild,
                shape: &args.shape,
                tell: &args.tell,
                target,
                is_among_others,
                memory,
                metrics: metrics.clone(),
            };
            pass.run(stop.for_one(), surroundings)
        })
        .await
    })
}
