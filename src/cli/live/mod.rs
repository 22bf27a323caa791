//! `claude-otel live`: what sessions on this machine do at the moment; nothing is sent, and no state is touched.

mod banner;
mod following;
mod full;
mod line;
mod plain;
mod draw;
mod signals;
mod words;

use std::io::IsTerminal;
use std::time::Duration;

use clap::Args;

use super::arguments::duration;
use super::looking::LookArgs;
use super::output::note;
use super::pass::{self, SetupError};
use super::selection::shown_options;
use super::zone::Zone;
use super::{ExitCode, Surroundings};
use crate::pipeline::filter::Filter;
use crate::source::{self, Root, SourceError};

/// Watch what sessions on this machine do.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel live
  claude-otel live --content summary
  claude-otel live --plain --from-start
  claude-otel live --json")]
pub struct LiveArgs {
    /// Show sessions whose last sign of life is not longer ago than this
    #[arg(long, value_name = "AGE", value_parser = duration, default_value = "30m")]
    since: Duration,
    /// Print a line for each thing that happens, instead of the full screen
    #[arg(long)]
    plain: bool,
    /// The same, as one JSON object a line
    #[arg(long)]
    json: bool,
    /// With --plain: words instead of pictures
    #[arg(long, requires = "plain", conflicts_with = "json")]
    no_emoji: bool,
    /// With --plain or --json: begin with what these sessions did before
    #[arg(long)]
    from_start: bool,
    /// Show times and cut days in UTC instead of the local time
    #[arg(long)]
    utc: bool,
    /// Look for changes every now and then instead of relying on events
    #[arg(long)]
    poll: bool,
    /// The pause between two looks where events are not relied on
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2s")]
    interval: Duration,
    #[command(flatten)]
    look: LookArgs,
}

impl LiveArgs {
    const fn is_plain(&self) -> bool {
        self.plain || self.json
    }

    const fn zone(&self) -> Zone {
        if self.utc { Zone::Utc } else { Zone::Local }
    }
}

/// Runs the command.
pub fn run(args: &LiveArgs, surroundings: &Surroundings) -> ExitCode {
    let is_dumb = surroundings.variable("TERM").is_none_or(|terminal| terminal == "dumb");
    let is_terminal = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if !args.is_plain() && (is_dumb || !is_terminal) {
        note("error: this is no terminal that can be drawn on; `claude-otel live --plain` prints lines instead");
        return ExitCode::Usage;
    }
    if args.from_start && !args.is_plain() {
        note("error: --from-start belongs to --plain or --json; the full screen always shows what was before");
        return ExitCode::Usage;
    }
    live(args, surroundings).unwrap_or_else(|error| {
        note(&format!("error: {error}"));
        error.code()
    })
}

fn live(args: &LiveArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let options = shown_options(&args.look.source, &args.look.shown, Filter::default(), false, surroundings)?;
    let roots = roots(args, surroundings)?;
    let banner = banner::of(&roots, &options.map, surroundings);
    if args.is_plain() {
        plain::run(args, options, roots, &banner, surroundings)
    } else {
        full::run(args, options, roots, banner, surroundings)
    }
}

/// The roots; where the client has not run yet, the places where they will be.
fn roots(args: &LiveArgs, surroundings: &Surroundings) -> Result<Vec<Root>, SetupError> {
    match pass::roots(&args.look.source.roots, surroundings) {
        Err(SourceError::NoRoots { .. }) => {
            let variable = |name: &str| surroundings.variable(name).map(Into::into);
            Ok(source::awaited(variable, surroundings.home()))
        }
        roots => Ok(roots?),
    }
}
