//! Which sessions are listed.

use clap::Args;
use globset::GlobSet;

use crate::cli::selection::{PatternError, globs};
use crate::pipeline::filter::Filter;
use crate::session::facts::Session;
use crate::view::card::Card;
use crate::view::report::Range;

/// Which sessions are listed.
#[derive(Debug, Args)]
pub(super) struct WantedArgs {
    /// Only sessions in folders that match; may be repeated
    #[arg(long = "project", value_name = "GLOB")]
    projects: Vec<String>,
    /// Only sessions on branches that match; may be repeated
    #[arg(long = "branch", value_name = "GLOB")]
    branches: Vec<String>,
    /// Only sessions whose id begins so; may be repeated
    #[arg(long = "session", value_name = "ID")]
    sessions: Vec<String>,
    /// Only sessions in which a model answered whose name contains this
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Only sessions in which something failed: a tool, a request, a turn
    #[arg(long)]
    errors: bool,
    /// Only sessions with a turn that is going on
    #[arg(long)]
    running: bool,
}

/// What the pipeline does not filter by.
pub(super) struct Wanted<'a> {
    args: &'a WantedArgs,
    branches: Option<GlobSet>,
}

impl WantedArgs {
    /// The filter that the pipeline knows.
    pub(super) fn filter(&self) -> Result<Filter, PatternError> {
        Ok(Filter {
            projects: globs("--project", &self.projects)?,
            sessions: self.sessions.clone(),
            ..Filter::default()
        })
    }

    /// The rest of it.
    pub(super) fn patterns(&self) -> Result<Wanted<'_>, PatternError> {
        Ok(Wanted { args: self, branches: globs("--branch", &self.branches)? })
    }
}

impl Wanted<'_> {
    /// Whether the session is one of those: it is inside of the range if anything of it is.
    pub(super) fn takes(&self, session: &Session, card: &Card, range: Range) -> bool {
        let begins_in_time =
            range.until.is_none_or(|until| card.start_unix_ms.or(card.end_unix_ms).is_some_and(|start| start < until));
        let ends_in_time = range.since.is_none_or(|since| card.end_unix_ms.is_some_and(|end| end >= since));
        let mut branches = session.contexts.iter().filter_map(|context| context.branch.as_deref());
        let is_on_branch = self.branches.as_ref().is_none_or(|globs| branches.any(|branch| globs.is_match(branch)));
        let wanted = self.args.model.as_deref().map(str::to_lowercase);
        let mut models = session.calls.iter().filter(|call| call.is_owned).filter_map(|call| call.model.as_deref());
        let is_by_model = wanted.is_none_or(|name| models.any(|model| model.to_lowercase().contains(&name)));
        begins_in_time
            && ends_in_time
            && is_on_branch
            && is_by_model
            && (!self.args.errors || has_errors(session, card))
            && (!self.args.running || card.is_running)
    }
}

fn has_errors(session: &Session, card: &Card) -> bool {
    card.tool_errors + card.api_errors > 0
        || session.turns.iter().any(|turn| turn.is_owned && turn.error_type.is_some())
}
