//! The file of prices that `LiteLLM` keeps: dollars for one token, models of every provider.

use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::Layer;
use super::error::PriceError;
use super::name::ModelName;
use super::rates::{LongContext, ModelPrices, Rates};
use crate::session::money::Picodollars;

/// Providers whose names stand before the models' and are no part of what a client records.
const PROVIDERS: [&str; 3] = ["anthropic/", "bedrock/", "vertex_ai/"];

const INPUT: &str = "input_cost_per_token";
const OUTPUT: &str = "output_cost_per_token";
const CACHE_READ: &str = "cache_read_input_token_cost";
const CACHE_WRITE: &str = "cache_creation_input_token_cost";
const CACHE_WRITE_1H: &str = "cache_creation_input_token_cost_above_1hr";
const A_PRICE: &str = "no number of dollars";

/// Reads the file. Its format grows by the week, so that only fields of the kinds above are looked at.
pub(super) fn parse(object: &Map<String, Value>, text: &str) -> Result<Layer, PriceError> {
    // The file has neither a name nor a date; its digest tells two of them apart.
    let digest = xxh3_64(text.as_bytes()) >> 32;
    let mut layer = Layer { id: format!("litellm-{digest:08x}").into(), ..Layer::default() };
    for (name, value) in object {
        // The first entry is the description of the others.
        let Some(fields) = value.as_object().filter(|_| name != "sample_spec") else { continue };
        let entry = Entry { name, fields };
        let Some(prices) = entry.prices()? else { continue };
        let full = ModelName::of(name).full.into_owned();
        let without_provider = PROVIDERS.iter().find_map(|provider| full.strip_prefix(provider));
        // What still has a slash in it is a region's own price list.
        if let Some(short) = without_provider.filter(|short| !short.contains('/')) {
            layer.models.entry(short.to_owned()).or_insert(prices);
        }
        layer.models.insert(full, prices);
    }
    if layer.models.is_empty() { Err(PriceError::Empty) } else { Ok(layer) }
}

struct Entry<'a> {
    name: &'a str,
    fields: &'a Map<String, Value>,
}

impl Entry<'_> {
    /// The prices; `None` for models that are not paid by the token.
    fn prices(&self) -> Result<Option<ModelPrices>, PriceError> {
        let Some(standard) = self.rates("")? else { return Ok(None) };
        Ok(Some(ModelPrices {
            standard,
            long_context: self.long_context()?,
            fast: self.fast(standard)?,
            regional_percent: 0,
            web_search: self.web_search(),
        }))
    }

    fn price(&self, field: &str) -> Result<Option<Picodollars>, PriceError> {
        let Some(value) = self.fields.get(field).filter(|value| !value.is_null()) else { return Ok(None) };
        let wrong = || PriceError::Model { model: self.name.to_owned(), field: field.to_owned(), expected: A_PRICE };
        value.as_f64().and_then(Picodollars::from_dollars).map(Some).ok_or_else(wrong)
    }

    /// The rates with a suffix such as `_above_200k_tokens`.
    fn rates(&self, suffix: &str) -> Result<Option<Rates>, PriceError> {
        let price = |field: &str| self.price(&format!("{field}{suffix}"));
        let (Some(input), Some(output)) = (price(INPUT)?, price(OUTPUT)?) else { return Ok(None) };
        Ok(Some(Rates {
            input,
            output,
            cache_read: price(CACHE_READ)?,
            cache_write_5m: price(CACHE_WRITE)?,
            cache_write_1h: price(CACHE_WRITE_1H)?,
        }))
    }

    fn long_context(&self) -> Result<Option<LongContext>, PriceError> {
        let thresholds = self.fields.keys().filter_map(|field| {
            let thousands = field.strip_prefix(INPUT)?.strip_prefix("_above_")?.strip_suffix("k_tokens")?;
            thousands.parse::<u64>().ok()
        });
        let Some(thousands) = thresholds.min() else { return Ok(None) };
        let rates = self.rates(&format!("_above_{thousands}k_tokens"))?;
        Ok(rates.map(|rates| LongContext { above: thousands.saturating_mul(1000), until: None, rates }))
    }

    /// The fast tier is a factor on everything.
    fn fast(&self, standard: Rates) -> Result<Option<Rates>, PriceError> {
        let factor = self.fields.get("provider_specific_entry").and_then(|entry| entry.get("fast"));
        let Some(factor) = factor else { return Ok(None) };
        let wrong = || PriceError::Model {
            model: self.name.to_owned(),
            field: "provider_specific_entry.fast".to_owned(),
            expected: "no factor",
        };
        let factor = factor.as_f64().ok_or_else(wrong)?;
        let times = |price: Picodollars| Picodollars::from_dollars(price.dollars() * factor).ok_or_else(wrong);
        Ok(Some(Rates {
            input: times(standard.input)?,
            output: times(standard.output)?,
            cache_read: standard.cache_read.map(times).transpose()?,
            cache_write_5m: standard.cache_write_5m.map(times).transpose()?,
            cache_write_1h: standard.cache_write_1h.map(times).transpose()?,
        }))
    }

    fn web_search(&self) -> Option<Picodollars> {
        let prices = self.fields.get("search_context_cost_per_query")?;
        prices.get("search_context_size_medium")?.as_f64().and_then(Picodollars::from_dollars)
    }
}
