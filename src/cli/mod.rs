//! The command line: the only place that reads the environment, prints, and decides on exit codes.
//!
//! To add a command: a file with its arguments and its `run`, a variant in [`Command`], a section in `docs/cli.md`
//! (a test compares it with the help texts).

mod exit_code;
mod surroundings;
mod arguments;
mod metrics;
mod output;
mod pages;
mod fill;
mod words;
mod panics;
mod cost_summary;
mod destination;
mod together;
mod prices;
mod client_telemetry;
mod progress;

mod summary;
mod stop;
mod selection;
mod looking;
mod state_of;
mod findings;
mod pass;
mod privacy;
pub mod backfill;
pub mod reexport;
pub mod sessions;
pub mod show;
pub mod live;
pub mod report;
mod zone;
mod draw;
mod service;
mod health;
pub mod watch;
pub mod status;
pub mod state;
pub mod config;
pub mod contract;
pub mod doctor;
pub mod completions;
pub mod man;
pub mod reconcile;

use std::io::IsTerminal;

use clap::{Parser, Subcommand};

pub use exit_code::ExitCode;
pub use surroundings::Surroundings;

/// Rebuilds what Claude Code did from the transcripts it leaves on disk, and exports it as OpenTelemetry.
#[derive(Debug, Parser)]
#[command(name = "claude-otel", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "\
Examples:
  claude-otel backfill --dry-run --tree
  claude-otel watch --endpoint http://localhost:4318
  claude-otel status")]
pub struct Cli {
    /// Say more about what is done; twice, say everything
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// Read this configuration file [default: ~/.config/claude-otel/config.toml, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Export old transcripts once: what was not delivered before
    Backfill(Box<backfill::BackfillArgs>),
    /// Follow sessions while they are written, and export what is final
    Watch(Box<watch::WatchArgs>),
    /// Send a period again, whatever was delivered before: for cron, and to repair a backend
    ///
    /// The spans have the ids and the content that they had the first time. No state is read or changed, so it can run
    /// beside a watcher.
    Reexport(Box<reexport::ReexportArgs>),
    /// List sessions: when, where, how much, what it cost
    Sessions(Box<sessions::SessionsArgs>),
    /// Show one session, item by item
    Show(Box<show::ShowArgs>),
    /// Show what a period held: tokens, costs, tools, errors, waits
    Report(Box<report::ReportArgs>),
    /// Watch what sessions on this machine do: in full screen, or as lines with --plain
    ///
    /// The transcripts are followed; nothing is sent, and no state is read but for the lines at the beginning. It works
    /// without a destination, and beside a watcher.
    Live(Box<live::LiveArgs>),
    /// Show what was delivered, what is behind, and what the client will delete first
    ///
    /// It reads the copy that a watcher or a backfill leaves of its state, and looks at the transcripts' sizes and
    /// times. It takes no lock and changes nothing. Without a flag that names a destination it shows all that have a
    /// state.
    Status(Box<status::StatusArgs>),
    /// Look at everything around, and say what to do about what is found
    ///
    /// Settings, transcripts, the client, the system, the state, and the way to each destination, at whose end a test
    /// span is sent (--offline contacts nobody). It takes no lock and changes nothing, and can run beside a watcher.
    /// Ends with 0 unless something is wrong: then with 3 for settings and roots, with 4 for a destination, and with 5
    /// for everything else.
    Doctor(Box<doctor::DoctorArgs>),
    /// Check, mend, move or forget what is remembered of a destination
    ///
    /// The state is that of the destination that flags and environment name, as for watch; --destination takes the name
    /// that status shows. A state that a watcher or a backfill holds is left alone: that ends with 75.
    State(Box<state::StateArgs>),
    /// Show every setting with its origin, or check that all of it can work
    Config(Box<config::ConfigArgs>),
    /// Print every name that may leave, with its meaning, for people or for programs
    ///
    /// The tables are those of docs/telemetry.md. Nothing is read: what is printed is what this version of the program
    /// may send.
    Contract(contract::ContractArgs),
    /// Print what a shell needs to complete commands and flags
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write the pages of all commands into a folder
    Man(man::ManArgs),
    /// Compare the client's own telemetry with its transcripts, and explain every difference
    ///
    /// Model calls are joined by their request ids, tool calls by their own. What no rule explains is unexplained
    /// (docs/reconcile.md). Nothing is sent, and no state is read or changed.
    Reconcile(Box<reconcile::ReconcileArgs>),
}

/// Reads the command line and runs it.
pub fn main() -> ExitCode {
    let filled = fill::fill(&std::env::args_os().collect::<Vec<_>>(), Surroundings::read());
    let fill::Filled { cli, surroundings, given, wrong } = match filled {
        Ok(filled) => filled,
        Err(fill::Failure::Configuration(text)) => {
            output::note(&format!("error: {text}"));
            return ExitCode::Configuration;
        }
        Err(fill::Failure::Usage(error)) => {
            // Help and version are asked for; everything else is a mistake.
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Done };
            return if error.print().is_ok() { code } else { ExitCode::Internal };
        }
    };
    start_logging(cli.verbose);
    panics::quiet_the_database();
    match cli.command {
        Command::Backfill(args) => backfill::run(&args, &surroundings),
        Command::Watch(args) => watch::run(&args, &surroundings),
        Command::Reexport(args) => reexport::run(&args, &surroundings),
        Command::Sessions(args) => sessions::run(&args, &surroundings),
        Command::Show(args) => show::run(&args, &surroundings),
        Command::Report(args) => report::run(&args, &surroundings),
        Command::Live(args) => live::run(&args, &surroundings),
        Command::Status(args) => status::run(&args, &surroundings),
        Command::Doctor(args) => doctor::run(&args, &surroundings, &wrong),
        Command::State(args) => state::run(&args, &surroundings),
        Command::Config(args) => config::run(&args, &surroundings, &given),
        Command::Contract(args) => contract::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Reconcile(args) => reconcile::run(&args, &surroundings),
    }
}

fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => tracing::level_filters::LevelFilter::WARN,
        1 => tracing::level_filters::LevelFilter::INFO,
        _ => tracing::level_filters::LevelFilter::DEBUG,
    };
    let format = tracing_subscriber::fmt()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(|| output::StandardError)
        .with_max_level(level)
        .with_target(false)
        .compact();
    // A library user may have set one up already; theirs stays.
    let _ = format.try_init();
}
