//! How flags' values are read.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat};

/// A length of time: `30m`, `24h`, `7d`, `90s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write it like 30m, 24h or 7d"))
}

/// A moment as it was typed: a time, a day, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Milliseconds since 1970.
    At(i64),
    /// The midnight that it begins with.
    Day(NaiveDate),
    /// Before now.
    Ago(Duration),
}

impl Moment {
    /// Milliseconds since 1970; a day begins at midnight UTC.
    pub(super) fn millis(self, now: i64) -> i64 {
        self.millis_by(now, |day| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis())
    }

    /// Milliseconds since 1970, with the beginnings of days as they are told.
    pub(super) fn millis_by(self, now: i64, midnight: impl Fn(NaiveDate) -> i64) -> i64 {
        match self {
            Self::At(millis) => millis,
            Self::Day(day) => midnight(day),
            Self::Ago(ago) => now.saturating_sub(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

/// A moment: `2026-11-22T08:00:00Z`, `2026-11-22` (its first midnight), or `7d` (ago).
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Moment::At(time.timestamp_millis()));
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(Moment::Day(day));
    }
    humantime::parse_duration(text)
        .map(Moment::Ago)
        .map_err(|_| "write a time (2026-11-22T08:00:00Z), a day (2026-11-22) or an age (7d)".to_owned())
}

/// A period in which nothing can lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("--until is {}, which is not after --since, {}; nothing lies between them", written(*.until), written(*.since))]
pub(super) struct PeriodError {
    since: i64,
    until: i64,
}

fn written(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis);
    time.map_or_else(|| millis.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Refuses a period that ends before anything can have begun in it.
pub(super) const fn not_inverted(since: Option<i64>, until: Option<i64>) -> Result<(), PeriodError> {
    match (since, until) {
        (Some(since), Some(until)) if until <= since => Err(PeriodError { since, until }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_times_days_or_ages() {
        assert_eq!(moment("2026-11-22T00:00:00Z"), Ok(Moment::At(1_795_305_600_000)));
        assert_eq!(moment("2026-11-22").map(|moment| moment.millis(0)), Ok(1_795_305_600_000));
        assert_eq!(moment("7d").map(|moment| moment.millis(1_000_000_000)), Ok(1_000_000_000 - 604_800_000));
        assert!(moment("soon").is_err());
    }

    #[test]
    fn a_period_has_to_end_after_it_begins() {
        assert_eq!(not_inverted(Some(1), Some(2)), Ok(()));
        assert!([(None, None), (Some(2), None), (None, Some(2))].iter().all(|(a, b)| not_inverted(*a, *b).is_ok()));
        assert!(not_inverted(Some(2), Some(2)).is_err());
        let error = not_inverted(Some(1_795_305_600_000), Some(0)).unwrap_err().to_string();
        assert!(
            error.starts_with("--until is 1970-01-01T00:00:00Z, which is not after --since, 2026-11-22T00:00:00Z;")
        );
    }
}
