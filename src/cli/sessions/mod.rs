//! `claude-otel sessions`: a line for each session.

mod sort;
mod text;
mod wanted;

use std::num::NonZeroUsize;

use clap::Args;
use serde::Serialize;

use super::draw::Canvas;
use super::looking::LookArgs;
use super::output::{line, note};
use super::pass::SetupError;
use super::status::exported::{Exported, Exports, mirrors};
use super::zone::PeriodArgs;
use super::{ExitCode, Surroundings};
use crate::pipeline::rebuilt::rebuilt;
use crate::view::card::Card;
use crate::view::story::Story;
use sort::Key;
use wanted::WantedArgs;

/// List sessions: when, where, how much, what it cost.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel sessions
  claude-otel sessions --since 7d --project '*api*' --sort cost
  claude-otel sessions --errors --limit 10
  claude-otel sessions --json")]
pub struct SessionsArgs {
    #[command(flatten)]
    period: PeriodArgs,
    #[command(flatten)]
    wanted: WantedArgs,
    /// What the sessions are sorted by; the greatest comes last
    #[arg(long, value_name = "KEY", value_enum, default_value_t = Key::Start)]
    sort: Key,
    /// The greatest comes first
    #[arg(long)]
    reverse: bool,
    /// Only so many: the greatest ones
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,
    /// Print the sessions as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
}

/// A session of the list.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    card: Card,
    /// How far it was exported; absent where there is no state.
    #[serde(skip_serializing_if = "Option::is_none")]
    exported: Option<Exported>,
}

/// What there is to list.
#[derive(Debug, Default, Serialize)]
struct List {
    sessions: Vec<Listed>,
    /// Sessions with nothing of their own: copies, and those in which nothing happened.
    empty_sessions: u64,
    /// All sessions that there are, whatever was asked for.
    #[serde(skip)]
    found: usize,
    #[serde(skip)]
    folders: Vec<String>,
}

/// Runs the command.
pub fn run(args: &SessionsArgs, surroundings: &Surroundings) -> ExitCode {
    match list(args, surroundings) {
        Ok(list) => {
            let text = if args.json {
                serde_json::to_string(&list).unwrap_or_default()
            } else {
                text::of(&list, args.period.zone(), Canvas::of(surroundings))
            };
            if line(&text) { ExitCode::Done } else { ExitCode::Internal }
        }
        Err(error) => {
            note(&format!("error: {error}"));
            error.code()
        }
    }
}

fn list(args: &SessionsArgs, surroundings: &Surroundings) -> Result<List, SetupError> {
    let range = args.period.range(surroundings.now)?;
    let sight = args.look.find(args.wanted.filter()?, surroundings)?;
    let wanted = args.wanted.patterns()?;
    let mirrors = mirrors(surroundings);
    let exports = Exports::of(&mirrors);
    let found = sight.plan.families.iter().map(|family| family.sessions.len()).sum();
    let plan = sight.plan.of_sessions(&sight.options.filter.sessions).written_since(range.since.unwrap_or(i64::MIN));
    let folders = sight.roots.iter().map(|root| root.path.display().to_string()).collect();
    let mut list = List { found, folders, ..List::default() };
    let problems = rebuilt(&plan, &sight.options, |files, session| {
        let card = Story::card(&session, &sight.options.map);
        if card.is_empty() && sight.options.filter.sessions.is_empty() {
            list.empty_sessions += 1;
        } else if wanted.takes(&session, &card, range) {
            list.sessions.push(Listed { card, exported: exports.look_up(files) });
        }
        true
    });
    for problem in sight.problems.iter().chain(&problems) {
        tracing::warn!(%problem, "something was left out");
    }
    args.sort.sort(&mut list.sessions);
    if let Some(most) = args.limit {
        let beyond = list.sessions.len().saturating_sub(most.get());
        list.sessions.drain(..beyond);
    }
    if args.reverse {
        list.sessions.reverse();
    }
    Ok(list)
}
