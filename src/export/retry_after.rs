//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

use chrono::DateTime;

/// Reads seconds or an HTTP date; a date that has passed means at once, and nonsense means nothing was said.
pub(super) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date: SystemTime = DateTime::parse_from_rfc2822(value).ok()?.into();
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06 08:49:37 UTC
    const NOW: u64 = 784_111_777;

    #[test]
    fn seconds_and_dates_are_both_understood() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ];
        for (value, wait) in cases {
            assert_eq!(parse(value, now), wait.map(Duration::from_secs), "{value:?}");
        }
    }
}
