//! Puts everything together once a session's lines are read.

use std::sync::Arc;

use super::agents::{self, Agents};
use super::builder::SessionBuilder;
use super::calls::build_calls;
use super::closing::{self, ClosingOptions, Quiet};
use super::draft::MarkKind;
use super::facts::{Compaction, HookRun, Session, Turn};
use super::finality::Parts;
use super::hidden::{client_totals, hidden_usage};
use super::segments::build_segments;
use super::timing::{TimeSource, Timing};
use super::tools::build_tools;
use super::turns::{TurnMap, build_turns, map_turns};
use crate::transcript::problem::{Problem, ProblemKind};
use crate::transcript::time::Millis;

/// How long before a compaction's mark its summary was seen to end: 0.4 s in files of real clients.
const SUMMARY_BEFORE_MARK: Millis = 10_000;
/// And how long after, since clocks of one process are read twice.
const SUMMARY_AFTER_MARK: Millis = 1_000;

impl SessionBuilder {
    /// The session as its lines tell it.
    pub fn resolve(&self, options: ClosingOptions) -> Session {
        let mut problems = self.problems.clone();
        let mut problem = |problem: Problem, count: u64| {
            if count > 0 {
                *problems.entry(problem).or_default() += count;
            }
        };
        problem(Problem::new(ProblemKind::ResultWithoutUse), self.early_results.len() as u64);
        let map = map_turns(self);
        let mut turns = build_turns(self, &map);
        let Agents { runs: agents, of_stream } = agents::build_agents(self, &map, &turns);
        let calls = build_calls(self, &map, &of_stream);
        let agents = Agents { runs: agents, of_stream };
        let tools = build_tools(self, &map, &turns, &agents, &calls);
        let agents = agents.runs;
        let quiet = Quiet::of(self, options);
        closing::judge(self, &map, &mut turns, &tools, &agents, &quiet, options);
        let (mut compactions, mut hooks) = self.marked(&map, &turns);
        let mut parts = Parts { calls, tools, agents, compactions: &mut compactions, hooks: &mut hooks };
        let holds_open = parts.judge(self, &turns, &quiet, options);
        let Parts { calls, tools, agents, .. } = parts;
        let segments = build_segments(self, &turns, &tools, &holds_open.turns, &quiet, options);
        let due = closing::due(self, &turns, &segments, holds_open.any, &quiet, options);
        let guessed = agents.iter().filter(|run| run.join.is_guess()).count();
        problem(Problem::new(ProblemKind::GuessedAgentParent), guessed as u64);
        let (hidden, counted_calls) = hidden_usage(self).unwrap_or_else(|unclear| {
            problem(unclear, 1);
            Default::default()
        });
        Session {
            last_time: self.streams.iter().filter_map(|stream| stream.last_time).max(),
            due,
            previous: None,
            first_time: self.first_time,
            turns,
            calls,
            tools,
            agents,
            compactions,
            hooks,
            segments,
            hidden,
            client_totals: client_totals(self, counted_calls),
            counted: self.counted.clone(),
            continued_in: self.continued_in.clone(),
            problems,
            contexts: self.contexts.clone(),
            content: self.content(&map),
            id: Arc::clone(&self.id),
        }
    }

    fn marked(&self, map: &TurnMap, turns: &[Turn]) -> (Vec<Compaction>, Vec<HookRun>) {
        let (mut compactions, mut hooks) = (Vec::new(), Vec::new());
        let following = FollowingTurns::new(turns);
        let boundaries: hashbrown::HashSet<usize> = self
            .marks
            .iter()
            .filter(|mark| matches!(mark.kind, MarkKind::Compaction { .. }))
            .map(|mark| mark.position)
            .collect();
        for mark in &self.marks {
            let line = &self.chain.lines[mark.position];
            // Only what stands in the main file can be a copy of history.
            let main_position = if line.stream == 0 { mark.position } else { usize::MAX };
            let key = super::chain::line_key(self.chain.ids[mark.position]);
            let context = self.context_of_line.get(&mark.position).copied().unwrap_or(0);
            let turn = map.of(mark.position);
            match &mark.kind {
                MarkKind::Compaction { trigger, pre_tokens, post_tokens, duration } => {
                    let start = match duration {
                        Some(duration) => (line.time - duration, TimeSource::RecordedDuration),
                        None => self.compaction_agent(line.time).unwrap_or((line.time, TimeSource::OtherEnd)),
                    };
                    compactions.push(Compaction {
                        key,
                        turn,
                        context,
                        timing: Timing::new(start, (line.time, TimeSource::BoundaryLine)),
                        trigger: trigger.clone(),
                        pre_tokens: *pre_tokens,
                        post_tokens: *post_tokens,
                        position: main_position,
                        is_final: true,
                        is_owned: true,
                    });
                }
                // The summary that follows a mark is the same compaction.
                MarkKind::Summary if line.stream == 0 && !self.follows_boundary(mark.position, &boundaries) => {
                    compactions.push(Compaction {
                        key,
                        turn,
                        context,
                        timing: Timing::new((line.time, TimeSource::OtherEnd), (line.time, TimeSource::LastLine)),
                        trigger: None,
                        pre_tokens: None,
                        post_tokens: None,
                        position: main_position,
                        is_final: true,
                        is_owned: true,
                    });
                }
                MarkKind::Hook { event, duration, failed, number } => hooks.push(HookRun {
                    key: format!("{key}/{number}").into(),
                    turn: turn.or_else(|| following.after(line.time)),
                    is_in_turn: turn.is_some(),
                    context,
                    timing: Timing::new(
                        (line.time - duration, TimeSource::RecordedDuration),
                        (line.time, TimeSource::LastLine),
                    ),
                    event: event.clone(),
                    failed: *failed,
                    position: main_position,
                    is_final: true,
                    is_owned: true,
                }),
                _ => {}
            }
        }
        (compactions, hooks)
    }

    /// The start of the client's own agent whose summary came just before a compaction's mark (2.1.38, where gated on).
    fn compaction_agent(&self, boundary: Millis) -> Option<(Millis, TimeSource)> {
        let ended_just_before =
            |end: Millis| (boundary - SUMMARY_BEFORE_MARK..=boundary + SUMMARY_AFTER_MARK).contains(&end);
        let agents =
            self.streams.iter().filter(|stream| stream.is_internal && stream.agent_id.starts_with("acompact-"));
        let agent = agents
            .filter(|stream| stream.end_time.is_some_and(ended_just_before))
            .max_by_key(|stream| stream.end_time)?;
        Some((agent.first_time?.min(boundary), TimeSource::CompactionAgent))
    }

    /// Whether a mark stands a few lines above: attachments may stand between it and its summary.
    fn follows_boundary(&self, summary: usize, boundaries: &hashbrown::HashSet<usize>) -> bool {
        let mut at = summary;
        for _ in 0..8 {
            match self.chain.parent(at) {
                Some(parent) if boundaries.contains(&parent) => return true,
                Some(parent) => at = parent,
                None => return false,
            }
        }
        false
    }
}

/// The turn that a hook of the session's start, which stands before the first prompt, belongs to: the one that follows.
struct FollowingTurns<'a> {
    turns: &'a [Turn],
    order: Vec<usize>,
}

impl<'a> FollowingTurns<'a> {
    fn new(turns: &'a [Turn]) -> Self {
        let mut order: Vec<usize> = (0..turns.len()).collect();
        order.sort_by_key(|turn| (turns[*turn].timing.start, *turn));
        Self { turns, order }
    }

    fn after(&self, time: Millis) -> Option<usize> {
        let begun = self.order.partition_point(|turn| self.turns[*turn].timing.start < time);
        self.order.get(begun).or(self.order.last()).copied()
    }
}
