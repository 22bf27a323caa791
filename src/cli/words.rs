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

/// A count in at most five columns: `999`, `12.3k`, `4.56M`.
pub(super) fn brief(count: u64) -> String {
    if count < 1_000 {
        return count.to_string();
    }
    let mut scaled = count as f64;
    for unit in ["k", "M", "G"] {
        scaled /= 1e3;
        // What would be rounded to a thousand belongs to the next unit.
        if scaled < 999.5 {
            let digits = if scaled < 9.995 { 2 } else { usize::from(scaled < 99.95) };
            return format!("{scaled:.digits$}{unit}");
        }
    }
    format!("{:.0}T", scaled / 1e3)
}

/// How long something took, in milliseconds, in at most six columns: `850ms`, `12.3s`, `3m05s`, `2h05m`, `12d03h`.
pub(super) fn took(millis: i64) -> String {
    let millis = millis.max(0);
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis}ms"),
        1..MINUTE => format!("{seconds}.{}s", millis % 1000 / 100),
        MINUTE..HOUR => format!("{}m{:02}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h{:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d{:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// US dollars, with as many digits as say something: `$0`, `$0.0042`, `$0.31`, `$1,234.56`.
pub(super) fn dollars(dollars: f64) -> String {
    match dollars {
        0.0 => "$0".to_owned(),
        ..0.000_05 => "<$0.0001".to_owned(),
        ..0.099_95 => format!("${dollars:.4}"),
        _ => {
            let cents = (dollars * 100.0).round() as u64;
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        }
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
    fn counts_are_as_short_as_three_digits() {
        let counts = [0, 999, 1_000, 12_345, 99_949, 99_950, 999_499, 999_500, 4_560_000, 123_456_789, 5_000_000_000];
        let briefs = ["0", "999", "1.00k", "12.3k", "99.9k", "100k", "999k", "1.00M", "4.56M", "123M", "5.00G"]
            .map(String::from);
        assert_eq!(counts.map(brief), briefs);
        assert_eq!(brief(u64::MAX), "18446744T");
    }

    #[test]
    fn lengths_are_in_two_units_at_most() {
        let lengths = [-5, 0, 999, 1_000, 59_999, 60_000, 185_000, 3_600_000, 86_399_000, 1_047_600_000].map(took);
        assert_eq!(lengths, ["0ms", "0ms", "999ms", "1.0s", "59.9s", "1m00s", "3m05s", "1h00m", "23h59m", "12d03h"]);
    }

    #[test]
    fn small_sums_of_money_have_more_digits() {
        let sums = [0.0, 0.000_04, 0.004_2, 0.099_94, 0.099_96, 0.314_9, 1_234.555, 999_999.999].map(dollars);
        assert_eq!(sums, ["$0", "<$0.0001", "$0.0042", "$0.0999", "$0.10", "$0.31", "$1,234.56", "$1,000,000.00"]);
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
