//! What a pass starts from: everything there is, or what is new since the last run.

use std::path::PathBuf;
use std::sync::Arc;

use super::pass::{Kept, SetupError};
use super::state_of;
use crate::checkpoint::mirror::Mirror;
use crate::checkpoint::store::Store;
use crate::pipeline::keeper::Keeper;
use crate::pipeline::ledger::OwnedIds;
use crate::pipeline::measuring::Measuring;
use crate::pipeline::peek::Peeker;
use crate::pipeline::plan::{Plan, SessionFiles};
use crate::pipeline::recovery::delivered_sessions;
use crate::pipeline::remembered::Remembered;
use crate::pipeline::workers::RebuildOptions;
use crate::source::{self, OwnerRule, Root, TranscriptReader};

/// What a pass starts from.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How often the state was begun anew, and where the last one was put.
    pub lost: Option<(u64, PathBuf)>,
    pub plan: Plan,
    pub owned: OwnedIds,
    pub problems: Vec<source::SourceProblem>,
    pub empty_files: u64,
    /// Sessions that need not be read.
    pub delivered_before: u64,
    /// Sessions that were over before the first start's horizon, and the bytes of their files.
    pub left_out: (usize, u64),
    pub horizon: i64,
    pub roots: Vec<Root>,
}

/// Finds everything, whatever was delivered before.
pub(super) fn find(roots: &[Root], rebuild: &RebuildOptions) -> Found {
    let found = source::discover(roots, OwnerRule::of_this_process());
    let mut peeker = Peeker::new(TranscriptReader::new(&rebuild.source), rebuild.read.decode);
    let plan = Plan::of(found.files.into_iter().map(Arc::new), |file| peeker.peek(file));
    let (problems, empty_files) = (found.problems, found.empty_files);
    Found { plan, problems, empty_files, roots: roots.to_vec(), ..Found::default() }
}

/// Finds what is new since the last run.
pub(super) fn remember(
    opened: &state_of::OpenState,
    kept: &Kept,
    roots: &[Root],
    rebuild: &mut RebuildOptions,
) -> Result<Found, SetupError> {
    let mirror = opened.lost.as_ref().and_then(|lost| lost.mirror.as_ref());
    if let Some(first) = kept.horizon {
        rebuild.filter.since = Some(horizon(&opened.keeper, opened.lost.is_some(), mirror, first)?);
    }
    let (remembered, owned) = opened.keeper.with(Remembered::load)?;
    let found = source::discover(roots, OwnerRule::of_this_process());
    let mut peeker = Peeker::new(TranscriptReader::new(&rebuild.source), rebuild.read.decode);
    let mut plan = Plan::of(found.files.into_iter().map(Arc::new), |file| {
        remembered.head(file).cloned().unwrap_or_else(|| peeker.peek(file))
    });
    if let Some(mirror) = mirror {
        let mut reader = TranscriptReader::new(&rebuild.source);
        rebuild.assumed = delivered_sessions(mirror, &plan.families, &mut reader);
    }
    let sessions = |plan: &Plan| plan.families.iter().map(|family| family.sessions.len() as u64).sum::<u64>();
    let before = sessions(&plan);
    let mut left_out = (0, 0);
    if !kept.again {
        let now = rebuild.now;
        let is_finished = rebuild.closing.now.is_none();
        plan.families.retain(|family| {
            let is_due = remembered.due(family).is_some_and(|due| is_finished || due <= now);
            let horizon = kept.horizon.and(rebuild.filter.since).unwrap_or(i64::MIN);
            let is_left_out = remembered.is_left_out_since(family, horizon);
            let is_old =
                kept.horizon.is_some() && rebuild.filter.since.is_some_and(|since| remembered.is_older(family, since));
            if is_old {
                left_out.0 += family.sessions.len();
                left_out.1 += family.sessions.iter().map(SessionFiles::size).sum::<u64>();
            }
            let is_unmeasured = rebuild.measuring != Measuring::Off && !remembered.is_measured(family);
            !is_old && (!remembered.is_unchanged(family) || is_due || is_left_out || is_unmeasured)
        });
    }
    let delivered_before = before - sessions(&plan) - left_out.0 as u64;
    let (problems, empty_files) = (found.problems, found.empty_files);
    let lost = opened.lost.as_ref().map(|lost| (lost.rebuilds(), lost.set_aside.clone()));
    let horizon = rebuild.filter.since.unwrap_or_default();
    Ok(Found { lost, left_out, horizon, plan, owned, problems, empty_files, delivered_before, roots: roots.to_vec() })
}

/// What is said of sessions that were over before the first start's horizon.
pub(super) fn left_out((sessions, bytes): (usize, u64), horizon: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(horizon).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "{sessions} sessions ({:.1} MB) that ended before {time} are left out; `claude-otel backfill` exports them",
        bytes as f64 / 1e6
    )
}

/// The time before which the watcher leaves turns out: that of the first start, which is kept.
pub(super) fn horizon(keeper: &Keeper, is_lost: bool, mirror: Option<&Mirror>, first: i64) -> Result<i64, SetupError> {
    if let Some(known) = keeper.with(Store::about)?.horizon {
        return Ok(known);
    }
    // Of a state that was lost, what cannot be shown to have been delivered is sent again, however old.
    let horizon = if is_lost { mirror.and_then(|mirror| mirror.horizon).unwrap_or(0) } else { first };
    keeper.with(|store| store.set_horizon(Some(horizon)))?;
    Ok(horizon)
}
