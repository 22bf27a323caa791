//! Series of base measures, seen through the views, become metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::base::{Series, attribute as of};
use super::views::{VIEWS, View};
use crate::amount::{Amount, Scale, Spread};
use crate::privacy::Sanitizer;
use crate::telemetry::attributes::sanitized;
use crate::telemetry::metric::{
    ExponentialPoint, HistogramPoint, Metric, Number, NumberPoint, Period, Points, Temporality,
};
use crate::telemetry::options::{GenAiSemconv, HistogramKind, Vocabularies};
use crate::telemetry::semconv::OTHER;
use crate::telemetry::span::{Attributes, Value};

/// What one exponential histogram may have of buckets, as the specification recommends.
const MOST_FINE_BUCKETS: usize = 160;
/// So many picodollars make one dollar.
const PICODOLLARS: f64 = 1e12;

/// How metrics are named and shaped.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// Which vocabularies are sent.
    pub vocabularies: Vocabularies,
    /// Which version of the conventions for generative AI.
    pub semconv: GenAiSemconv,
    /// The buckets of histograms.
    pub histograms: HistogramKind,
    /// What every text goes through before it leaves.
    pub privacy: Arc<Sanitizer>,
}

/// A series of a metric: the place of its first view, and its attributes.
type Key = (usize, Vec<(&'static str, Arc<str>)>);

/// The series of all metrics, with what they count to.
#[derive(Debug)]
pub struct Table {
    options: TableOptions,
    series: BTreeMap<Key, (i64, Amount)>,
    changed: BTreeSet<Key>,
}

impl Table {
    /// A table without any series.
    pub fn new(options: TableOptions) -> Self {
        Self { options, series: BTreeMap::new(), changed: BTreeSet::new() }
    }

    /// Adds what a base series counts to, or what came on top. `first` is when the first of it happened.
    pub fn add(&mut self, series: &Series, first: i64, amount: &Amount) {
        if amount.is_zero() {
            return;
        }
        for (place, view) in chosen_views(&self.options) {
            if view.measure != series.measure {
                continue;
            }
            let key = (place, project(view, series));
            let (earliest, sum) = self.series.entry(key.clone()).or_insert_with(|| (first, nothing_like(amount)));
            *earliest = (*earliest).min(first);
            sum.add(amount);
            self.changed.insert(key);
        }
    }

    /// All series as cumulative points at a time, in milliseconds since 1970. A series that begins later, since a clock
    /// was ahead, is told of its beginning, which must not move.
    pub fn cumulative(&self, time: i64) -> Vec<Metric> {
        self.metrics(self.series.iter(), Temporality::Cumulative, |first| period(first, time.max(first)))
    }

    /// The series that have changed since the last call, as cumulative points at a time.
    pub fn changed(&mut self, time: i64) -> Vec<Metric> {
        let changed = std::mem::take(&mut self.changed);
        let rows = changed.iter().filter_map(|key| self.series.get_key_value(key));
        self.metrics(rows, Temporality::Cumulative, |first| period(first, time.max(first)))
    }

    /// All series as what came on top from `start` to `end`, both in milliseconds since 1970.
    pub fn delta(&self, start: i64, end: i64) -> Vec<Metric> {
        self.metrics(self.series.iter(), Temporality::Delta, |_| period(start, end))
    }

    fn metrics<'a>(
        &self,
        rows: impl Iterator<Item = (&'a Key, &'a (i64, Amount))>,
        temporality: Temporality,
        period: impl Fn(i64) -> Period,
    ) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = Vec::new();
        for ((place, attributes), (first, amount)) in rows {
            let Some(view) = VIEWS.get(*place) else { continue };
            let point = self.point(view, attributes, amount, period(*first), temporality);
            let Some(point) = point else { continue };
            match metrics.last_mut().filter(|metric| metric.name == view.name) {
                Some(metric) => metric.points.append(point),
                None => metrics.push(Metric {
                    name: view.name,
                    unit: view.unit,
                    description: view.description,
                    points: point,
                }),
            }
        }
        metrics
    }

    fn point(
        &self,
        view: &View,
        attributes: &[(&'static str, Arc<str>)],
        amount: &Amount,
        period: Period,
        temporality: Temporality,
    ) -> Option<Points> {
        let attributes = self.shown(view, attributes);
        match amount {
            Amount::Sum(sum) => {
                let value = if view.unit == "USD" {
                    Number::Double(*sum as f64 / PICODOLLARS)
                } else {
                    Number::Int(i64::try_from(*sum).unwrap_or(i64::MAX))
                };
                Some(Points::Sum(temporality, vec![NumberPoint { attributes, period, value }]))
            }
            Amount::Spread(spread) => {
                let scale = in_unit(view.measure.scale()?, view.unit);
                // Fine buckets are cut in seconds; only fixed ones can be told in milliseconds exactly.
                let is_exponential = self.options.histograms == HistogramKind::Exponential && view.unit != "ms";
                // Of a difference it is not known which observations are new, so neither are its extremes.
                let known =
                    |value: u64| (temporality == Temporality::Cumulative).then(|| value as f64 / scale.per_unit as f64);
                let (min, max) = (known(spread.min), known(spread.max));
                let sum = spread.sum as f64 / scale.per_unit as f64;
                Some(if is_exponential {
                    let (fine_scale, offset, counts) = fine(spread);
                    let zero_count = spread.zeros();
                    let point = ExponentialPoint {
                        attributes,
                        period,
                        sum,
                        min,
                        max,
                        scale: fine_scale,
                        zero_count,
                        offset,
                        counts,
                    };
                    Points::Exponential(temporality, vec![point])
                } else {
                    let counts = (0..=scale.bounds.len()).map(|n| *spread.buckets.get(&(n as u16)).unwrap_or(&0));
                    let counts = counts.collect();
                    let bounds = scale.bounds.into();
                    Points::Histogram(
                        temporality,
                        vec![HistogramPoint { attributes, period, sum, min, max, bounds, counts }],
                    )
                })
            }
        }
    }
}

impl Table {
    /// The attributes as they leave: most are texts.
    fn shown(&self, view: &View, attributes: &[(&'static str, Arc<str>)]) -> Attributes {
        let origin = |name: &str| view.attributes.iter().find(|(_, shown)| *shown == name).map(|(own, _)| *own);
        let value = |name: &str, text: &Arc<str>| match origin(name) {
            Some(of::LOWER_BOUND | of::HIDDEN | of::FINAL) => Value::Bool(&**text == "true"),
            Some(of::STATUS) => text.parse().map_or(Value::Static(OTHER), Value::Int),
            _ => sanitized(text, &*self.options.privacy),
        };
        attributes.iter().map(|(name, text)| (*name, value(name, text))).collect()
    }
}

/// A scale in the unit of a view.
struct UnitScale {
    per_unit: u64,
    bounds: Vec<f64>,
}

fn in_unit(scale: Scale, unit: &str) -> UnitScale {
    if unit == "ms" && scale.per_unit == 1000 {
        return UnitScale { per_unit: 1, bounds: scale.bounds.iter().map(|bound| bound * 1000.0).collect() };
    }
    UnitScale { per_unit: scale.per_unit, bounds: scale.bounds.to_vec() }
}

/// The views that are sent, each with the place of the first one of its metric, so that a metric's points come together.
fn chosen_views(options: &TableOptions) -> impl Iterator<Item = (usize, &'static View)> {
    let first = |view: &View| VIEWS.iter().position(|other| other.name == view.name).unwrap_or_default();
    VIEWS
        .iter()
        .filter(move |view| view.is_chosen(options.vocabularies, options.semconv))
        .map(move |view| (first(view), view))
}

/// The attributes of a series that a view keeps, by the view's names, and those that all its points bear.
fn project(view: &View, series: &Series) -> Vec<(&'static str, Arc<str>)> {
    let value = |name: &str| series.attributes.iter().find(|(own, _)| *own == name).map(|(_, value)| Arc::clone(value));
    let kept = view.attributes.iter().filter_map(|(name, shown)| Some((*shown, value(name)?)));
    let fixed = view.fixed.iter().map(|(name, value)| (*name, Arc::from(*value)));
    let mut attributes: Vec<_> = kept.chain(fixed).collect();
    attributes.sort_unstable();
    attributes
}

fn nothing_like(amount: &Amount) -> Amount {
    match amount {
        Amount::Sum(_) => Amount::Sum(0),
        Amount::Spread(_) => Amount::Spread(Box::default()),
    }
}

fn period(start: i64, end: i64) -> Period {
    let nanos = |millis: i64| u64::try_from(millis).unwrap_or(0).saturating_mul(1_000_000);
    Period { start_unix_nano: nanos(start), time_unix_nano: nanos(end) }
}

/// The fine buckets as exponential histograms have them: scale, number of the first, and counts. Pairs of buckets are
/// joined until there are few enough.
fn fine(spread: &Spread) -> (i32, i32, Vec<u64>) {
    let mut scale = Spread::FINE_SCALE;
    let mut buckets = spread.fine.clone();
    loop {
        let (Some((first, _)), Some((last, _))) = (buckets.first_key_value(), buckets.last_key_value()) else {
            return (scale, 0, Vec::new());
        };
        let (first, last) = (*first, *last);
        if ((last - first) as usize) < MOST_FINE_BUCKETS {
            let counts = (first..=last).map(|bucket| *buckets.get(&bucket).unwrap_or(&0)).collect();
            return (scale, first, counts);
        }
        let mut joined = BTreeMap::new();
        for (bucket, count) in buckets {
            *joined.entry(bucket >> 1).or_insert(0) += count;
        }
        buckets = joined;
        scale -= 1;
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
