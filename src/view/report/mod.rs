//! What a period held: a tally that sessions are added to one by one, and the report that it comes to.
//!
//! A period cuts by the START of each turn, call, tool call and run; a session may reach over its edges. No session is
//! kept.

mod cells;
mod durations;
mod rows;
mod stretches;
mod tally;
mod waits;

use chrono::{DateTime, NaiveDate};
use serde::Serialize;

pub use rows::{DayRow, Errors, GroupRow, ModelRow, ToolRow, Work};
pub use tally::Tally;
pub use waits::Waits;

use super::amounts::Cost;
use crate::transcript::time::Millis;

/// Which times count: from `since` on, and before `until`. Milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// The first moment; none for the beginning of everything.
    pub since: Option<Millis>,
    /// The first moment that is too late; none for no end.
    pub until: Option<Millis>,
}

impl Range {
    /// Whether the time is inside.
    pub fn holds(self, time: Millis) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// How times fall on days.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    /// `utc` or `local`.
    pub name: &'static str,
    /// The day of a time in milliseconds since 1970.
    pub day_of: fn(Millis) -> NaiveDate,
}

impl Calendar {
    /// Days from midnight to midnight UTC.
    pub const UTC: Self =
        Self { name: "utc", day_of: |time| DateTime::from_timestamp_millis(time).unwrap_or_default().date_naive() };
}

/// The period that a report is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first moment that was asked for.
    pub since_unix_ms: Option<Millis>,
    /// The end that was asked for, itself outside.
    pub until_unix_ms: Option<Millis>,
    /// The start of the first thing inside; absent where there is nothing.
    pub first_unix_ms: Option<Millis>,
    /// The latest end of what began inside.
    pub last_unix_ms: Option<Millis>,
    /// How days are cut: `utc` or `local`.
    pub days: &'static str,
}

/// What a period held. Projects, branches and models stand by cost, the dearest first; tools by calls; days in their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The period.
    pub period: Period,
    /// Everything together.
    pub totals: Work,
    /// The part of the input that the cache held, from 0 to 1; absent without any input.
    pub cache_hit_ratio: Option<f64>,
    /// Cost of calls that the client made and did not write down, of sessions whose latest activity is in the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_cost: Option<Cost>,
    /// What went wrong.
    pub errors: Errors,
    /// Where the time went.
    pub waits: Waits,
    /// By project: the last part of a session's folder.
    pub projects: Vec<GroupRow>,
    /// By branch.
    pub branches: Vec<GroupRow>,
    /// By day, of those with anything on them.
    pub days: Vec<DayRow>,
    /// By model.
    pub models: Vec<ModelRow>,
    /// By tool.
    pub tools: Vec<ToolRow>,
}

impl Report {
    /// Whether nothing began in the period.
    pub const fn is_empty(&self) -> bool {
        self.period.first_unix_ms.is_none()
    }
}
