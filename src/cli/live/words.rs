//! Amounts and texts in few columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::view::amounts::{Cost, Tokens};

/// A count in at most five columns: `999`, `12.3k`, `4.56M`.
pub(super) fn brief(count: u64) -> String {
    if count < 1_000 {
        return count.to_string();
    }
    let mut scaled = count as f64;
    for unit in ["k", "M", "G"] {
        scaled /= 1e3;
        if scaled < 999.5 {
            let digits = if scaled < 9.995 { 2 } else { usize::from(scaled < 99.95) };
            return format!("{scaled:.digits$}{unit}");
        }
    }
    format!("{:.0}T", scaled / 1e3)
}

/// How long something took, in at most six columns: `850ms`, `12.3s`, `3m05s`, `2h05m`, `12d03h`.
pub(super) fn took(millis: i64) -> String {
    let millis = millis.max(0);
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis}ms"),
        1..60 => format!("{seconds}.{}s", millis % 1000 / 100),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// What something cost, `≥` where it may have been more; nothing where nothing has a price.
pub(super) fn money(cost: &Cost) -> String {
    let least = if cost.is_lower_bound { "≥" } else { "" };
    cost.dollars().map_or_else(String::new, |amount| match amount {
        0.0 => format!("{least}$0"),
        ..0.099_95 => format!("{least}${amount:.4}"),
        _ => format!("{least}${amount:.2}"),
    })
}

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text without what a terminal would obey or what would change the order of what stands around it.
pub(super) fn plain(text: &str) -> String {
    let is_unseen = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let chars = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    chars.filter(|c| !c.is_control() && !is_unseen(*c)).collect()
}

/// The beginning of a text in at most so many columns.
pub(super) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let (mut room, mut kept) = (most.saturating_sub(1), String::new());
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
    kept
}

/// A summary in at most so many columns: of a path, both ends say something; of all else, the beginning does.
pub(super) fn fitted(text: &str, most: usize) -> String {
    let text = plain(text);
    if width(&text) <= most || text.contains(' ') || !text.contains('/') || most < 8 {
        return cut(&text, most);
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
