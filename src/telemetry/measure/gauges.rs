//! What is so at this moment, as far as followed transcripts tell.

use crate::telemetry::metric::{Metric, Number, NumberPoint, Period, Points};
use crate::telemetry::span::Value;

/// What is under way in the sessions that are followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenWork {
    /// Calls of tools without a result.
    pub tools: u64,
    /// Turns that are not over.
    pub turns: u64,
    /// Sessions with something that was not delivered, by the days that are left before the client deletes them.
    pub unexported: Vec<(u64, u64)>,
}

/// The gauges at a time, in milliseconds since 1970.
pub fn metrics(work: &OpenWork, now: i64) -> Vec<Metric> {
    let time_unix_nano = u64::try_from(now).unwrap_or(0).saturating_mul(1_000_000);
    let period = Period { start_unix_nano: 0, time_unix_nano };
    let point = |attributes, value: u64| NumberPoint { attributes, period, value: Number::Int(value as i64) };
    let gauge = |name, unit, description, points| Metric { name, unit, description, points: Points::Gauge(points) };
    let by_days =
        work.unexported.iter().map(|(days, sessions)| point(vec![(DAYS_LEFT, Value::Int(*days as i64))], *sessions));
    let mut metrics = vec![
        gauge(TOOLS_IN_FLIGHT, "{call}", "Calls of tools without a result", vec![point(Vec::new(), work.tools)]),
        gauge(TURNS_OPEN, "{turn}", "Turns that are not over", vec![point(Vec::new(), work.turns)]),
    ];
    let unexported: Vec<_> = by_days.collect();
    if !unexported.is_empty() {
        let description = "Sessions not exported yet, by the days before the client deletes them";
        metrics.push(gauge(UNEXPORTED_SESSIONS, "{session}", description, unexported));
    }
    metrics
}

/// Days before the client deletes transcripts.
pub const DAYS_LEFT: &str = "days_left";
/// Calls of tools without a result.
pub const TOOLS_IN_FLIGHT: &str = "claude_code.tools.in_flight";
/// Turns that are not over.
pub const TURNS_OPEN: &str = "claude_code.turns.open";
/// Sessions that were not exported yet.
pub const UNEXPORTED_SESSIONS: &str = "claude_code.retention.unexported_sessions";
