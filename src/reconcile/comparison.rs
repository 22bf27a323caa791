//! One session after the other against the report.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;

use super::calls::tokens;
use super::failures;
use super::finding::{Difference, Finding};
use super::metric::Visible;
use super::outcome::{OneSided, Outcome, SessionTally};
use super::place::Place;
use super::reason::Reason;
use super::report::{ClientFailure, ClientReport, ClientSession, ClientTool, Tokens};
use super::sources::explain_unmatched;
use crate::session::facts::{LlmCall, Parent, Session};
use crate::transcript::time::Millis;

/// What is compared of what was read.
pub trait Selection {
    /// Whether a rebuilt session is chosen.
    fn takes_session(&self, session: &Session) -> bool;
    /// Whether a session is chosen of which nothing is known but its id.
    fn takes_id(&self, session: &str) -> bool;
    /// Whether a turn that began then is chosen, or something of which nothing is known but its time.
    fn takes_time(&self, time: Millis) -> bool;
    /// What a call costs by list prices, in US dollars.
    fn cost(&self, call: &LlmCall) -> Option<f64>;
}

/// Compares; what the telemetry alone knows is clear only once all sessions were seen.
#[derive(Debug)]
pub struct Comparison {
    pub(super) report: ClientReport,
    pub(super) outcome: Outcome,
    /// The sessions in which requests are told of, by id: for those told of under another session.
    pub(super) anywhere: HashMap<Arc<str>, Arc<str>>,
    /// Every session that was rebuilt, chosen or not.
    rebuilt: BTreeSet<Arc<str>>,
    /// Sessions that both sides know; what the telemetry alone has of them is still to come.
    open: Vec<SessionTally>,
}

impl Comparison {
    /// Begins with everything that the telemetry says.
    pub fn new(report: ClientReport) -> Self {
        let mut anywhere = HashMap::new();
        for (id, session) in &report.sessions {
            let requests = session.requests.iter().filter_map(|request| request.id.as_ref());
            anywhere.extend(requests.map(|told| (Arc::clone(told), Arc::clone(id))));
        }
        let outcome = Outcome {
            counts: report.counts,
            reach: report.reach,
            told_sessions: report.sessions.len() as u64,
            ..Outcome::default()
        };
        Self { report, outcome, anywhere, rebuilt: BTreeSet::new(), open: Vec::new() }
    }

    /// Takes one rebuilt session in.
    pub fn session(&mut self, session: &Session, selection: &impl Selection) {
        self.rebuilt.insert(Arc::clone(&session.id));
        let is_taken = selection.takes_session(session);
        self.outcome.rebuilt_sessions += u64::from(is_taken);
        let place = Place { session, reach: self.report.reach };
        let is_chosen = |parent: Parent, start: Millis| {
            is_taken && selection.takes_time(place.turn(parent).map_or(start, |turn| turn.timing.start))
        };
        let counted = |call: &LlmCall| call.is_owned && call.is_final && is_chosen(call.parent, call.timing.start);
        if !self.report.sessions.contains_key(&session.id) {
            self.untold(place, selection, &counted);
            return;
        }
        let mut tally = SessionTally {
            id: Arc::clone(&session.id),
            first_time: session.first_time,
            calls: super::Both::default(),
            tools: super::Both::default(),
            failures: super::Both::default(),
            transcripts: Tokens::default(),
            telemetry: Tokens::default(),
            explained: 0,
            unexplained: 0,
        };
        let has_records = self.report.sessions.get(&session.id).is_some_and(ClientSession::has_records);
        let mut visible = Visible::default();
        for call in &session.calls {
            let counts = counted(call);
            if counts {
                let model = call.model.clone().unwrap_or_default();
                visible.by_model.entry(model).or_default().add_all(&tokens(&call.usage));
                visible.has_lower_bound |= call.stop_reason.is_none();
            }
            if has_records {
                self.call(place, call, counts, selection.cost(call), &mut tally);
            } else if counts {
                self.call_in_sums(call, &mut tally);
            }
        }
        if has_records {
            for tool in &session.tools {
                let counts = tool.is_owned && tool.is_final && is_chosen(tool.parent, tool.timing.start);
                self.tool(place, tool, counts, &mut tally);
            }
            for failure in failures::of(session) {
                let counts = failure.0.is_owned && is_taken && selection.takes_time(failure.0.timing.start);
                self.failure(place, failure, counts, &mut tally);
            }
        }
        if !is_taken {
            return;
        }
        // A sum is of the whole session: all of it has to be chosen and over.
        if session.turns.iter().all(|turn| !turn.is_open && selection.takes_time(turn.timing.start)) {
            self.sums(place, &visible, &mut tally);
        }
        self.open.push(tally);
    }

    /// Ends with what only the telemetry knows.
    pub fn finish(mut self, selection: &impl Selection) -> Outcome {
        for mut tally in std::mem::take(&mut self.open) {
            let Some(client) = self.report.sessions.get(&tally.id) else { continue };
            self.outcome.by_sums_alone += u64::from(!client.has_records());
            let takes = |time: Option<Millis>| time.is_none_or(|time| selection.takes_time(time));
            let mut requests = explain_unmatched(client);
            requests.retain(|(at, _)| client.requests.get(*at).is_some_and(|request| takes(Some(request.end))));
            let is_left = |tool: &&ClientTool| !tool.is_matched && takes(tool.end);
            let tools: Vec<ClientTool> = client.tools.iter().filter(is_left).cloned().collect();
            let is_left = |failure: &&ClientFailure| !failure.is_matched && takes(Some(failure.time));
            let failures: Vec<ClientFailure> = client.failures.iter().filter(is_left).cloned().collect();
            self.unmatched_requests(&requests, &mut tally);
            self.unmatched_tools(&tools, &mut tally);
            self.unmatched_failures(&failures, &mut tally);
            self.outcome.sessions.push(tally);
        }
        self.unwritten(selection);
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        for (place, tally) in self.outcome.sessions.iter().enumerate() {
            places.insert(Arc::clone(&tally.id), place);
        }
        for finding in &self.outcome.findings {
            let tally = places.get(&finding.session).and_then(|place| self.outcome.sessions.get_mut(*place));
            if let Some(tally) = tally {
                *(if finding.reason.is_some() { &mut tally.explained } else { &mut tally.unexplained }) += 1;
            }
        }
        let key = |finding: &Finding| places.get(&finding.session).copied().unwrap_or(usize::MAX);
        self.outcome.findings.sort_by_key(key);
        self.outcome
    }

    /// Notes a difference.
    pub(super) fn found(&mut self, finding: Finding) {
        self.outcome.findings.push(finding);
    }

    /// A call of a session that told sums alone.
    fn call_in_sums(&mut self, call: &LlmCall, tally: &mut SessionTally) {
        let own = tokens(&call.usage);
        tally.transcripts.add_all(&own);
        let model = self.outcome.models.entry(call.model.clone().unwrap_or_default()).or_default();
        model.transcripts.add_all(&own);
    }

    /// A session that the telemetry does not name.
    fn untold(&mut self, place: Place<'_>, selection: &impl Selection, counted: &impl Fn(&LlmCall) -> bool) {
        let mut sums = OneSided { sessions: 1, ..OneSided::default() };
        let mut is_outside = true;
        let mut last = None;
        for call in place.session.calls.iter().filter(|call| counted(call)) {
            sums.calls += 1;
            sums.tokens.add_all(&tokens(&call.usage));
            sums.cost_usd += selection.cost(call).unwrap_or_default();
            let reason = place.explain_missing(None, None, (call.timing.start, call.timing.end));
            is_outside &= reason == Some(Reason::OutsideFiles);
            last = last.max(Some(call.timing.end));
        }
        if sums.calls == 0 {
            return;
        }
        self.outcome.only_in_transcripts.add(&sums);
        self.found(Finding {
            transcripts: Some(sums.calls),
            time: last,
            reason: is_outside.then_some(Reason::OutsideFiles),
            ..Finding::new(&place.session.id, Difference::SessionOnlyInTranscripts)
        });
    }

    /// Sessions that no transcript is of.
    fn unwritten(&mut self, selection: &impl Selection) {
        let (sessions, rebuilt) = (std::mem::take(&mut self.report.sessions), std::mem::take(&mut self.rebuilt));
        for (id, client) in sessions.iter().filter(|(id, _)| !rebuilt.contains(*id) && selection.takes_id(id)) {
            let mut sums = OneSided { sessions: 1, ..OneSided::default() };
            let is_left = |time: Millis| selection.takes_time(time);
            for request in client.requests.iter().filter(|request| !request.is_matched && is_left(request.end)) {
                sums.calls += 1;
                sums.tokens.add_all(&request.tokens);
                sums.cost_usd += request.cost_usd.unwrap_or_default();
            }
            if sums.calls == 0 {
                continue;
            }
            self.outcome.only_in_telemetry.add(&sums);
            self.found(Finding {
                telemetry: Some(sums.calls),
                time: client.times.last().copied(),
                reason: client.is_headless.then_some(Reason::NotPersisted),
                ..Finding::new(id, Difference::SessionOnlyInTelemetry)
            });
        }
    }
}

impl OneSided {
    fn add(&mut self, other: &Self) {
        self.sessions += other.sessions;
        self.calls += other.calls;
        self.tokens.add_all(&other.tokens);
        self.cost_usd += other.cost_usd;
    }
}
