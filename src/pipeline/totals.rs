//! What a run found and sent, for people and for programs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::read::ReadCounts;
use crate::session::facts::{CountedKind, LlmCall, Parent, Session};
use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;
use crate::telemetry::prices::{Comparison, Costs, PriceTable};
use crate::telemetry::span::Span;
use crate::transcript::problem::Problem;
use crate::transcript::time::Millis;

/// Calls and tokens of one model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ModelTotals {
    /// Responses.
    pub calls: u64,
    /// Responses without a stop reason: their output is a lower bound.
    pub calls_not_final: u64,
    /// Tokens.
    pub usage: TokenUsage,
    /// What those responses cost that have a price; absent when none has.
    pub cost: Option<Picodollars>,
    /// Responses without a price.
    pub calls_unpriced: u64,
}

/// Calls of one tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ToolTotals {
    /// Calls.
    pub calls: u64,
    /// Calls whose result is flagged as an error.
    pub errors: u64,
}

/// Everything that is counted. Reading is counted whole, the rest for what the filters let pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// What was read.
    pub read: ReadCounts,
    /// Sessions with anything in them.
    pub sessions: u64,
    /// Of these, copies of others: forks, resumes into new files, hand-overs.
    pub copied_sessions: u64,
    /// Turns that somebody or something asked for.
    pub turns: u64,
    /// Turns that are nothing but a manual compaction.
    pub compaction_turns: u64,
    /// Turns that may still go on and were not sent.
    pub open_turns: u64,
    /// Responses and tokens by model.
    pub models: BTreeMap<Arc<str>, ModelTotals>,
    /// Tool calls by tool.
    pub tools: BTreeMap<Arc<str>, ToolTotals>,
    /// Tool calls by outcome.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Tool calls with a result on record.
    pub tool_results: u64,
    /// Agent runs.
    pub agents: u64,
    /// Of these, runs started by other agents.
    pub nested_agents: u64,
    /// Compactions.
    pub compactions: u64,
    /// Of these, automatic ones.
    pub auto_compactions: u64,
    /// Failed attempts of requests.
    pub api_retries: u64,
    /// API errors for good.
    pub api_errors: u64,
    /// Interrupts by a person.
    pub interrupts: u64,
    /// Built-in commands.
    pub local_commands: u64,
    /// Turns measured by the client.
    pub measured_turns: u64,
    /// The sum of these measures, in milliseconds.
    pub measured_ms: i64,
    /// Prompts with images.
    pub prompts_with_images: u64,
    /// Usage that no line shows, by model.
    pub hidden: BTreeMap<Arc<str>, TokenUsage>,
    /// What that cost by the client's own sums, where these can be known.
    pub hidden_costs: BTreeMap<Arc<str>, Picodollars>,
    /// What sessions cost by the client and what the same comes to by the price table, where both are known.
    pub compared: Option<Comparison>,
    /// What was not understood, and how often.
    pub problems: BTreeMap<Problem, u64>,
    /// Spans made.
    pub spans: u64,
    /// Turns that were left out, since the destination does not want them so old.
    pub too_old: u64,
}

impl Totals {
    /// Counts what of a session is sent. `is_sent` says so of a turn's start.
    pub fn add_session(
        &mut self,
        session: &Session,
        costs: &Costs,
        prices: &PriceTable,
        is_sent: impl Fn(Millis) -> bool,
    ) {
        let sent: Vec<bool> = session.turns.iter().map(|turn| turn.is_owned && is_sent(turn.timing.start)).collect();
        let is_of_sent = |parent: Parent| match parent {
            Parent::Turn(turn) => sent[turn],
            Parent::Agent(agent) => session.agents[agent]
                .turn
                .map_or_else(|| is_sent(session.agents[agent].timing.start), |turn| sent[turn]),
        };
        self.sessions += 1;
        self.copied_sessions += u64::from(session.previous.is_some());
        let sent_turns =
            || session.turns.iter().zip(&sent).filter(|(turn, sent)| **sent && !turn.is_open).map(|(turn, _)| turn);
        self.compaction_turns += sent_turns().filter(|turn| turn.is_compaction).count() as u64;
        self.turns += sent_turns().filter(|turn| !turn.is_compaction).count() as u64;
        self.open_turns += session.turns.iter().filter(|turn| turn.is_owned && turn.is_open).count() as u64;
        let is_told = |call: &LlmCall| call.is_owned && call.is_final && is_of_sent(call.parent);
        for (call, cost) in session.calls.iter().zip(costs.iter()).filter(|(call, _)| is_told(call)) {
            let model = call.model.clone().unwrap_or_default();
            let totals = self.models.entry(model).or_default();
            totals.calls += 1;
            totals.calls_not_final += u64::from(call.stop_reason.is_none());
            totals.usage += &call.usage;
            match cost {
                Some(cost) => *totals.cost.get_or_insert_default() += cost.amount,
                None => totals.calls_unpriced += 1,
            }
        }
        for tool in session.tools.iter().filter(|tool| tool.is_owned && tool.is_final && is_of_sent(tool.parent)) {
            let totals = self.tools.entry(Arc::clone(&tool.name)).or_default();
            totals.calls += 1;
            totals.errors += u64::from(tool.is_error);
            *self.outcomes.entry(tool.outcome.name()).or_default() += 1;
            self.tool_results += u64::from(tool.has_result);
        }
        for run in session.agents.iter().filter(|run| run.is_owned && run.is_final) {
            if run.turn.map_or_else(|| is_sent(run.timing.start), |turn| sent[turn]) {
                self.agents += 1;
                self.nested_agents += u64::from(run.depth > 1);
            }
        }
        let is_fact_sent = |turn: Option<usize>, time: Millis| turn.map_or_else(|| is_sent(time), |turn| sent[turn]);
        for fact in session
            .compactions
            .iter()
            .filter(|fact| fact.is_owned && fact.is_final && is_fact_sent(fact.turn, fact.timing.end))
        {
            self.compactions += 1;
            self.auto_compactions += u64::from(fact.trigger.as_deref() == Some("auto"));
        }
        for fact in &session.counted {
            match fact.kind {
                CountedKind::ApiRetry => self.api_retries += 1,
                CountedKind::ApiError => self.api_errors += 1,
                CountedKind::Interrupt => self.interrupts += 1,
                CountedKind::LocalCommand => self.local_commands += 1,
                CountedKind::MeasuredTurn(duration) => {
                    self.measured_turns += 1;
                    self.measured_ms += duration;
                }
                CountedKind::PromptImages(_) => self.prompts_with_images += 1,
                CountedKind::PullRequest(_) => {}
            }
        }
        for hidden in &session.hidden {
            *self.hidden.entry(Arc::clone(&hidden.model)).or_default() += &hidden.usage;
            if let Some(cost) = prices.hidden_cost(session, hidden) {
                *self.hidden_costs.entry(Arc::clone(&hidden.model)).or_default() += cost;
            }
        }
        self.add_comparison(prices.compare(session));
        self.add_problems(&session.problems);
    }

    fn add_comparison(&mut self, other: Option<Comparison>) {
        if let Some(other) = other {
            let none = Comparison { client: Picodollars::ZERO, ours: Picodollars::ZERO };
            let own = self.compared.get_or_insert(none);
            own.client += other.client;
            own.ours += other.ours;
        }
    }

    /// What everything with a price cost; absent when nothing has one.
    pub fn cost(&self) -> Option<Picodollars> {
        self.models.values().filter_map(|model| model.cost).reduce(|sum, cost| sum + cost)
    }

    /// Counts a problem.
    pub fn add_problem(&mut self, problem: Problem) {
        *self.problems.entry(problem).or_default() += 1;
    }

    /// Counts problems.
    pub fn add_problems(&mut self, problems: &BTreeMap<Problem, u64>) {
        for (problem, count) in problems {
            *self.problems.entry(problem.clone()).or_default() += count;
        }
    }

    /// Counts spans.
    pub const fn add_spans(&mut self, spans: &[Span]) {
        self.spans += spans.len() as u64;
    }

    /// Responses of all models.
    pub fn llm_calls(&self) -> u64 {
        self.models.values().map(|model| model.calls).sum()
    }

    /// Tokens of all models.
    pub fn usage(&self) -> TokenUsage {
        let mut sum = TokenUsage::default();
        for model in self.models.values() {
            sum += &model.usage;
        }
        sum
    }

    /// Calls of all tools.
    pub fn tool_calls(&self) -> u64 {
        self.tools.values().map(|tool| tool.calls).sum()
    }

    /// Calls of all tools whose result is flagged as an error.
    pub fn tool_errors(&self) -> u64 {
        self.tools.values().map(|tool| tool.errors).sum()
    }

    /// What is remembered of one session: counts that only grow. `spans` is the number of its spans delivered so far.
    pub fn counters(&self, spans: u64) -> BTreeMap<String, u64> {
        let usage = self.usage();
        let counts = [
            ("spans", spans),
            ("turns", self.turns),
            ("compaction_turns", self.compaction_turns),
            ("llm_calls", self.llm_calls()),
            ("tool_calls", self.tool_calls()),
            ("tool_errors", self.tool_errors()),
            ("agents", self.agents),
            ("compactions", self.compactions),
            ("tokens.input", usage.input),
            ("tokens.output", usage.output),
            ("tokens.cache_read", usage.cache_read),
            ("tokens.cache_creation", usage.cache_creation),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count)).collect()
    }

    /// Adds the totals of another part of the work.
    pub fn merge(&mut self, other: &Self) {
        self.read.add(&other.read);
        self.sessions += other.sessions;
        self.copied_sessions += other.copied_sessions;
        self.turns += other.turns;
        self.compaction_turns += other.compaction_turns;
        self.open_turns += other.open_turns;
        for (name, model) in &other.models {
            let own = self.models.entry(Arc::clone(name)).or_default();
            own.calls += model.calls;
            own.calls_not_final += model.calls_not_final;
            own.usage += &model.usage;
            own.calls_unpriced += model.calls_unpriced;
            if let Some(cost) = model.cost {
                *own.cost.get_or_insert_default() += cost;
            }
        }
        for (name, tool) in &other.tools {
            let own = self.tools.entry(Arc::clone(name)).or_default();
            own.calls += tool.calls;
            own.errors += tool.errors;
        }
        for (name, count) in &other.outcomes {
            *self.outcomes.entry(name).or_default() += count;
        }
        self.too_old += other.too_old;
        self.tool_results += other.tool_results;
        self.agents += other.agents;
        self.nested_agents += other.nested_agents;
        self.compactions += other.compactions;
        self.auto_compactions += other.auto_compactions;
        self.api_retries += other.api_retries;
        self.api_errors += other.api_errors;
        self.interrupts += other.interrupts;
        self.local_commands += other.local_commands;
        self.measured_turns += other.measured_turns;
        self.measured_ms += other.measured_ms;
        self.prompts_with_images += other.prompts_with_images;
        for (name, usage) in &other.hidden {
            *self.hidden.entry(Arc::clone(name)).or_default() += usage;
        }
        for (name, cost) in &other.hidden_costs {
            *self.hidden_costs.entry(Arc::clone(name)).or_default() += *cost;
        }
        self.add_comparison(other.compared);
        self.add_problems(&other.problems);
        self.spans += other.spans;
    }
}
