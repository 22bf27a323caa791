//! What free text is, told from its first and last words; the text itself goes no further.

use std::borrow::Cow;

use xxhash_rust::xxh3::xxh3_64;

use crate::transcript::entry::{Notification, ResultText};
use crate::transcript::json::Quoted;

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

/// So much of a result is looked at for its first words, in bytes as they stand in the line.
const HEAD_BYTES: usize = 1024;
/// So much of it is looked at for its last words.
const TAIL_BYTES: usize = 80;

/// What the text of a tool's result says about the outcome.
pub(super) fn classify_result(text: Quoted<'_>) -> ResultText {
    let head = text.head(HEAD_BYTES);
    let head = start_of(head.strip_prefix("Error: ").unwrap_or(&head).trim_start(), 240);
    let tail = text.tail(TAIL_BYTES);
    let starts = |marks: &[&str]| marks.iter().any(|mark| head.starts_with(mark));
    let holds = |marks: &[&str]| marks.iter().any(|mark| head.contains(mark));
    if starts(&["[Tool call interrupted:"]) {
        ResultText::MadeUp
    } else if starts(&["The user doesn't want to", "User rejected tool use"]) {
        ResultText::Rejected
    } else if starts(&["<tool_use_error>Sibling tool call errored", "<tool_use_error>Cancelled"]) {
        ResultText::Cancelled
    } else if starts(&["<tool_use_error>", "No such tool available"]) {
        ResultText::Invalid
    } else if end_of(&tail, TAIL_BYTES).contains("[Request interrupted by user")
        || holds(&["[Request interrupted by user"])
    {
        ResultText::Interrupted
    } else if starts(&["Permission to use ", "Operation stopped by hook", "Claude requested permissions"])
        || holds(&[
            "needs approval",
            "requires approval",
            "was blocked. For security",
            "but you haven't granted it",
            "hook error: [",
            "denied by the Claude Code auto mode",
        ])
    {
        ResultText::Denied
    } else if holds(&["Command timed out after", "timed out after", "Command did not complete within its"]) {
        ResultText::TimedOut
    } else {
        ResultText::Plain
    }
}

/// The number in `Exit code 3`, which stands first in the text of a failed shell call.
pub(super) fn exit_code_in(text: Quoted<'_>) -> Option<i64> {
    /// The longest beginning of a number, with escapes for blanks at most.
    const EXIT_CODE_BYTES: usize = 64;
    let head = text.head(EXIT_CODE_BYTES);
    let rest = head.strip_prefix("Error: ").unwrap_or(&head).strip_prefix("Exit code ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit() && c != '-').next()?;
    digits.parse().ok()
}

fn start_of(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn end_of(text: &str, bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(bytes))..]
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

    #[test]
    fn results_are_told_by_their_text() {
        for (text, kind) in [
            ("The user doesn't want to proceed with this tool use.", ResultText::Rejected),
            ("Error: Exit code 137\n[Request interrupted by user for tool use]", ResultText::Interrupted),
            ("touch in '/x' was blocked. For security, Claude", ResultText::Denied),
            ("This command requires approval", ResultText::Denied),
            ("<tool_use_error>File does not exist.</tool_use_error>", ResultText::Invalid),
            ("[Tool call interrupted: the session ended", ResultText::MadeUp),
            ("Command timed out after 2m 0.0s", ResultText::TimedOut),
            ("lt A", ResultText::Plain),
        ] {
            assert_eq!(classify_result(Quoted::plain(text)), kind, "{text}");
        }
        assert_eq!(exit_code_in(Quoted::plain("Exit code 3\noops")), Some(3));
        assert_eq!(exit_code_in(Quoted::plain("oops")), None);
    }
}
