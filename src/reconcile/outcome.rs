//! What a comparison came to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::finding::Finding;
use super::reason::Reason;
use super::report::{ReportCounts, Tokens};
use crate::transcript::time::Millis;

/// Everything.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Sessions that both sides know, in the order in which they were rebuilt.
    pub sessions: Vec<SessionTally>,
    /// Sessions with model calls that only the transcripts know.
    pub only_in_transcripts: OneSided,
    /// Sessions with model calls that only the telemetry knows.
    pub only_in_telemetry: OneSided,
    /// Sessions that are known to both sides and told nothing of requests and tools but sums.
    pub by_sums_alone: u64,
    /// Calls, tools and failures that the telemetry knows and that are not compared, since nothing is final yet.
    pub not_final: u64,
    /// By model, over the sessions that both sides know.
    pub models: BTreeMap<Arc<str>, ModelTally>,
    /// How far the times of the same things lie apart.
    pub offsets: Offsets,
    /// Every difference, session by session.
    pub findings: Vec<Finding>,
    /// What was counted while the telemetry was read.
    pub counts: ReportCounts,
    /// The earliest and latest time of the telemetry.
    pub reach: Option<(Millis, Millis)>,
    /// Sessions that the telemetry names, those without model calls included.
    pub told_sessions: u64,
    /// Sessions that were rebuilt and chosen.
    pub rebuilt_sessions: u64,
}

/// Things counted on both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Both {
    /// On both sides.
    pub matched: u64,
    /// In the transcripts alone.
    pub only_in_transcripts: u64,
    /// In the telemetry alone.
    pub only_in_telemetry: u64,
}

impl Both {
    /// Adds another count.
    pub const fn add(&mut self, other: &Self) {
        self.matched += other.matched;
        self.only_in_transcripts += other.only_in_transcripts;
        self.only_in_telemetry += other.only_in_telemetry;
    }
}

/// Sessions of one side.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OneSided {
    /// Sessions.
    pub sessions: u64,
    /// Their model calls.
    pub calls: u64,
    /// Their tokens.
    pub tokens: Tokens,
    /// What is known of their cost in US dollars.
    pub cost_usd: f64,
}

/// One session that both sides know.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionTally {
    /// The session.
    pub id: Arc<str>,
    /// When it began.
    pub first_time: Option<Millis>,
    /// Model calls.
    pub calls: Both,
    /// Tool calls.
    pub tools: Both,
    /// Failed requests.
    pub failures: Both,
    /// Tokens of its calls in the transcripts.
    pub transcripts: Tokens,
    /// Tokens of its requests in the telemetry; of the metric, where that is all there is.
    pub telemetry: Tokens,
    /// What was found, explained.
    pub explained: u64,
    /// What was found, unexplained.
    pub unexplained: u64,
}

/// The calls of one model.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ModelTally {
    /// Calls.
    pub calls: Both,
    /// Tokens in the transcripts.
    pub transcripts: Tokens,
    /// Tokens in the telemetry.
    pub telemetry: Tokens,
    /// Costs.
    pub cost: CostTally,
}

/// Costs in US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CostTally {
    /// Of the calls on both sides that have a price on both, by list prices.
    pub matched_by_prices: f64,
    /// The same, as the client reckons it.
    pub matched_by_client: f64,
    /// Of the requests in the telemetry alone, as the client reckons it.
    pub only_in_telemetry: f64,
    /// Of the calls in the transcripts alone, by list prices.
    pub only_in_transcripts: f64,
}

impl CostTally {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.matched_by_prices += other.matched_by_prices;
        self.matched_by_client += other.matched_by_client;
        self.only_in_telemetry += other.only_in_telemetry;
        self.only_in_transcripts += other.only_in_transcripts;
    }
}

/// How far times lie apart: telemetry less transcript, in milliseconds.
#[derive(Debug, Clone, Default)]
pub struct Offsets {
    /// Starts of model calls.
    pub call_starts: Vec<Millis>,
    /// Ends of model calls.
    pub call_ends: Vec<Millis>,
    /// Starts of tool calls.
    pub tool_starts: Vec<Millis>,
    /// Ends of tool calls.
    pub tool_ends: Vec<Millis>,
}

/// How a list of offsets is spread, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// How many there are.
    pub count: u64,
    /// Half of them are no more than this.
    pub p50: Millis,
    /// Nine of ten lie no further from nothing than this.
    pub p90: Millis,
    /// The one that lies furthest from nothing.
    pub furthest: Millis,
}

impl Spread {
    /// Of a list; none of an empty one.
    pub fn of(offsets: &[Millis]) -> Option<Self> {
        let mut sorted = offsets.to_vec();
        sorted.sort_unstable();
        let p50 = *sorted.get(sorted.len().saturating_sub(1) / 2)?;
        sorted.sort_unstable_by_key(|offset| offset.unsigned_abs());
        let p90 = *sorted.get((sorted.len() * 9).div_ceil(10).saturating_sub(1))?;
        Some(Self { count: sorted.len() as u64, p50, p90: p90.abs(), furthest: *sorted.last()? })
    }
}

impl Outcome {
    /// How many differences each rule explains; the last one, without a rule, is what is unexplained.
    pub fn reasons(&self) -> BTreeMap<Option<Reason>, u64> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.reason).or_default() += 1;
        }
        counts
    }

    /// How many differences nothing explains.
    pub fn unexplained(&self) -> u64 {
        self.findings.iter().filter(|finding| finding.reason.is_none()).count() as u64
    }

    /// One count of all sessions together.
    pub fn total(&self, of: impl Fn(&SessionTally) -> &Both) -> Both {
        let mut total = Both::default();
        self.sessions.iter().for_each(|session| total.add(of(session)));
        total
    }

    /// Whether the two sides have no session in common, though each has some.
    pub const fn is_apart(&self) -> bool {
        self.sessions.is_empty() && self.rebuilt_sessions > 0 && self.told_sessions > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_spread_around_nothing() {
        assert_eq!(Spread::of(&[]), None);
        let spread = Spread::of(&[-50, 1, 2, 3, 4, 5, 6, 7, 8, -9]).unwrap();
        assert_eq!(spread, Spread { count: 10, p50: 3, p90: 9, furthest: -50 });
        assert_eq!(Spread::of(&[7]), Some(Spread { count: 1, p50: 7, p90: 7, furthest: 7 }));
    }
}
