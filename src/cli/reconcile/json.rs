//! The comparison for programs.

use serde_json::{Value, json};

use super::files::ReadFiles;
use crate::cli::words::shown;
use crate::reconcile::{Both, Finding, OneSided, Outcome, Reason, SessionTally, Spread, TokenKind, Tokens};

/// Everything as one object, as `docs/reconcile.md` describes it.
pub(super) fn of(outcome: &Outcome, read: &ReadFiles, prices: &str) -> Value {
    let counts = &outcome.counts;
    let reasons = outcome.reasons();
    let reason_rows: Vec<Value> = Reason::ALL
        .iter()
        .filter_map(|reason| Some((reason, reasons.get(&Some(*reason))?)))
        .map(|(reason, count)| {
            json!({"name": reason.name(), "count": count, "meaning": reason.meaning(), "advice": reason.advice()})
        })
        .collect();
    let models: serde_json::Map<String, Value> = outcome
        .models
        .iter()
        .map(|(model, tally)| {
            let value = json!({
                "calls": both(&tally.calls),
                "tokens": {"transcripts": tokens(&tally.transcripts), "telemetry": tokens(&tally.telemetry)},
                "cost_usd": {
                    "matched_by_client": tally.cost.matched_by_client,
                    "matched_by_prices": tally.cost.matched_by_prices,
                    "only_in_telemetry": tally.cost.only_in_telemetry,
                    "only_in_transcripts": tally.cost.only_in_transcripts,
                },
            });
            (shown(model).into_owned(), value)
        })
        .collect();
    json!({
        "telemetry": {
            "files": read.files,
            "unreadable_files": read.problems.len(),
            "bytes": read.bytes,
            "lines": counts.lines,
            "broken_lines": counts.broken_lines,
            "events": counts.events,
            "spans": counts.spans,
            "points": counts.points,
            "repeated": counts.repeated,
            "of_others": counts.of_others,
            "without_session": counts.without_session,
            "first_unix_ms": outcome.reach.map(|(first, _)| first),
            "last_unix_ms": outcome.reach.map(|(_, last)| last),
        },
        "sessions": {
            "matched": outcome.sessions.len(),
            "only_in_transcripts": one_sided(&outcome.only_in_transcripts),
            "only_in_telemetry": one_sided(&outcome.only_in_telemetry),
            "by_sums_alone": outcome.by_sums_alone,
        },
        "calls": both(&outcome.total(|session| &session.calls)),
        "tools": both(&outcome.total(|session| &session.tools)),
        "failures": both(&outcome.total(|session| &session.failures)),
        "not_final": outcome.not_final,
        "models": models,
        "price_table": prices,
        "offsets_ms": {
            "call_starts": spread(&outcome.offsets.call_starts),
            "call_ends": spread(&outcome.offsets.call_ends),
            "tool_starts": spread(&outcome.offsets.tool_starts),
            "tool_ends": spread(&outcome.offsets.tool_ends),
        },
        "by_session": outcome.sessions.iter().map(session).collect::<Vec<_>>(),
        "differences": outcome.findings.len(),
        "unexplained": outcome.unexplained(),
        "reasons": reason_rows,
        "findings": outcome.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn both(both: &Both) -> Value {
    json!({
        "matched": both.matched,
        "only_in_transcripts": both.only_in_transcripts,
        "only_in_telemetry": both.only_in_telemetry,
    })
}

fn one_sided(side: &OneSided) -> Value {
    json!({
        "sessions": side.sessions,
        "calls": side.calls,
        "tokens": tokens(&side.tokens),
        "cost_usd": side.cost_usd,
    })
}

fn tokens(tokens: &Tokens) -> Value {
    TokenKind::ALL
        .into_iter()
        .map(|kind| (kind.name().to_owned(), json!(tokens.of(kind))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn spread(offsets: &[i64]) -> Value {
    Spread::of(offsets).map_or(Value::Null, |spread| {
        json!({"count": spread.count, "p50": spread.p50, "p90_of_absolute": spread.p90, "furthest": spread.furthest})
    })
}

fn session(session: &SessionTally) -> Value {
    json!({
        "id": shown(&session.id),
        "first_unix_ms": session.first_time,
        "calls": both(&session.calls),
        "tools": both(&session.tools),
        "failures": both(&session.failures),
        "tokens": {"transcripts": tokens(&session.transcripts), "telemetry": tokens(&session.telemetry)},
        "explained": session.explained,
        "unexplained": session.unexplained,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "session": shown(&finding.session),
        "difference": finding.difference.name(),
        "id": finding.id.as_deref().map(shown),
        "name": finding.name.as_deref().map(shown),
        "token_type": finding.kind.map(TokenKind::name),
        "transcripts": finding.transcripts,
        "telemetry": finding.telemetry,
        "time_unix_ms": finding.time,
        "lost_events": finding.lost_events,
        "reason": finding.reason.map(Reason::name),
    })
}
