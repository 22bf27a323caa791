//! What a session does at the moment, as far as its transcript tells.

use super::amounts::Tokens;
use super::item::{Item, ItemKind, Standing};
use crate::privacy::Sanitized;
use crate::session::facts::{LlmCall, MomentKind, Parent, RunOutcome, Session, ToolCall, Turn};
use crate::telemetry::shown::Shown;
use crate::transcript::time::Millis;

/// Tools that do nothing but ask the person.
pub(super) const ASKING: [&str; 2] = ["AskUserQuestion", "ExitPlanMode"];
/// Reasons for which a response ends and its turn goes on.
const GOING_ON: [&str; 2] = ["tool_use", "pause_turn"];

/// What a session does, as far as its transcript tells. Whether a call waits for permission is not on record: it looks
/// like one that runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Activity {
    /// Nothing: the last turn is over, as far as anybody can tell.
    #[default]
    Idle,
    /// The same, and a person has cut it short.
    Stopped,
    /// The same, and it failed.
    Failed,
    /// Tools or agents run.
    Working,
    /// A tool that asks the person has no answer.
    Asking,
    /// The model is to say something.
    Thinking,
    /// A request failed and is tried again.
    Retrying,
}

impl Activity {
    /// How a turn ended of which this is all that goes on, in the words of the attributes.
    pub const fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Idle => Some(RunOutcome::Completed.name()),
            Self::Stopped => Some(RunOutcome::Interrupted.name()),
            Self::Failed => Some(RunOutcome::Error.name()),
            Self::Working | Self::Asking | Self::Thinking | Self::Retrying => None,
        }
    }

    /// Whether a turn goes on.
    pub const fn is_busy(self) -> bool {
        matches!(self, Self::Working | Self::Asking | Self::Thinking | Self::Retrying)
    }
}

/// A failed attempt of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The place of the turn's item.
    pub turn: usize,
    /// When it failed.
    pub time: Millis,
    /// The number of the attempt.
    pub number: Option<u64>,
    /// The HTTP status.
    pub status: Option<i64>,
    /// The wait before the next one, in milliseconds.
    pub retry_in: Option<Millis>,
}

/// What a session does at the moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pulse {
    /// What it does.
    pub activity: Activity,
    /// Since when.
    pub since_unix_ms: Option<Millis>,
    /// The place of the latest turn's item.
    pub turn: Option<usize>,
    /// The places of tools and agents that run, and of the agents around them.
    pub running: Vec<usize>,
    /// The model that answered last, agents aside.
    pub model: Option<Sanitized>,
    /// The tokens of that answer: what went into it is the context.
    pub context: Option<Tokens>,
    /// Attempts that failed.
    pub attempts: Vec<Attempt>,
    /// The turns, by the places of their items, that are over as far as anybody can tell, and how.
    pub ended: Vec<(usize, Activity)>,
}

impl Pulse {
    /// The pulse of a session and of the items that were made of it.
    pub(super) fn of(session: &Session, items: &[Item], shown: &Shown<'_>) -> Self {
        let place_of = |turn: &Turn| {
            let key = shown.name(&turn.key);
            items.iter().position(|item| item.kind == ItemKind::Turn && item.turn == Some(turn.index) && item.id == key)
        };
        let turns: Vec<(usize, &Turn, usize)> = session
            .turns
            .iter()
            .enumerate()
            .filter(|(_, turn)| turn.is_owned)
            .filter_map(|(number, turn)| Some((number, turn, place_of(turn)?)))
            .collect();
        let mut pulse = Self { running: running(items), ..Self::default() };
        for (number, turn, place) in &turns {
            let (activity, since) = activity(session, *number, turn);
            if !activity.is_busy() {
                pulse.ended.push((*place, activity));
            }
            (pulse.turn, pulse.activity, pulse.since_unix_ms) = (Some(*place), activity, Some(since));
            pulse.attempts.extend(turn.moments.iter().filter_map(|moment| match moment.kind {
                MomentKind::ApiError { status, attempt, retry_in } => {
                    Some(Attempt { turn: *place, time: moment.time, number: attempt, status, retry_in })
                }
                _ => None,
            }));
        }
        let foreground = items
            .iter()
            .filter(|item| item.kind == ItemKind::Agent && item.is_running() && item.fact("is_background").is_none());
        // An agent may be seen before the line that called it.
        if let (Activity::Thinking, Some(start)) =
            (pulse.activity, foreground.map(|agent| agent.times.start_unix_ms).min())
        {
            (pulse.activity, pulse.since_unix_ms) = (Activity::Working, Some(start));
        }
        let main = |call: &&LlmCall| matches!(call.parent, Parent::Turn(_)) && !call.is_auxiliary && !call.is_aborted;
        let last = session.calls.iter().filter(main).max_by_key(|call| call.timing.end);
        pulse.model = last.and_then(|call| call.model.as_ref()).map(|model| shown.model(model));
        pulse.context = last.map(|call| Tokens::from(&call.usage)).filter(|tokens| tokens.total_input() > 0);
        pulse
    }
}

/// What a turn does, and since when.
pub(super) fn activity(session: &Session, number: usize, turn: &Turn) -> (Activity, Millis) {
    let over = |activity| (activity, turn.timing.end);
    match turn.outcome {
        RunOutcome::Interrupted => return over(Activity::Stopped),
        RunOutcome::Error => return over(Activity::Failed),
        _ if !turn.is_open => return over(Activity::Idle),
        RunOutcome::Completed | RunOutcome::Unfinished => {}
    }
    let here = |parent: Parent| parent == Parent::Turn(number);
    let tools = || session.tools.iter().filter(|tool| tool.is_owned && here(tool.parent));
    let unanswered = |tool: &&ToolCall| !tool.has_result && !tool.is_final;
    let mut waiting = tools().filter(unanswered).peekable();
    if waiting.peek().is_some() {
        let since = waiting.clone().map(|tool| tool.timing.start).min().unwrap_or(turn.timing.end);
        let is_asking = waiting.all(|tool| ASKING.contains(&&*tool.name));
        return (if is_asking { Activity::Asking } else { Activity::Working }, since);
    }
    let answered = tools().map(|tool| tool.timing.end).max();
    let calls = || session.calls.iter().filter(|call| call.is_owned && here(call.parent) && !call.is_auxiliary);
    let last = calls().max_by_key(|call| call.timing.end);
    let is_final = |call: &LlmCall| call.stop_reason.as_ref().is_some_and(|reason| !GOING_ON.contains(&&**reason));
    let queued = turn.moments.iter().filter(|moment| moment.kind == MomentKind::QueuedPrompt).map(|moment| moment.time);
    let queued = queued.max();
    let attempt = turn.moments.iter().filter(|moment| matches!(moment.kind, MomentKind::ApiError { .. }));
    let attempt = attempt.map(|moment| moment.time).max();
    let compacted = session.compactions.iter().filter(|fact| fact.turn == Some(number)).map(|fact| fact.timing.end);
    match last {
        Some(call) if is_final(call) && queued.is_none_or(|queued| queued <= call.timing.end) => {
            (Activity::Idle, call.timing.end)
        }
        None if turn.is_compaction && compacted.clone().next().is_some() => {
            (Activity::Idle, compacted.max().unwrap_or(turn.timing.end))
        }
        last => {
            let said = last.map(|call| if is_said(call) { call.timing.end } else { call.timing.start });
            let since = [said, answered, queued].into_iter().flatten().max().unwrap_or(turn.timing.start);
            if attempt.is_some_and(|attempt| attempt >= since) {
                (Activity::Retrying, attempt.unwrap_or(since))
            } else {
                (Activity::Thinking, since)
            }
        }
    }
}

/// Whether a response is all there.
const fn is_said(call: &LlmCall) -> bool {
    call.stop_reason.is_some()
}

/// The tools and agents that run, each behind the agents that it runs in.
fn running(items: &[Item]) -> Vec<usize> {
    let is_work = |item: &Item| matches!(item.kind, ItemKind::Tool | ItemKind::Agent);
    let mut wanted = vec![false; items.len()];
    for (place, item) in items.iter().enumerate() {
        if !is_work(item) || item.standing != Standing::Running {
            continue;
        }
        let mut at = Some(place);
        while let Some(place) = at {
            let Some((item, slot)) = items.get(place).zip(wanted.get_mut(place)) else { break };
            if *slot {
                break;
            }
            *slot = is_work(item);
            at = item.parent;
        }
    }
    wanted.iter().enumerate().filter(|(_, is_wanted)| **is_wanted).map(|(place, _)| place).collect()
}
