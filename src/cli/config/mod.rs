//! `claude-otel config`: what all settings come to, and whether that can work.

pub(super) mod check;
mod show;

use clap::{Args, Subcommand};

use super::destination::DestinationArgs;
use super::fill::Given;
use super::output::note;
use super::pass::SetupError;
use super::selection::{FilterArgs, ShapeArgs, SourceArgs};
use super::{ExitCode, Surroundings};

/// Show every setting with its origin, or check that all of it can work.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel config show
  claude-otel config check --preset otlp --endpoint http://localhost:4318")]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Show(ShowArgs),
    Check(CheckArgs),
}

/// Show every setting, its value, and whether a flag, a variable, the file or a preset says so.
///
/// Keys are masked. Flags may be given as for watch or backfill, to see what they would change.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel config show
  claude-otel config show --json --trace-scope session")]
struct ShowArgs {
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    what: WhatArgs,
}

/// Read everything that the configuration names, and say what would be sent where.
///
/// It opens certificates and files with headers and looks at the folders, and connects to nothing. Ends with 0 when all
/// of it can work, and with 3 when something cannot.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel config check
  claude-otel --config other.toml config check")]
struct CheckArgs {
    #[command(flatten)]
    what: WhatArgs,
}

// No doc comment, which would be taken for the help of every command that has these.
#[derive(Debug, Args)]
struct WhatArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    shape: ShapeArgs,
}

/// Runs the command.
pub(super) fn run(args: &ConfigArgs, surroundings: &Surroundings, given: &Given) -> ExitCode {
    let ended: Result<ExitCode, SetupError> = match &args.command {
        ConfigCommand::Show(args) => show::run(args, surroundings, given),
        ConfigCommand::Check(args) => return check::run(args, surroundings),
    };
    ended.unwrap_or_else(|error| {
        note(&format!("error: {error}"));
        error.code()
    })
}
