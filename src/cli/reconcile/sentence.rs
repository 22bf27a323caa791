//! One difference in words.

use crate::cli::words::{age, counted, grouped, shown, utc};
use crate::reconcile::{Difference, Finding, Reason, TokenKind};

/// What differs, where, by how much and why.
pub(super) fn sentence(finding: &Finding) -> String {
    let id = finding.id.as_deref().map(|id| format!(" {}", shown(id)));
    let name = finding.name.as_deref().filter(|name| !name.is_empty()).map(|name| format!(" ({})", shown(name)));
    let lost = (finding.lost_events > 0)
        .then(|| format!("; {} around it did not arrive", counted(finding.lost_events, "numbered event")));
    [
        short(&finding.session, 13),
        format!(" {}", finding.difference.name()),
        id.unwrap_or_default(),
        name.unwrap_or_default(),
        numbers(finding),
        finding.time.map(|time| format!(" at {}", utc(time))).unwrap_or_default(),
        lost.unwrap_or_default(),
        finding.reason.map(|reason: Reason| format!(" [{}]", reason.name())).unwrap_or_default(),
    ]
    .concat()
}

/// The numbers that differ.
fn numbers(finding: &Finding) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "nothing".to_owned(), grouped);
    let (ours, theirs) = (number(finding.transcripts), number(finding.telemetry));
    let kind = finding.kind.map_or("", TokenKind::words);
    match finding.difference {
        Difference::CallTokens => format!(": {ours} {kind} tokens in the transcript, {theirs} in the telemetry"),
        Difference::MetricTokens => format!(": {ours} {kind} tokens in the calls, {theirs} in the metric"),
        Difference::SessionOnlyInTranscripts => format!(": {ours} model calls"),
        Difference::SessionOnlyInTelemetry => format!(": {theirs} model calls"),
        Difference::ToolOutcome => {
            let word = |success: Option<u64>| if success == Some(1) { "succeeded" } else { "failed" };
            let (ours, theirs) = (word(finding.transcripts), word(finding.telemetry));
            format!(": {ours} in the transcript, {theirs} in the telemetry")
        }
        Difference::CallTime | Difference::ToolTime => {
            let apart = finding.transcripts.unwrap_or_default().abs_diff(finding.telemetry.unwrap_or_default());
            format!(": ends {} apart", age(i64::try_from(apart).unwrap_or(i64::MAX)))
        }
        Difference::CallRepeated | Difference::ToolRepeated => format!(": told {theirs} times"),
        _ => String::new(),
    }
}

/// An id that fits, or its beginning, as `--session` takes it.
pub(super) fn short(id: &str, most: usize) -> String {
    let id = shown(id);
    if id.chars().count() <= most { id.into_owned() } else { id.chars().take(8).collect() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_difference_is_told_with_all_that_is_known_of_it() {
        let mut finding = Finding {
            session: Arc::from("1231f6ba-7f13-4aa6-9a21-ff694f114f43"),
            difference: Difference::CallTokens,
            id: Some(Arc::from("req_1")),
            name: Some(Arc::from("claude-sonnet-5-5")),
            kind: Some(TokenKind::Output),
            transcripts: Some(3),
            telemetry: Some(1201),
            time: Some(1_795_332_989_912),
            lost_events: 0,
            reason: Some(Reason::PlaceholderOutput),
        };
        assert_eq!(
            sentence(&finding),
            "1231f6ba call_tokens req_1 (claude-sonnet-5-5): 3 output tokens in the transcript, 1,201 in the telemetry \
             at 2026-11-22 07:36:29Z [placeholder_output]"
        );
        finding = Finding { difference: Difference::CallOnlyInTranscripts, lost_events: 2, reason: None, ..finding };
        assert!(sentence(&finding).ends_with("07:36:29Z; 2 numbered events around it did not arrive"));
    }
}
