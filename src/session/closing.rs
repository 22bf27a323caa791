//! Which turns are over, and which may still go on.

use super::builder::SessionBuilder;
use super::draft::Tool;
use super::facts::{AgentRun, RunOutcome, Segment, Session, ToolCall, Turn};
use super::turns::TurnMap;
use crate::transcript::time::Millis;

/// How long after a sign of an end more lines of the same work may still be written.
pub(super) const SETTLING: Millis = 2_000;

/// The limits by which quiet decides that something is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosingOptions {
    /// Quiet that ends a turn without anything pending, and a segment.
    pub session_idle: Millis,
    /// Quiet that ends a turn while a tool call or agent is unanswered.
    pub max_open: Millis,
    /// The time by which quiet is measured; without one everything is over.
    pub now: Option<Millis>,
    /// When the session's files were last written to, for whoever sees that happen: quiet begins no earlier.
    pub written: Option<Millis>,
}

/// For how long nothing has happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quiet {
    pub now: Option<Millis>,
    /// The time of the latest sign of life.
    pub since: Millis,
    /// How much later than their times lines are written: nothing, unless somebody replays or copies a session.
    lag: Millis,
}

impl Quiet {
    pub(super) fn of(session: &SessionBuilder, options: ClosingOptions) -> Self {
        let last_line = session.streams.iter().filter_map(|stream| stream.last_time).max().unwrap_or_default();
        let since = options.written.map_or(last_line, |written| written.max(last_line));
        Self { now: options.now, since, lag: since - last_line }
    }

    /// Whether what belongs to something of that time has been written by now.
    pub(super) fn has_settled(self, time: Millis) -> bool {
        self.now.is_none_or(|now| now - time.saturating_add(self.lag) > SETTLING)
    }

    /// Whether it has lasted for so long; it always has when nobody asks for the time.
    pub(super) fn lasts(self, long: Millis) -> bool {
        self.now.is_none_or(|now| now - self.since >= long)
    }

    /// Whether a call's work goes on in the background, as far as anybody can tell.
    pub(super) fn is_waiting(self, tool: &Tool, options: ClosingOptions) -> bool {
        let is_background = tool.result.as_ref().is_some_and(|result| result.is_background);
        is_background
            && tool.notified.is_none()
            && self.now.is_some_and(|now| now - tool.use_time < options.max_open)
            && !self.lasts(options.max_open)
    }
}

/// Judges every turn.
pub(super) fn judge(
    session: &SessionBuilder,
    map: &TurnMap,
    turns: &mut [Turn],
    tools: &[ToolCall],
    agents: &[AgentRun],
    quiet: &Quiet,
    options: ClosingOptions,
) {
    mark_pending(session, turns, tools, agents);
    if quiet.now.is_none() {
        return;
    }
    let followed = followed_turns(session, map, turns.len());
    // Clean exits are marked since 2.1.280, hand-overs since 2.1.261; both stand behind all the turns that they end.
    let is_ended = session.continued_in.is_some() || session.is_totalled;
    for (turn, is_followed) in turns.iter_mut().zip(followed) {
        let has_end = turn.measured.is_some()
            || matches!(turn.outcome, RunOutcome::Interrupted | RunOutcome::Error)
            || (is_ended && !turn.is_pending);
        let limit = if turn.is_pending { options.max_open } else { options.session_idle };
        // The measure of a turn may stand before its last line.
        let is_ended = has_end && !turn.is_pending && quiet.lasts(SETTLING);
        turn.is_open = !(is_followed || is_ended || quiet.lasts(limit));
    }
}

/// When quiet alone will decide something that is open now; none when nothing is.
pub(super) fn due(
    session: &SessionBuilder,
    turns: &[Turn],
    segments: &[Segment],
    has_open_part: bool,
    quiet: &Quiet,
    options: ClosingOptions,
) -> Option<Millis> {
    let now = quiet.now?;
    let is_open = has_open_part || turns.iter().any(|turn| turn.is_open) || segments.iter().any(|s| s.is_open);
    if !is_open {
        return None;
    }
    let background = session.tools.iter().filter(|tool| quiet.is_waiting(tool, options));
    let limits = [SETTLING, options.session_idle, options.max_open].map(|limit| quiet.since.saturating_add(limit));
    let times = limits.into_iter().chain(background.map(|tool| tool.use_time.saturating_add(options.max_open)));
    // A part may also wait for its siblings, which is settled a moment after its own end at the latest.
    times.filter(|time| *time > now).min().or(Some(now + SETTLING))
}

fn mark_pending(session: &SessionBuilder, turns: &mut [Turn], tools: &[ToolCall], agents: &[AgentRun]) {
    for (place, tool) in tools.iter().enumerate() {
        let waits = !tool.has_result || (tool.is_background && session.tools[place].notified.is_none());
        let turn = match tool.parent {
            super::facts::Parent::Turn(turn) => Some(turn),
            super::facts::Parent::Agent(agent) => agents[agent].turn,
        };
        if let Some(turn) = turn.filter(|_| waits) {
            turns[turn].is_pending = true;
        }
    }
}

/// Turns that another turn's first line descends from.
fn followed_turns(session: &SessionBuilder, map: &TurnMap, count: usize) -> Vec<bool> {
    let mut followed = vec![false; count];
    // Lines of no turn (local commands, context) that were walked past already, so that none is walked past twice.
    let mut passed = vec![false; session.chain.lines.len()];
    for start in &map.starts {
        let mut at = *start;
        while let Some(parent) = session.chain.parent(at) {
            if let Some(turn) = map.of(parent) {
                followed[turn] |= map.starts[turn] != *start;
                break;
            }
            // Whoever passed here before has found the same turn.
            if std::mem::replace(&mut passed[parent], true) {
                break;
            }
            at = parent;
        }
    }
    followed
}

impl Session {
    /// Whether nothing of it may still change by quiet alone.
    pub const fn is_settled(&self) -> bool {
        self.due.is_none()
    }
}
