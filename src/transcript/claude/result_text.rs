//! What the text of a tool's result says about the outcome, told from its first and last words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

use crate::transcript::entry::ResultText;
use crate::transcript::json::Quoted;

/// So much of a result's text is looked at for its first words.
const TEXT_BYTES: usize = 240;
/// So many bytes in the line are that much of the text whatever is escaped in it, with the word before it.
const ESCAPED_BYTES: usize = 6 * (TEXT_BYTES + "Error: ".len());
/// So much of the line is looked at, blanks before the text included.
const HEAD_BYTES: usize = 2048;
/// So much of it is looked at for its last words.
const TAIL_BYTES: usize = 80;

/// Where a mark stands in a text.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// At its very beginning.
    Start,
    /// Among its first words.
    Head,
    /// Among its last words.
    Tail,
}

/// The marks, in the order in which they are looked for.
const MARKS: [(Place, &str, ResultText); 20] = [
    (Place::Start, "[Tool call interrupted:", ResultText::MadeUp),
    (Place::Start, "The user doesn't want to", ResultText::Rejected),
    (Place::Start, "User rejected tool use", ResultText::Rejected),
    (Place::Start, "<tool_use_error>Sibling tool call errored", ResultText::Cancelled),
    (Place::Start, "<tool_use_error>Cancelled", ResultText::Cancelled),
    (Place::Start, "<tool_use_error>", ResultText::Invalid),
    (Place::Start, "No such tool available", ResultText::Invalid),
    (Place::Tail, "[Request interrupted by user", ResultText::Interrupted),
    (Place::Head, "[Request interrupted by user", ResultText::Interrupted),
    (Place::Start, "Permission to use ", ResultText::Denied),
    (Place::Start, "Operation stopped by hook", ResultText::Denied),
    (Place::Start, "Claude requested permissions", ResultText::Denied),
    (Place::Head, "needs approval", ResultText::Denied),
    (Place::Head, "requires approval", ResultText::Denied),
    (Place::Head, "was blocked. For security", ResultText::Denied),
    (Place::Head, "but you haven't granted it", ResultText::Denied),
    (Place::Head, "hook error: [", ResultText::Denied),
    (Place::Head, "denied by the Claude Code auto mode", ResultText::Denied),
    (Place::Head, "timed out after", ResultText::TimedOut),
    (Place::Head, "Command did not complete within its", ResultText::TimedOut),
];

/// Finds any of the marks; without it nothing is said, though all the marks are a few plain words.
static ANY_MARK: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let marks = MARKS.iter().map(|(_, mark, _)| mark);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(marks).ok()
});

/// What the text of a tool's result says about the outcome.
pub(super) fn classify_result(text: Quoted<'_>) -> ResultText {
    if !may_hold_mark(text) {
        return ResultText::Plain;
    }
    let head = if is_head_enough(text) { text.head(HEAD_BYTES) } else { text.text() };
    let head = start_of(head.strip_prefix("Error: ").unwrap_or(&head).trim_start(), TEXT_BYTES);
    let tail = text.tail(TAIL_BYTES);
    let tail = end_of(&tail, TAIL_BYTES);
    let stands = |place, mark| match place {
        Place::Start => head.starts_with(mark),
        Place::Head => head.contains(mark),
        Place::Tail => tail.contains(mark),
    };
    MARKS.iter().find(|(place, mark, _)| stands(*place, *mark)).map_or(ResultText::Plain, |(_, _, kind)| *kind)
}

/// Whether a mark stands where one is looked for. Marks hold nothing that has to be escaped, so that the line itself can
/// be looked at; where something is escaped by number all the same, only the text tells.
fn may_hold_mark(text: Quoted<'_>) -> bool {
    let Some(any_mark) = &*ANY_MARK else { return true };
    let may_hold = |raw: &str| any_mark.is_match(raw) || memmem::find(raw.as_bytes(), b"\\u").is_some();
    !is_head_enough(text) || may_hold(text.raw_head(HEAD_BYTES)) || may_hold(text.raw_tail(TAIL_BYTES))
}

/// Whether the first words stand in the head, however many blanks come before them.
fn is_head_enough(text: Quoted<'_>) -> bool {
    let head = text.raw_head(HEAD_BYTES);
    let mut rest = head.strip_prefix("Error: ").unwrap_or(head);
    loop {
        let without = rest.trim_start();
        match blank_escape(without) {
            Some(after) => rest = after,
            None => return without.len() >= ESCAPED_BYTES || head.len() == text.raw_head(usize::MAX).len(),
        }
    }
}

/// What stands behind an escape of a blank, if a text begins with one.
fn blank_escape(raw: &str) -> Option<&str> {
    let plain = ["\\n", "\\t", "\\r", "\\f"].iter().find_map(|blank| raw.strip_prefix(blank));
    plain.or_else(|| {
        let (digits, after) = raw.strip_prefix("\\u")?.split_at_checked(4)?;
        let named = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
        named.is_whitespace().then_some(after)
    })
}

/// The number in `Exit code 3`, which stands first in the text of a failed shell call.
pub(super) fn exit_code_in(text: Quoted<'_>) -> Option<i64> {
    // Both words begin with the same letter, as hardly any other result does; or an escape may stand for it.
    let first = text.raw_head(2);
    if !first.starts_with('E') && first != "\\u" {
        return None;
    }
    let head = text.head(HEAD_BYTES);
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

    #[test]
    fn a_mark_is_found_wherever_it_may_stand_and_nowhere_else() {
        let blank = " ".repeat(400);
        let words = "word ".repeat(900);
        for (text, kind) in [
            (format!("{words}[Request interrupted by user"), ResultText::Interrupted),
            (format!("[Request interrupted by user{words}"), ResultText::Interrupted),
            (format!("{words}[Request interrupted by user{words}"), ResultText::Plain),
            (format!("{blank}User rejected tool use{words}"), ResultText::Rejected),
            (format!("{words}User rejected tool use"), ResultText::Plain),
            (format!("{}User rejected tool use", " ".repeat(3000)), ResultText::Rejected),
            (r"\u0055ser rejected tool use".to_owned(), ResultText::Plain),
        ] {
            assert_eq!(classify_result(Quoted::plain(&text)), kind, "{text}");
        }
        for blanks in [r"\n".repeat(900), r"\u0009".repeat(700), "\u{3000}".repeat(900)] {
            let line = format!("\"{blanks}User rejected tool use{words}\"");
            let text = crate::transcript::json::Cursor::new(line.as_bytes()).unwrap().string().unwrap();
            assert_eq!(classify_result(text), ResultText::Rejected, "{line}");
        }
        let line = format!("\"{} timed out after x{words}\"", r"\u001b".repeat(200));
        let text = crate::transcript::json::Cursor::new(line.as_bytes()).unwrap().string().unwrap();
        assert_eq!(classify_result(text), ResultText::TimedOut);
        let line = format!(r#""\n\t\u0055ser rejected \u0074ool use{words}""#);
        let text = crate::transcript::json::Cursor::new(line.as_bytes()).unwrap().string().unwrap();
        assert_eq!(classify_result(text), ResultText::Rejected);
    }
}
