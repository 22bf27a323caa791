//! Sums over what a turn, an agent run or a segment holds.

use super::prices::{CallCost, Costs};
use crate::session::facts::{LlmCall, Parent, Session};
use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;

/// What a span of work adds up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkTotals {
    /// The tokens.
    pub usage: TokenUsage,
    /// Responses of models.
    pub llm_calls: u64,
    /// Calls of tools.
    pub tool_calls: u64,
    /// Calls of tools whose result is flagged as an error.
    pub tool_errors: u64,
    /// Whether some call's usage is not final.
    pub has_open_usage: bool,
    /// What the calls with a price cost; absent when there is none.
    pub cost: Option<Picodollars>,
    /// Whether the cost may have been more: some call has no price, or no final one.
    pub is_cost_lower_bound: bool,
}

impl WorkTotals {
    /// What one call comes to.
    pub fn of_call(call: &LlmCall, cost: Option<&CallCost>) -> Self {
        Self {
            usage: call.usage,
            llm_calls: 1,
            has_open_usage: call.stop_reason.is_none(),
            cost: cost.map(|cost| cost.amount),
            is_cost_lower_bound: cost.is_none_or(|cost| cost.is_lower_bound),
            ..Self::default()
        }
    }

    /// Adds what another part of the work came to.
    pub fn add(&mut self, other: &Self) {
        self.usage += &other.usage;
        self.llm_calls += other.llm_calls;
        self.tool_calls += other.tool_calls;
        self.tool_errors += other.tool_errors;
        self.has_open_usage |= other.has_open_usage;
        self.cost = match (self.cost, other.cost) {
            (Some(own), Some(others)) => Some(own + others),
            (own, others) => own.or(others),
        };
        self.is_cost_lower_bound |= other.is_cost_lower_bound;
    }
}

/// The sums of a whole session.
#[derive(Debug)]
pub struct SessionTotals {
    /// Per turn: its own calls and the agents that ended inside it.
    pub turns: Vec<WorkTotals>,
    /// Per agent run: its own calls and the agents that ended inside it.
    pub agents: Vec<WorkTotals>,
    /// Per call that is owned: what it cost.
    pub costs: Costs,
    /// Per turn: everything that it set going.
    pub everything: Vec<WorkTotals>,
}

/// What an agent run did itself, without the agents that it started.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AgentWork {
    /// Its first and its last response, by place.
    pub calls: Option<(usize, usize)>,
    /// Its tool calls.
    pub tools: u64,
}

pub(super) fn agent_work(session: &Session) -> Vec<AgentWork> {
    let mut work = vec![AgentWork::default(); session.agents.len()];
    for (place, call) in session.calls.iter().enumerate() {
        if let Parent::Agent(agent) = call.parent {
            let first = work[agent].calls.map_or(place, |(first, _)| first);
            work[agent].calls = Some((first, place));
        }
    }
    for tool in &session.tools {
        if let Parent::Agent(agent) = tool.parent {
            work[agent].tools += 1;
        }
    }
    work
}

/// Adds up what is owned of a session.
pub fn session_totals(session: &Session, costs: Costs) -> SessionTotals {
    let mut turns = vec![WorkTotals::default(); session.turns.len()];
    let mut agents = vec![WorkTotals::default(); session.agents.len()];
    {
        let mut of = |parent: Parent, own: WorkTotals| match parent {
            Parent::Turn(turn) => turns[turn].add(&own),
            Parent::Agent(agent) => agents[agent].add(&own),
        };
        for (call, cost) in session.calls.iter().zip(costs.iter()).filter(|(call, _)| call.is_owned) {
            of(call.parent, WorkTotals::of_call(call, cost.as_ref()));
        }
        for tool in session.tools.iter().filter(|tool| tool.is_owned) {
            of(
                tool.parent,
                WorkTotals { tool_calls: 1, tool_errors: u64::from(tool.is_error), ..WorkTotals::default() },
            );
        }
    }
    let mut everything = turns.clone();
    for (run, own) in session.agents.iter().zip(&agents) {
        if let Some(turn) = run.turn {
            everything[turn].add(own);
        }
    }
    // The deepest first, so that what they hold has reached their parents before these are counted.
    let mut order: Vec<usize> = (0..session.agents.len()).collect();
    order.sort_by_key(|agent| std::cmp::Reverse(session.agents[*agent].depth));
    for agent in order.into_iter().filter(|agent| session.agents[*agent].is_within_turn) {
        let own = agents[agent];
        match (session.agents[agent].parent_agent, session.agents[agent].turn) {
            (Some(parent), _) => agents[parent].add(&own),
            (None, Some(turn)) => turns[turn].add(&own),
            (None, None) => {}
        }
    }
    SessionTotals { turns, agents, costs, everything }
}
