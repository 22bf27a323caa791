//! Model calls against answered requests.

use std::sync::Arc;

use super::comparison::Comparison;
use super::finding::{Difference, Finding};
use super::outcome::{Both, SessionTally};
use super::place::{BEYOND, Place};
use super::reason::Reason;
use super::report::{ClientRequest, TokenKind, Tokens};
use crate::session::facts::{LlmCall, RunOutcome, Session};
use crate::session::usage::TokenUsage;
use crate::transcript::time::Millis;

/// Without ids, the same numbers of the same model are one call if they end this near to each other.
const NEAR: Millis = 10 * 1000;

/// Where a request stands in the telemetry.
type Spot = (Arc<str>, usize);

/// The tokens of a call, in the client's kinds.
pub(super) fn tokens(usage: &TokenUsage) -> Tokens {
    let mut tokens = Tokens::default();
    tokens.add(TokenKind::Input, usage.input);
    tokens.add(TokenKind::Output, usage.output);
    tokens.add(TokenKind::CacheRead, usage.cache_read);
    tokens.add(TokenKind::CacheCreation, usage.cache_creation);
    tokens
}

impl Comparison {
    /// Compares one call. One that does not count (a copy, not final, or not chosen) only takes its request along.
    pub(super) fn call(
        &mut self,
        place: Place<'_>,
        call: &LlmCall,
        counts: bool,
        cost: Option<f64>,
        tally: &mut SessionTally,
    ) {
        let spot = self.request_of(place.session, call);
        let request = spot.as_ref().and_then(|(session, at)| {
            let request = self.report.sessions.get_mut(session)?.requests.get_mut(*at)?;
            request.is_matched = true;
            Some(request.clone())
        });
        if !counts {
            self.outcome.not_final += u64::from(request.is_some() && call.is_owned && !call.is_final);
            return;
        }
        let own = tokens(&call.usage);
        tally.transcripts.add_all(&own);
        let model = self.outcome.models.entry(call.model.clone().unwrap_or_default()).or_default();
        model.transcripts.add_all(&own);
        let (Some(request), Some((session, _))) = (request, spot) else {
            model.calls.only_in_transcripts += 1;
            model.cost.only_in_transcripts += cost.unwrap_or_default();
            tally.calls.only_in_transcripts += 1;
            self.missing_call(place, call);
            return;
        };
        model.calls.matched += 1;
        tally.calls.matched += 1;
        tally.telemetry.add_all(&request.tokens);
        if let (Some(ours), Some(theirs)) = (cost, request.cost_usd) {
            model.cost.matched_by_prices += ours;
            model.cost.matched_by_client += theirs;
        }
        let theirs = self.outcome.models.entry(request.model.clone().unwrap_or_default()).or_default();
        theirs.telemetry.add_all(&request.tokens);
        self.matched_call(place.session, call, &request, &session);
    }

    /// The request that a call answers to: by id in its own session, in the one that it was copied from, or in any; by
    /// its numbers where an id is missing.
    fn request_of(&self, session: &Session, call: &LlmCall) -> Option<Spot> {
        if let Some(id) = &call.request_id {
            for session in call.copied_from.iter().chain([&session.id]) {
                let client = self.report.sessions.get(session);
                if let Some(at) = client.and_then(|client| client.request(id)) {
                    return Some((Arc::clone(session), at));
                }
            }
            if let Some(session) = self.anywhere.get(id) {
                let at = self.report.sessions.get(session)?.request(id)?;
                return Some((Arc::clone(session), at));
            }
        }
        let requests = self.report.sessions.get(&session.id)?.requests.iter().enumerate();
        let own = tokens(&call.usage);
        let is_same = |request: &ClientRequest| {
            !request.is_matched
                && (request.id.is_none() || call.request_id.is_none())
                && request.model == call.model
                && request.tokens.all_input() == own.all_input()
                && request.tokens.of(TokenKind::Input) == own.of(TokenKind::Input)
        };
        let distance = |request: &ClientRequest| request.end.abs_diff(call.timing.end);
        let near = requests.filter(|(_, request)| is_same(request) && distance(request) <= NEAR.unsigned_abs());
        near.min_by_key(|(_, request)| distance(request)).map(|(at, _)| (Arc::clone(&session.id), at))
    }

    fn missing_call(&mut self, place: Place<'_>, call: &LlmCall) {
        let Place { session, .. } = place;
        let client = self.report.sessions.get(&session.id);
        let turn = place.turn(call.parent);
        let times = (call.timing.start, call.timing.end);
        let is_last = || {
            let siblings = session.calls.iter().filter(|other| other.parent == call.parent);
            siblings.map(|other| other.timing.end).max() == Some(call.timing.end)
        };
        // In clients of old no call of an interrupted turn has a stop reason: only the last one was interrupted.
        let is_cut = call.is_aborted
            || call.stop_reason.is_none()
                && turn.is_some_and(|turn| turn.outcome == RunOutcome::Interrupted)
                && is_last();
        let reason = if is_cut { Some(Reason::CutStream) } else { place.explain_missing(client, turn, times) };
        let lost_events = client.map_or(0, |client| client.lost_around(times.0, times.1));
        self.found(Finding {
            id: Some(name_of(call)),
            name: call.model.clone(),
            transcripts: Some(1),
            time: Some(call.timing.end),
            lost_events,
            reason,
            ..Finding::new(&session.id, Difference::CallOnlyInTranscripts)
        });
    }

    fn matched_call(&mut self, session: &Session, call: &LlmCall, request: &ClientRequest, told_under: &Arc<str>) {
        let finding = |difference| Finding {
            id: Some(request.id.clone().unwrap_or_else(|| name_of(call))),
            name: call.model.clone(),
            time: Some(call.timing.end),
            ..Finding::new(&session.id, difference)
        };
        let is_tied = |other: &Arc<str>| {
            call.copied_from.as_ref() == Some(other)
                || session.previous.as_ref().is_some_and(|previous| previous.id == *other)
        };
        if *told_under != session.id && !is_tied(told_under) {
            self.found(Finding { name: Some(Arc::clone(told_under)), ..finding(Difference::CallInOtherSession) });
        }
        let own = tokens(&call.usage);
        for kind in TokenKind::ALL {
            let (ours, theirs) = (own.of(kind), request.tokens.of(kind));
            if ours == theirs {
                continue;
            }
            let is_placeholder = kind == TokenKind::Output && call.stop_reason.is_none() && ours < theirs;
            self.found(Finding {
                kind: Some(kind),
                transcripts: Some(ours),
                telemetry: Some(theirs),
                reason: is_placeholder.then_some(Reason::PlaceholderOutput),
                ..finding(Difference::CallTokens)
            });
        }
        if call.model.is_some() && request.model.is_some() && call.model != request.model {
            self.found(Finding { name: request.model.clone(), ..finding(Difference::CallModel) });
        }
        if request.events > 1 || request.spans > 1 {
            let times = u64::from(request.events.max(request.spans));
            self.found(Finding { transcripts: Some(1), telemetry: Some(times), ..finding(Difference::CallRepeated) });
        }
        let client = self.report.sessions.get(told_under);
        if request.events == 0 && client.is_some_and(|client| client.has_events) {
            let lost_events =
                client.map_or(0, |client| client.lost_around(call.timing.start, call.timing.end + BEYOND));
            self.found(Finding { lost_events, ..finding(Difference::CallEventMissing) });
        }
        let end = request.end - call.timing.end;
        self.outcome.offsets.call_ends.push(end);
        if let Some(start) = request.start {
            self.outcome.offsets.call_starts.push(start - call.timing.start);
        }
        if end.abs() > BEYOND {
            self.found(Finding {
                transcripts: u64::try_from(call.timing.end).ok(),
                telemetry: u64::try_from(request.end).ok(),
                ..finding(Difference::CallTime)
            });
        }
    }

    /// Requests of a compared session that no call answers to.
    pub(super) fn unmatched_requests(&mut self, unmatched: &[(usize, Option<Reason>)], tally: &mut SessionTally) {
        for (at, reason) in unmatched {
            let Some(client) = self.report.sessions.get(&tally.id) else { return };
            let Some(request) = client.requests.get(*at).cloned() else { continue };
            tally.calls.only_in_telemetry += 1;
            tally.telemetry.add_all(&request.tokens);
            let model = self.outcome.models.entry(request.model.clone().unwrap_or_default()).or_default();
            model.calls.add(&Both { only_in_telemetry: 1, ..Both::default() });
            model.telemetry.add_all(&request.tokens);
            model.cost.only_in_telemetry += request.cost_usd.unwrap_or_default();
            self.found(Finding {
                id: request.id.clone(),
                name: request.source.clone().or(request.model),
                telemetry: Some(1),
                time: Some(request.end),
                reason: *reason,
                ..Finding::new(&tally.id, Difference::CallOnlyInTelemetry)
            });
        }
    }
}

/// The id by which a call can be found again.
fn name_of(call: &LlmCall) -> Arc<str> {
    Arc::clone(call.request_id.as_ref().unwrap_or(&call.id))
}
