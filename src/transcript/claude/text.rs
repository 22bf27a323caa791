//! What free text is, told from its first and last words; the text itself goes no further.

use std::borrow::Cow;

use xxhash_rust::xxh3::xxh3_64;

use crate::transcript::entry::Notification;

/// What a user's text is by its marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum TextKind {
    #[default]
    Plain,
    Interrupt,
    LocalCommand,
    CompactCommand,
    PromptCommand,
    LocalOutput,
    BashInput,
    TaskNotification,
    Teammate,
    Tick,
    IdeContext,
    Warmup,
    CompactSummary,
}

/// What is kept of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TextFacts {
    pub length: u64,
    pub fingerprint: u64,
    pub kind: TextKind,
    pub notification: Option<Notification<'static>>,
}

impl TextFacts {
    pub(super) fn of(text: &str) -> Self {
        let kind = classify(text);
        let notification = (kind == TextKind::TaskNotification).then(|| notification_in(text));
        Self { length: text.chars().count() as u64, fingerprint: fingerprint(text), kind, notification }
    }
}

/// A fingerprint to join equal texts within one run; it is never exported.
pub(super) fn fingerprint(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// The marks of `user` lines, in the order in which the client's own reader tests them.
fn classify(text: &str) -> TextKind {
    const MARKS: [(&str, TextKind); 20] = [
        ("[Request interrupted by user", TextKind::Interrupt),
        ("<command-name>/compact</command-name>", TextKind::CompactCommand),
        ("<command-name>", TextKind::LocalCommand),
        ("<command-message>", TextKind::PromptCommand),
        ("<local-command-", TextKind::LocalOutput),
        ("<bash-input>", TextKind::BashInput),
        ("<bash-stdout>", TextKind::LocalOutput),
        ("<bash-stderr>", TextKind::LocalOutput),
        ("<task-notification>", TextKind::TaskNotification),
        ("<teammate-message", TextKind::Teammate),
        ("<user-prompt-submit-hook>", TextKind::LocalOutput),
        ("<session-start-hook>", TextKind::LocalOutput),
        ("<user-memory-input>", TextKind::LocalOutput),
        ("<background-task-output>", TextKind::LocalOutput),
        ("<tick>", TextKind::Tick),
        ("<ide_opened_file>", TextKind::IdeContext),
        ("<ide_selection>", TextKind::IdeContext),
        ("<ide_diagnostics>", TextKind::IdeContext),
        ("<system-reminder>", TextKind::IdeContext),
        ("This session is being continued from a previous conversation", TextKind::CompactSummary),
    ];
    let text = text.trim_start();
    if text == "Warmup" {
        return TextKind::Warmup;
    }
    MARKS.iter().find(|(mark, _)| text.starts_with(mark)).map_or(TextKind::Plain, |(_, kind)| *kind)
}

/// The fields of a task notification: the client writes them as tags, one each.
fn notification_in(text: &str) -> Notification<'static> {
    let tag = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (value, _) = rest.split_once(&format!("</{name}>"))?;
        (value.len() <= 128).then(|| Cow::Owned(value.trim().to_owned()))
    };
    Notification { tool_use_id: tag("tool-use-id"), task_id: tag("task-id"), status: tag("status") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_from_a_prompt_file_by_its_first_tag() {
        assert_eq!(
            classify("<command-name>/model</command-name>\n<command-message>model</command-message>"),
            TextKind::LocalCommand
        );
        assert_eq!(
            classify("<command-message>review is running</command-message>\n<command-name>/review</command-name>"),
            TextKind::PromptCommand
        );
    }

    #[test]
    fn a_notification_names_its_call_and_status() {
        let facts = TextFacts::of(
            "<task-notification>\n<task-id>b1</task-id>\n<tool-use-id>toolu_1</tool-use-id>\n<status>completed</status>",
        );
        let notification = facts.notification.unwrap();
        assert_eq!(
            (notification.task_id.as_deref(), notification.tool_use_id.as_deref(), notification.status.as_deref()),
            (Some("b1"), Some("toolu_1"), Some("completed"))
        );
    }
}
