//! Agent runs and what started them.
//!
//! Joined by the best fact there is: the side file's `toolUseId`, the `agentId` in the call's result, the progress
//! records of their era, the prompt's text, and last the time. The two last ones are guesses and marked as such.

use std::sync::Arc;

use hashbrown::HashMap;

use super::builder::SessionBuilder;
use super::draft::Stream;
use super::facts::{AgentRun, Join, RunOutcome, Turn};
use super::timing::{TimeSource, Timing};
use super::turns::{TurnMap, call_outcome, is_unanswered};
use crate::transcript::time::Millis;

/// How much earlier than its call's line an agent's first line may stand: clocks of one process, written apart.
const HEAD_START: Millis = 2_000;

/// How many neighbours in time a guess looks at, so that its cost does not grow with the session.
const MOST_NEAR: usize = 256;

/// The agents of a session, with the stream of each.
#[derive(Debug)]
pub(super) struct Agents {
    pub runs: Vec<AgentRun>,
    /// The run of each stream.
    pub of_stream: Vec<Option<usize>>,
}

/// Builds the agent runs of all streams that hold anything.
pub(super) fn build_agents(session: &SessionBuilder, map: &TurnMap, turns: &[Turn]) -> Agents {
    let present: Vec<usize> =
        (1..session.streams.len()).filter(|stream| session.streams[*stream].first.is_some()).collect();
    let joins = join_all(session, &present);
    let mut of_stream = vec![None; session.streams.len()];
    for (run, stream) in present.iter().enumerate() {
        of_stream[*stream] = Some(run);
    }
    let last_calls = last_calls(session);
    let mut runs: Vec<AgentRun> = present
        .iter()
        .map(|stream| {
            let (tool, join) = joins[stream];
            run(session, *stream, tool, join, last_calls.get(stream).copied())
        })
        .collect();
    let by_start = TurnsByStart::new(turns);
    // First the runs that no call leads to the top from, then those below them.
    for run in 0..runs.len() {
        if ancestry(session, map, &runs, &of_stream, run).is_none() {
            // Two side files that name each other's calls: the circle is cut here.
            runs[run].tool = None;
        }
        if runs[run].tool.is_none() {
            join_by_time(&mut runs[run], &by_start);
        }
    }
    for run in 0..runs.len() {
        if let Some((depth, turn)) = ancestry(session, map, &runs, &of_stream, run) {
            runs[run].depth = depth;
            runs[run].turn = turn;
        }
        runs[run].parent_agent =
            runs[run].tool.and_then(|tool| of_stream[session.calls[session.tools[tool].call].stream]);
        let ended = run_end_in_main(session, &runs[run]);
        runs[run].is_within_turn =
            runs[run].turn.is_some_and(|turn| ended.is_some_and(|ended| ended <= turns[turn].last_line));
    }
    Agents { runs, of_stream }
}

fn last_calls(session: &SessionBuilder) -> HashMap<usize, usize> {
    let mut last: HashMap<usize, usize> = HashMap::new();
    for (place, call) in session.calls.iter().enumerate() {
        let slot = last.entry(call.stream).or_insert(place);
        if session.calls[*slot].last <= call.last {
            *slot = place;
        }
    }
    last
}

/// The call of every agent, the surest joins first, so that a guess never takes a call that another agent names.
fn join_all(session: &SessionBuilder, present: &[usize]) -> HashMap<usize, (Option<usize>, Join)> {
    let tool = |id: &str| session.tool_by_id.get(id).copied();
    // An agent that was called upon again is named by several calls; the first one started it.
    let mut by_result: HashMap<Arc<str>, usize> = HashMap::new();
    for (place, tool) in session.tools.iter().enumerate() {
        let Some(agent) = tool.result.as_ref().and_then(|result| result.agent_id.clone()) else { continue };
        let first = by_result.entry(agent).or_insert(place);
        if tool.use_time < session.tools[*first].use_time {
            *first = place;
        }
    }
    let mut joins = HashMap::new();
    let mut taken = vec![false; session.tools.len()];
    for stream in present {
        let data = &session.streams[*stream];
        let named = data
            .meta
            .as_ref()
            .and_then(|meta| meta.tool_use_id.as_deref())
            .and_then(tool)
            .map(|tool| (tool, Join::Meta));
        let named = named.or_else(|| by_result.get(&data.agent_id).map(|tool| (*tool, Join::Result)));
        let named = named.or_else(|| data.progress_tool.as_deref().and_then(tool).map(|tool| (tool, Join::Progress)));
        // A file cannot be the child of a call that it holds itself.
        if let Some((tool, join)) = named.filter(|(tool, _)| session.calls[session.tools[*tool].call].stream != *stream)
        {
            taken[tool] = true;
            joins.insert(*stream, (Some(tool), join));
        }
    }
    let mut guessed: Vec<usize> = present.iter().copied().filter(|stream| !joins.contains_key(stream)).collect();
    guessed.sort_by_key(|stream| (session.streams[*stream].first_time, &session.streams[*stream].agent_id));
    let by_text = if guessed.is_empty() { HashMap::new() } else { tools_by_prompt(session) };
    for stream in guessed {
        let join = join_by_text(session, stream, &by_text, &taken);
        if let Some(tool) = join {
            taken[tool] = true;
        }
        joins.insert(stream, (join, if join.is_some() { Join::Text } else { Join::None }));
    }
    joins
}

/// The calls that give a prompt to an agent, by the prompt's fingerprint, in the order of their lines.
fn tools_by_prompt(session: &SessionBuilder) -> HashMap<u64, Vec<usize>> {
    let mut by_text: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, tool) in session.tools.iter().enumerate() {
        if let Some(text) = tool.prompt_fingerprint {
            by_text.entry(text).or_default().push(place);
        }
    }
    for tools in by_text.values_mut() {
        tools.sort_by_key(|place| session.tools[*place].use_time);
    }
    by_text
}

fn join_by_text(
    session: &SessionBuilder,
    stream: usize,
    by_text: &HashMap<u64, Vec<usize>>,
    taken: &[bool],
) -> Option<usize> {
    let data = &session.streams[stream];
    if data.is_internal {
        return None;
    }
    let time = data.first_time?;
    let same = by_text.get(&data.prompt_fingerprint?)?;
    let fits = |place: &usize| {
        let tool = &session.tools[*place];
        !taken[*place] && tool.use_time <= time + HEAD_START && session.calls[tool.call].stream != stream
    };
    // The latest call before the agent began; of parallel ones with the same prompt, the first that is free. Only the
    // nearest ones are looked at: a prompt given a thousand times says little about which time is meant.
    let begun = same.partition_point(|place| session.tools[*place].use_time <= time + HEAD_START);
    let near = &same[begun.saturating_sub(MOST_NEAR)..begun];
    let latest = near.iter().filter(|place| fits(place)).map(|place| session.tools[*place].use_time).max()?;
    near.iter().copied().filter(fits).find(|place| session.calls[session.tools[*place].call].last_time >= latest)
}

/// The turn that was running when an agent began.
fn join_by_time(run: &mut AgentRun, turns: &TurnsByStart<'_>) {
    run.turn = turns.around(run.timing.start);
    run.join = if run.turn.is_some() { Join::Time } else { Join::None };
}

/// Turns in the order of their starts.
struct TurnsByStart<'a> {
    turns: &'a [Turn],
    order: Vec<usize>,
}

impl<'a> TurnsByStart<'a> {
    fn new(turns: &'a [Turn]) -> Self {
        let mut order: Vec<usize> = (0..turns.len()).collect();
        order.sort_by_key(|turn| (turns[*turn].timing.start, *turn));
        Self { turns, order }
    }

    /// The latest turn that began by a time and was not over; turns overlap, but never many.
    fn around(&self, time: Millis) -> Option<usize> {
        let begun = self.order.partition_point(|turn| self.turns[*turn].timing.start <= time);
        let near = &self.order[begun.saturating_sub(MOST_NEAR)..begun];
        near.iter().rev().copied().find(|turn| time <= self.turns[*turn].last_line)
    }
}

/// The depth of a run and the turn at the top of its line of calls; none where the line runs in a circle.
fn ancestry(
    session: &SessionBuilder,
    map: &TurnMap,
    runs: &[AgentRun],
    of_stream: &[Option<usize>],
    run: usize,
) -> Option<(u32, Option<usize>)> {
    let mut at = run;
    // No line of calls is longer than the list of runs.
    for depth in 1..=runs.len() as u32 {
        let Some(tool) = runs[at].tool else { return Some((depth, runs[at].turn)) };
        let call = &session.calls[session.tools[tool].call];
        if call.stream == 0 {
            return Some((depth, map.of(call.first)));
        }
        match of_stream[call.stream] {
            Some(parent) => at = parent,
            None => return Some((depth, None)),
        }
    }
    None
}

/// When the main file (or the agent above) learnt of the run's end.
fn run_end_in_main(session: &SessionBuilder, run: &AgentRun) -> Option<Millis> {
    let tool = &session.tools[run.tool?];
    let result = tool.result.as_ref()?;
    if result.is_background { tool.notified.as_ref().map(|end| end.time) } else { Some(result.time) }
}

fn run(session: &SessionBuilder, stream: usize, tool: Option<usize>, join: Join, last_call: Option<usize>) -> AgentRun {
    let data = &session.streams[stream];
    let (first, last) = (data.first_time.unwrap_or_default(), data.end_time.or(data.last_time).unwrap_or_default());
    let first_source =
        data.first.map_or(TimeSource::FirstLine, |line| session.chain.lines[line].source(TimeSource::FirstLine));
    let last_source = if data.is_end_lent { TimeSource::RecordBefore } else { TimeSource::LastLine };
    let call = tool.map(|tool| &session.tools[tool]);
    let result = call.and_then(|call| call.result.as_ref());
    let is_background =
        data.meta.as_ref().is_some_and(|meta| meta.is_background) || result.is_some_and(|result| result.is_background);
    let agent_type = data.meta.as_ref().and_then(|meta| meta.agent_type.as_deref()).map(Arc::from);
    AgentRun {
        id: Arc::clone(&data.agent_id),
        agent_type: agent_type
            .or_else(|| result.and_then(|result| result.agent_type.clone()))
            .or_else(|| call.and_then(|call| call.agent_type.clone()))
            .or_else(|| data.attributed_type.clone()),
        tool,
        turn: None,
        parent_agent: None,
        depth: 1,
        join,
        context: data.context,
        timing: Timing::new((first, first_source), (last, last_source)),
        outcome: outcome(session, data, tool, last_call),
        failure: data.final_error.clone(),
        is_background,
        prompt_length: data.prompt_length,
        is_within_turn: false,
        is_final: true,
        is_owned: true,
    }
}

fn outcome(session: &SessionBuilder, data: &Stream, tool: Option<usize>, last_call: Option<usize>) -> RunOutcome {
    if data.final_error.is_some() {
        return RunOutcome::Error;
    }
    if data.is_interrupted {
        return RunOutcome::Interrupted;
    }
    // A foreground result stands only when the agent was over.
    let is_answered = tool.is_some_and(|tool| {
        !is_unanswered(session, tool)
            && session.tools[tool].result.as_ref().is_some_and(|result| !result.is_background && !result.is_error)
    });
    if is_answered || data.meta.as_ref().is_some_and(|meta| meta.is_finished) {
        return RunOutcome::Completed;
    }
    last_call.map_or(RunOutcome::Unfinished, |call| call_outcome(session, call))
}
