//! Which turns are over, and which may still go on.

use super::builder::SessionBuilder;
use super::facts::{AgentRun, RunOutcome, ToolCall, Turn};
use super::turns::TurnMap;
use crate::transcript::time::Millis;

/// The limits by which quiet decides that something is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosingOptions {
    /// Quiet that ends a turn without anything pending, and a segment.
    pub session_idle: Millis,
    /// Quiet that ends a turn while a tool call or agent is unanswered.
    pub max_open: Millis,
    /// The time by which quiet is measured; without one everything is over.
    pub now: Option<Millis>,
}

/// The time of the session's latest line in any of its files.
pub(super) fn last_activity(session: &SessionBuilder) -> Millis {
    session.streams.iter().filter_map(|stream| stream.last_time).max().unwrap_or_default()
}

/// Judges every turn.
pub(super) fn judge(
    session: &SessionBuilder,
    map: &TurnMap,
    turns: &mut [Turn],
    tools: &[ToolCall],
    agents: &[AgentRun],
    options: ClosingOptions,
) {
    mark_pending(session, turns, tools, agents);
    let Some(now) = options.now else { return };
    let quiet = now - last_activity(session);
    let followed = followed_turns(session, map, turns.len());
    // Clean exits are marked since 2.1.280, hand-overs since 2.1.261; both stand behind all the turns that they end.
    let is_ended = session.continued_in.is_some() || session.is_totalled;
    for (turn, is_followed) in turns.iter_mut().zip(followed) {
        let has_end = turn.measured.is_some()
            || matches!(turn.outcome, RunOutcome::Interrupted | RunOutcome::Error)
            || (is_ended && !turn.is_pending);
        let limit = if turn.is_pending { options.max_open } else { options.session_idle };
        turn.is_open = !(is_followed || (has_end && !turn.is_pending) || quiet >= limit);
    }
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
