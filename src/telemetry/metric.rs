//! Metrics as this crate speaks of them, before any wire format.

use std::sync::Arc;

use super::span::Attributes;

/// What a point counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Temporality {
    /// From the first event of its series.
    Cumulative,
    /// From the point before it.
    Delta,
}

/// One metric with its points.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, in UCUM.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// Its points.
    pub points: Points,
}

/// The points of one metric, all of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Points {
    /// Sums that only grow.
    Sum(Temporality, Vec<NumberPoint>),
    /// What is so now.
    Gauge(Vec<NumberPoint>),
    /// Distributions over fixed buckets.
    Histogram(Temporality, Vec<HistogramPoint>),
    /// Distributions over buckets that grow by a factor.
    Exponential(Temporality, Vec<ExponentialPoint>),
}

/// A number, whole where it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A count.
    Int(i64),
    /// A measure.
    Double(f64),
}

/// The period that a point speaks of, in nanoseconds since 1970. A gauge has no start (0).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The start.
    pub start_unix_nano: u64,
    /// The time of the point.
    pub time_unix_nano: u64,
}

/// One point of a sum or gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberPoint {
    /// The series, sorted by name.
    pub attributes: Attributes,
    /// The period.
    pub period: Period,
    /// The number.
    pub value: Number,
}

/// One point of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramPoint {
    /// The series, sorted by name.
    pub attributes: Attributes,
    /// The period.
    pub period: Period,
    /// The sum of what was observed.
    pub sum: f64,
    /// The least that was observed; none where that is not known for the period.
    pub min: Option<f64>,
    /// The greatest that was observed.
    pub max: Option<f64>,
    /// The upper bounds of all buckets but the last, each included.
    pub bounds: Arc<[f64]>,
    /// How many observations each bucket has: one more than there are bounds.
    pub counts: Vec<u64>,
}

/// One point of an exponential histogram; nothing that is observed here is negative.
#[derive(Debug, Clone, PartialEq)]
pub struct ExponentialPoint {
    /// The series, sorted by name.
    pub attributes: Attributes,
    /// The period.
    pub period: Period,
    /// The sum of what was observed.
    pub sum: f64,
    /// The least that was observed; none where that is not known for the period.
    pub min: Option<f64>,
    /// The greatest that was observed.
    pub max: Option<f64>,
    /// Buckets grow by the factor 2^(2^-scale).
    pub scale: i32,
    /// How many observations were zero.
    pub zero_count: u64,
    /// The number of the first bucket.
    pub offset: i32,
    /// How many observations each bucket has.
    pub counts: Vec<u64>,
}

impl Points {
    /// How many there are.
    pub const fn len(&self) -> usize {
        match self {
            Self::Sum(_, points) | Self::Gauge(points) => points.len(),
            Self::Histogram(_, points) => points.len(),
            Self::Exponential(_, points) => points.len(),
        }
    }

    /// Adds the points of another part of the same metric. A metric is of one kind throughout; whatever is not is left
    /// out.
    pub fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Sum(_, all), Self::Sum(_, more)) | (Self::Gauge(all), Self::Gauge(more)) => all.extend(more),
            (Self::Histogram(_, all), Self::Histogram(_, more)) => all.extend(more),
            (Self::Exponential(_, all), Self::Exponential(_, more)) => all.extend(more),
            _ => {}
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
