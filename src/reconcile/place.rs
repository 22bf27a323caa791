//! Where a thing of a session stands, and what that says about why the telemetry lacks it.

use super::reason::Reason;
use super::report::ClientSession;
use crate::session::facts::{Parent, RunOutcome, Session, Turn};
use crate::transcript::time::Millis;

/// A collector writes every few seconds, a metric is sent every minute: what lies further beyond is not in the files.
pub(super) const BEYOND: Millis = 60 * 1000;

/// One session with what the telemetry says of it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub session: &'a Session,
    /// The earliest and latest time of all telemetry.
    pub reach: Option<(Millis, Millis)>,
}

impl<'a> Place<'a> {
    /// The turn that something is a part of.
    pub(super) fn turn(&self, parent: Parent) -> Option<&'a Turn> {
        let turn = match parent {
            Parent::Turn(turn) => Some(turn),
            Parent::Agent(agent) => self.session.agents.get(agent).and_then(|agent| agent.turn),
        };
        turn.and_then(|turn| self.session.turns.get(turn))
    }

    /// Whether a turn was ended from outside.
    pub(super) fn is_cut(turn: Option<&Turn>) -> bool {
        turn.is_some_and(|turn| matches!(turn.outcome, RunOutcome::Interrupted | RunOutcome::Unfinished))
    }

    /// Why the telemetry lacks something from then to then, whatever it is.
    pub(super) fn explain_missing(
        &self,
        client: Option<&ClientSession>,
        turn: Option<&Turn>,
        (start, end): (Millis, Millis),
    ) -> Option<Reason> {
        let is_outside = self.reach.is_none_or(|(first, last)| start < first - BEYOND || end > last + BEYOND);
        if is_outside {
            return Some(Reason::OutsideFiles);
        }
        let turn = turn.filter(|turn| turn.outcome == RunOutcome::Unfinished)?;
        let next_turn =
            self.session.turns.iter().map(|other| other.timing.start).filter(|start| *start > turn.timing.start);
        let next_process = client.and_then(|client| client.started_after(end));
        let until = next_turn.min().into_iter().chain(next_process).min().unwrap_or(Millis::MAX);
        let is_silent = client.is_none_or(|client| !client.told_within(end, until));
        is_silent.then_some(Reason::LostFlush)
    }
}
