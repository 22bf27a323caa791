//! Days and times of day, where the user is or in UTC.

use chrono::{DateTime, Local, NaiveDate, NaiveTime, TimeZone, Utc};
use clap::Args;

use super::arguments::{Moment, PeriodError, moment, not_inverted};
use crate::view::report::{Calendar, Range};

/// A period, by the clock that its days are cut by.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PeriodArgs {
    /// From this time on: a time, a day, or an age such as 7d
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub since: Option<Moment>,
    /// Before this time
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    pub until: Option<Moment>,
    /// Show times and cut days in UTC instead of the local time
    #[arg(long)]
    pub utc: bool,
}

impl PeriodArgs {
    pub(super) const fn zone(&self) -> Zone {
        if self.utc { Zone::Utc } else { Zone::Local }
    }

    /// The period at this time.
    pub(super) fn range(&self, now: i64) -> Result<Range, PeriodError> {
        let zone = self.zone();
        let millis = |moment: Moment| moment.millis_by(now, |day| zone.midnight(day));
        let (since, until) = (self.since.map(millis), self.until.map(millis));
        not_inverted(since, until)?;
        Ok(Range { since, until })
    }
}

/// Whose clock is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// That of the machine, as `TZ` or the system says.
    Local,
    /// UTC.
    Utc,
}

impl Zone {
    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Utc => "UTC",
        }
    }

    /// How days are cut.
    pub(super) const fn calendar(self) -> Calendar {
        match self {
            Self::Local => Calendar { name: "local", day_of: |time| utc(time).with_timezone(&Local).date_naive() },
            Self::Utc => Calendar::UTC,
        }
    }

    /// The first moment of a day, in milliseconds since 1970. Where clocks leave midnight out, the day begins with the
    /// first moment that they know.
    pub(super) fn midnight(self, day: NaiveDate) -> i64 {
        let mut hours = (0..24).filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0));
        let time = match self {
            Self::Utc => None,
            Self::Local => hours.find_map(|time| Local.from_local_datetime(&day.and_time(time)).earliest()),
        };
        time.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis(), |time| time.timestamp_millis())
    }

    /// A time as `format` says.
    pub(super) fn format(self, time: i64, format: &str) -> String {
        match self {
            Self::Local => utc(time).with_timezone(&Local).format(format).to_string(),
            Self::Utc => utc(time).format(format).to_string(),
        }
    }
}

fn utc(time: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(time).unwrap_or_default()
}
