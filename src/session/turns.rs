//! Which turn a line belongs to, and what each turn was.
//!
//! A line belongs to the turn that its chain of parents leads to, wherever it stands in the file: with two clients on
//! one session, after a rewind or between queued prompts, neighbours in the file are none in the conversation.

use std::sync::Arc;

use super::builder::SessionBuilder;
use super::chain::{LineKind, Position, line_key};
use super::draft::{Call, MarkKind, Prompt};
use super::facts::{Moment, MomentKind, RunOutcome, Turn, TurnOrigin};
use super::timing::{TimeSource, Timing};
use crate::transcript::entry::ResultText;
use crate::transcript::time::Millis;

/// Where a chain leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// To a line that starts a turn.
    Turn(Position),
    /// To a line that starts one if a model call descends from it.
    Candidate(Position),
    /// Nowhere.
    Nowhere,
}

/// What is known about a line's turn so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    NotYet,
    Starts(Position),
    None,
}

/// The turns of a session by the line that starts each, and the turn of every line of the main stream.
#[derive(Debug)]
pub(super) struct TurnMap {
    /// The start lines, in file order.
    pub starts: Vec<Position>,
    /// The number of each line's turn.
    of_line: Vec<Option<usize>>,
}

impl TurnMap {
    pub(super) fn of(&self, position: Position) -> Option<usize> {
        self.of_line.get(position).copied().flatten()
    }
}

/// Finds all turns.
pub(super) fn map_turns(session: &SessionBuilder) -> TurnMap {
    let mut walk = Walk {
        session,
        known: vec![Known::NotYet; session.chain.lines.len()],
        through_compactions: true,
        nowhere: vec![false; session.chain.lines.len()],
        without_user: vec![false; session.chain.lines.len()],
    };
    // Calls first: they decide which candidates are turns.
    for call in session.calls.iter().filter(|call| call.stream == 0) {
        let start = match walk.lead(call.first) {
            Lead::Turn(start) | Lead::Candidate(start) => start,
            Lead::Nowhere => walk.nearest_user(call.first),
        };
        walk.known[start] = Known::Starts(start);
        walk.settle(call.first, Known::Starts(start));
    }
    walk.through_compactions = false;
    walk.nowhere.fill(false);
    for position in 0..session.chain.lines.len() {
        if session.chain.lines[position].stream == 0 && walk.known[position] == Known::NotYet {
            let known = match walk.lead(position) {
                Lead::Turn(start) => Known::Starts(start),
                Lead::Candidate(_) | Lead::Nowhere => Known::None,
            };
            walk.settle(position, known);
        }
    }
    let mut starts: Vec<Position> = walk
        .known
        .iter()
        .filter_map(|known| if let Known::Starts(start) = known { Some(*start) } else { None })
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let number = |start: Position| starts.binary_search(&start).ok();
    let of_line =
        walk.known.iter().map(|known| if let Known::Starts(start) = known { number(*start) } else { None }).collect();
    TurnMap { starts, of_line }
}

struct Walk<'a> {
    session: &'a SessionBuilder,
    known: Vec<Known>,
    /// Whether a manual compaction lies on the way or ends it: below it, only a model call shows that the turn went on.
    through_compactions: bool,
    /// Lines whose chains were walked to their end in vain, so that no chain is walked twice.
    nowhere: Vec<bool>,
    /// Lines above which no line of a user stands, found out in the same way.
    without_user: Vec<bool>,
}

impl Walk<'_> {
    /// The next line up: a result hangs where its call stands, whatever its parent says.
    fn up(&self, position: Position) -> Option<Position> {
        let line = &self.session.chain.lines[position];
        if matches!(line.kind, LineKind::Result | LineKind::MadeUp)
            && let Some(tool) = self.session.tool_of_result.get(&position)
        {
            return Some(self.session.tools[*tool].position).filter(|use_line| *use_line != position);
        }
        self.session.chain.parent(position)
    }

    fn lead(&mut self, from: Position) -> Lead {
        let mut position = from;
        // No chain is longer than the session; a longer one runs in a circle.
        for _ in 0..=self.session.chain.lines.len() {
            match self.known[position] {
                Known::Starts(start) => return Lead::Turn(start),
                Known::None => break,
                Known::NotYet => {}
            }
            match self.session.chain.lines[position].kind {
                LineKind::Start => return Lead::Turn(position),
                LineKind::Compaction if !self.through_compactions => return Lead::Turn(position),
                LineKind::MayStart => return Lead::Candidate(position),
                _ if self.nowhere[position] => break,
                _ => {}
            }
            match self.up(position) {
                Some(parent) if self.session.chain.lines[parent].stream == 0 => position = parent,
                _ => break,
            }
        }
        self.mark_nowhere(from);
        Lead::Nowhere
    }

    fn mark_nowhere(&mut self, from: Position) {
        let mut position = from;
        while !self.nowhere[position] {
            self.nowhere[position] = true;
            match self.up(position) {
                Some(parent) if self.session.chain.lines[parent].stream == 0 => position = parent,
                _ => break,
            }
        }
    }

    /// The nearest line above that a user or the client wrote for the model; the line itself when there is none.
    fn nearest_user(&mut self, from: Position) -> Position {
        let mut position = from;
        while !self.without_user[position] {
            if matches!(self.session.chain.lines[position].kind, LineKind::User | LineKind::Meta | LineKind::Sign)
                && self.known[position] != Known::None
            {
                self.unmark_without_user(from, position);
                return position;
            }
            // Only marked for good when the walk ends in vain; below, a circle ends here too.
            self.without_user[position] = true;
            match self.up(position) {
                Some(parent) if self.session.chain.lines[parent].stream == 0 => position = parent,
                _ => break,
            }
        }
        from
    }

    /// Takes back the marks between a line and the user line found above it.
    fn unmark_without_user(&mut self, from: Position, found: Position) {
        let mut position = from;
        while position != found {
            self.without_user[position] = false;
            match self.up(position) {
                Some(parent) => position = parent,
                None => break,
            }
        }
    }

    /// Notes the answer on every line of the way that had none.
    fn settle(&mut self, from: Position, known: Known) {
        let mut position = from;
        let stop = if let Known::Starts(start) = known { Some(start) } else { None };
        while self.known[position] == Known::NotYet {
            let kind = self.session.chain.lines[position].kind;
            self.known[position] = known;
            let is_border = matches!(kind, LineKind::Start | LineKind::MayStart) || Some(position) == stop;
            match self.up(position) {
                Some(parent) if !is_border && self.session.chain.lines[parent].stream == 0 => position = parent,
                _ => break,
            }
        }
    }
}

/// The compaction that a turn begins with.
#[derive(Debug, Clone, Copy)]
struct ManualCompaction {
    duration: Option<Millis>,
}

/// What the lines of one turn say together.
#[derive(Debug, Default, Clone)]
struct Signs {
    last_time: Option<Millis>,
    is_last_lent: bool,
    earliest: Option<Millis>,
    last_call: Option<usize>,
    last_call_at: Option<Position>,
    interrupted_at: Option<Position>,
    failed_at: Option<Position>,
    error: Option<Arc<str>>,
    measured: Option<Millis>,
    compaction: Option<ManualCompaction>,
    moments: Vec<Moment>,
}

/// Builds the turns. Whether the last ones are still open is judged later, when agents and tools are known.
pub(super) fn build_turns(session: &SessionBuilder, map: &TurnMap) -> Vec<Turn> {
    let mut signs = vec![Signs::default(); map.starts.len()];
    for (position, line) in session.chain.lines.iter().enumerate() {
        let Some(turn) = map.of(position) else { continue };
        let signs = &mut signs[turn];
        signs.earliest = Some(signs.earliest.map_or(line.time, |time| time.min(line.time)));
        let shows_life = !matches!(line.kind, LineKind::MadeUp | LineKind::Other | LineKind::Meta);
        if (shows_life || position == map.starts[turn]) && signs.last_time.is_none_or(|last| last <= line.time) {
            signs.is_last_lent = line.is_lent && (signs.last_time != Some(line.time) || signs.is_last_lent);
            signs.last_time = Some(line.time);
        }
    }
    for (place, call) in session.calls.iter().enumerate().filter(|(_, call)| call.stream == 0) {
        if let Some(turn) = map.of(call.first)
            && signs[turn].last_call_at.is_none_or(|at| at < call.last)
        {
            signs[turn].last_call = Some(place);
            signs[turn].last_call_at = Some(call.last);
        }
    }
    for mark in &session.marks {
        let Some(turn) = map.of(mark.position) else { continue };
        let time = session.chain.lines[mark.position].time;
        let signs = &mut signs[turn];
        match &mark.kind {
            MarkKind::Moment(kind) => {
                if matches!(kind, MomentKind::Interrupt) {
                    signs.interrupted_at = Some(mark.position);
                }
                signs.moments.push(Moment { time, kind: kind.clone() });
            }
            MarkKind::FinalError(failure) => {
                signs.failed_at = Some(mark.position);
                signs.error = Some(Arc::clone(&failure.class));
                signs.moments.push(Moment { time, kind: MomentKind::ApiFailure(failure.clone()) });
            }
            MarkKind::Measured(duration) => signs.measured = Some(*duration),
            MarkKind::Compaction { duration, .. } if mark.position == map.starts[turn] => {
                signs.compaction = Some(ManualCompaction { duration: *duration });
            }
            _ => {}
        }
    }
    for (turn, moment) in model_changes(session, map) {
        // A fallback's own line says the same, and says it first.
        if !signs[turn].moments.iter().any(|known| known.kind == moment.kind) {
            signs[turn].moments.push(moment);
            signs[turn].moments.sort_by_key(|moment| moment.time);
        }
    }
    let mut prompts = session.prompts.iter().peekable();
    let mut turns = Vec::with_capacity(map.starts.len());
    let mut compactions = session
        .marks
        .iter()
        .filter(|mark| matches!(mark.kind, MarkKind::Compaction { .. } | MarkKind::Summary))
        .filter(|mark| session.chain.lines[mark.position].stream == 0)
        .peekable();
    let mut is_compacted = false;
    for (number, (start, signs)) in map.starts.iter().zip(signs).enumerate() {
        while prompts.next_if(|prompt| prompt.position < *start).is_some() {}
        while compactions.next_if(|mark| mark.position < *start).is_some() {
            is_compacted = true;
        }
        let prompt = prompts.peek().filter(|prompt| prompt.position == *start).copied();
        turns.push(turn(session, number, *start, prompt, signs, is_compacted));
    }
    turns
}

/// Where another model answers than before: `/model` leaves no other trace.
fn model_changes(session: &SessionBuilder, map: &TurnMap) -> Vec<(usize, Moment)> {
    let mut calls: Vec<&Call> = session.calls.iter().filter(|call| call.stream == 0 && call.model.is_some()).collect();
    calls.sort_by_key(|call| call.first);
    let changes = calls.windows(2).filter(|pair| pair[0].model != pair[1].model);
    let moment =
        |call: &Call| Moment { time: call.first_time, kind: MomentKind::ModelChange { to: call.model.clone() } };
    changes.filter_map(|pair| Some((map.of(pair[1].first)?, moment(pair[1])))).collect()
}

fn turn(
    session: &SessionBuilder,
    number: usize,
    start: Position,
    prompt: Option<&Prompt>,
    signs: Signs,
    is_compacted: bool,
) -> Turn {
    let line = &session.chain.lines[start];
    let begin = match (&signs.compaction, prompt.and_then(|prompt| prompt.dequeued)) {
        (Some(ManualCompaction { duration: Some(duration) }), _) => {
            (line.time - duration, TimeSource::RecordedDuration)
        }
        // Before durations were recorded, the command's own line came first in time, if not in the file.
        (Some(ManualCompaction { duration: None }), _) if signs.earliest.is_some_and(|time| time < line.time) => {
            (signs.earliest.unwrap_or(line.time), TimeSource::CommandLine)
        }
        (_, Some(dequeued)) => (dequeued, TimeSource::Dequeue),
        _ => (line.time, line.source(TimeSource::PromptLine)),
    };
    let last_line = signs.last_time.unwrap_or(line.time);
    let end_source = if signs.is_last_lent { TimeSource::RecordBefore } else { TimeSource::LastLine };
    let (outcome, error_type) = outcome(session, &signs);
    Turn {
        key: line_key(session.chain.ids[start]),
        index: number as u64 + 1,
        context: context_of(session, start),
        timing: Timing::new(begin, (last_line, end_source)),
        origin: prompt.map_or(TurnOrigin::Unknown, |prompt| prompt.origin),
        outcome,
        error_type,
        prompt_id: prompt.and_then(|prompt| prompt.prompt_id.clone()),
        prompt_length: prompt.and_then(|prompt| prompt.length),
        prompt_images: prompt.map_or(0, |prompt| prompt.images),
        permission_mode: prompt.and_then(|prompt| prompt.permission_mode.clone()),
        measured: signs.measured,
        is_compaction: signs.compaction.is_some(),
        moments: signs.moments,
        is_compacted,
        is_open: false,
        is_pending: false,
        last_line,
        position: start,
        place: session.place_of_line.get(&start).copied().unwrap_or_default(),
        is_owned: true,
    }
}

fn context_of(session: &SessionBuilder, position: Position) -> usize {
    session.context_of_line.get(&position).copied().unwrap_or(0)
}

fn outcome(session: &SessionBuilder, signs: &Signs) -> (RunOutcome, Option<Arc<str>>) {
    let last_call = signs.last_call_at;
    if signs.interrupted_at > last_call && signs.interrupted_at >= signs.failed_at {
        return (RunOutcome::Interrupted, None);
    }
    if signs.failed_at > last_call {
        return (RunOutcome::Error, signs.error.clone());
    }
    if signs.measured.is_some() || (signs.compaction.is_some() && last_call.is_none()) {
        return (RunOutcome::Completed, None);
    }
    (signs.last_call.map_or(RunOutcome::Unfinished, |call| call_outcome(session, call)), None)
}

/// How a run ended whose last response is this one.
pub(super) fn call_outcome(session: &SessionBuilder, call: usize) -> RunOutcome {
    let call = &session.calls[call];
    if call.is_aborted {
        return RunOutcome::Interrupted;
    }
    match call.stop_reason.as_deref() {
        // The model waits for its tools, and no later response is on record.
        Some("tool_use" | "pause_turn") => RunOutcome::Unfinished,
        Some(_) => RunOutcome::Completed,
        // Older clients wrote no reason; a response without calls was the last one all the same.
        None if call.tools.is_empty() => RunOutcome::Completed,
        None => RunOutcome::Unfinished,
    }
}

/// Whether a call still has no genuine result.
pub(super) fn is_unanswered(session: &SessionBuilder, tool: usize) -> bool {
    session.tools[tool].result.as_ref().is_none_or(|result| result.text == ResultText::MadeUp)
}
