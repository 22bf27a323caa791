//! The prices of one model.

use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;
use crate::transcript::time::Millis;

/// What one token of each kind costs; what is absent is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rates {
    pub input: Picodollars,
    pub output: Picodollars,
    pub cache_read: Option<Picodollars>,
    pub cache_write_5m: Option<Picodollars>,
    pub cache_write_1h: Option<Picodollars>,
}

impl Rates {
    /// What the tokens cost, unless the price of some of them is not known.
    pub(super) fn cost(&self, usage: &TokenUsage) -> Option<Picodollars> {
        let of = |rate: Option<Picodollars>, tokens: u64| match (rate, tokens) {
            (_, 0) => Some(Picodollars::ZERO),
            (rate, tokens) => rate.map(|rate| rate.times(tokens)),
        };
        let hour = usage.cache_creation_1h.min(usage.cache_creation);
        // What no line says to live an hour lives five minutes: that is the API's default.
        let five_minutes = usage.cache_creation - hour;
        let caches = of(self.cache_read, usage.cache_read)?
            + of(self.cache_write_5m, five_minutes)?
            + of(self.cache_write_1h, hour)?;
        Some(self.input.times(usage.input) + self.output.times(usage.output) + caches)
    }
}

/// Other rates for calls with much input: the whole call, not only what is above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LongContext {
    /// From how many input tokens on, caches included, they do not yet hold.
    pub above: u64,
    /// When they ceased to hold.
    pub until: Option<Millis>,
    pub rates: Rates,
}

/// The prices of one model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ModelPrices {
    pub standard: Rates,
    pub long_context: Option<LongContext>,
    pub fast: Option<Rates>,
    /// How many percent more clouds ask in single regions.
    pub regional_percent: u64,
    /// One search of the web.
    pub web_search: Option<Picodollars>,
}

impl ModelPrices {
    /// The rates of a call with so much input, at this time and speed.
    pub(super) fn rates(&self, total_input: u64, time: Millis, speed: Option<&str>) -> Option<Rates> {
        if speed == Some("fast") {
            return self.fast;
        }
        let holds = |long: &LongContext| total_input > long.above && long.until.is_none_or(|until| time < until);
        Some(self.long_context.filter(holds).map_or(self.standard, |long| long.rates))
    }

    /// What searches cost, unless that is not known.
    pub(super) fn searches(&self, count: u64) -> Option<Picodollars> {
        if count == 0 { Some(Picodollars::ZERO) } else { self.web_search.map(|price| price.times(count)) }
    }
}
