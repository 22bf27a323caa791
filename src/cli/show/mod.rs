//! `claude-otel show`: one session, item by item.

mod detail;
mod find;
mod fold;
mod head;
mod page;
mod row;

use std::path::PathBuf;

use clap::Args;

use super::draw::Canvas;
use super::looking::LookArgs;
use super::output::{line, note};
use super::zone::Zone;
use super::{ExitCode, Surroundings, pages};
use crate::view::page::of_story;
use crate::view::story::Story;
use find::ShowError;
use fold::FoldArgs;

/// Show one session, item by item.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel show last
  claude-otel show 1231f6ba --turn 3
  claude-otel show last --errors
  claude-otel show 1231f6ba --json
  claude-otel show last --html session.html")]
pub struct ShowArgs {
    /// The beginning of a session's id, or `last` for the one that was written to last
    session: String,
    /// Only this turn, with all that is known of its items
    #[arg(long, value_name = "N")]
    turn: Option<u64>,
    #[command(flatten)]
    fold: FoldArgs,
    /// Show times in UTC instead of the local time
    #[arg(long)]
    utc: bool,
    /// Print the session as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the session as one HTML page that needs nothing else; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "utc", "errors", "kinds", "all"])]
    html: Option<PathBuf>,
    #[command(flatten)]
    look: LookArgs,
}

/// Runs the command.
pub fn run(args: &ShowArgs, surroundings: &Surroundings) -> ExitCode {
    match story(args, surroundings) {
        Ok(story) => {
            if let Some(file) = &args.html {
                return pages::put(file, of_story(&story));
            }
            let text = if args.json {
                serde_json::to_string(&story).unwrap_or_default()
            } else {
                let zone = if args.utc { Zone::Utc } else { Zone::Local };
                page::of(&story, &args.fold, args.turn.is_some(), zone, Canvas::of(surroundings))
            };
            if line(&text) { ExitCode::Done } else { ExitCode::Internal }
        }
        Err(error) => {
            note(&format!("error: {error}"));
            match error {
                ShowError::Setup(error) => error.code(),
                _ => ExitCode::Usage,
            }
        }
    }
}

/// The session that was asked for, or one turn of it.
fn story(args: &ShowArgs, surroundings: &Surroundings) -> Result<Story, ShowError> {
    let story = find::story(&args.session, &args.look, surroundings)?;
    let Some(turn) = args.turn else { return Ok(story) };
    let turns = story.session.turns;
    story.of_turn(turn).ok_or(ShowError::NoTurn { turn, turns })
}
