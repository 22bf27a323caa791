//! The rows of a report.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::privacy::Sanitized;
use crate::transcript::time::Millis;
use crate::view::amounts::{Cost, Tokens};

/// What was done, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Sessions with anything in it.
    pub sessions: u64,
    /// Turns, those among them that are nothing but a manual compaction.
    pub turns: u64,
    /// Of these, manual compactions.
    pub compaction_turns: u64,
    /// Of these, turns that are going on.
    pub open_turns: u64,
    /// Responses of models.
    pub llm_calls: u64,
    /// Of these, the ones without a price.
    pub llm_calls_unpriced: u64,
    /// Calls of tools.
    pub tool_calls: u64,
    /// Of these, the ones whose result is flagged as an error, which those that a person stopped are too.
    pub tool_errors: u64,
    /// Of these, calls that a person or a rule stopped.
    pub tool_stopped: u64,
    /// Runs of agents.
    pub agents: u64,
    /// Compactions.
    pub compactions: u64,
    /// Tokens of the calls on record.
    pub tokens: Tokens,
    /// Their cost.
    pub cost: Cost,
    /// Time in turns, in milliseconds; turns of a session beside each other count once.
    pub busy_ms: Millis,
}

/// What went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Errors {
    /// Calls of tools by how they ended: `success`, `error`, `rejected`, `denied`, `interrupted`, `timed_out`,
    /// `orphaned`; those that are running are in none.
    pub tool_outcomes: BTreeMap<&'static str, u64>,
    /// Turns by how they ended: `completed`, `interrupted`, `error`, `unfinished`; those that are going on are in none.
    pub turn_outcomes: BTreeMap<&'static str, u64>,
    /// Turns that failed for good, by the class of their error.
    pub turn_error_types: BTreeMap<Sanitized, u64>,
    /// Failed attempts of requests.
    pub api_retries: u64,
    /// Requests that failed for good.
    pub api_errors: u64,
    /// Interrupts by a person.
    pub interrupts: u64,
}

/// The work of one project or branch.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupRow {
    /// Its name; absent where it is not known, or may not be seen.
    pub name: Option<Sanitized>,
    /// The work.
    #[serde(flatten)]
    pub work: Work,
    /// The part of the input that the cache held.
    pub cache_hit_ratio: Option<f64>,
}

/// The work of one day.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DayRow {
    /// The day.
    #[serde(serialize_with = "as_text")]
    pub day: NaiveDate,
    /// The work.
    #[serde(flatten)]
    pub work: Work,
    /// The part of the input that the cache held.
    pub cache_hit_ratio: Option<f64>,
}

/// What one model did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ModelRow {
    /// Its name; `unknown` where none is on record.
    pub name: Sanitized,
    /// Responses.
    pub calls: u64,
    /// Of these, the ones without a price.
    pub calls_unpriced: u64,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost.
    pub cost: Cost,
    /// The part of the input that the cache held.
    pub cache_hit_ratio: Option<f64>,
    /// The time of all calls, in milliseconds; calls beside each other count each.
    pub total_ms: Millis,
    /// Half of the calls took no longer than this.
    pub p50_ms: Option<Millis>,
    /// Of twenty calls, nineteen took no longer than this.
    pub p95_ms: Option<Millis>,
}

/// What one tool did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ToolRow {
    /// Its name.
    pub name: Sanitized,
    /// Calls.
    pub calls: u64,
    /// Calls whose result is flagged as an error, which those that a person stopped are too.
    pub errors: u64,
    /// Calls that a person or a rule stopped.
    pub stopped: u64,
    /// The time of all calls with a result, in milliseconds; calls beside each other count each.
    pub total_ms: Millis,
    /// Half of the calls with a result took no longer than this.
    pub p50_ms: Option<Millis>,
    /// Of twenty calls with a result, nineteen took no longer than this.
    pub p95_ms: Option<Millis>,
    /// The longest one.
    pub longest_ms: Option<Millis>,
}

fn as_text<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}
