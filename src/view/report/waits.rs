//! Where the time of a session went.

use std::ops::AddAssign;

use serde::Serialize;

use super::Range;
use super::stretches::Stretches;
use crate::session::facts::{Session, Turn};
use crate::transcript::time::Millis;

/// Where the time went, in milliseconds. Within one session, what happens at the same time counts once; the times of
/// several sessions are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// In turns.
    pub busy_ms: Millis,
    /// While at least one call of a model was going on, those of agents among them.
    pub model_ms: Millis,
    /// While at least one tool was running in the foreground, and no call of a model was going on. What a call waited
    /// for its permission is part of it: the transcript does not say when that was given.
    pub tools_ms: Millis,
    /// In turns while neither was: the client itself, its hooks, dialogs outside of tools, waits before a retry.
    pub other_ms: Millis,
    /// In dialogs, by the client's own measure, which only some turns have; absent when none has. It lies inside the
    /// times above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialog_ms: Option<Millis>,
    /// The turns that have that measure.
    pub dialog_turns: u64,
    /// Between turns of one stretch of a session, that is: shorter than `--session-idle`.
    pub idle_ms: Millis,
    /// How often.
    pub idles: u64,
    /// Between stretches of a session.
    pub away_ms: Millis,
    /// How often.
    pub aways: u64,
}

impl Waits {
    /// What a session adds, of what began in the range.
    pub(super) fn of(session: &Session, range: Range) -> Self {
        let mut waits = Self::default();
        let owned = |turn: &&Turn| turn.is_owned && range.holds(turn.timing.start);
        let turns = session.turns.iter().filter(owned);
        let busy = Stretches::of(turns.clone().map(|turn| (turn.timing.start, turn.timing.end)).collect());
        let calls = session.calls.iter().filter(|call| call.is_owned && range.holds(call.timing.start));
        let calls: Vec<_> = calls.map(|call| (call.timing.start, call.timing.end)).collect();
        // Nobody waits for what runs in the background.
        let tools =
            session.tools.iter().filter(|tool| tool.is_owned && !tool.is_background && range.holds(tool.timing.start));
        let tools: Vec<_> = tools.map(|tool| (tool.timing.start, tool.timing.end)).collect();
        let both = Stretches::of(calls.iter().chain(&tools).copied().collect());
        let calls = Stretches::of(calls);
        waits.busy_ms = busy.length();
        waits.model_ms = calls.length();
        waits.tools_ms = both.length() - waits.model_ms;
        waits.other_ms = busy.length_without(&both);
        for dialog in turns.filter_map(dialog) {
            *waits.dialog_ms.get_or_insert_default() += dialog;
            waits.dialog_turns += 1;
        }
        waits.add_gaps(session, range);
        waits
    }

    /// The gaps before turns that begin in the range; whose turns the ones before them are does not matter.
    fn add_gaps(&mut self, session: &Session, range: Range) {
        let mut segment_of = vec![None; session.turns.len()];
        for (number, segment) in session.segments.iter().enumerate() {
            for turn in &segment.turns {
                if let Some(slot) = segment_of.get_mut(*turn) {
                    *slot = Some(number);
                }
            }
        }
        let mut turns: Vec<_> = session.turns.iter().zip(segment_of).filter(|(turn, _)| turn.is_owned).collect();
        turns.sort_by_key(|(turn, _)| turn.timing.start);
        let mut before: Option<(Millis, Option<usize>)> = None;
        for (turn, segment) in turns {
            if let Some((until, last_segment)) = before {
                let gap = turn.timing.start - until;
                if gap > 0 && range.holds(turn.timing.start) {
                    let is_idle = segment == last_segment;
                    let (time, count) = if is_idle {
                        (&mut self.idle_ms, &mut self.idles)
                    } else {
                        (&mut self.away_ms, &mut self.aways)
                    };
                    *time += gap;
                    *count += 1;
                }
            }
            let until = before.map_or(turn.timing.end, |(until, _)| until.max(turn.timing.end));
            before = Some((until, segment));
        }
    }
}

/// What the client's own measure leaves out: the time in dialogs. A measure longer than the turn counts from an earlier
/// start and says nothing of them.
fn dialog(turn: &Turn) -> Option<Millis> {
    turn.measured.map(|measured| turn.timing.duration() - measured).filter(|wait| *wait >= 0 && !turn.is_open)
}

impl AddAssign for Waits {
    fn add_assign(&mut self, other: Self) {
        self.busy_ms += other.busy_ms;
        self.model_ms += other.model_ms;
        self.tools_ms += other.tools_ms;
        self.other_ms += other.other_ms;
        self.dialog_ms = match (self.dialog_ms, other.dialog_ms) {
            (Some(own), Some(others)) => Some(own + others),
            (own, others) => own.or(others),
        };
        self.dialog_turns += other.dialog_turns;
        self.idle_ms += other.idle_ms;
        self.idles += other.idles;
        self.away_ms += other.away_ms;
        self.aways += other.aways;
    }
}
