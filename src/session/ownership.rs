//! Copies of history: forks, resumes into new files, hand-overs. Everything belongs to one session only.
//!
//! The owner of a response is the session whose line does not say that it is a copy, else the one that began first,
//! else the one with the agents of the shared history, else the one with the smaller id. What the others hold of it only raises its usage: an early copy may have been
//! taken before the response was over.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::facts::{LlmCall, Parent, Previous, Session, StartType};

/// What was owned before: by sessions outside the family at hand, or by one of its own at an earlier look. Once
/// something was delivered, its owner never changes.
pub trait Ledger {
    /// The session that owns the response.
    fn owner_of_call(&self, message_id: &str) -> Option<&str>;
    /// The session that owns the tool call.
    fn owner_of_tool(&self, tool_use_id: &str) -> Option<&str>;
}

/// Puts sessions into the order in which they come to own things: by their first timestamped line; of copies that keep
/// the times, the one that has the agents of the shared history first, since no copy takes them along; then by id.
pub fn owner_order(sessions: &mut [Session]) {
    let mut holders: HashMap<Arc<str>, u32> = HashMap::new();
    for tool in sessions.iter().flat_map(|session| &session.tools) {
        *holders.entry(Arc::clone(&tool.id)).or_default() += 1;
    }
    let shared_agents = |session: &Session| {
        let tools = session.agents.iter().filter_map(|run| run.tool).map(|tool| &session.tools[tool].id);
        tools.filter(|id| holders.get(*id).is_some_and(|count| *count > 1)).count()
    };
    sessions.sort_by_cached_key(|session| {
        (session.first_time.unwrap_or(i64::MAX), std::cmp::Reverse(shared_agents(session)), Arc::clone(&session.id))
    });
}

/// Decides what each session of a family owns. The sessions must stand in [`owner_order`].
pub fn settle(sessions: &mut [Session], ledger: &impl Ledger) {
    settle_calls(sessions, ledger);
    settle_tools(sessions, ledger);
    let mut seen_turns = HashSet::new();
    let mut seen_lines = HashSet::new();
    let mut seen_agents = HashSet::new();
    // A prompt that died unanswered in one session and was answered in a copy is the copy's turn.
    let answered: HashSet<Arc<str>> = sessions
        .iter()
        .flat_map(|session| {
            let turns = session.turns.iter().zip(turn_holdings(session));
            turns.filter(|(_, holding)| holding.own).map(|(turn, _)| Arc::clone(&turn.key))
        })
        .collect();
    for session in sessions.iter_mut() {
        let copied_until =
            session.calls.iter().filter(|call| !call.is_owned).filter_map(|call| call.last_main_position).max();
        let is_copied = |position: usize| copied_until.is_some_and(|until| position < until);
        settle_turns(session, is_copied, &answered, &mut seen_turns);
        settle_agents(session, &mut seen_agents);
        for compaction in &mut session.compactions {
            compaction.is_owned =
                !is_copied(compaction.position) && seen_turns.insert(("compaction", Arc::clone(&compaction.key)));
        }
        for hook in &mut session.hooks {
            hook.is_owned = !is_copied(hook.position) && seen_turns.insert(("hook", Arc::clone(&hook.key)));
        }
        session.counted.retain(|fact| {
            !is_copied(fact.position) && seen_lines.insert((fact.line, std::mem::discriminant(&fact.kind)))
        });
        give_turns_to_orphans(session);
    }
    link_sessions(sessions);
}

fn settle_calls(sessions: &mut [Session], ledger: &impl Ledger) {
    // Where each response is: the sessions that hold it, in owner order.
    let mut places: HashMap<Arc<str>, Vec<(usize, usize)>> = HashMap::new();
    for (s, session) in sessions.iter().enumerate() {
        for (c, call) in session.calls.iter().enumerate() {
            places.entry(Arc::clone(&call.id)).or_default().push((s, c));
        }
    }
    for (id, holders) in places {
        let is_known = |origin: &Arc<str>| sessions.iter().any(|session| session.id == *origin);
        // A mark that names a session outside the family says nothing: its file is gone, and this copy is all there is.
        let is_original = |(s, c): &&(usize, usize)| {
            sessions[*s].calls[*c].copied_from.as_ref().is_none_or(|origin| !is_known(origin))
        };
        let known = ledger.owner_of_call(&id);
        let by_ledger = |owner: &str| holders.iter().find(|(s, _)| *sessions[*s].id == *owner);
        let by_lines = || holders.iter().find(is_original).or(holders.first());
        let Some((owner_session, owner_call)) = known.and_then(by_ledger).or_else(by_lines).copied() else { continue };
        let owner = Some((owner_session, owner_call));
        let is_elsewhere = known.is_some_and(|owner| *owner != *sessions[owner_session].id);
        for (s, c) in holders.iter().filter(|holder| Some(**holder) != owner) {
            let copy = &mut sessions[*s].calls[*c];
            copy.is_owned = false;
            let (usage, reason) = (copy.usage, copy.stop_reason.clone());
            let call = &mut sessions[owner_session].calls[owner_call];
            call.usage.raise_to_usage(&usage);
            call.stop_reason = call.stop_reason.take().or(reason);
        }
        if is_elsewhere {
            sessions[owner_session].calls[owner_call].is_owned = false;
        }
    }
}

fn settle_tools(sessions: &mut [Session], ledger: &impl Ledger) {
    let mut owned: HashSet<Arc<str>> = HashSet::new();
    // First with the response that asked for it; what is left goes to the first session that has it.
    for with_call in [true, false] {
        for session in sessions.iter_mut() {
            for tool in &mut session.tools {
                if session.calls[tool.call].is_owned == with_call {
                    let is_free = ledger.owner_of_tool(&tool.id).is_none_or(|owner| *owner == *session.id);
                    tool.is_owned = is_free && owned.insert(Arc::clone(&tool.id));
                }
            }
        }
    }
}

/// What a turn or agent run holds of its own, and of others.
#[derive(Debug, Default, Clone, Copy)]
struct Holdings {
    own: bool,
    foreign: bool,
}

fn holdings(session: &Session, len: usize, place: impl Fn(Parent) -> Option<usize>) -> Vec<Holdings> {
    let mut all = vec![Holdings::default(); len];
    let calls = session.calls.iter().map(|call| (call.parent, call.is_owned));
    let tools = session.tools.iter().map(|tool| (tool.parent, tool.is_owned));
    for (parent, is_owned) in calls.chain(tools) {
        if let Some(holding) = place(parent).and_then(|place| all.get_mut(place)) {
            holding.own |= is_owned;
            holding.foreign |= !is_owned;
        }
    }
    all
}

fn turn_holdings(session: &Session) -> Vec<Holdings> {
    holdings(session, session.turns.len(), |parent| match parent {
        Parent::Turn(turn) => Some(turn),
        Parent::Agent(agent) => session.agents[agent].turn,
    })
}

fn settle_turns(
    session: &mut Session,
    is_copied: impl Fn(usize) -> bool,
    answered: &HashSet<Arc<str>>,
    seen: &mut HashSet<(&'static str, Arc<str>)>,
) {
    let holdings = turn_holdings(session);
    for (turn, holding) in session.turns.iter_mut().zip(holdings) {
        let key = ("turn", Arc::clone(&turn.key));
        let is_empty = !holding.own && !holding.foreign;
        turn.is_owned = holding.own
            || (is_empty && !is_copied(turn.position) && !answered.contains(&turn.key) && !seen.contains(&key));
        if turn.is_owned {
            seen.insert(key);
        }
    }
}

fn settle_agents(session: &mut Session, seen: &mut HashSet<Arc<str>>) {
    let of_agent = |parent| if let Parent::Agent(agent) = parent { Some(agent) } else { None };
    let holdings = holdings(session, session.agents.len(), of_agent);
    for (run, holding) in session.agents.iter_mut().zip(holdings) {
        run.is_owned = holding.own || (!holding.foreign && !seen.contains(&run.id));
        if run.is_owned {
            seen.insert(Arc::clone(&run.id));
        }
    }
    // An agent above an owned one is needed as its parent.
    for place in 0..session.agents.len() {
        let mut at = place;
        while session.agents[at].is_owned
            && let Some(parent) = session.agents[at].parent_agent.filter(|parent| !session.agents[*parent].is_owned)
        {
            session.agents[parent].is_owned = true;
            at = parent;
        }
    }
}

/// Gives the turn above every owned thing to this session, and cuts agents loose from calls that it does not own.
fn give_turns_to_orphans(session: &mut Session) {
    for place in 0..session.agents.len() {
        if !session.agents[place].is_owned {
            continue;
        }
        if session.agents[place].tool.is_some_and(|tool| !session.tools[tool].is_owned) {
            session.agents[place].tool = None;
            session.agents[place].parent_agent = None;
        }
        if let Some(turn) = session.agents[place].turn {
            session.turns[turn].is_owned = true;
        }
    }
    for turn in session.compactions.iter().filter(|fact| fact.is_owned).filter_map(|fact| fact.turn) {
        session.turns[turn].is_owned = true;
    }
    // A hook is no reason for a turn: without its turn it goes too.
    for hook in &mut session.hooks {
        hook.is_owned &= hook.turn.is_some_and(|turn| session.turns[turn].is_owned);
    }
    for segment in &mut session.segments {
        segment.turns.retain(|turn| session.turns[*turn].is_owned);
        // The time of what was only copied is the origin's.
        let timings = || segment.turns.iter().map(|turn| session.turns[*turn].timing);
        let (start, end) = (timings().map(|timing| timing.start).min(), timings().map(|timing| timing.end).max());
        segment.timing.start = start.unwrap_or(segment.timing.start);
        segment.timing.end = end.unwrap_or(segment.timing.end);
    }
    session.segments.retain(|segment| !segment.turns.is_empty());
    for (place, segment) in session.segments.iter_mut().enumerate() {
        segment.index = place as u64 + 1;
    }
}

/// Links every session that holds copies to the one that owns the last of them.
fn link_sessions(sessions: &mut [Session]) {
    let mut owners: HashMap<Arc<str>, (usize, usize)> = HashMap::new();
    for (s, session) in sessions.iter().enumerate() {
        for (c, call) in session.calls.iter().enumerate().filter(|(_, call)| call.is_owned) {
            owners.insert(Arc::clone(&call.id), (s, c));
        }
    }
    let by_id: HashMap<Arc<str>, usize> =
        sessions.iter().enumerate().map(|(s, session)| (Arc::clone(&session.id), s)).collect();
    let handed: HashMap<usize, usize> = sessions
        .iter()
        .enumerate()
        .filter_map(|(from, session)| Some((*by_id.get(session.continued_in.as_ref()?)?, from)))
        .collect();
    let previous: Vec<Option<Previous>> = (0..sessions.len())
        .map(|s| {
            let session = &sessions[s];
            let last_copy = session.calls.iter().rfind(|call| !call.is_owned && call.last_main_position.is_some());
            let copied = last_copy.and_then(|copy| owners.get(&copy.id)).filter(|(owner, _)| *owner != s);
            let (origin, start, turn) = match (handed.get(&s), copied) {
                (Some(from), _) => {
                    (*from, StartType::Continue, sessions[*from].turns.iter().rposition(|turn| turn.is_owned))
                }
                (None, Some((owner, call))) => {
                    let turn = match sessions[*owner].calls[*call].parent {
                        Parent::Turn(turn) => Some(turn),
                        Parent::Agent(_) => None,
                    };
                    (*owner, start_of_copy(session, &sessions[*owner], last_copy), turn)
                }
                (None, None) => return None,
            };
            let origin = &sessions[origin];
            Some(Previous { id: Arc::clone(&origin.id), start, turn: turn.and_then(|turn| keys_of(origin, turn)) })
        })
        .collect();
    for (session, previous) in sessions.iter_mut().zip(previous) {
        session.previous = previous;
    }
}

/// A fork keeps the lines' ids, or says that it is a copy; the oldest clients' resumes made new ones.
fn start_of_copy(session: &Session, origin: &Session, last_copy: Option<&LlmCall>) -> StartType {
    let keys: HashSet<&Arc<str>> = origin.turns.iter().map(|turn| &turn.key).collect();
    let keeps_ids = session.turns.iter().any(|turn| keys.contains(&turn.key));
    let is_fork = keeps_ids || last_copy.is_some_and(|copy| copy.copied_from.is_some());
    if is_fork { StartType::Fork } else { StartType::Resume }
}

/// The keys of a turn and of the first turn of its segment.
fn keys_of(session: &Session, turn: usize) -> Option<(Arc<str>, Arc<str>)> {
    let segment = session.segments.iter().find(|segment| segment.turns.contains(&turn))?;
    let first = *segment.turns.first()?;
    Some((Arc::clone(&session.turns[turn].key), Arc::clone(&session.turns[first].key)))
}
