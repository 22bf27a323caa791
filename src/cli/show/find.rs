//! Finds the session that is meant.

use crate::cli::Surroundings;
use crate::cli::draw::width::plain;
use crate::cli::looking::LookArgs;
use crate::cli::pass::SetupError;
use crate::cli::words::{counted, utc};
use crate::pipeline::filter::Filter;
use crate::pipeline::rebuilt::rebuilt;
use crate::session::facts::Session;
use crate::telemetry::options::MapOptions;
use crate::view::story::Story;

/// So many of several sessions are named.
const MOST_NAMED: usize = 10;

/// Why a session is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShowError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("no session's id begins with {0:?}; `claude-otel sessions` lists them")]
    None(String),
    #[error("there are no sessions in {0}")]
    NoneAtAll(String),
    #[error("several sessions' ids begin with {0:?}; say more of the one that is meant\n{1}")]
    Several(String, String),
    #[error("the session has no turn {turn}; it has {}", counted(*turns, "turn"))]
    NoTurn { turn: u64, turns: u64 },
}

/// The session whose id begins so, or the last one.
pub(super) fn story(name: &str, look: &LookArgs, surroundings: &Surroundings) -> Result<Story, ShowError> {
    let mut sight = look.find(Filter::default(), surroundings)?;
    let wanted = match name {
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
        several => Err(ShowError::Several(wanted, named(several, &sight.options.map))),
    }
}

/// A line for each session, the newest first.
fn named(sessions: &[Session], options: &MapOptions) -> String {
    let mut cards: Vec<_> = sessions.iter().map(|session| Story::card(session, options)).collect();
    cards.sort_by_key(|card| std::cmp::Reverse(card.start_unix_ms));
    let mut lines: Vec<String> = (cards.iter().take(MOST_NAMED))
        .map(|card| {
            let start = card.start_unix_ms.map(utc).unwrap_or_default();
            let project = card.project.as_deref().unwrap_or_default();
            format!("  {}  {start}  {}", plain(&card.id), plain(project)).trim_end().to_owned()
        })
        .collect();
    if let more @ 1.. = cards.len().saturating_sub(MOST_NAMED) {
        lines.push(format!("  and {more} more"));
    }
    lines.join("\n")
}
