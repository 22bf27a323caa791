//! A session at a glance.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::amounts::{Cost, Tokens, is_false};
use super::details::{one_line, text};
use super::pulse::activity;
use crate::privacy::Sanitized;
use crate::session::facts::{CountedKind, Session, ToolOutcome};
use crate::telemetry::prices::PriceTable;
use crate::telemetry::shown::Shown;
use crate::telemetry::totals::{SessionTotals, WorkTotals};
use crate::transcript::time::Millis;

/// What one model did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ModelUse {
    /// Responses.
    pub calls: u64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost.
    pub cost: Cost,
}

/// What one tool did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ToolUse {
    /// Calls.
    pub calls: u64,
    /// Calls whose result is flagged as an error, which those that were stopped are too.
    pub errors: u64,
    /// Calls that a person or a rule stopped.
    pub stopped: u64,
    /// The time of all calls, in milliseconds; calls beside each other count each.
    pub total_ms: Millis,
    /// The longest one.
    pub longest_ms: Millis,
}

/// A session at a glance. Copies of another session's history are not counted in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Card {
    /// The session.
    pub id: Sanitized,
    /// The last part of its working folder.
    pub project: Option<Sanitized>,
    /// The working folder, where paths are shown in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<Sanitized>,
    /// The branch, at its latest line.
    pub branch: Option<Sanitized>,
    /// The title, where the content level allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Sanitized>,
    /// The client's version, at its latest line.
    pub client_version: Option<Sanitized>,
    /// How the client was started.
    pub entrypoint: Option<Sanitized>,
    /// How it began: `fresh`, `fork`, `continue` or `resume`.
    pub start_type: &'static str,
    /// The session that it was copied from or took over from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Sanitized>,
    /// The session that the conversation went on in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continued_in: Option<Sanitized>,
    /// Its first own activity.
    pub start_unix_ms: Option<Millis>,
    /// Its latest activity.
    pub end_unix_ms: Option<Millis>,
    /// Whether a turn is going on.
    #[serde(skip_serializing_if = "is_false")]
    pub is_running: bool,
    /// Turns.
    pub turns: u64,
    /// Responses of models.
    pub llm_calls: u64,
    /// Calls of tools.
    pub tool_calls: u64,
    /// Of these, the ones whose result is flagged as an error, which those that a person stopped are too.
    pub tool_errors: u64,
    /// Runs of agents.
    pub agents: u64,
    /// Compactions.
    pub compactions: u64,
    /// Failed attempts of requests.
    pub api_retries: u64,
    /// Requests that failed for good.
    pub api_errors: u64,
    /// Interrupts by a person.
    pub interrupts: u64,
    /// Time in turns, in milliseconds; turns beside each other count once.
    pub busy_ms: Millis,
    /// Tokens of the calls on record.
    pub tokens: Tokens,
    /// Their cost.
    pub cost: Cost,
    /// Cost of calls that the client made and did not write down, as its own totals tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_cost: Option<Cost>,
    /// By model.
    pub models: BTreeMap<Sanitized, ModelUse>,
    /// By tool.
    pub tools: BTreeMap<Sanitized, ToolUse>,
    /// What was not understood, and how often.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<&'static str, u64>,
}

impl Card {
    /// Whether nothing in the session is its own: it is a copy, or nothing ever happened.
    pub const fn is_empty(&self) -> bool {
        self.turns == 0 && self.llm_calls == 0 && self.tool_calls == 0
    }

    pub(super) fn of(session: &Session, totals: &SessionTotals, prices: &PriceTable, shown: &Shown<'_>) -> Self {
        let context = |pick: fn(&crate::session::facts::Context) -> Option<&Arc<str>>| {
            session.contexts.iter().rev().find_map(pick).filter(|text| !text.is_empty())
        };
        let cwd = context(|context| context.cwd.as_ref());
        let title = session.content.as_ref().and_then(|content| content.title(None));
        let mut card = Self {
            id: shown.session_id(&session.id),
            project: cwd.and_then(|cwd| shown.project(cwd)),
            folder: cwd.and_then(|cwd| shown.folder(cwd)),
            branch: context(|context| context.branch.as_ref()).and_then(|branch| shown.branch(branch)),
            title: text(title, shown).as_ref().map(one_line),
            client_version: context(|context| context.version.as_ref()).map(|version| shown.name(version)),
            entrypoint: context(|context| context.entrypoint.as_ref()).map(|entry| shown.name(entry)),
            start_type: session.previous.as_ref().map_or("fresh", |previous| previous.start.name()),
            previous: session.previous.as_ref().map(|previous| shown.session_id(&previous.id)),
            continued_in: session.continued_in.as_ref().map(|id| shown.session_id(id)),
            ..Self::default()
        };
        card.add_turns(session);
        card.add_calls(session, totals, shown);
        card.add_tools(session, shown);
        card.add_facts(session);
        card.hidden_cost = hidden_cost(session, prices);
        card
    }

    fn add_turns(&mut self, session: &Session) {
        let mut stretches = Vec::new();
        for (place, turn) in session.turns.iter().enumerate().filter(|(_, turn)| turn.is_owned) {
            self.turns += 1;
            // A turn may stay open after its last answer, for nothing says yet that it was the last.
            self.is_running |= turn.is_open && activity(session, place, turn).0.is_busy();
            stretches.push((turn.timing.start, turn.timing.end));
        }
        stretches.sort_unstable();
        self.start_unix_ms = stretches.first().map(|(start, _)| *start).or(session.first_time);
        self.end_unix_ms = session.last_time.or_else(|| stretches.iter().map(|(_, end)| *end).max());
        let mut until = Millis::MIN;
        for (start, end) in stretches {
            self.busy_ms += (end - start.max(until)).max(0);
            until = until.max(end);
        }
    }

    fn add_calls(&mut self, session: &Session, totals: &SessionTotals, shown: &Shown<'_>) {
        let mut sum = WorkTotals::default();
        for (call, cost) in session.calls.iter().zip(totals.costs.iter()).filter(|(call, _)| call.is_owned) {
            let own = WorkTotals::of_call(call, cost.as_ref());
            sum.add(&own);
            self.llm_calls += 1;
            let name = call.model.as_ref().map_or_else(|| Sanitized::of_ours("unknown"), |model| shown.model(model));
            let model = self.models.entry(name).or_default();
            model.calls += 1;
            model.tokens += Tokens::from(&own);
            model.cost += Cost::from(&own);
        }
        self.tokens = Tokens::from(&sum);
        self.cost = Cost::from(&sum);
    }

    fn add_tools(&mut self, session: &Session, shown: &Shown<'_>) {
        for tool in session.tools.iter().filter(|tool| tool.is_owned) {
            let is_stopped =
                matches!(tool.outcome, ToolOutcome::Rejected | ToolOutcome::Denied | ToolOutcome::Interrupted);
            self.tool_calls += 1;
            self.tool_errors += u64::from(tool.is_error);
            let of_name = self.tools.entry(shown.name(&tool.name)).or_default();
            of_name.calls += 1;
            of_name.errors += u64::from(tool.is_error);
            of_name.stopped += u64::from(is_stopped);
            of_name.total_ms += tool.timing.duration();
            of_name.longest_ms = of_name.longest_ms.max(tool.timing.duration());
        }
    }

    fn add_facts(&mut self, session: &Session) {
        self.agents = session.agents.iter().filter(|run| run.is_owned).count() as u64;
        self.compactions = session.compactions.iter().filter(|fact| fact.is_owned).count() as u64;
        for fact in &session.counted {
            match fact.kind {
                CountedKind::ApiRetry => self.api_retries += 1,
                CountedKind::ApiError => self.api_errors += 1,
                CountedKind::Interrupt => self.interrupts += 1,
                CountedKind::LocalCommand
                | CountedKind::MeasuredTurn(_)
                | CountedKind::PromptImages(_)
                | CountedKind::PullRequest(_) => {}
            }
        }
        for (problem, count) in &session.problems {
            *self.problems.entry(problem.kind.name()).or_default() += count;
        }
    }
}

pub(super) fn hidden_cost(session: &Session, prices: &PriceTable) -> Option<Cost> {
    let mut sum: Option<Cost> = None;
    for hidden in &session.hidden {
        let amount = prices.hidden_cost(session, hidden);
        *sum.get_or_insert_default() += Cost { amount, is_lower_bound: amount.is_none() };
    }
    sum
}
