//! Responses, with the times that their lines allow.

use hashbrown::HashMap;

use super::builder::SessionBuilder;
use super::chain::LineKind;
use super::draft::{Call, MarkKind};
use super::facts::{LlmCall, MomentKind, Parent};
use super::timing::{TimeSource, Timing};
use super::turns::TurnMap;
use crate::transcript::time::Millis;

/// A stream and, in the main file, a turn of it: what one conversation with the model is.
type Strand = (usize, Option<usize>);

/// The times at which something was put before the model, by stream and turn.
struct Inputs(HashMap<Strand, Vec<(Millis, TimeSource)>>);

impl Inputs {
    fn of(session: &SessionBuilder, map: &TurnMap) -> Self {
        let mut inputs: HashMap<_, Vec<_>> = HashMap::new();
        let mut add = |position: usize, wait: Millis, source| {
            let line = &session.chain.lines[position];
            let times = inputs.entry((line.stream, map.of(position))).or_default();
            times.push((line.time.saturating_add(wait), line.source(source)));
        };
        for (position, line) in session.chain.lines.iter().enumerate() {
            if matches!(
                line.kind,
                LineKind::Start | LineKind::MayStart | LineKind::Result | LineKind::User | LineKind::Meta
            ) {
                add(position, 0, TimeSource::PreviousInput);
            }
        }
        for mark in &session.marks {
            match mark.kind {
                // The next attempt is made after the wait that the failure's line announces.
                MarkKind::Moment(MomentKind::ApiError { retry_in, .. }) => {
                    add(mark.position, retry_in.unwrap_or(0), TimeSource::FailedAttempt);
                }
                // A hook's line is made when the hook is over, and the request waits for that.
                MarkKind::Hook { .. } => add(mark.position, 0, TimeSource::HookLine),
                MarkKind::Compaction { .. } | MarkKind::Summary => add(mark.position, 0, TimeSource::PreviousInput),
                _ => {}
            }
        }
        for times in inputs.values_mut() {
            times.sort_unstable_by_key(|(time, _)| *time);
        }
        Self(inputs)
    }

    fn latest_before(&self, stream: usize, turn: Option<usize>, time: Millis) -> Option<(Millis, TimeSource)> {
        let times = self.0.get(&(stream, turn))?;
        times[..times.partition_point(|(input, _)| *input <= time)].last().copied()
    }
}

/// The failed attempts that came before each response, by the turn or agent that they stand in.
struct Attempts(HashMap<Strand, Vec<Millis>>);

impl Attempts {
    fn of(session: &SessionBuilder, map: &TurnMap) -> Self {
        let mut failed: HashMap<_, Vec<_>> = HashMap::new();
        for mark in
            session.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Moment(MomentKind::ApiError { .. })))
        {
            let line = &session.chain.lines[mark.position];
            failed.entry((line.stream, map.of(mark.position))).or_default().push(line.time);
        }
        Self(failed)
    }

    /// How many failed between two times.
    fn between(&self, stream: usize, turn: Option<usize>, after: Millis, until: Millis) -> u64 {
        self.0
            .get(&(stream, turn))
            .map_or(0, |times| times.iter().filter(|time| (after + 1..=until).contains(*time)).count() as u64)
    }
}

/// Builds all calls, in the order of their first lines. `agent_of_stream` names the agent run of each stream.
pub(super) fn build_calls(session: &SessionBuilder, map: &TurnMap, agent_of_stream: &[Option<usize>]) -> Vec<LlmCall> {
    let inputs = Inputs::of(session, map);
    let attempts = Attempts::of(session, map);
    let mut compactions: Vec<usize> = session
        .marks
        .iter()
        .filter(|mark| matches!(mark.kind, MarkKind::Compaction { .. } | MarkKind::Summary))
        .filter(|mark| session.chain.lines[mark.position].stream == 0)
        .map(|mark| mark.position)
        .collect();
    compactions.sort_unstable();
    let mut ends: HashMap<Strand, Vec<Millis>> = HashMap::new();
    for call in &session.calls {
        ends.entry((call.stream, map.of(call.first))).or_default().push(call.last_time);
    }
    for times in ends.values_mut() {
        times.sort_unstable();
    }
    let build = |call: &Call| {
        let turn = map.of(call.first);
        let stream = &session.streams[call.stream];
        let parent = match (call.stream, turn) {
            (0, turn) => Parent::Turn(turn.unwrap_or(0)),
            (stream, _) => Parent::Agent(agent_of_stream[stream].unwrap_or(0)),
        };
        let request = call.request_ref.as_deref().and_then(|id| session.requests.get(id));
        let timing = Timing::new(
            start(call, request.map(|request| request.time), turn, &inputs),
            (call.last_time, if call.is_last_lent { TimeSource::RecordBefore } else { TimeSource::LastLine }),
        );
        let previous_end = ends
            .get(&(call.stream, turn))
            .and_then(|ends| ends[..ends.partition_point(|end| *end < call.first_time)].last())
            .copied();
        let failed = attempts.between(call.stream, turn, previous_end.unwrap_or(Millis::MIN + 1), call.first_time);
        LlmCall {
            id: call.id.clone(),
            parent,
            context: call.context,
            timing,
            model: call.model.clone(),
            requested_model: call.requested_model.clone().or_else(|| request.and_then(|request| request.model.clone())),
            request_id: call.request_id.clone(),
            max_tokens: request.and_then(|request| request.max_tokens),
            query_source: request.and_then(|request| request.query_source.clone()),
            usage: call.usage,
            stop_reason: call.stop_reason.clone(),
            effort: call.effort.clone(),
            speed: call.speed.clone(),
            service_tier: call.service_tier.clone(),
            cache_miss_reason: call.cache_miss_reason.clone(),
            thinking_duration: call.thinking_duration,
            cost_usd: call.cost_usd,
            attempts: (failed > 0).then_some(failed + 1),
            is_aborted: call.is_aborted,
            is_compacted: call.stream == 0 && compactions.first().is_some_and(|first| *first < call.first),
            last_main_position: (call.stream == 0).then_some(call.last),
            is_auxiliary: stream.is_internal,
            copied_from: call.copied_from.clone(),
            is_final: true,
            is_owned: true,
        }
    };
    session.calls.iter().map(build).collect()
}

fn start(call: &Call, requested: Option<Millis>, turn: Option<usize>, inputs: &Inputs) -> (Millis, TimeSource) {
    if let Some(time) = requested.filter(|time| *time <= call.last_time) {
        return (time, TimeSource::ApiRequest);
    }
    if let Some(duration) = call.duration {
        return (call.last_time - duration, TimeSource::RecordedDuration);
    }
    let turn = if call.stream == 0 { turn } else { None };
    inputs.latest_before(call.stream, turn, call.first_time).unwrap_or((call.first_time, TimeSource::OtherEnd))
}
