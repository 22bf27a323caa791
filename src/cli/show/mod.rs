//! `claude-otel show`: one session, item by item.

use std::path::PathBuf;

use clap::Args;

use super::looking::LookArgs;
use super::output::{line, note};
use super::pass::SetupError;
use super::{ExitCode, Surroundings, pages};
use crate::pipeline::filter::Filter;
use crate::pipeline::rebuilt::rebuilt;
use crate::session::facts::Session;
use crate::view::page;
use crate::view::story::Story;

/// Show one session, item by item.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel show last
  claude-otel show 1231f6ba --json")]
pub struct ShowArgs {
    /// The beginning of a session's id, or `last` for the one that was written to last
    session: String,
    #[command(flatten)]
    look: LookArgs,
    /// Print the session as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the session as one HTML page that needs nothing else; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
}

/// Why a session is not shown.
#[derive(Debug, thiserror::Error)]
enum ShowError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("no session's id begins with {0:?}; `claude-otel sessions` lists them")]
    None(String),
    #[error("there are no sessions in {0}")]
    NoneAtAll(String),
    #[error("several sessions' ids begin with {0:?}: {1}")]
    Several(String, String),
}

/// Runs the command.
pub fn run(args: &ShowArgs, surroundings: &Surroundings) -> ExitCode {
    match story(args, surroundings) {
        Ok(story) => {
            if let Some(file) = &args.html {
                return pages::put(file, page::of_story(&story));
            }
            let text = serde_json::to_string(&story).unwrap_or_default();
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

fn story(args: &ShowArgs, surroundings: &Surroundings) -> Result<Story, ShowError> {
    let mut sight = args.look.find(Filter::default(), surroundings)?;
    let wanted = match &*args.session {
        "last" => {
            let folders =
                || sight.roots.iter().map(|root| root.path.display().to_string()).collect::<Vec<_>>().join(", ");
            sight.plan.latest().map(|files| files.id.clone()).ok_or_else(|| ShowError::NoneAtAll(folders()))?
        }
        prefix => prefix.to_owned(),
    };
    sight.options.filter.sessions = vec![wanted.clone()];
    let plan = sight.plan.of_sessions(&sight.options.filter.sessions);
    let mut found: Vec<Session> = Vec::new();
    let problems = rebuilt(&plan, &sight.options, |_, session| {
        found.push(session);
        true
    });
    for problem in sight.problems.iter().chain(&problems) {
        tracing::warn!(%problem, "something was left out");
    }
    if let Some(exact) = found.iter().position(|session| *session.id == *wanted) {
        found = vec![found.swap_remove(exact)];
    }
    match &found[..] {
        [] => Err(ShowError::None(wanted)),
        [one] => Ok(Story::of(one, &sight.options.map)),
        several => {
            let ids: Vec<&str> = several.iter().map(|session| &*session.id).collect();
            Err(ShowError::Several(wanted, ids.join(", ")))
        }
    }
}
