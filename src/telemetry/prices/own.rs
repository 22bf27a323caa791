//! Our own format, in which the table of the program is written too: dollars for a million tokens.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::Layer;
use super::error::PriceError;
use super::name::ModelName;
use super::rates::{LongContext, ModelPrices, Rates};
use crate::session::money::Picodollars;
use crate::transcript::time::Millis;

const MILLION: f64 = 1e6;
const A_PRICE: &str = "no number of dollars";

pub(super) fn parse(object: &Map<String, Value>) -> Result<Layer, PriceError> {
    let text = |field: &'static str| {
        let value = object.get(field).and_then(Value::as_str).filter(|text| is_label(text));
        value.ok_or(PriceError::Table { field, expected: "no name of up to 40 letters, digits, dots and hyphens" })
    };
    let (table, date) = (text("table")?, text("date")?);
    if day(date).is_none() {
        return Err(PriceError::Table { field: "date", expected: "no day such as 2026-11-22" });
    }
    let replaces = match object.get("replace") {
        None => false,
        Some(value) => {
            value.as_bool().ok_or(PriceError::Table { field: "replace", expected: "neither true nor false" })?
        }
    };
    let web_search = match object.get("web_search") {
        None => None,
        Some(value) => Some(dollars(value).ok_or(PriceError::Table { field: "web_search", expected: A_PRICE })?),
    };
    let models = object
        .get("models")
        .and_then(Value::as_object)
        .ok_or(PriceError::Table { field: "models", expected: "no object" })?;
    let mut layer = Layer { id: format!("{table}-{date}").into(), replaces, ..Layer::default() };
    for (name, value) in models {
        let fields = Fields { model: name, path: "", object: value.as_object().ok_or_else(|| no_object(name, name))? };
        let prices = model(&fields, web_search)?;
        layer.models.insert(ModelName::of(name).full.into_owned(), prices);
    }
    if layer.models.is_empty() { Err(PriceError::Empty) } else { Ok(layer) }
}

fn model(fields: &Fields<'_>, web_search: Option<Picodollars>) -> Result<ModelPrices, PriceError> {
    const RATES: [&str; 5] = ["input", "output", "cache_read", "cache_write_5m", "cache_write_1h"];
    let own = ["long_context", "fast", "regional_percent", "web_search"];
    fields.only(&[&RATES[..], &own].concat())?;
    let long_context = fields.inner("long_context", |long| {
        long.only(&[&RATES[..], &["above", "until"]].concat())?;
        Ok(LongContext {
            above: long.number("above")?.ok_or_else(|| long.wrong("above", "no whole number"))?,
            until: long.day("until")?,
            rates: long.rates()?,
        })
    })?;
    let fast = fields.inner("fast", |fast| {
        fast.only(&RATES)?;
        fast.rates()
    })?;
    Ok(ModelPrices {
        standard: fields.rates()?,
        long_context,
        fast,
        regional_percent: fields.number("regional_percent")?.unwrap_or(0),
        web_search: match fields.object.get("web_search") {
            None => web_search,
            Some(value) => Some(dollars(value).ok_or_else(|| fields.wrong("web_search", A_PRICE))?),
        },
    })
}

/// The fields of a model, or of a part of one.
struct Fields<'a> {
    model: &'a str,
    path: &'static str,
    object: &'a Map<String, Value>,
}

impl Fields<'_> {
    fn field(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    fn wrong(&self, field: &str, expected: &'static str) -> PriceError {
        PriceError::Model { model: self.model.to_owned(), field: self.field(field), expected }
    }

    /// A field that is misspelt must not pass for a price that is absent.
    fn only(&self, known: &[&str]) -> Result<(), PriceError> {
        match self.object.keys().find(|field| !known.contains(&field.as_str())) {
            Some(field) => Err(PriceError::UnknownField { model: self.model.to_owned(), field: self.field(field) }),
            None => Ok(()),
        }
    }

    fn rate(&self, field: &str) -> Result<Option<Picodollars>, PriceError> {
        let Some(value) = self.object.get(field) else { return Ok(None) };
        let per_million = value.as_f64().ok_or_else(|| self.wrong(field, A_PRICE))?;
        Picodollars::from_dollars(per_million / MILLION).map(Some).ok_or_else(|| self.wrong(field, A_PRICE))
    }

    fn rates(&self) -> Result<Rates, PriceError> {
        let needed = |field: &str| self.rate(field)?.ok_or_else(|| self.wrong(field, A_PRICE));
        Ok(Rates {
            input: needed("input")?,
            output: needed("output")?,
            cache_read: self.rate("cache_read")?,
            cache_write_5m: self.rate("cache_write_5m")?,
            cache_write_1h: self.rate("cache_write_1h")?,
        })
    }

    fn number(&self, field: &str) -> Result<Option<u64>, PriceError> {
        let read = |value: &Value| value.as_u64().ok_or_else(|| self.wrong(field, "no whole number"));
        self.object.get(field).map(read).transpose()
    }

    fn day(&self, field: &str) -> Result<Option<Millis>, PriceError> {
        let read =
            |value: &Value| value.as_str().and_then(day).ok_or_else(|| self.wrong(field, "no day such as 2026-11-22"));
        self.object.get(field).map(read).transpose()
    }

    fn inner<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(Fields<'_>) -> Result<T, PriceError>,
    ) -> Result<Option<T>, PriceError> {
        let Some(value) = self.object.get(field) else { return Ok(None) };
        let object = value.as_object().ok_or_else(|| no_object(self.model, field))?;
        read(Fields { model: self.model, path: field, object }).map(Some)
    }
}

fn no_object(model: &str, field: &str) -> PriceError {
    PriceError::Model { model: model.to_owned(), field: field.to_owned(), expected: "no object" }
}

fn dollars(value: &Value) -> Option<Picodollars> {
    value.as_f64().and_then(Picodollars::from_dollars)
}

/// The first moment of a day.
fn day(text: &str) -> Option<Millis> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

/// Whether a text may leave as a table's name.
fn is_label(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
