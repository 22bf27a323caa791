//! Which parts of a session will not change any more, so that they can be sent while their turn still runs.
//!
//! A part is final when it is over *and* what it hangs below is known for sure. What is not decided by a record is
//! decided by the end of its turn.

use super::builder::SessionBuilder;
use super::closing::{ClosingOptions, Quiet};
use super::draft::Tool;
use super::facts::{AgentRun, Compaction, HookRun, LlmCall, Parent, ToolCall, ToolOutcome, Turn};
use super::turns::is_unanswered;

/// The parts of a session's turns.
pub(super) struct Parts<'a> {
    pub calls: Vec<LlmCall>,
    pub tools: Vec<ToolCall>,
    pub agents: Vec<AgentRun>,
    pub compactions: &'a mut [Compaction],
    pub hooks: &'a mut [HookRun],
}

/// What still keeps something open.
pub(super) struct HoldsOpen {
    /// The turns with a part that may still change.
    pub turns: Vec<bool>,
    /// Whether any part may.
    pub any: bool,
}

impl Parts<'_> {
    /// Judges every part, once the turns are judged.
    pub(super) fn judge(
        &mut self,
        session: &SessionBuilder,
        turns: &[Turn],
        quiet: &Quiet,
        options: ClosingOptions,
    ) -> HoldsOpen {
        if quiet.now.is_some() {
            let is_waiting: Vec<bool> = session.tools.iter().map(|tool| quiet.is_waiting(tool, options)).collect();
            let is_idle = quiet.lasts(options.session_idle);
            let over = Over::of(session, turns, &self.agents, &is_waiting, is_idle);
            self.judge_work(session, &over, &is_waiting, quiet);
            self.judge_agents(&over);
            self.judge_facts(turns, &over);
        }
        self.holds_open(turns.len())
    }

    fn judge_work(&mut self, session: &SessionBuilder, over: &Over, is_waiting: &[bool], quiet: &Quiet) {
        let answered = answered_messages(session);
        for (place, tool) in self.tools.iter_mut().enumerate() {
            let draft = &session.tools[place];
            let has_settled = draft.result.as_ref().is_some_and(|end| quiet.has_settled(end.time));
            // Whether a person said no or cut the tool short is told by the notice that follows. And the results of
            // one message are written one after the other: a sibling's may still move this one's start.
            let is_told = !matches!(tool.outcome, ToolOutcome::Rejected | ToolOutcome::Interrupted);
            let is_settled = || has_settled || (answered[draft.call] && is_told);
            let is_done = || is_finished(session, draft, place) && is_settled();
            tool.is_final =
                !is_waiting[place] && (over.is_over(tool.parent) || (over.is_sure(tool.parent) && is_done()));
        }
        for (call, draft) in self.calls.iter_mut().zip(&session.calls) {
            // The reason stands on every line of a response, and even the turn's own measure may precede the last.
            let is_stopped = draft.stop_reason.is_some() && quiet.has_settled(draft.last_time);
            let has_successor = over.last_call[draft.stream].is_some_and(|last| last > draft.last);
            call.is_final = over.is_over(call.parent) || (over.is_sure(call.parent) && (is_stopped || has_successor));
        }
    }

    fn judge_agents(&mut self, over: &Over) {
        let mut holds_open = vec![false; self.agents.len()];
        let parts = self.calls.iter().map(|call| (call.parent, call.is_final));
        for (parent, is_final) in parts.chain(self.tools.iter().map(|tool| (tool.parent, tool.is_final))) {
            if let Parent::Agent(agent) = parent {
                holds_open[agent] |= !is_final;
            }
        }
        // The deepest first, since a run's sums hold those of the runs below it.
        let mut order: Vec<usize> = (0..self.agents.len()).collect();
        order.sort_by_key(|agent| std::cmp::Reverse(self.agents[*agent].depth));
        for place in order {
            let is_final = over.is_over(Parent::Agent(place)) && !holds_open[place];
            self.agents[place].is_final = is_final;
            if let Some(parent) = self.agents[place].parent_agent.filter(|_| !is_final) {
                holds_open[parent] = true;
            }
        }
    }

    fn judge_facts(&mut self, turns: &[Turn], over: &Over) {
        for compaction in self.compactions.iter_mut() {
            compaction.is_final = over.is_turn_over(compaction.turn);
        }
        for hook in self.hooks.iter_mut() {
            // A hook between two turns belongs to the next one, which may not have begun.
            let is_placed =
                hook.is_in_turn || hook.turn.is_some_and(|turn| turns[turn].timing.start >= hook.timing.end);
            hook.is_final = over.is_turn_over(hook.turn) && (is_placed || over.is_idle);
        }
    }

    fn holds_open(&self, turns: usize) -> HoldsOpen {
        let mut open = HoldsOpen { turns: vec![false; turns], any: false };
        let turn_of = |parent: Parent| match parent {
            Parent::Turn(turn) => Some(turn),
            Parent::Agent(agent) => self.agents[agent].turn,
        };
        let calls = self.calls.iter().map(|call| (turn_of(call.parent), call.is_final));
        let tools = self.tools.iter().map(|tool| (turn_of(tool.parent), tool.is_final));
        let agents = self.agents.iter().map(|run| (run.turn, run.is_final));
        let facts = self.compactions.iter().map(|fact| (fact.turn, fact.is_final));
        let hooks = self.hooks.iter().map(|hook| (hook.turn, hook.is_final));
        for (turn, _) in calls.chain(tools).chain(agents).chain(facts).chain(hooks).filter(|(_, is_final)| !is_final) {
            open.any = true;
            if let Some(slot) = turn.and_then(|turn| open.turns.get_mut(turn)) {
                *slot = true;
            }
        }
        open
    }
}

/// Whether every tool call of each message has its result.
fn answered_messages(session: &SessionBuilder) -> Vec<bool> {
    let mut answered = vec![true; session.calls.len()];
    for (place, tool) in session.tools.iter().enumerate() {
        answered[tool.call] &= !is_unanswered(session, place);
    }
    answered
}

/// What is over, and whose parents are known for sure.
struct Over {
    turns: Vec<bool>,
    agents: Vec<bool>,
    /// Whether an agent, and every agent above it, is joined by a record.
    sure: Vec<bool>,
    /// The turn of each agent.
    turn_of_agent: Vec<Option<usize>>,
    /// The place of the last line of a response in each stream.
    last_call: Vec<Option<usize>>,
    any_open: bool,
    /// Whether the session has been quiet for so long that guesses stand.
    is_idle: bool,
}

impl Over {
    fn of(session: &SessionBuilder, turns: &[Turn], agents: &[AgentRun], is_waiting: &[bool], is_idle: bool) -> Self {
        let any_open = turns.iter().any(|turn| turn.is_open);
        let is_turn_over = |turn: Option<usize>| turn.map_or(!any_open && is_idle, |turn| !turns[turn].is_open);
        let mut over: Vec<bool> = vec![false; agents.len()];
        let mut sure: Vec<bool> = vec![false; agents.len()];
        // From the top down: what is below an agent that is over is over too, unless it was sent to the background.
        let mut order: Vec<usize> = (0..agents.len()).collect();
        order.sort_by_key(|agent| agents[*agent].depth);
        for place in order {
            let run = &agents[place];
            sure[place] = run.turn.is_some()
                && !run.join.is_guess()
                && run.parent_agent.is_none_or(|parent| agents[parent].turn.is_some() && sure[parent]);
            let is_above_over = run.parent_agent.map_or_else(|| is_turn_over(run.turn), |parent| over[parent]);
            over[place] = match run.tool {
                Some(tool) if is_waiting[tool] => false,
                Some(tool) => is_above_over || is_finished(session, &session.tools[tool], tool),
                None => is_above_over,
            };
        }
        let mut last_call = vec![None; session.streams.len()];
        for call in &session.calls {
            last_call[call.stream] = last_call[call.stream].max(Some(call.last));
        }
        Self {
            turns: turns.iter().map(|turn| !turn.is_open).collect(),
            agents: over,
            sure,
            turn_of_agent: agents.iter().map(|run| run.turn).collect(),
            last_call,
            any_open,
            is_idle,
        }
    }

    fn is_over(&self, parent: Parent) -> bool {
        match parent {
            Parent::Turn(turn) => self.turns.get(turn).copied().unwrap_or(true),
            Parent::Agent(agent) => self.agents[agent] && self.is_agent_placed(agent),
        }
    }

    fn is_sure(&self, parent: Parent) -> bool {
        match parent {
            Parent::Turn(_) => true,
            Parent::Agent(agent) => self.is_agent_placed(agent),
        }
    }

    /// Whether the trace and the parent of an agent are known: by a record, or because nothing can come any more.
    fn is_agent_placed(&self, agent: usize) -> bool {
        self.sure[agent] || (self.is_idle && self.is_turn_over(self.turn_of_agent[agent]))
    }

    fn is_turn_over(&self, turn: Option<usize>) -> bool {
        match turn {
            Some(turn) => self.turns[turn],
            // What no turn holds may still find one while any is open, or before the first has begun.
            None => !self.any_open && self.is_idle,
        }
    }
}

/// Whether a call's result, or the notification of its end, is on record.
fn is_finished(session: &SessionBuilder, tool: &Tool, place: usize) -> bool {
    !is_unanswered(session, place)
        && tool.result.as_ref().is_some_and(|result| !result.is_background || tool.notified.is_some())
}
