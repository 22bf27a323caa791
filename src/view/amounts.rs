//! Tokens and money as they are shown.

use std::ops::AddAssign;

use serde::{Serialize, Serializer};

use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;
use crate::telemetry::totals::WorkTotals;

/// Tokens by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tokens {
    /// Input that no cache held.
    pub input: u64,
    /// Output, thinking included.
    pub output: u64,
    /// Input read from the cache.
    pub cache_read: u64,
    /// Input written to the cache.
    pub cache_creation: u64,
    /// Of the output, the tokens of thinking, where a line says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<u64>,
    /// Whether the output is a lower bound: no line says that it was final.
    #[serde(skip_serializing_if = "is_false")]
    pub is_lower_bound: bool,
}

impl Tokens {
    /// Everything that went into the model.
    pub const fn total_input(&self) -> u64 {
        self.input + self.cache_read + self.cache_creation
    }

    /// Everything.
    pub const fn total(&self) -> u64 {
        self.total_input() + self.output
    }

    /// The part of the input that the cache held, from 0 to 1; absent without any input.
    pub fn cache_hit_ratio(&self) -> Option<f64> {
        let input = self.total_input();
        (input > 0).then(|| self.cache_read as f64 / input as f64)
    }
}

impl From<&TokenUsage> for Tokens {
    fn from(usage: &TokenUsage) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_creation: usage.cache_creation,
            thinking: usage.thinking,
            is_lower_bound: false,
        }
    }
}

impl From<&WorkTotals> for Tokens {
    fn from(totals: &WorkTotals) -> Self {
        Self { is_lower_bound: totals.has_open_usage, ..Self::from(&totals.usage) }
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_creation += other.cache_creation;
        self.thinking = match (self.thinking, other.thinking) {
            (None, None) => None,
            (own, others) => Some(own.unwrap_or(0) + others.unwrap_or(0)),
        };
        self.is_lower_bound |= other.is_lower_bound;
    }
}

/// What something cost, as far as prices are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// US dollars; absent where nothing has a price.
    #[serde(rename = "usd", serialize_with = "dollars")]
    pub amount: Option<Picodollars>,
    /// Whether it may have been more: some call has no price, or no final token count.
    #[serde(skip_serializing_if = "is_false")]
    pub is_lower_bound: bool,
}

impl Cost {
    /// US dollars, for whoever reads it.
    pub fn dollars(&self) -> Option<f64> {
        self.amount.map(Picodollars::dollars)
    }
}

impl From<&WorkTotals> for Cost {
    fn from(totals: &WorkTotals) -> Self {
        Self { amount: totals.cost, is_lower_bound: totals.is_cost_lower_bound }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.amount = match (self.amount, other.amount) {
            (Some(own), Some(others)) => Some(own + others),
            (own, others) => own.or(others),
        };
        self.is_lower_bound |= other.is_lower_bound;
    }
}

#[expect(clippy::ref_option, reason = "serde hands a reference")]
fn dollars<S: Serializer>(amount: &Option<Picodollars>, serializer: S) -> Result<S::Ok, S::Error> {
    amount.map(Picodollars::dollars).serialize(serializer)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}
