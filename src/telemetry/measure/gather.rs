//! A session's facts become contributions to series.

use std::sync::Arc;

use super::base::{Contribution, Measure, attribute as name};
use super::groups::{CallSums, Groups, ToolSums, WorkSums, observe};
use super::languages;
use crate::session::facts::{
    CountedKind, LlmCall, MomentKind, Parent, RunOutcome, Session, ToolCall, ToolOutcome, Turn,
};
use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;
use crate::telemetry::common::provider;
use crate::telemetry::llm_span::query_source;
use crate::telemetry::options::MapOptions;
use crate::telemetry::prices::Costs;
use crate::telemetry::semconv::{AGENT_NAME, OTHER};
use crate::telemetry::session_span::start_type;
use crate::transcript::time::Millis;

type Text = Option<Arc<str>>;

/// How everything is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    /// The length of the stretches that are told apart.
    pub every: Option<Millis>,
    /// Prices, and what every name goes through.
    pub options: &'a MapOptions,
}

/// What responses are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CallKey {
    provider: &'static str,
    model: Text,
    requested: Text,
    source: &'static str,
    agent: Text,
    effort: Text,
    speed: Text,
    is_lower_bound: bool,
    is_hidden: bool,
}

/// Everything that is measured of a session: what is final, its own, and chosen by the start of its turn. With `every`,
/// stretches of so many milliseconds are told apart.
pub fn gather(
    session: &Session,
    costs: &Costs,
    every: Option<Millis>,
    options: &MapOptions,
    is_chosen: impl Fn(Millis) -> bool,
) -> Vec<Contribution> {
    let how = How { every, options };
    let is_sent =
        |turn: usize| session.turns.get(turn).is_some_and(|turn| turn.is_owned && is_chosen(turn.timing.start));
    let is_of_sent = |parent: Parent| match parent {
        Parent::Turn(turn) => is_sent(turn),
        Parent::Agent(agent) => {
            session.agents.get(agent).is_some_and(|run| run.turn.map_or_else(|| is_chosen(run.timing.start), is_sent))
        }
    };
    let is_fact_sent = |turn: Option<usize>, time: Millis| turn.map_or_else(|| is_chosen(time), is_sent);
    let mut out = Vec::new();
    responses(session, costs, how, is_of_sent, &is_chosen, &mut out);
    tools(session, how, is_of_sent, &mut out);
    turns(session, how, is_sent, &mut out);
    agents(session, how, is_fact_sent, &mut out);
    let mut compactions = Groups::<Text, u64>::new(how);
    let is_final =
        |turn: Option<usize>, is_final: bool, is_owned: bool, time| is_final && is_owned && is_fact_sent(turn, time);
    for fact in
        session.compactions.iter().filter(|fact| is_final(fact.turn, fact.is_final, fact.is_owned, fact.timing.end))
    {
        *compactions.at(fact.trigger.clone(), fact.timing.end) += 1;
    }
    compactions.tell(&mut out, |trigger, count, teller| {
        teller.name(name::TRIGGER, trigger.as_ref()).sum(Measure::Compactions, count);
    });
    segments(session, how, is_sent, &mut out);
    let mut links = Groups::<(), u64>::new(how);
    for fact in &session.counted {
        if let CountedKind::PullRequest(time) = fact.kind
            && is_chosen(time)
        {
            *links.at((), time) += 1;
        }
    }
    links.tell(&mut out, |(), count, teller| {
        teller.sum(Measure::PullRequests, count);
    });
    out.sort_unstable_by(|a, b| (&a.series, a.stretch).cmp(&(&b.series, b.stretch)));
    out
}

fn responses(
    session: &Session,
    costs: &Costs,
    how: How<'_>,
    is_of_sent: impl Fn(Parent) -> bool,
    is_chosen: impl Fn(Millis) -> bool,
    out: &mut Vec<Contribution>,
) {
    let mut groups = Groups::<CallKey, CallSums>::new(how);
    let is_told = |call: &LlmCall| call.is_owned && call.is_final && is_of_sent(call.parent);
    for (call, cost) in session.calls.iter().zip(costs.iter()).filter(|(call, _)| is_told(call)) {
        let is_lower_bound = call.stop_reason.is_none() || cost.as_ref().is_some_and(|cost| cost.is_lower_bound);
        let sums = groups.at(CallKey { is_lower_bound, ..call_key(session, call) }, call.timing.end);
        sums.calls += 1;
        sums.usage += &call.usage;
        match cost {
            Some(cost) => sums.cost = sums.cost.saturating_add(picodollars(cost.amount)),
            None => sums.unpriced += 1,
        }
        sums.hits += u64::from(call.usage.cache_read > 0);
        sums.misses += u64::from(call.usage.cache_read == 0);
        sums.writes += u64::from(call.usage.cache_creation > 0);
        observe(&mut sums.durations, Measure::CallDuration, call.timing.duration());
        observe(&mut sums.inputs, Measure::CallInput, call.usage.total_input() as i64);
        observe(&mut sums.outputs, Measure::CallOutput, call.usage.output as i64);
    }
    let told = session.last_time.filter(|time| is_chosen(*time));
    for hidden in told.iter().flat_map(|_| &session.hidden) {
        let key = CallKey {
            provider: provider(Some(&hidden.model), ""),
            model: Some(Arc::clone(&hidden.model)),
            requested: None,
            source: "auxiliary",
            agent: None,
            effort: None,
            speed: None,
            is_lower_bound: false,
            is_hidden: true,
        };
        let sums = groups.at(key, told.unwrap_or_default());
        sums.usage += &TokenUsage { thinking: None, ..hidden.usage };
        sums.cost = sums.cost.saturating_add(how.options.prices.hidden_cost(session, hidden).map_or(0, picodollars));
    }
    groups.tell(out, |key, sums, teller| {
        teller
            .with(name::PROVIDER, Some(key.provider.into()))
            .model(name::MODEL, key.model.as_ref())
            .model(name::REQUESTED, key.requested.as_ref())
            .with(name::SOURCE, Some(key.source.into()))
            .name(name::AGENT, key.agent.as_ref())
            .name(name::EFFORT, key.effort.as_ref())
            .name(name::SPEED, key.speed.as_ref().filter(|speed| &***speed != "standard"))
            .with(name::LOWER_BOUND, truth(key.is_lower_bound))
            .with(name::HIDDEN, truth(key.is_hidden));
        sums.tell(teller);
    });
}

fn call_key(session: &Session, call: &LlmCall) -> CallKey {
    let agent = if let Parent::Agent(agent) = call.parent { session.agents.get(agent) } else { None };
    CallKey {
        provider: provider(call.model.as_deref(), &call.id),
        model: call.model.clone(),
        requested: call.requested_model.clone(),
        source: query_source(call),
        agent: agent.and_then(|run| run.agent_type.clone()),
        effort: call.effort.clone(),
        speed: call.speed.clone(),
        is_lower_bound: false,
        is_hidden: false,
    }
}

fn picodollars(amount: Picodollars) -> u64 {
    u64::try_from(amount.amount()).unwrap_or(u64::MAX)
}

fn tools(session: &Session, how: How<'_>, is_of_sent: impl Fn(Parent) -> bool, out: &mut Vec<Contribution>) {
    let mut groups = Groups::<(Arc<str>, ToolOutcome), ToolSums>::new(how);
    let mut lines = Groups::<(&'static str, Text), u64>::new(how);
    let mut decisions = Groups::<(Arc<str>, Text, Text, Text), u64>::new(how);
    for tool in session.tools.iter().filter(|tool| tool.is_owned && tool.is_final && is_of_sent(tool.parent)) {
        let end = tool.timing.end;
        let sums = groups.at((Arc::clone(&tool.name), tool.outcome), end);
        sums.calls += 1;
        sums.errors += u64::from(tool.is_error);
        observe(&mut sums.durations, Measure::ToolDuration, tool.timing.duration());
        let model = || session.calls.get(tool.call).and_then(|call| call.model.clone());
        for (kind, count) in [("added", tool.lines_added), ("removed", tool.lines_removed)] {
            if let Some(count) = count.filter(|count| *count > 0) {
                *lines.at((kind, model()), end) += count;
            }
        }
        if let Some((decision, source)) = edit_decision(tool) {
            *decisions.at((Arc::clone(&tool.name), Some(decision), source, tool.file_extension.clone()), end) += 1;
        }
    }
    groups.tell(out, |(tool, outcome), sums, teller| {
        teller.name(name::TOOL, Some(&tool)).with(name::OUTCOME, Some(outcome.name().into()));
        teller.with(name::ERROR, error_type(outcome).map(Into::into));
        teller.sum(Measure::ToolCalls, sums.calls).sum(Measure::ToolErrors, sums.errors);
        teller.spread(Measure::ToolDuration, sums.durations);
    });
    lines.tell(out, |(kind, model), count, teller| {
        teller.with(name::TYPE, Some(kind.into())).model(name::MODEL, model.as_ref()).sum(Measure::Lines, count);
    });
    decisions.tell(out, |(tool, decision, source, extension), count, teller| {
        let language = extension.as_deref().and_then(languages::of_extension);
        teller
            .name(name::TOOL, Some(&tool))
            .name(name::DECISION, decision.as_ref())
            .name(name::DECIDED_BY, source.as_ref())
            .with(name::LANGUAGE, language.map(Into::into))
            .sum(Measure::EditDecisions, count);
    });
}

/// How an edit was decided: as a line records it; else a tool that ran was accepted, and one that a person or rule
/// stopped was rejected. By what is known only where a line says so.
fn edit_decision(tool: &ToolCall) -> Option<(Arc<str>, Text)> {
    if !matches!(&*tool.name, "Edit" | "MultiEdit" | "Write" | "NotebookEdit") {
        return None;
    }
    if let Some((decision, source)) = &tool.permission {
        return Some((Arc::clone(decision), source.clone()));
    }
    match tool.outcome {
        ToolOutcome::Success => Some(("accept".into(), None)),
        ToolOutcome::Rejected | ToolOutcome::Denied => Some(("reject".into(), None)),
        _ => None,
    }
}

const fn error_type(outcome: ToolOutcome) -> Option<&'static str> {
    match outcome {
        ToolOutcome::Error => Some("tool_error"),
        ToolOutcome::TimedOut => Some("timeout"),
        _ => None,
    }
}

fn turns(session: &Session, how: How<'_>, is_sent: impl Fn(usize) -> bool, out: &mut Vec<Contribution>) {
    let mut models: Vec<Text> = vec![None; session.turns.len()];
    for call in session.calls.iter().filter(|call| call.is_owned && call.model.is_some()) {
        if let Parent::Turn(turn) = call.parent
            && let Some(slot) = models.get_mut(turn)
        {
            slot.clone_from(&call.model);
        }
    }
    let mut groups = Groups::<(&'static str, &'static str, Text, Text), WorkSums>::new(how);
    let mut errors = Groups::<(Option<i64>, Text), u64>::new(how);
    let told = |(place, turn): &(usize, &Turn)| is_sent(*place) && !turn.is_open;
    for ((_, turn), model) in session.turns.iter().enumerate().zip(models).filter(|(turn, _)| told(turn)) {
        let error =
            (turn.outcome == RunOutcome::Error).then(|| turn.error_type.clone().unwrap_or_else(|| OTHER.into()));
        if let Some(error) = &error {
            *errors.at((None, Some(Arc::clone(error))), turn.timing.end) += 1;
        }
        for moment in &turn.moments {
            if let MomentKind::ApiError { status, .. } = moment.kind {
                *errors.at((status, None), moment.time) += 1;
            }
        }
        // A compaction that somebody asked for is no turn of the conversation.
        if !turn.is_compaction {
            let sums = groups.at((turn.outcome.name(), turn.origin.name(), model, error), turn.timing.end);
            sums.count += 1;
            observe(&mut sums.durations, Measure::TurnDuration, turn.timing.duration());
        }
    }
    groups.tell(out, |(outcome, origin, model, error), sums, teller| {
        teller
            .with(name::AGENT, Some(AGENT_NAME.into()))
            .with(name::OUTCOME, Some(outcome.into()))
            .with(name::ORIGIN, Some(origin.into()))
            .model(name::MODEL, model.as_ref())
            .name(name::ERROR, error.as_ref())
            .sum(Measure::Turns, sums.count)
            .spread(Measure::TurnDuration, sums.durations);
    });
    errors.tell(out, |(status, error), count, teller| {
        teller
            .with(name::STATUS, status.map(|status| status.to_string().into()))
            .name(name::ERROR, error.as_ref())
            .with(name::FINAL, truth(error.is_some()))
            .sum(Measure::ApiErrors, count);
    });
}

fn agents(
    session: &Session,
    how: How<'_>,
    is_sent: impl Fn(Option<usize>, Millis) -> bool,
    out: &mut Vec<Contribution>,
) {
    let mut groups = Groups::<(Text, &'static str, Text), WorkSums>::new(how);
    let told = session.agents.iter().filter(|run| run.is_owned && run.is_final && is_sent(run.turn, run.timing.start));
    for run in told {
        let class = || run.failure.as_ref().map_or_else(|| OTHER.into(), |failure| Arc::clone(&failure.class));
        let error = (run.outcome == RunOutcome::Error).then(class);
        let sums = groups.at((run.agent_type.clone(), run.outcome.name(), error), run.timing.end);
        sums.count += 1;
        observe(&mut sums.durations, Measure::AgentDuration, run.timing.duration());
    }
    groups.tell(out, |(agent, outcome, error), sums, teller| {
        teller
            .name(name::AGENT, Some(&agent.unwrap_or_else(|| "agent".into())))
            .with(name::OUTCOME, Some(outcome.into()))
            .name(name::ERROR, error.as_ref())
            .sum(Measure::AgentRuns, sums.count)
            .spread(Measure::AgentDuration, sums.durations);
    });
}

/// A segment is counted as soon as a turn of it is over: from then on it will not go away.
fn segments(session: &Session, how: How<'_>, is_sent: impl Fn(usize) -> bool, out: &mut Vec<Contribution>) {
    let mut groups = Groups::<&'static str, u64>::new(how);
    for segment in &session.segments {
        let is_over = |turn: &&usize| is_sent(**turn) && session.turns.get(**turn).is_some_and(|turn| !turn.is_open);
        if segment.turns.iter().any(|turn| is_over(&turn)) {
            *groups.at(start_type(session, segment).name(), segment.timing.start) += 1;
        }
    }
    groups.tell(out, |start, count, teller| {
        teller.with(name::START, Some(start.into())).sum(Measure::Sessions, count);
    });
}

fn truth(value: bool) -> Text {
    value.then(|| "true".into())
}
