//! What of a session is as it was at an earlier look, so that whoever looks again and again need not tell it again.

use super::facts::{Parent, Session};

/// What is as it was.
#[derive(Debug)]
pub struct Unchanged {
    calls: Vec<bool>,
    tools: Vec<bool>,
    /// Turns that are as they were with everything in them.
    turns: Vec<bool>,
    /// How many turns are so from the first one on.
    turns_in_order: usize,
    /// Whether everything that no turn holds is.
    loose: bool,
    segments: Vec<bool>,
}

impl Unchanged {
    /// Compares a session with what it was.
    pub fn since(before: &Session, now: &Session) -> Self {
        let is_linked_as_before = before.previous == now.previous;
        // Where a turn's parts hang depends on these alone.
        let (first_before, first_now) = (first_turns(before), first_turns(now));
        let is_placed = |turn: usize| {
            let pair = before.turns.get(turn).zip(now.turns.get(turn));
            pair.is_some_and(|(before, now)| before.key == now.key && before.is_owned == now.is_owned)
                && first_before.get(turn) == first_now.get(turn)
        };
        let placed: Vec<bool> = (0..now.turns.len()).map(is_placed).collect();
        let agents: Vec<bool> = now
            .agents
            .iter()
            .enumerate()
            .map(|(place, run)| before.agents.get(place) == Some(run) && run.turn.is_none_or(|turn| placed[turn]))
            .collect();
        let is_parent_same = |parent: Parent| match parent {
            Parent::Turn(turn) => placed.get(turn).copied().unwrap_or(false),
            Parent::Agent(agent) => agents.get(agent).copied().unwrap_or(false),
        };
        let calls: Vec<bool> = now
            .calls
            .iter()
            .enumerate()
            .map(|(place, call)| before.calls.get(place) == Some(call) && is_parent_same(call.parent))
            .collect();
        let tools: Vec<bool> = now
            .tools
            .iter()
            .enumerate()
            .map(|(place, tool)| before.tools.get(place) == Some(tool) && is_parent_same(tool.parent))
            .collect();
        let mut turns: Vec<bool> = (0..now.turns.len())
            .map(|turn| placed[turn] && is_linked_as_before && before.turns.get(turn) == now.turns.get(turn))
            .collect();
        // A turn links to the one before it.
        for turn in 1..turns.len() {
            turns[turn] &= placed[turn - 1];
        }
        let mut loose = before.agents.len() <= now.agents.len() && before.calls.len() <= now.calls.len();
        {
            let mut touch = |turn: Option<usize>, is_same: bool| match turn.and_then(|turn| turns.get_mut(turn)) {
                Some(slot) => *slot &= is_same,
                None => loose &= is_same,
            };
            let turn_of = |parent: Parent| match parent {
                Parent::Turn(turn) => Some(turn),
                Parent::Agent(agent) => now.agents.get(agent).and_then(|run| run.turn),
            };
            now.calls.iter().zip(&calls).for_each(|(call, is_same)| touch(turn_of(call.parent), *is_same));
            now.tools.iter().zip(&tools).for_each(|(tool, is_same)| touch(turn_of(tool.parent), *is_same));
            now.agents.iter().zip(&agents).for_each(|(run, is_same)| touch(run.turn, *is_same));
            for (place, fact) in now.compactions.iter().enumerate() {
                touch(fact.turn, before.compactions.get(place) == Some(fact));
            }
            for (place, fact) in now.hooks.iter().enumerate() {
                touch(fact.turn, before.hooks.get(place) == Some(fact));
            }
        }
        let segments = now
            .segments
            .iter()
            .enumerate()
            .map(|(place, segment)| {
                let are_turns = || segment.turns.iter().all(|turn| turns.get(*turn).copied().unwrap_or(false));
                is_linked_as_before && loose && before.segments.get(place) == Some(segment) && are_turns()
            })
            .collect();
        let turns_in_order = turns.iter().take_while(|is_same| **is_same).count();
        Self { calls, tools, turns, turns_in_order, loose, segments }
    }

    /// Whether a response is as it was.
    pub fn call(&self, place: usize) -> bool {
        self.calls.get(place).copied().unwrap_or(false)
    }

    /// Whether a tool call is as it was.
    pub fn tool(&self, place: usize) -> bool {
        self.tools.get(place).copied().unwrap_or(false)
    }

    /// Whether a turn is as it was, with everything in it.
    pub fn turn(&self, place: usize) -> bool {
        self.turns.get(place).copied().unwrap_or(false)
    }

    /// Whether a turn and all before it are as they were, with everything in them.
    pub const fn turns_until(&self, place: usize) -> bool {
        place < self.turns_in_order
    }

    /// Whether everything that no turn holds is as it was.
    pub const fn loose(&self) -> bool {
        self.loose
    }

    /// Whether a segment is as it was, with everything in it.
    pub fn segment(&self, place: usize) -> bool {
        self.segments.get(place).copied().unwrap_or(false)
    }
}

/// The first turn of each turn's segment, by its key.
fn first_turns(session: &Session) -> Vec<Option<&str>> {
    let mut first = vec![None; session.turns.len()];
    for segment in &session.segments {
        let key = segment.turns.first().and_then(|turn| session.turns.get(*turn)).map(|turn| &*turn.key);
        for turn in &segment.turns {
            if let Some(slot) = first.get_mut(*turn) {
                *slot = key;
            }
        }
    }
    first
}
