//! How many spans a session comes to, for runs that send none: what [`super::mapper`] would make, without making it.

use crate::session::facts::{Parent, Session};
use crate::transcript::time::Millis;

/// The number of spans that [`super::mapper::map_session`] makes.
pub fn count_spans(session: &Session, is_sent: impl Fn(Millis) -> bool) -> u64 {
    let mut turns = vec![false; session.turns.len()];
    let mut count = 0;
    for segment in &session.segments {
        let mut any = false;
        for place in &segment.turns {
            let turn = &session.turns[*place];
            if turn.is_owned && is_sent(turn.timing.start) {
                (any, turns[*place]) = (true, true);
                count += u64::from(!turn.is_open);
            }
        }
        count += u64::from(any && !segment.is_open);
    }
    let is_run_sent = |agent: usize| {
        let run = &session.agents[agent];
        run.turn.map_or_else(|| is_sent(run.timing.start), |turn| turns[turn])
    };
    let is_below_sent = |parent: Parent| match parent {
        Parent::Turn(turn) => turns[turn],
        Parent::Agent(agent) => is_run_sent(agent),
    };
    let is_fact_sent = |turn: Option<usize>, start: Millis| turn.map_or_else(|| is_sent(start), |turn| turns[turn]);
    let calls = session.calls.iter().filter(|call| call.is_owned && call.is_final && is_below_sent(call.parent));
    let tools = session.tools.iter().filter(|tool| tool.is_owned && tool.is_final && is_below_sent(tool.parent));
    let agents = session.agents.iter().enumerate();
    let agents = agents.filter(|(place, run)| run.is_owned && run.is_final && is_run_sent(*place));
    let compactions = session
        .compactions
        .iter()
        .filter(|fact| fact.is_owned && fact.is_final && is_fact_sent(fact.turn, fact.timing.start));
    let hooks = session
        .hooks
        .iter()
        .filter(|fact| fact.is_owned && fact.is_final && is_fact_sent(fact.turn, fact.timing.start));
    let members = calls.count() + tools.count() + agents.count() + compactions.count() + hooks.count();
    count + members as u64
}
