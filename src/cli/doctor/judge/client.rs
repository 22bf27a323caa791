//! What the client's own ways mean.

use crate::cli::doctor::finding::{Finding, Id};
use crate::cli::doctor::look::client::{ClientSeen, DAYS};
use crate::cli::selection::Leaving;
use crate::cli::words::{counted, grouped};
use crate::telemetry::contract::metrics::metrics;
use crate::telemetry::semconv::events;

/// What there is to do about sessions without transcripts.
const OTHERWISE: &str = "leave --no-session-persistence and CLAUDE_CODE_SKIP_PROMPT_HISTORY away; where they are \
                         wanted, the client's own telemetry (CLAUDE_CODE_ENABLE_TELEMETRY=1) is the only way";

/// What was seen of the client.
pub(in crate::cli::doctor) fn judge(client: &ClientSeen) -> Vec<Finding> {
    let mut all = Vec::new();
    if let Some(origin) = &client.persistence_off {
        let text = format!("the client writes no transcripts: CLAUDE_CODE_SKIP_PROMPT_HISTORY is set ({origin})");
        let text = text.replace(" (CLAUDE_CODE_SKIP_PROMPT_HISTORY)", " here");
        all.push(Finding::new(Id::PersistenceOff, text).todo(OTHERWISE).fact("origin", origin.as_str()));
    }
    if client.running_without > 0 {
        let running = counted(client.running_without, "client");
        let verb = if client.running_without == 1 { "runs" } else { "run" };
        let text = format!("{running} {verb} with --no-session-persistence now, and leave no transcript");
        all.push(Finding::new(Id::PersistenceOff, text).todo(OTHERWISE).fact("running", client.running_without));
    }
    let Some(history) = &client.history else { return all };
    let (prompts, lost) = (counted(history.prompts, "prompt"), grouped(history.lost));
    let found = if history.lost == 0 {
        let text = match history.prompts {
            0 => format!("nothing was typed in the last {DAYS} days"),
            _ => format!("the sessions of all {prompts} of the last {DAYS} days have transcripts"),
        };
        Finding::new(Id::PromptsKept, text)
    } else {
        let sessions = counted(history.lost_sessions, "session");
        let text = format!("{lost} of {prompts} of the last {DAYS} days belong to {sessions} without a transcript");
        let todo = format!(
            "{OTHERWISE}; a transcript may also have been deleted or moved, or lie in a folder that --root names"
        );
        Finding::new(Id::PromptsLost, text).todo(todo)
    };
    let found = found.fact("prompts", history.prompts).fact("lost", history.lost);
    all.push(found.fact("lost_sessions", history.lost_sessions));
    all
}

/// What it means that the client sends telemetry of its own.
pub(in crate::cli::doctor) fn telemetry(leaving: &Leaving) -> Option<Finding> {
    let origin = leaving.client_sends.as_ref()?;
    let names = names();
    let first = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    let all = format!("{} names ({first}, ...)", names.len());
    let found = if leaving.vocab.claude_code {
        let text = format!("the client sends telemetry itself ({origin}), and --vocab sends {all} a second time");
        Finding::new(Id::NamesTwice, text).todo(
            "leave claude_code out of --vocab, or choose one of both by service.name wherever these names are summed up",
        )
    } else {
        let text = format!("the client sends telemetry itself ({origin}): {all} are left to it");
        let todo = "nothing; spans and the names of the conventions come from here alone, and sums over both services \
                    count twice";
        Finding::new(Id::ClientTelemetry, text).todo(todo)
    };
    Some(found.fact("origin", origin.as_str()).fact("names", names))
}

/// The names that the client uses too: its metrics, and its events.
fn names() -> Vec<&'static str> {
    let metrics = metrics().into_iter().filter(|row| row.needs.contains("claude_code")).map(|row| row.name);
    metrics.chain(events::OF_THE_CLIENT.iter().map(|row| row.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::look::client::HistorySeen;
    use crate::privacy::options::ContentOptions;
    use crate::telemetry::options::{GenAiSemconv, Vocabularies};

    fn leaving(claude_code: bool, client_sends: Option<&str>) -> Leaving {
        Leaving {
            content: ContentOptions::default(),
            vocab: Vocabularies { claude_code, ..Vocabularies::default() },
            genai_semconv: GenAiSemconv::default(),
            prices: String::new(),
            client_sends: client_sends.map(str::to_owned),
        }
    }

    #[test]
    fn sessions_without_transcripts_are_found_by_setting_by_flag_and_by_what_they_left() {
        let history = |lost| Some(HistorySeen { prompts: 9, lost, lost_sessions: lost.min(2) });
        let all = ClientSeen {
            persistence_off: Some("CLAUDE_CODE_SKIP_PROMPT_HISTORY".to_owned()),
            running_without: 1,
            history: history(3),
        };
        let found = judge(&all);
        let ids: Vec<Id> = found.iter().map(|finding| finding.id).collect();
        assert_eq!(ids, [Id::PersistenceOff, Id::PersistenceOff, Id::PromptsLost]);
        assert!(found[0].said.ends_with("CLAUDE_CODE_SKIP_PROMPT_HISTORY is set here"), "{}", found[0].said);
        assert_eq!(found[2].said, "3 of 9 prompts of the last 7 days belong to 2 sessions without a transcript");
        let well = judge(&ClientSeen { history: history(0), ..ClientSeen::default() });
        assert_eq!(well.iter().map(|finding| finding.id).collect::<Vec<_>>(), [Id::PromptsKept]);
        assert!(judge(&ClientSeen::default()).is_empty());
    }

    #[test]
    fn names_that_are_sent_twice_are_told_from_those_that_are_left_to_the_client() {
        assert_eq!(telemetry(&leaving(true, None)), None);
        let left = telemetry(&leaving(false, Some("/h/settings.json"))).unwrap();
        assert_eq!(left.id, Id::ClientTelemetry);
        assert!(left.facts["names"].as_array().unwrap().contains(&"claude_code.token.usage".into()), "{left:?}");
        assert_eq!(telemetry(&leaving(true, Some("X"))).map(|finding| finding.id), Some(Id::NamesTwice));
    }
}
