//! Times as transcripts write them.

/// 1 March 2026, in days since 1970: all sessions are of the months after it.
const FIRST_DAY: i64 = 20_513;
const MONTHS: [(i64, &str); 8] =
    [(31, "03"), (30, "04"), (31, "05"), (30, "06"), (31, "07"), (31, "08"), (30, "09"), (31, "10")];
pub(crate) const DAY: i64 = 86_400_000;

/// The first moment of the first day, in milliseconds since 1970.
pub(crate) const BEGINNING: i64 = FIRST_DAY * DAY;

/// A time in milliseconds since 1970 as text; later than the months known it stays at their end.
pub(crate) fn stamp(millis: i64) -> String {
    let mut day = (millis.div_euclid(DAY) - FIRST_DAY).max(0);
    let mut month = MONTHS[0];
    for candidate in MONTHS {
        month = candidate;
        if day < candidate.0 {
            break;
        }
        day -= candidate.0;
    }
    let rest = millis.rem_euclid(DAY);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2026-{}-{:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z", month.1, day.min(month.0 - 1) + 1)
}
