//! The token metric's sums against the session's calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::comparison::Comparison;
use super::finding::{Difference, Finding};
use super::outcome::SessionTally;
use super::place::{BEYOND, Place};
use super::reason::Reason;
use super::report::{ClientSession, TokenKind, Tokens};
use crate::session::facts::{Moment, MomentKind, RunOutcome, Session, Turn};

/// What a session's calls came to, for the comparison with sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Visible {
    /// Tokens of its calls by model.
    pub by_model: BTreeMap<Arc<str>, Tokens>,
    /// Whether some call's output tokens are a lower bound.
    pub has_lower_bound: bool,
}

/// The sums that the metric should show: those of what the same client told one by one, else those of the transcript,
/// which shows nothing auxiliary.
fn expected(client: &ClientSession, visible: &Visible) -> (BTreeMap<Arc<str>, Tokens>, bool) {
    if !client.has_records() {
        return (visible.by_model.clone(), true);
    }
    let mut sums: BTreeMap<Arc<str>, Tokens> = BTreeMap::new();
    for request in client.requests.iter().filter(|request| !client.has_events || request.events > 0) {
        sums.entry(request.model.clone().unwrap_or_default()).or_default().add_all(&request.tokens);
    }
    (sums, false)
}

/// Attempts that can have been cut: failures on record without an answer's status, and answers cut in their stream. Of
/// each turn with such failures one more, for the attempt after the last retry has no record of its own: the client then
/// asks for the answer in one piece.
fn cut_attempts(session: &Session) -> u64 {
    let is_cut = |moment: &Moment| matches!(moment.kind, MomentKind::ApiError { status: None, .. });
    let failed = |turn: &Turn| turn.moments.iter().filter(|moment| is_cut(moment)).count() as u64;
    let in_turns: u64 = session.turns.iter().map(failed).filter(|failed| *failed > 0).map(|failed| failed + 1).sum();
    in_turns + session.calls.iter().filter(|call| call.is_aborted).count() as u64
}

impl Comparison {
    /// Compares the sums of one session; those of the same client's records, or of the transcript.
    pub(super) fn sums(&mut self, place: Place<'_>, visible: &Visible, tally: &mut SessionTally) {
        let Some(client) = self.report.sessions.get(&tally.id).filter(|client| !client.tokens.is_empty()) else {
            return;
        };
        let (expected, is_by_transcript) = expected(client, visible);
        let told = |model: &Arc<str>| {
            let mut told = client.tokens.get(model).copied().unwrap_or_default();
            if is_by_transcript {
                told.all.take(&told.auxiliary);
            }
            told.all
        };
        let models: std::collections::BTreeSet<&Arc<str>> = expected.keys().chain(client.tokens.keys()).collect();
        let sums: Vec<(Arc<str>, Tokens, Tokens)> = models
            .into_iter()
            .map(|model| (Arc::clone(model), expected.get(model).copied().unwrap_or_default(), told(model)))
            .collect();
        let excess = sums.iter().map(|(_, ours, theirs)| theirs.all_input().saturating_sub(ours.all_input())).sum();
        let largest = place.session.calls.iter().map(|call| call.usage.total_input()).max().unwrap_or_default();
        let attempts = cut_attempts(place.session);
        let is_cut_attempts = attempts > 0 && (1..=largest.saturating_mul(attempts)).contains(&excess);
        let is_lost = is_lost(place, client);
        let is_beyond = is_beyond(place);
        let is_lower_bound = is_by_transcript && visible.has_lower_bound;
        for (model, ours, theirs) in sums {
            if is_by_transcript {
                tally.telemetry.add_all(&theirs);
                self.outcome.models.entry(Arc::clone(&model)).or_default().telemetry.add_all(&theirs);
            }
            for kind in TokenKind::ALL {
                let (ours, theirs) = (ours.of(kind), theirs.of(kind));
                let reason = match ours.cmp(&theirs) {
                    std::cmp::Ordering::Equal => continue,
                    _ if is_beyond => Some(Reason::OutsideFiles),
                    std::cmp::Ordering::Less if is_cut_attempts => Some(Reason::CutAttempts),
                    std::cmp::Ordering::Less if is_lower_bound && kind == TokenKind::Output => {
                        Some(Reason::PlaceholderOutput)
                    }
                    std::cmp::Ordering::Greater if is_lost => Some(Reason::LostFlush),
                    _ => None,
                };
                self.found(Finding {
                    name: Some(Arc::clone(&model)),
                    kind: Some(kind),
                    transcripts: Some(ours),
                    telemetry: Some(theirs),
                    reason,
                    ..Finding::new(&tally.id, Difference::MetricTokens)
                });
            }
        }
    }
}

/// Whether some turn was cut without an end, and the client fell silent with it.
fn is_lost(place: Place<'_>, client: &ClientSession) -> bool {
    let cut = place.session.turns.iter().filter(|turn| turn.outcome == RunOutcome::Unfinished);
    cut.into_iter().any(|turn| {
        let times = (turn.timing.start, turn.timing.end);
        place.explain_missing(Some(client), Some(turn), times) == Some(Reason::LostFlush)
    })
}

/// Whether a part of the session lies before the first or after the last record of the files.
fn is_beyond(place: Place<'_>) -> bool {
    let Some((first, last)) = place.reach else { return true };
    let calls = &place.session.calls;
    calls.iter().any(|call| call.timing.start < first - BEYOND || call.timing.end > last + BEYOND)
}
