//! What calls cost, by tables of list prices.
//!
//! The table in the program is `table.json`; a file of the user's may stand above it. All amounts are whole
//! picodollars, so that a sum is the same in whatever order it is made.
//!
//! **Invariant:** what no table knows is unpriced, never free, and never priced like something similar.

mod error;
mod litellm;
mod name;
mod own;
mod rates;
mod of_session;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

pub use error::PriceError;
use name::{Area, ModelName};
pub use of_session::Costs;
use of_session::Known;
use rates::ModelPrices;

use crate::session::facts::{HiddenUsage, LlmCall, Session};
use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;

/// The prices that come with the program.
const EMBEDDED: &str = include_str!("table.json");

/// How a cost is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostSource {
    /// The client recorded it on the call's line, as the oldest versions did.
    Recorded,
    /// By the call's tokens and a table of prices.
    PriceTable,
}

impl CostSource {
    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::PriceTable => "price_table",
        }
    }
}

/// What a call cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCost {
    /// How much.
    pub amount: Picodollars,
    /// How that is known.
    pub source: CostSource,
    /// The table with its date, where one was used.
    pub table: Option<Arc<str>>,
    /// Whether it may have been more: its output tokens are a lower bound, or it was made through a cloud that asks
    /// more in some regions, and which one is not on record.
    pub is_lower_bound: bool,
}

/// The same usage, priced by the client and by tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// By the client.
    pub client: Picodollars,
    /// By the tables.
    pub ours: Picodollars,
}

/// One table: prices by model.
#[derive(Debug, Clone, Default, PartialEq)]
struct Layer {
    id: Arc<str>,
    models: HashMap<String, ModelPrices>,
    /// Whether nothing below it is asked.
    replaces: bool,
}

/// Tables of prices, the one that is asked first at the front.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceTable {
    layers: Vec<Layer>,
}

impl Default for PriceTable {
    fn default() -> Self {
        static TABLE: LazyLock<PriceTable> = LazyLock::new(|| PriceTable {
            // A test holds the table to being readable; a program that has none prices nothing.
            layers: parse(EMBEDDED).map_or_else(|_| Vec::new(), |layer| vec![layer]),
        });
        TABLE.clone()
    }
}

impl PriceTable {
    /// The same tables below the one that a file holds: either in our own format or as `LiteLLM` writes it.
    ///
    /// # Errors
    ///
    /// When the text holds no table, naming the model and field that cannot be read.
    pub fn with_overrides(mut self, text: &str) -> Result<Self, PriceError> {
        let layer = parse(text)?;
        if layer.replaces {
            self.layers.clear();
        }
        self.layers.insert(0, layer);
        Ok(self)
    }

    /// The tables' names with their dates, the one that is asked first at the front.
    pub fn id(&self) -> String {
        let ids: Vec<&str> = self.layers.iter().map(|layer| &*layer.id).collect();
        ids.join("+")
    }

    /// What a call cost; `None` where no table has the model, or not a price that the call needs.
    pub fn cost(&self, call: &LlmCall) -> Option<CallCost> {
        self.cost_by(call, &mut Known::default())
    }

    /// What the client wrote down.
    fn recorded(call: &LlmCall) -> Option<CallCost> {
        let amount = call.cost_usd.and_then(Picodollars::from_dollars)?;
        let is_lower_bound = call.stop_reason.is_none();
        Some(CallCost { amount, source: CostSource::Recorded, table: None, is_lower_bound })
    }

    /// What hidden usage cost: what the client charged for the model beyond the calls on record. `None` where the client
    /// does not say, or a call on record has no price.
    pub fn hidden_cost(&self, session: &Session, hidden: &HiddenUsage) -> Option<Picodollars> {
        // The client adds fractions up, and so do we when we read them: a billionth of a dollar is nothing.
        const ROUNDING: Picodollars = Picodollars::new(1_000);
        let mut visible = Picodollars::ZERO;
        for place in &hidden.visible_calls {
            visible += self.cost(session.calls.get(*place)?)?.amount;
        }
        let total = hidden.client_cost?;
        total.checked_sub(visible).or_else(|| (total + ROUNDING >= visible).then_some(Picodollars::ZERO))
    }

    /// What tokens of a model cost at the standard rates, for sums in which single calls cannot be told apart.
    pub fn standard_cost(&self, model: &str, usage: &TokenUsage) -> Option<Picodollars> {
        let prices = self.find(&ModelName::of(model))?.prices;
        Some(prices.standard.cost(usage)? + prices.searches(usage.web_searches)?)
    }

    /// What the client says that all of its counts cost, and what the same comes to by these tables: the calls on record
    /// one by one, what no line shows by the standard rates. `None` where either is not known in full.
    pub fn compare(&self, session: &Session) -> Option<Comparison> {
        let mut sums = Comparison { client: Picodollars::ZERO, ours: Picodollars::ZERO };
        let mut any = false;
        for count in session.client_totals.iter().filter(|count| !count.is_superseded) {
            any = true;
            sums.client += count.cost?;
            for place in count.visible_calls.as_ref()? {
                sums.ours += self.cost(session.calls.get(*place)?)?.amount;
            }
        }
        for hidden in &session.hidden {
            sums.ours += self.standard_cost(&hidden.model, &hidden.usage)?;
        }
        any.then_some(sums)
    }

    /// The prices of a model, by the first table that has it.
    fn find(&self, model: &ModelName<'_>) -> Option<Found<'_>> {
        self.layers.iter().find_map(|layer| {
            let of = |name: &str, is_of_place: bool| {
                layer.models.get(name).map(|prices| Found { layer, prices, is_of_place, area: model.area })
            };
            let by_written = || of(&model.full, model.has_area()).or_else(|| of(model.last_part(), model.has_area()));
            by_written().or_else(|| of(&model.plain, false))
        })
    }
}

/// The prices of a model.
#[derive(Debug, Clone, Copy)]
struct Found<'t> {
    /// The table that has them.
    layer: &'t Layer,
    prices: &'t ModelPrices,
    /// Whether they are those of the place that the name tells.
    is_of_place: bool,
    /// What the name tells of the place.
    area: Area,
}

impl Found<'_> {
    /// What a call that was made there cost.
    fn cost(&self, call: &LlmCall, area: Area) -> Option<CallCost> {
        let rates = self.prices.rates(call.usage.total_input(), call.timing.end, call.speed.as_deref())?;
        if matches!(call.service_tier.as_deref(), Some("batch" | "flex" | "priority")) {
            return None;
        }
        let amount = rates.cost(&call.usage)?;
        let (percent, is_area_unknown) = match (area, self.prices.regional_percent) {
            (Area::Unpriced, _) => return None,
            (Area::Regional, percent) => (percent, false),
            (Area::Unknown, percent) => (0, percent > 0),
            (Area::Named, _) => (0, false),
        };
        let searches = self.prices.searches(call.usage.web_searches)?;
        Some(CallCost {
            amount: amount.plus_percent(percent) + searches,
            source: CostSource::PriceTable,
            table: Some(Arc::clone(&self.layer.id)),
            is_lower_bound: call.stop_reason.is_none() || is_area_unknown,
        })
    }
}

/// Reads either format.
fn parse(text: &str) -> Result<Layer, PriceError> {
    let value: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| PriceError::NoJson { line: error.line(), column: error.column() })?;
    let object = value.as_object().ok_or(PriceError::NoTable)?;
    // Ours names itself; the other format is nothing but models.
    if object.contains_key("models") { own::parse(object) } else { litellm::parse(object, text) }
}

#[cfg(test)]
#[path = "prices_tests.rs"]
mod tests;
