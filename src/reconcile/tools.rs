//! Tool calls against what was decided and told of them.

use std::sync::Arc;

use super::comparison::Comparison;
use super::finding::{Difference, Finding};
use super::outcome::SessionTally;
use super::place::{BEYOND, Place};
use super::reason::Reason;
use super::report::{ClientSession, ClientTool};
use super::sources::is_own_work;
use crate::session::facts::{ToolCall, ToolOutcome};

impl Comparison {
    /// Compares one tool call. One that does not count (a copy, not final, or not chosen) only takes its result along.
    pub(super) fn tool(&mut self, place: Place<'_>, tool: &ToolCall, counts: bool, tally: &mut SessionTally) {
        // A copy's session tells nothing of it; the one that it was copied from does.
        let copied_from = place.session.calls.get(tool.call).and_then(|call| call.copied_from.as_ref());
        let mut holders = [Some(&place.session.id), copied_from].into_iter().flatten();
        let knows =
            |id: &&Arc<str>| self.report.sessions.get(*id).is_some_and(|client| client.tool(&tool.id).is_some());
        let told_under = holders.find(knows).or(Some(&place.session.id)).cloned();
        let client = told_under.as_ref().and_then(|id| self.report.sessions.get_mut(id));
        let has_events = client.as_ref().is_some_and(|client| client.has_events);
        let told = client.and_then(|client| {
            let told = client.tool(&tool.id).and_then(|at| client.tools.get_mut(at))?;
            told.is_matched = true;
            Some(told.clone())
        });
        if !counts {
            self.outcome.not_final += u64::from(told.is_some() && tool.is_owned && !tool.is_final);
            return;
        }
        // Where there are events, the result's is what counts: a span is there of a refused call, too.
        let is_told = told.as_ref().is_some_and(|told| told.results > 0 || !has_events && told.spans > 0);
        if let Some(told) = told.filter(|_| is_told) {
            tally.tools.matched += 1;
            self.matched_tool(place, tool, &told);
        } else {
            tally.tools.only_in_transcripts += 1;
            self.missing_tool(place, tool);
        }
    }

    fn missing_tool(&mut self, place: Place<'_>, tool: &ToolCall) {
        let client = self.report.sessions.get(&place.session.id);
        let (start, end) = (tool.timing.start, tool.timing.end);
        let lost_events = client.map_or(0, |client| client.lost_around(start, end));
        let reason = explain(place, tool, client, lost_events);
        self.found(Finding {
            id: Some(Arc::clone(&tool.id)),
            name: Some(Arc::clone(&tool.name)),
            transcripts: Some(1),
            time: Some(end),
            lost_events,
            reason,
            ..Finding::new(&place.session.id, Difference::ToolOnlyInTranscripts)
        });
    }

    fn matched_tool(&mut self, place: Place<'_>, tool: &ToolCall, told: &ClientTool) {
        let finding = |difference| Finding {
            id: Some(Arc::clone(&tool.id)),
            name: Some(Arc::clone(&tool.name)),
            time: Some(tool.timing.end),
            ..Finding::new(&place.session.id, difference)
        };
        if told.results > 1 {
            let times = Some(u64::from(told.results));
            self.found(Finding { transcripts: Some(1), telemetry: times, ..finding(Difference::ToolRepeated) });
        }
        // What never came to a genuine result has nothing to compare.
        let is_genuine = tool.has_result && tool.outcome != ToolOutcome::Orphaned;
        if is_genuine && told.success.is_some_and(|success| success == tool.is_error) {
            let (ours, theirs) = (u64::from(!tool.is_error), u64::from(tool.is_error));
            self.found(Finding {
                transcripts: Some(ours),
                telemetry: Some(theirs),
                ..finding(Difference::ToolOutcome)
            });
        }
        // The client's record ends with the launch of what goes on in the background.
        if !is_genuine || tool.is_background {
            return;
        }
        let offsets = &mut self.outcome.offsets;
        if let Some(start) = told.start {
            offsets.tool_starts.push(start - tool.timing.start);
        }
        let Some(end) = told.end else { return };
        offsets.tool_ends.push(end - tool.timing.end);
        if (end - tool.timing.end).abs() > BEYOND {
            self.found(Finding {
                transcripts: u64::try_from(tool.timing.end).ok(),
                telemetry: u64::try_from(end).ok(),
                ..finding(Difference::ToolTime)
            });
        }
    }

    /// Tool calls of a compared session that no line shows.
    pub(super) fn unmatched_tools(&mut self, unmatched: &[ClientTool], tally: &mut SessionTally) {
        for tool in unmatched {
            let client = self.report.sessions.get(&tally.id);
            let request = tool.request.as_ref().and_then(|id| client?.requests.get(client?.request(id)?));
            let is_own_work = request.is_some_and(|request| is_own_work(request.source.as_deref()));
            tally.tools.only_in_telemetry += 1;
            self.found(Finding {
                id: tool.id.clone(),
                name: tool.name.clone(),
                telemetry: Some(1),
                time: tool.end,
                reason: is_own_work.then_some(Reason::ClientsOwnWork),
                ..Finding::new(&tally.id, Difference::ToolOnlyInTelemetry)
            });
        }
    }
}

fn explain(place: Place<'_>, tool: &ToolCall, client: Option<&ClientSession>, lost_events: u64) -> Option<Reason> {
    let told = client.and_then(|client| client.tool(&tool.id).and_then(|at| client.tools.get(at)));
    let decision = told.and_then(|told| told.decision.as_deref());
    let turn = place.turn(tool.parent);
    let is_refused = matches!(tool.outcome, ToolOutcome::Rejected | ToolOutcome::Denied);
    // What the client has numbered and what never arrived was told, and got lost on its way.
    if is_refused && decision != Some("accept") && lost_events == 0 {
        return Some(Reason::ToolRefused);
    }
    let is_without_end = matches!(tool.outcome, ToolOutcome::Interrupted | ToolOutcome::Orphaned);
    if (is_without_end || is_refused) && Place::is_cut(turn) && lost_events == 0 {
        return Some(Reason::ToolCut);
    }
    let is_numbered = client.is_some_and(|client| !client.starts.is_empty());
    let is_unheard_of = told.is_none_or(|told| told.decision.is_none() && told.spans == 0);
    if tool.outcome == ToolOutcome::Error && is_unheard_of && is_numbered && lost_events == 0 {
        return Some(Reason::ToolNotStarted);
    }
    place.explain_missing(client, turn, (tool.timing.start, tool.timing.end))
}
