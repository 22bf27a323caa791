//! What a server or the network said, made fit for one line of ours.

use std::error::Error;

use super::secret::Secret;

const LONGEST: usize = 200;
/// Values shorter than this are no secrets, and hiding them would garble every text that holds the same letters.
const SHORTEST_SECRET: usize = 4;

/// One printable line of at most 200 characters in which no header value is left, even if the server repeats it.
pub(super) fn said(text: &str, headers: &[(String, Secret)]) -> String {
    let mut text = text.to_owned();
    for (_, secret) in headers {
        let whole = secret.reveal().trim();
        // A server may repeat `Bearer KEY` without its first word.
        let parts = std::iter::once(whole).chain(whole.split([' ', ',', ';']));
        for part in parts.filter(|part| part.len() >= SHORTEST_SECRET) {
            text = text.replace(part, "***");
        }
    }
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_invisible(*c)));
    }
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// An error with everything that caused it, outermost first, repetitions left out.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// Marks that turn or hide text on a terminal.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_short_printable_line() {
        assert_eq!(said("  no\r\n\tsuch \u{1b}[31mkey\u{202e}\0 ", &[]), "no such [31mkey");
        let long = said(&"ä".repeat(500), &[]);
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_repeated_header_value_is_hidden_whole_and_in_parts() {
        let headers = [("authorization".to_owned(), Secret::new("Bearer abc-123")), ("x".to_owned(), Secret::new("1"))];
        assert_eq!(said("key 'abc-123' unknown, 1 left", &headers), "key '***' unknown, 1 left");
        assert_eq!(said("got Bearer abc-123", &headers), "got ***");
    }
}
