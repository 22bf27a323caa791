//! Time stamps as the client writes them: UTC, milliseconds, `2026-11-22T07:36:30.373Z`.

use chrono::DateTime;

/// Milliseconds since 1970.
pub type Millis = i64;

/// 2020-01-01T00:00:00Z: nothing of this program's subject is older.
pub const EARLIEST: Millis = 1_577_836_800_000;

/// Reads an RFC 3339 time; `None` when it is none.
pub fn parse(text: &str) -> Option<Millis> {
    parse_fixed(text.as_bytes()).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis()))
}

/// The one form that nearly every line has, read without a general parser.
fn parse_fixed(b: &[u8]) -> Option<Millis> {
    if b.len() != 24
        || b[4] != b'-'
        || b[7] != b'-'
        || b[10] != b'T'
        || b[13] != b':'
        || b[16] != b':'
        || b[19] != b'.'
        || b[23] != b'Z'
    {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        b[range].iter().try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second, milli) = (number(11..13)?, number(14..16)?, number(17..19)?, number(20..23)?);
    let february = if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 29 } else { 28 };
    let days_of_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => february,
        _ => return None,
    };
    if day == 0 || day > days_of_month || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milli)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that leap days come last.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_form_agrees_with_the_general_parser() {
        for text in [
            "2026-11-22T07:36:30.373Z",
            "2024-02-29T23:59:59.999Z",
            "2020-01-01T00:00:00.000Z",
            "1969-12-31T00:00:00.001Z",
        ] {
            let general = DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
            assert_eq!(parse_fixed(text.as_bytes()), Some(general), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00.000Z",
            "2023-02-29T00:00:00.000Z",
            "2026-11-22T24:00:00.000Z",
            "2026-11-22T07:36:30.373",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn other_forms_of_rfc_3339_are_read_too() {
        assert_eq!(parse("2026-11-22T08:36:30+01:00"), parse("2026-11-22T07:36:30.000Z"));
    }
}
