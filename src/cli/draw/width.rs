//! How many columns a text takes, and texts that take no more than they may.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns that a text takes.
pub(in crate::cli) fn width(text: &str) -> usize {
    text.width()
}

/// A text from a transcript without what a terminal would obey or what would change the order of what stands around
/// it. Breaks and tabs become spaces.
pub(in crate::cli) fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let chars = text.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() || is_unseen(c) => None,
        c => Some(c),
    });
    Cow::Owned(chars.collect())
}

/// Marks that turn the direction of writing, and what takes no room without belonging to the character before it.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The beginning of a text in at most so many columns, with an ellipsis where something is left out.
pub(in crate::cli) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.width() <= most {
        return Cow::Borrowed(text);
    }
    let mut room = most.saturating_sub(1);
    let mut kept = String::new();
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if columns > room {
            break;
        }
        room -= columns;
        kept.push(c);
    }
    if most > 0 {
        kept.truncate(kept.trim_end().len());
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// A text and the spaces behind it that fill the columns.
pub(in crate::cli) fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// A text behind the spaces that fill the columns.
pub(in crate::cli) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_left_out() {
        assert_eq!(plain("\u{1b}[31mred\u{7}\u{9b}2J\ta\nb"), "[31mred2J a b");
        assert_eq!(plain("user\u{202e}txt.exe\u{2066}\u{200b}\u{feff}é漢"), "usertxt.exeé漢");
        assert_eq!(plain("plain"), "plain");
    }

    #[test]
    fn wide_characters_count_twice_and_are_never_halved() {
        assert_eq!(width("a漢字"), 5);
        assert_eq!(cut("漢字漢字", 4), "漢…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("漢字", 4), "漢字");
        assert_eq!(cut("one two", 5), "one…");
        assert_eq!(cut("one", 0), "");
        assert_eq!((left("漢", 4), right("é", 3)), ("漢  ".to_owned(), "  é".to_owned()));
    }
}
