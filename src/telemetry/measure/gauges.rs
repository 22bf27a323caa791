//! What is so at this moment, as far as followed transcripts tell.

use crate::telemetry::metric::{Metric, Number, NumberPoint, Period, Points};
use crate::telemetry::semconv as name;
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

/// One gauge.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// Its unit, in UCUM.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// The attribute that tells its points apart, if any.
    pub attribute: Option<&'static str>,
}

impl Gauge {
    const fn new(name: &'static str, unit: &'static str, description: &'static str) -> Self {
        Self { name, unit, description, attribute: None }
    }

    const fn metric(self, points: Vec<NumberPoint>) -> Metric {
        Metric { name: self.name, unit: self.unit, description: self.description, points: Points::Gauge(points) }
    }
}

/// Calls of tools without a result.
pub const TOOLS_IN_FLIGHT: Gauge =
    Gauge::new("claude_code.tools.in_flight", "{call}", "Calls of tools without a result");
/// Turns that are not over.
pub const TURNS_OPEN: Gauge = Gauge::new("claude_code.turns.open", "{turn}", "Turns that are not over");
/// Sessions that were not exported yet.
pub const UNEXPORTED_SESSIONS: Gauge = Gauge {
    attribute: Some(name::DAYS_LEFT),
    ..Gauge::new(
        "claude_code.retention.unexported_sessions",
        "{session}",
        "Sessions not exported yet, by the days before the client deletes them",
    )
};
/// All gauges.
pub const GAUGES: [Gauge; 3] = [TOOLS_IN_FLIGHT, TURNS_OPEN, UNEXPORTED_SESSIONS];

/// The gauges at a time, in milliseconds since 1970.
pub fn metrics(work: &OpenWork, now: i64) -> Vec<Metric> {
    let time_unix_nano = u64::try_from(now).unwrap_or(0).saturating_mul(1_000_000);
    let period = Period { start_unix_nano: 0, time_unix_nano };
    let point = |attributes, value: u64| NumberPoint { attributes, period, value: Number::Int(value as i64) };
    let by_days = work
        .unexported
        .iter()
        .map(|(days, sessions)| point(vec![(name::DAYS_LEFT, Value::Int(*days as i64))], *sessions));
    let mut metrics = vec![
        TOOLS_IN_FLIGHT.metric(vec![point(Vec::new(), work.tools)]),
        TURNS_OPEN.metric(vec![point(Vec::new(), work.turns)]),
    ];
    let unexported: Vec<_> = by_days.collect();
    if !unexported.is_empty() {
        metrics.push(UNEXPORTED_SESSIONS.metric(unexported));
    }
    metrics
}
