//! The times in a transcript, and other ones in their place, so that what was written long ago is written now.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// Times outside are absurd on purpose and stay what they are.
const PLAUSIBLE: std::ops::Range<i64> = 1_600_000_000_000..2_000_000_000_000;
/// `"2026-11-22T07:07:19.599Z"` with its quotes.
const LENGTH: usize = 26;

/// When a line was written, in milliseconds since 1970, if it says so.
pub(crate) fn of_line(line: &[u8]) -> Option<i64> {
    let value: Value = serde_json::from_slice(line).ok()?;
    parse(value.get("timestamp")?.as_str()?).filter(|time| PLAUSIBLE.contains(time))
}

fn parse(text: &str) -> Option<i64> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis())
}

/// How times are put closer together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Pauses are divided by this.
    pub(crate) faster: i64,
    /// And are no longer than so many milliseconds.
    pub(crate) longest: i64,
}

/// Old times and their new places, in milliseconds from the start. Different times stay different.
#[derive(Debug, Clone)]
pub(crate) struct Times(BTreeMap<i64, i64>);

impl Times {
    pub(crate) fn new(times: impl Iterator<Item = i64>, pace: Pace) -> Self {
        let mut sorted: Vec<i64> = times.collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut places = BTreeMap::new();
        let (mut offset, mut before): (i64, Option<i64>) = (0, None);
        for time in sorted {
            offset += before.map_or(0, |before| ((time - before) / pace.faster).clamp(1, pace.longest));
            before = Some(time);
            places.insert(time, offset);
        }
        Self(places)
    }

    /// The place of a time, or of the last known one before it.
    pub(crate) fn place(&self, time: i64) -> i64 {
        self.0.range(..=time).next_back().map_or(0, |(_, place)| *place)
    }

    /// The place behind all others.
    pub(crate) fn end(&self) -> i64 {
        self.0.last_key_value().map_or(0, |(_, place)| *place)
    }

    /// A line with other times, counted from `base`.
    pub(crate) fn rewrite(&self, line: &[u8], base: i64) -> Vec<u8> {
        let mut out = Vec::with_capacity(line.len());
        let mut at = 0;
        while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
            let quoted = rest.get(..LENGTH).filter(|text| text.starts_with(b"\"20") && text.ends_with(b"Z\""));
            let time = quoted.and_then(|text| parse(std::str::from_utf8(text.get(1..LENGTH - 1)?).ok()?));
            if let Some(time) = time.filter(|time| PLAUSIBLE.contains(time)) {
                let new = DateTime::<Utc>::from_timestamp_millis(base + self.place(time)).unwrap();
                out.extend_from_slice(format!("\"{}\"", new.to_rfc3339_opts(SecondsFormat::Millis, true)).as_bytes());
                at += LENGTH;
            } else {
                out.push(rest[0]);
                at += 1;
            }
        }
        out
    }
}

#[test]
fn pauses_are_shorter_and_the_order_stays() {
    let pace = Pace { faster: 10, longest: 500 };
    let start = parse("2026-11-22T07:00:00.000Z").unwrap();
    let times = Times::new([start, start + 1, start + 1001, start + 61_001].into_iter(), pace);
    let line = br#"{"timestamp":"2026-11-22T07:00:01.001Z","timestamp2":"9999-01-01T00:00:00.000Z"}"#;
    assert_eq!(
        String::from_utf8(times.rewrite(line, start)).unwrap(),
        r#"{"timestamp":"2026-11-22T07:00:00.101Z","timestamp2":"9999-01-01T00:00:00.000Z"}"#
    );
    assert_eq!(times.end(), 601);
}
