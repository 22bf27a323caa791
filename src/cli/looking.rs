//! What the commands share that show sessions and send nothing: `sessions`, `show`, `report`, `live`.

use clap::Args;

use super::Surroundings;
use super::findings::find;
use super::pass::{SetupError, roots};
use super::selection::{ShownArgs, SourceArgs, shown_options};
use crate::pipeline::filter::Filter;
use crate::pipeline::plan::Plan;
use crate::pipeline::workers::RebuildOptions;
use crate::source::{Root, SourceProblem};

/// What is read, and how much of it may be seen.
#[derive(Debug, Args)]
pub(super) struct LookArgs {
    #[command(flatten)]
    pub source: SourceArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// What there is to look at.
#[derive(Debug)]
pub(super) struct Sight {
    /// How it is rebuilt.
    pub options: RebuildOptions,
    /// Where it was found.
    pub roots: Vec<Root>,
    /// The sessions, which nobody has read yet.
    pub plan: Plan,
    /// What could not be looked at.
    pub problems: Vec<SourceProblem>,
}

impl LookArgs {
    /// Finds the transcripts. Nothing is read of them but their beginnings.
    pub(super) fn find(&self, filter: Filter, surroundings: &Surroundings) -> Result<Sight, SetupError> {
        let options = shown_options(&self.source, &self.shown, filter, false, surroundings)?;
        let roots = roots(&options.source.roots, surroundings)?;
        let found = find(&roots, &options);
        Ok(Sight { options, roots, plan: found.plan, problems: found.problems })
    }
}
