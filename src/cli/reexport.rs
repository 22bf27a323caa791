//! `claude-otel reexport`: send a period again, whatever was delivered before.

use clap::{ArgGroup, Args};

use super::destination::DestinationArgs;
use super::metrics::{HistogramArgs, MetricPlan, PastArgs};
use super::pass::{self, Memory, Pass, TellArgs};
use super::selection::{FilterArgs, ShapeArgs, SourceArgs, rebuild_options};
use super::stop::Stop;
use super::together::run_all;
use super::{ExitCode, Surroundings};

/// Send a period again, whatever was delivered before: for cron, and to repair a backend.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("period").args(["since", "until"]).required(true).multiple(true))]
#[command(after_help = "\
Examples:
  claude-otel reexport --since 25h --endpoint http://localhost:4318
  claude-otel reexport --since 2026-11-01 --until 2026-11-08 --otlp-file traces")]
pub struct ReexportArgs {
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
    #[command(flatten)]
    past: PastArgs,
    #[command(flatten)]
    histogram: HistogramArgs,
    #[command(flatten)]
    tell: TellArgs,
}

/// Runs the command.
pub fn run(args: &ReexportArgs, surroundings: &Surroundings) -> ExitCode {
    pass::block_on(async {
        let filter = args.filter.filter(surroundings.now)?;
        let rebuild = rebuild_options(&args.source, &args.shape, filter, args.finish, args.tell.threads, surroundings)?;
        let metrics = MetricPlan::new(args.past.past(), args.histogram, &rebuild.map, surroundings)?;
        let targets = args.destination.resolve(surroundings)?;
        let (stop, is_among_others) = (Stop::listen(pass::STOP_WITHIN)?, targets.len() > 1);
        run_all(targets, |target| {
            let (rebuild, memory) = (rebuild.clone(), Memory::None);
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
