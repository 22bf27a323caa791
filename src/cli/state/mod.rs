//! `claude-otel state`: what a person can do with what is remembered of a destination.

mod moving;
mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};

use super::arguments::duration;
use super::destination::DestinationArgs;
use super::output::{line, note};
use super::pass::{self, SetupError};
use super::state_of::{self, StateError};
use super::words::counted;
use super::{ExitCode, Surroundings};
use crate::checkpoint::care::{self, Repaired};
use crate::checkpoint::check;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::ladder::Opening;
use crate::checkpoint::lock::Lock;
use crate::checkpoint::mirror::Mirror;
use crate::pipeline::keeper::Keeper;

/// Check, mend, move or forget what is remembered of a destination.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel state check
  claude-otel state export state.jsonl
  claude-otel state reset --yes")]
pub struct StateArgs {
    #[command(subcommand)]
    command: StateCommand,
}

#[derive(Debug, Subcommand)]
enum StateCommand {
    Check(CheckArgs),
    Repair(RepairArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    Reset(ResetArgs),
}

/// Save what can be read of a damaged one, and set the damaged one aside.
///
/// Starting a watcher or a backfill does it too, but takes a damaged state as a whole or not at all.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel state repair
  claude-otel state repair --destination work --wait=1m")]
struct RepairArgs {
    #[command(flatten)]
    care: CareArgs,
}

// No doc comment, which would be taken for the help of every command that has these.
#[derive(Debug, Args)]
struct CareArgs {
    #[command(flatten)]
    destination: DestinationArgs,
    /// Wait while another process holds the state, for so long or until it lets go, instead of exiting with 75
    #[arg(long, value_name = "DURATION", value_parser = duration, num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "absent, without a value, and with one are three things")]
    wait: Option<Option<Duration>>,
}

/// Read all of it and say whether it is sound; changes nothing.
///
/// Ends with 0 when it is sound, or when there is none, and with 1 when it is damaged.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel state check
  claude-otel state check --json --endpoint http://localhost:4318")]
struct CheckArgs {
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    care: CareArgs,
}

/// Write all of it as JSON lines, to move it to another machine or to look at it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel state export state.jsonl
  claude-otel state export --destination work | gzip > state.jsonl.gz")]
struct ExportArgs {
    /// The file, readable by its owner alone; what it held is replaced [default: - for standard output]
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    file: PathBuf,
    #[command(flatten)]
    care: CareArgs,
}

/// Put an export in its place; nothing changes unless all of it can be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel state import state.jsonl
  claude-otel state import --overwrite --destination work state.jsonl")]
struct ImportArgs {
    /// What `state export` wrote; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Set the state aside that is there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    care: CareArgs,
}

/// Set it aside, so that the next run begins anew and sends again, under the same ids.
///
/// Without --yes it says what it would do and ends with 2.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel state reset
  claude-otel state reset --yes --destination work")]
struct ResetArgs {
    /// Do it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    care: CareArgs,
}

/// Runs the command.
pub fn run(args: &StateArgs, surroundings: &Surroundings) -> ExitCode {
    pass::block_on(async {
        match &args.command {
            StateCommand::Check(args) => check(args, surroundings).await,
            StateCommand::Repair(args) => repair(&args.care, surroundings).await,
            StateCommand::Export(args) => moving::export(&args.file, &args.care, surroundings).await,
            StateCommand::Import(args) => moving::import(&args.file, args.overwrite, &args.care, surroundings).await,
            StateCommand::Reset(args) => reset(args, surroundings).await,
        }
    })
}

impl CareArgs {
    fn folder(&self, surroundings: &Surroundings) -> Result<PathBuf, SetupError> {
        Ok(state_of::folder_by(&self.destination, surroundings)?)
    }

    async fn lock(&self, dir: &Path, command: &str, surroundings: &Surroundings) -> Result<Lock, StateError> {
        state_of::lock(dir, command, state_of::wait(self.wait), surroundings).await
    }
}

/// Said where there is no state, and none is made by looking for it.
fn nothing_in(dir: &Path) -> String {
    format!("nothing is remembered in {}; `claude-otel status` names the states that there are", dir.display())
}

async fn check(args: &CheckArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let dir = args.care.folder(surroundings)?;
    let found = if dir.exists() {
        let lock = args.care.lock(&dir, "state check", surroundings).await?;
        check::check(&lock, &state_of::options(surroundings))?
    } else {
        check::Report::default()
    };
    let text = match (args.json, dir.exists()) {
        (true, _) => report::json(&dir, &found).to_string(),
        (false, true) => report::text(&dir, &found),
        (false, false) => nothing_in(&dir),
    };
    let is_told = line(&text);
    Ok(if is_told && found.is_sound() { ExitCode::Done } else { ExitCode::Internal })
}

async fn repair(args: &CareArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let dir = args.folder(surroundings)?;
    if !dir.exists() {
        note(&nothing_in(&dir));
        return Ok(ExitCode::Done);
    }
    let lock = args.lock(&dir, "state repair", surroundings).await?;
    let options = state_of::options(surroundings);
    match care::repair(&lock, &options)? {
        Repaired::Sound => note(&format!("the state in {} is sound; nothing was changed", dir.display())),
        Repaired::Saved { before, files, sessions, dropped, set_aside } => note(&format!(
            "the state in {} was damaged ({}); {} and {} are kept, {} had to be left behind, and what they stood for is sent again under the same ids; the damaged state is in {}",
            dir.display(),
            report::causes(&before),
            counted(files as u64, "file"),
            counted(sessions as u64, "session"),
            counted(dropped, "row"),
            set_aside.display()
        )),
        Repaired::Opened { opening, .. } => {
            note(&state_of::told_of(&opening).unwrap_or_else(|| "the state was opened; nothing was lost".to_owned()));
            if let Opening::Rebuilt { mirror, .. } = *opening {
                keep_horizon(lock, mirror.as_deref(), surroundings)?;
            }
        }
    }
    Ok(ExitCode::Done)
}

/// A state that was begun anew by hand is no first start: what is old and was not delivered is not left out.
fn keep_horizon(lock: Lock, mirror: Option<&Mirror>, surroundings: &Surroundings) -> Result<(), SetupError> {
    let (keeper, _) = Keeper::open(lock, state_of::options(surroundings)).map_err(|(error, _)| error)?;
    super::findings::horizon(&keeper, true, mirror, 0)?;
    Ok(keeper.flush()?)
}

async fn reset(args: &ResetArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let dir = args.care.folder(surroundings)?;
    if !dir.exists() {
        note(&nothing_in(&dir));
        return Ok(ExitCode::Done);
    }
    if !args.yes {
        let mirror = Mirror::read(&dir).unwrap_or_default();
        let spans = mirror.totals.get("spans").copied().unwrap_or_default();
        note(&format!(
            "`state reset` would set aside the state in {}, which remembers {} and {}; the next run would begin anew and send again, under the same ids; nothing was touched; --yes does it",
            dir.display(),
            counted(mirror.files.len() as u64, "transcript"),
            counted(spans, "delivered span"),
        ));
        return Ok(ExitCode::Usage);
    }
    let lock = args.care.lock(&dir, "state reset", surroundings).await?;
    match care::reset(&lock, surroundings.now)? {
        Some(aside) => note(&format!(
            "the state in {} is set aside in {}; `claude-otel backfill` sends everything again under the same ids, `claude-otel watch` what --backfill says, as on a first start",
            dir.display(),
            aside.display()
        )),
        None => note(&nothing_in(&dir)),
    }
    Ok(ExitCode::Done)
}

/// An error of the state as one of the whole command.
fn failed(error: StoreError) -> SetupError {
    SetupError::from(error)
}
