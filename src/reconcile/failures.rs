//! Requests that failed for good.

use super::comparison::Comparison;
use super::finding::{Difference, Finding};
use super::outcome::SessionTally;
use super::place::Place;
use super::reason::Reason;
use super::report::ClientFailure;
use super::sources::is_own_work;
use crate::session::facts::{ApiFailure, MomentKind, Session, Turn};
use crate::transcript::time::Millis;

/// Without ids, failures of the same status are one if they lie this near to each other.
const NEAR: Millis = 10 * 1000;

/// The failures on record with their turns and times. What the client made up without asking anybody has neither a
/// status nor a request.
pub(super) fn of(session: &Session) -> Vec<(&Turn, Millis, &ApiFailure)> {
    let moments = session.turns.iter().flat_map(|turn| turn.moments.iter().map(move |moment| (turn, moment)));
    let failures = moments.filter_map(|(turn, moment)| match &moment.kind {
        MomentKind::ApiFailure(failure) => Some((turn, moment.time, failure)),
        _ => None,
    });
    let agents = session.agents.iter().filter_map(|agent| {
        let turn = agent.turn.and_then(|turn| session.turns.get(turn))?;
        Some((turn, agent.timing.end, agent.failure.as_ref()?))
    });
    failures.chain(agents).filter(|(_, _, failure)| failure.status.is_some() || failure.request_id.is_some()).collect()
}

impl Comparison {
    /// Compares one failure.
    pub(super) fn failure(
        &mut self,
        place: Place<'_>,
        (turn, time, failure): (&Turn, Millis, &ApiFailure),
        counts: bool,
        tally: &mut SessionTally,
    ) {
        let session = &place.session.id;
        let client = self.report.sessions.get_mut(session);
        let told = client.and_then(|client| find(&mut client.failures, time, failure));
        let is_told = told.is_some();
        if let Some(told) = told {
            told.is_matched = true;
        }
        if !counts {
            return;
        }
        if is_told {
            tally.failures.matched += 1;
            return;
        }
        tally.failures.only_in_transcripts += 1;
        let client = self.report.sessions.get(session);
        let reason = place.explain_missing(client, Some(turn), (time, time));
        self.found(Finding {
            id: failure.request_id.clone(),
            name: Some(std::sync::Arc::clone(&failure.class)),
            transcripts: Some(1),
            time: Some(time),
            lost_events: client.map_or(0, |client| client.lost_around(time, time)),
            reason,
            ..Finding::new(session, Difference::FailureOnlyInTranscripts)
        });
    }

    /// Failures of a compared session that no line shows.
    pub(super) fn unmatched_failures(&mut self, unmatched: &[ClientFailure], tally: &mut SessionTally) {
        for failure in unmatched {
            tally.failures.only_in_telemetry += 1;
            let is_own_work = is_own_work(failure.source.as_deref());
            self.found(Finding {
                id: failure.id.clone(),
                name: failure.source.clone(),
                telemetry: Some(1),
                time: Some(failure.time),
                reason: is_own_work.then_some(Reason::ClientsOwnWork),
                ..Finding::new(&tally.id, Difference::FailureOnlyInTelemetry)
            });
        }
    }
}

/// The failure that the client told of: by id, or by status and time where one side has no id.
fn find<'a>(told: &'a mut [ClientFailure], time: Millis, failure: &ApiFailure) -> Option<&'a mut ClientFailure> {
    let by_id = told.iter().position(|told| told.id.is_some() && told.id == failure.request_id);
    let is_same = |told: &ClientFailure| {
        !told.is_matched
            && (told.id.is_none() || failure.request_id.is_none())
            && told.status == failure.status
            && told.time.abs_diff(time) <= NEAR.unsigned_abs()
    };
    let at = by_id.or_else(|| told.iter().position(is_same))?;
    told.get_mut(at)
}
