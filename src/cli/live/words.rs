//! Amounts and texts in few columns.

use unicode_width::UnicodeWidthChar;

use crate::cli::draw::money;
use crate::cli::draw::width::{cut, plain, width};
use crate::cli::words::brief;
use crate::view::amounts::{Cost, Tokens};

/// A summary in at most so many columns: of a path, both ends say something; of all else, the beginning does.
pub(super) fn fitted(text: &str, most: usize) -> String {
    let text = plain(text);
    if width(&text) <= most || text.contains(' ') || !text.contains('/') || most < 8 {
        return cut(&text, most).into_owned();
    }
    // The last parts of the path, as many as there is room for behind the ellipsis.
    let (mut room, mut kept) = (most - 1, Vec::new());
    for c in text.chars().rev() {
        let columns = c.width().unwrap_or(0);
        if columns > room {
            break;
        }
        room -= columns;
        kept.push(c);
    }
    let tail: String = kept.into_iter().rev().collect();
    let whole = tail.find('/').and_then(|slash| tail.get(slash..)).filter(|parts| parts.len() * 2 > tail.len());
    format!("…{}", whole.unwrap_or(&tail))
}

/// Tokens and cost, as far as there are any.
pub(super) fn amounts(tokens: Option<&Tokens>, cost: Option<&Cost>) -> Vec<String> {
    let tokens = tokens.filter(|tokens| tokens.total() > 0).map(|tokens| {
        let least = if tokens.is_lower_bound { "≥" } else { "" };
        format!("{least}{} tokens", brief(tokens.total()))
    });
    let cost = cost.map(money).filter(|cost| !cost.is_empty());
    tokens.into_iter().chain(cost).collect()
}

/// The beginning of a session's id, which is enough for people.
pub(super) fn short_id(id: &str) -> String {
    plain(id).chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_keeps_what_says_most() {
        assert_eq!(fitted("cargo test --workspace --all", 16), "cargo test --wo…");
        assert_eq!(fitted("/srv/api/src/login/session.rs", 20), "…/login/session.rs");
        assert_eq!(fitted("/srv/a-very-long-name-of-a-file-in-one-part", 12), "…in-one-part");
        assert_eq!(fitted("src/a.rs", 20), "src/a.rs");
        assert_eq!(fitted("漢字漢字", 5), "漢字…");
    }

    #[test]
    fn what_a_terminal_would_obey_is_left_out() {
        assert_eq!(fitted("\u{1b}[31mred\u{7}\u{202e}x", 20), "[31mredx");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let tokens = Tokens { input: 12_300, output: 40, is_lower_bound: true, ..Tokens::default() };
        assert_eq!(amounts(Some(&tokens), Some(&Cost::default())), ["≥12.3k tokens"]);
        assert_eq!(amounts(None, None), [""; 0]);
    }
}
