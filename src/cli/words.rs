//! Ages, sizes, times and paths as people read them.

use std::borrow::Cow;

use chrono::DateTime;

use crate::privacy::Sanitizer;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A length of time, in milliseconds, in the words that are near enough.
pub(super) fn age(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => match seconds % HOUR / MINUTE {
            0 => format!("{} h", seconds / HOUR),
            minutes => format!("{} h {minutes} min", seconds / HOUR),
        },
        _ => {
            let tenths = seconds * 10 / DAY;
            if tenths < 100 { format!("{}.{} days", tenths / 10, tenths % 10) } else { format!("{} days", tenths / 10) }
        }
    }
}

/// A time, in milliseconds since 1970, in UTC.
pub(super) fn utc(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A size.
pub(super) fn size(bytes: u64) -> String {
    let in_units = |unit: f64| {
        let number = bytes as f64 / unit;
        if number < 10.0 { format!("{number:.1}") } else { format!("{number:.0}") }
    };
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", in_units(1e3)),
        1_000_000..1_000_000_000 => format!("{} MB", in_units(1e6)),
        _ => format!("{} GB", in_units(1e9)),
    }
}

/// So many of something: `1 session`, `2,000 sessions`.
pub(super) fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text that takes at most so many columns, its middle left out if need be: both ends of a path say something.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let kept = most.saturating_sub(1);
    let front = kept / 3;
    let back = kept - front;
    let front: String = text.chars().take(front).collect();
    let back: String = text.chars().skip(length - back).collect();
    format!("{front}…{back}")
}

/// Lines of at most so many columns, broken between words.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > most {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A name from a transcript as it may be shown: what does not look like one may be anything.
pub(super) fn shown(name: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:@/-[]()+<>".contains(&byte);
    let is_name = (1..=96).contains(&name.len()) && name.bytes().all(is_plain);
    if is_name { Sanitizer::shown(name) } else { Cow::Borrowed("_OTHER") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_as_exact_as_they_are_useful() {
        let ages = [-5, 999, 59_999, 61_000, 3_600_000, 12_000_000, 90_000_000, 86_400_000 * 31].map(age);
        assert_eq!(ages, ["0 s", "0 s", "59 s", "1 min", "1 h", "3 h 20 min", "1.0 days", "31 days"]);
    }

    #[test]
    fn sizes_are_in_units_that_fit() {
        assert_eq!(
            [0, 999, 1_000, 43_210, 1_234_567, 9_876_543_210].map(size),
            ["0 B", "999 B", "1.0 kB", "43 kB", "1.2 MB", "9.9 GB"]
        );
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((counted(1, "session"), counted(2000, "session")), ("1 session".into(), "2,000 sessions".into()));
    }

    #[test]
    fn what_is_too_long_keeps_both_its_ends() {
        assert_eq!(shortened("-srv-api/1.jsonl", 16), "-srv-api/1.jsonl");
        assert_eq!(shortened("-srv-api/1.jsonl", 10), "-sr….jsonl");
        assert_eq!(shortened("äöüäöüäöü", 4), "ä…öü");
    }

    #[test]
    fn lines_are_broken_between_words_and_words_never() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a-very-long-word b", 5), ["a-very-long-word", "b"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
