//! What is summed up together before it becomes series: one look-up for each response or tool call, not one for each of
//! its numbers.

use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;

use super::base::{Contribution, Measure, Series};
use super::gather::How;
use crate::amount::{Amount, Spread};
use crate::privacy::Sanitizer;
use crate::session::usage::TokenUsage;
use crate::telemetry::attributes::gate;
use crate::telemetry::common::model_name;
use crate::telemetry::semconv::OTHER;
use crate::telemetry::span::Value;
use crate::transcript::time::Millis;

/// Sums by key and stretch of time.
#[derive(Debug)]
pub(super) struct Groups<'a, K, G> {
    how: How<'a>,
    groups: HashMap<(K, i64), (Millis, G)>,
}

impl<'a, K: Eq + Hash, G: Default> Groups<'a, K, G> {
    pub(super) fn new(how: How<'a>) -> Self {
        Self { how, groups: HashMap::new() }
    }

    /// The sums of a key at a time.
    pub(super) fn at(&mut self, key: K, time: Millis) -> &mut G {
        let stretch = self.how.every.map_or(0, |every| time.div_euclid(every.max(1)));
        let (first, group) = self.groups.entry((key, stretch)).or_insert_with(|| (time, G::default()));
        *first = (*first).min(time);
        group
    }

    /// Turns every group into contributions.
    pub(super) fn tell(self, out: &mut Vec<Contribution>, tell: impl Fn(K, G, &mut Teller<'_>)) {
        for ((key, stretch), (first, group)) in self.groups {
            let privacy = &self.how.options.privacy;
            tell(key, group, &mut Teller { out, privacy, stretch, first, attributes: Vec::new() });
        }
    }
}

/// Writes the contributions of one group.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    out: &'a mut Vec<Contribution>,
    privacy: &'a Sanitizer,
    stretch: i64,
    first: Millis,
    attributes: Vec<(&'static str, Arc<str>)>,
}

impl Teller<'_> {
    /// An attribute of all that follows.
    pub(super) fn with(&mut self, name: &'static str, value: Option<Arc<str>>) -> &mut Self {
        if let Some(value) = value {
            self.attributes.push((name, value));
            self.attributes.sort_unstable();
        }
        self
    }

    /// A name from the transcript, if it looks like one.
    pub(super) fn name(&mut self, name: &'static str, value: Option<&Arc<str>>) -> &mut Self {
        let value = value.map(|value| text(gate(value, self.privacy)));
        self.with(name, value)
    }

    /// A model's name.
    pub(super) fn model(&mut self, name: &'static str, value: Option<&Arc<str>>) -> &mut Self {
        let value = value.map(|value| text(model_name(value, self.privacy)));
        self.with(name, value)
    }

    /// A sum, unless it is nothing.
    pub(super) fn sum(&mut self, measure: Measure, sum: u64) -> &mut Self {
        if sum > 0 {
            self.tell(measure, Amount::Sum(sum));
        }
        self
    }

    /// A spread, unless nothing was observed.
    pub(super) fn spread(&mut self, measure: Measure, spread: Spread) -> &mut Self {
        if spread.count() > 0 {
            self.tell(measure, Amount::Spread(Box::new(spread)));
        }
        self
    }

    fn tell(&mut self, measure: Measure, amount: Amount) {
        let series = Series { measure, attributes: self.attributes.clone() };
        self.out.push(Contribution { series, stretch: self.stretch, first: self.first, amount });
    }
}

/// The text of a name that has passed its gate.
fn text(value: Value) -> Arc<str> {
    match value {
        Value::Str(text) => text.into_shared(),
        Value::Static(text) => text.into(),
        _ => OTHER.into(),
    }
}

/// Counts one observation of a measure that is spread.
pub(super) fn observe(spread: &mut Spread, measure: Measure, value: i64) {
    if let Some(scale) = measure.scale() {
        spread.observe(u64::try_from(value).unwrap_or(0), scale);
    }
}

/// The sums of responses.
#[derive(Debug, Default)]
pub(super) struct CallSums {
    pub calls: u64,
    pub usage: TokenUsage,
    pub cost: u64,
    pub unpriced: u64,
    pub hits: u64,
    pub misses: u64,
    pub writes: u64,
    pub durations: Spread,
    pub inputs: Spread,
    pub outputs: Spread,
}

impl CallSums {
    pub(super) fn tell(self, teller: &mut Teller<'_>) {
        let usage = &self.usage;
        let told = usage.cache_creation_5m.saturating_add(usage.cache_creation_1h);
        let untold = usage.cache_creation.saturating_sub(told);
        teller
            .sum(Measure::Calls, self.calls)
            .sum(Measure::Input, usage.input)
            .sum(Measure::Output, usage.output)
            .sum(Measure::CacheRead, usage.cache_read)
            .sum(Measure::CacheCreation, usage.cache_creation)
            .sum(Measure::CacheCreation5m, usage.cache_creation_5m)
            .sum(Measure::CacheCreation1h, usage.cache_creation_1h)
            .sum(Measure::CacheCreationUntold, untold)
            .sum(Measure::Reasoning, usage.thinking.unwrap_or(0))
            .sum(Measure::Cost, self.cost)
            .sum(Measure::Unpriced, self.unpriced)
            .sum(Measure::CacheHits, self.hits)
            .sum(Measure::CacheMisses, self.misses)
            .sum(Measure::CacheWrites, self.writes)
            .spread(Measure::CallDuration, self.durations)
            .spread(Measure::CallInput, self.inputs)
            .spread(Measure::CallOutput, self.outputs);
    }
}

/// The sums of tool calls.
#[derive(Debug, Default)]
pub(super) struct ToolSums {
    pub calls: u64,
    pub errors: u64,
    pub durations: Spread,
}

/// The sums of turns or agent runs.
#[derive(Debug, Default)]
pub(super) struct WorkSums {
    pub count: u64,
    pub durations: Spread,
}
