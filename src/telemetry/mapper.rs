//! A session's facts become spans: children before their parents, so that a root on arrival means a whole trace.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use super::attributes::AttributeList;
use super::common::context_attributes;
use super::content::Talk;
use super::gate::Gate;
use super::ids::{IdKind, Identity};
use super::log::LogRecord;
use super::options::{MapOptions, TraceScope};
use super::prices::Costs;
use super::semconv as name;
use super::span::{Attributes, Link, Span, SpanId, SpanKind, Telemetry, TraceId, Value};
use super::totals::{AgentWork, SessionTotals, WorkTotals, agent_work, session_totals};
use super::vocab::{self, Thing};
use super::{agent_span, events, fact_spans, llm_span, session_span, tool_span, turn_span};
use crate::session::changes::Unchanged;
use crate::session::facts::{AgentRun, Parent, Session, Turn};
use crate::session::timing::Timing;
use crate::transcript::time::Millis;

/// Where a span hangs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub trace_id: TraceId,
    pub parent: Option<SpanId>,
}

/// Everything that the span builders look up.
#[derive(Debug)]
pub(super) struct Mapper<'a> {
    pub session: &'a Session,
    pub options: &'a MapOptions,
    gate: Gate<'a>,
    pub contexts: Vec<Attributes>,
    pub totals: SessionTotals,
    /// The segment of each turn.
    pub segment_of_turn: Vec<Option<usize>>,
    /// The agent runs without a turn, each with the segment that it is counted in.
    pub loose_agents: Vec<(usize, usize)>,
    /// What was written, where that is wanted.
    pub talk: Option<Talk<'a>>,
    /// What each agent run did itself.
    pub agent_work: Vec<AgentWork>,
    /// The identities of turns and of agent runs, which all that they hold asks for.
    turn_ids: Vec<OnceCell<Identity>>,
    agent_ids: Vec<OnceCell<Identity>>,
    /// What need not be told again.
    unchanged: Option<Unchanged>,
}

/// All spans of one session at once.
pub fn spans_of(session: &Session, options: &MapOptions, is_sent: impl Fn(Millis) -> bool) -> Vec<Span> {
    let mut all = Vec::new();
    map_session(session, options, is_sent, |mut part| all.append(&mut part.spans));
    all
}

/// Builds the span of the thing at a place.
type SpanOf = fn(&Mapper<'_>, usize) -> Span;
/// Adds the events of the thing at a place, whose span this is.
type EventsOf = fn(&Mapper<'_>, usize, &Span, &mut Vec<LogRecord>);

/// How many spans and events are handed on together, give or take those of one thing.
const ITEMS_AT_ONCE: usize = 256;

/// Maps one session and hands its spans on in parts, so that a long session is never held whole as spans. `is_sent`
/// chooses turns by their start; what may still change is never sent.
pub fn map_session(
    session: &Session,
    options: &MapOptions,
    is_sent: impl Fn(Millis) -> bool,
    take: impl FnMut(Telemetry),
) {
    map_changes(session, None, &options.prices.costs(session), options, is_sent, take);
}

/// Maps what of a session is not as it was `before`, when it was mapped with the same options.
pub fn map_changes(
    session: &Session,
    before: Option<&Session>,
    costs: &Costs,
    options: &MapOptions,
    is_sent: impl Fn(Millis) -> bool,
    take: impl FnMut(Telemetry),
) {
    let mut segment_of_turn = vec![None; session.turns.len()];
    for (place, segment) in session.segments.iter().enumerate() {
        for turn in &segment.turns {
            segment_of_turn[*turn] = Some(place);
        }
    }
    let gate = Gate::new(&options.privacy);
    let mut mapper = Mapper {
        session,
        options,
        contexts: context_attributes(session, options, &gate),
        gate,
        totals: session_totals(session, Arc::clone(costs)),
        agent_work: agent_work(session),
        segment_of_turn,
        loose_agents: Vec::new(),
        talk: Talk::of(session),
        turn_ids: vec![OnceCell::new(); session.turns.len()],
        agent_ids: vec![OnceCell::new(); session.agents.len()],
        unchanged: before.map(|before| Unchanged::since(before, session)),
    };
    let is_loose = |run: &AgentRun| run.is_owned && run.turn.is_none() && run.parent_agent.is_none();
    let loose = session.agents.iter().enumerate().filter(|(_, run)| is_loose(run));
    mapper.loose_agents = loose.filter_map(|(place, run)| Some((place, mapper.segment_of_loose(run)?))).collect();
    mapper.spans(is_sent, take);
}

/// What hangs below one turn and will not change any more, by place in the session's lists.
#[derive(Debug, Default, Clone)]
struct Members {
    calls: Vec<usize>,
    tools: Vec<usize>,
    agents: Vec<usize>,
    compactions: Vec<usize>,
    hooks: Vec<usize>,
}

impl Members {
    /// Keeps the agents that began at a chosen time, with what they hold.
    fn keep(&mut self, session: &Session, is_chosen: impl Fn(Millis) -> bool) {
        let is_kept = |agent: usize| is_chosen(session.agents[agent].timing.start);
        let is_of_kept = |parent: Parent| if let Parent::Agent(agent) = parent { is_kept(agent) } else { false };
        self.agents.retain(|agent| is_kept(*agent));
        self.calls.retain(|call| is_of_kept(session.calls[*call].parent));
        self.tools.retain(|tool| is_of_kept(session.tools[*tool].parent));
        self.compactions.retain(|fact| is_chosen(session.compactions[*fact].timing.start));
        self.hooks.retain(|fact| is_chosen(session.hooks[*fact].timing.start));
    }
}

impl Mapper<'_> {
    fn spans(&self, is_chosen: impl Fn(Millis) -> bool, mut take: impl FnMut(Telemetry)) {
        let (members, mut loose) = self.members();
        let is_sent = |turn: &Turn| turn.is_owned && is_chosen(turn.timing.start);
        let mut out = Telemetry::default();
        for (place, segment) in self.session.segments.iter().enumerate() {
            let mut any = false;
            for turn in segment.turns.iter().filter(|turn| is_sent(&self.session.turns[**turn])) {
                any = true;
                if self.is_told(Unchanged::turn, *turn) {
                    continue;
                }
                self.members_spans(&members[*turn], &mut out, &mut take);
                if !self.session.turns[*turn].is_open {
                    let mut span = turn_span::turn_span(self, *turn);
                    events::turn_events(self, *turn, &span, &mut out.logs);
                    vocab::extend(self, Thing::Turn(*turn), &mut span);
                    out.spans.push(span);
                }
                if out.len() >= ITEMS_AT_ONCE {
                    take(std::mem::take(&mut out));
                }
            }
            if any && !segment.is_open {
                let is_told = self.is_told(Unchanged::segment, place);
                let mut span = session_span::session_span(self, segment);
                // The client may say what it came to long after the segment was over.
                events::cost_state_events(self, place, &span, &mut out.logs);
                if !is_told {
                    vocab::extend(self, Thing::Segment(place), &mut span);
                    out.spans.push(span);
                }
            }
        }
        self.completed(is_sent, &mut out, &mut take);
        if !self.unchanged.as_ref().is_some_and(Unchanged::loose) {
            loose.keep(self.session, &is_chosen);
            self.members_spans(&loose, &mut out, &mut take);
        }
        take(out);
    }

    /// Says of every turn what the session came to with it. A turn that is still open holds back those after it, whose
    /// totals it is a part of.
    fn completed(&self, is_sent: impl Fn(&Turn) -> bool, out: &mut Telemetry, mut take: impl FnMut(Telemetry)) {
        let mut total = WorkTotals::default();
        let owned = self.session.turns.iter().enumerate().filter(|(_, turn)| turn.is_owned);
        for (count, (place, turn)) in owned.enumerate() {
            if turn.is_open {
                break;
            }
            total.add(&self.totals.turns[place]);
            if is_sent(turn) && !self.is_told(Unchanged::turns_until, place) {
                events::completed_event(self, place, (count as u64 + 1, &total), &mut out.logs);
            }
            if out.len() >= ITEMS_AT_ONCE {
                take(std::mem::take(out));
            }
        }
    }

    fn members(&self) -> (Vec<Members>, Members) {
        let session = self.session;
        let mut turns = vec![Members::default(); session.turns.len()];
        let mut loose = Members::default();
        {
            let mut of =
                |turn: Option<usize>, add: &dyn Fn(&mut Members)| add(turn.map_or(&mut loose, |turn| &mut turns[turn]));
            for (place, _) in session.calls.iter().enumerate().filter(|(_, call)| call.is_owned && call.is_final) {
                of(self.turn_of(session.calls[place].parent), &|members| members.calls.push(place));
            }
            for (place, _) in session.tools.iter().enumerate().filter(|(_, tool)| tool.is_owned && tool.is_final) {
                of(self.turn_of(session.tools[place].parent), &|members| members.tools.push(place));
            }
            for (place, run) in session.agents.iter().enumerate().filter(|(_, run)| run.is_owned && run.is_final) {
                of(run.turn, &|members| members.agents.push(place));
            }
            for (place, compaction) in
                session.compactions.iter().enumerate().filter(|(_, fact)| fact.is_owned && fact.is_final)
            {
                of(compaction.turn, &|members| members.compactions.push(place));
            }
            for (place, hook) in session.hooks.iter().enumerate().filter(|(_, fact)| fact.is_owned && fact.is_final) {
                of(hook.turn, &|members| members.hooks.push(place));
            }
        }
        (turns, loose)
    }

    fn members_spans(&self, members: &Members, out: &mut Telemetry, mut take: impl FnMut(Telemetry)) {
        // Each span with its events. One turn may be as long as any session.
        let mut add = |places: &[usize], thing: fn(usize) -> Thing, span_of: SpanOf, events_of: EventsOf| {
            for place in places {
                let mut span = span_of(self, *place);
                events_of(self, *place, &span, &mut out.logs);
                vocab::extend(self, thing(*place), &mut span);
                out.spans.push(span);
                if out.len() >= ITEMS_AT_ONCE {
                    take(std::mem::take(out));
                }
            }
        };
        let is_new =
            |is_as_before: fn(&Unchanged, usize) -> bool| move |place: &usize| !self.is_told(is_as_before, *place);
        let calls: Vec<usize> = members.calls.iter().copied().filter(is_new(Unchanged::call)).collect();
        add(&calls, Thing::Call, llm_span::llm_span, events::call_events);
        add(&members.compactions, Thing::Compaction, fact_spans::compaction_span, events::compaction_events);
        add(&members.hooks, |_| Thing::Hook, fact_spans::hook_span, events::hook_events);
        // The deepest agents first, each before the call that started it.
        let mut agents = members.agents.clone();
        agents.sort_by_key(|agent| std::cmp::Reverse(self.session.agents[*agent].depth));
        add(&agents, Thing::Agent, agent_span::agent_span, events::agent_events);
        let tools: Vec<usize> = members.tools.iter().copied().filter(is_new(Unchanged::tool)).collect();
        add(&tools, Thing::Tool, tool_span::tool_span, events::tool_events);
    }

    /// Whether something is as it was when it was mapped before.
    fn is_told(&self, is_as_before: impl Fn(&Unchanged, usize) -> bool, place: usize) -> bool {
        self.unchanged.as_ref().is_some_and(|unchanged| is_as_before(unchanged, place))
    }

    pub(super) fn turn_of(&self, parent: Parent) -> Option<usize> {
        match parent {
            Parent::Turn(turn) => Some(turn),
            Parent::Agent(agent) => self.session.agents[agent].turn,
        }
    }

    pub(super) fn identity(&self, kind: IdKind, key: &str) -> Identity {
        Identity::new(kind, &self.session.id, key)
    }

    /// The identity of a turn's segment: the session and the segment's first turn.
    pub(super) fn segment_identity(&self, turn: usize) -> Option<Identity> {
        let first = *self.session.segments[self.segment_of_turn[turn]?].turns.first()?;
        Some(self.identity(IdKind::Session, &self.session.turns[first].key))
    }

    /// The identity of a turn.
    pub(super) fn turn_identity(&self, turn: usize) -> Identity {
        *self.turn_ids[turn].get_or_init(|| self.identity(IdKind::Turn, &self.session.turns[turn].key))
    }

    /// The identity of an agent run.
    pub(super) fn agent_identity(&self, agent: usize) -> Identity {
        *self.agent_ids[agent].get_or_init(|| self.identity(IdKind::Agent, &self.session.agents[agent].id))
    }

    pub(super) fn turn_span_id(&self, turn: usize) -> SpanId {
        self.turn_identity(turn).span_id()
    }

    /// The trace that a turn's spans belong to.
    pub(super) fn trace_of_turn(&self, turn: usize) -> TraceId {
        let own = self.turn_identity(turn);
        match self.options.trace_scope {
            TraceScope::Turn => own.trace_id(),
            TraceScope::Session => self.segment_identity(turn).unwrap_or(own).trace_id(),
        }
    }

    /// Where a direct part of a turn or agent run hangs.
    pub(super) fn place_below(&self, parent: Parent) -> Place {
        match parent {
            Parent::Turn(turn) => self.place_below_turn(Some(turn)),
            Parent::Agent(agent) => {
                let run = &self.session.agents[agent];
                let identity = self.agent_identity(agent);
                let trace_id = run.turn.map_or_else(|| identity.trace_id(), |turn| self.trace_of_turn(turn));
                Place { trace_id, parent: Some(identity.span_id()) }
            }
        }
    }

    pub(super) fn place_below_turn(&self, turn: Option<usize>) -> Place {
        let identity = turn.map_or_else(|| self.identity(IdKind::Turn, ""), |turn| self.turn_identity(turn));
        let trace_id = turn.map_or_else(|| identity.trace_id(), |turn| self.trace_of_turn(turn));
        Place { trace_id, parent: turn.map(|_| identity.span_id()) }
    }

    /// The beginning of a span's attributes: where the client ran.
    pub(super) fn attributes(&self, context: usize, more: usize) -> AttributeList<'_> {
        let common = &self.contexts[context];
        let mut list = AttributeList::with_capacity(common.len() + more, self.privacy());
        list.extend(common);
        list
    }

    /// What every text goes through.
    pub(super) fn privacy(&self) -> &Gate<'_> {
        &self.gate
    }

    /// The segment that an agent run without a turn is counted in: the first one that was not over before it began.
    pub(super) fn segment_of_loose(&self, run: &AgentRun) -> Option<usize> {
        let segments = &self.session.segments;
        let later = segments.iter().position(|segment| segment.timing.end >= run.timing.start);
        later.or_else(|| segments.len().checked_sub(1))
    }

    /// A link to a segment's span.
    pub(super) fn session_link(&self, turn: usize) -> Option<Link> {
        let identity = self.segment_identity(turn)?;
        Some(link(identity, identity.trace_id(), "session"))
    }
}

/// A span of work inside the agent, with nothing special about it.
pub(super) fn work_span(
    at: Place,
    span_id: SpanId,
    name: impl Into<Cow<'static, str>>,
    timing: &Timing,
    attributes: AttributeList<'_>,
) -> Span {
    Span {
        trace_id: at.trace_id,
        span_id,
        parent_span_id: at.parent,
        name: name.into(),
        kind: SpanKind::Internal,
        start_unix_nano: nanos(timing.start),
        end_unix_nano: nanos(timing.end),
        attributes: attributes.finish(),
        events: Vec::new(),
        links: Vec::new(),
        error: false,
    }
}

/// A link of a meaning.
pub(super) fn link(identity: Identity, trace_id: TraceId, meaning: &'static str) -> Link {
    Link { trace_id, span_id: identity.span_id(), attributes: vec![(name::CLAUDE_OTEL_LINK, Value::Static(meaning))] }
}

/// Milliseconds to nanoseconds; a time before 1970 cannot be said in OTLP.
pub(super) fn nanos(millis: i64) -> u64 {
    u64::try_from(millis).unwrap_or(0).saturating_mul(1_000_000)
}
