//! How observations are spread: over fixed buckets, and over buckets that grow by a factor.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What observations are told apart by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// How many of the observed whole numbers make one unit: 1000 milliseconds a second.
    pub per_unit: u64,
    /// The upper bounds of the fixed buckets in units, each included.
    pub bounds: &'static [f64],
}

/// How observations are spread. Buckets without any are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// The sum of all observations.
    pub sum: u64,
    /// The least.
    pub min: u64,
    /// The greatest.
    pub max: u64,
    /// Observations of each fixed bucket.
    pub buckets: BTreeMap<u16, u64>,
    /// Observations of each bucket that grows by the factor 2^(1/16), zeros apart.
    pub fine: BTreeMap<i32, u64>,
}

impl Spread {
    /// The scale of the fine buckets, as exponential histograms count it.
    pub const FINE_SCALE: i32 = 4;

    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.buckets.values().sum()
    }

    /// How many of them are zero.
    pub fn zeros(&self) -> u64 {
        self.count().saturating_sub(self.fine.values().sum())
    }

    /// Counts an observation.
    pub fn observe(&mut self, value: u64, scale: Scale) {
        let in_units = value as f64 / scale.per_unit as f64;
        (self.min, self.max) =
            if self.buckets.is_empty() { (value, value) } else { (self.min.min(value), self.max.max(value)) };
        self.sum = self.sum.saturating_add(value);
        let bucket = scale.bounds.partition_point(|bound| *bound < in_units);
        *self.buckets.entry(bucket as u16).or_default() += 1;
        if value > 0 {
            *self.fine.entry(fine_bucket(in_units)).or_default() += 1;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.stretch(other);
        self.sum = self.sum.saturating_add(other.sum);
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
        for (bucket, count) in &other.fine {
            *self.fine.entry(*bucket).or_default() += count;
        }
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            sum: self.sum.saturating_sub(before.sum),
            min: self.min,
            max: self.max,
            buckets: left(&self.buckets, &before.buckets),
            fine: left(&self.fine, &before.fine),
        }
    }

    fn stretch(&mut self, other: &Self) {
        if other.buckets.is_empty() {
            return;
        }
        (self.min, self.max) = if self.buckets.is_empty() {
            (other.min, other.max)
        } else {
            (self.min.min(other.min), self.max.max(other.max))
        };
    }
}

/// The bucket whose bounds are 2^(n/16), left out, and 2^((n+1)/16), included.
fn fine_bucket(value: f64) -> i32 {
    let steps = f64::from(1 << Spread::FINE_SCALE);
    (value.log2() * steps).ceil() as i32 - 1
}

fn left<K: Copy + Ord>(now: &BTreeMap<K, u64>, before: &BTreeMap<K, u64>) -> BTreeMap<K, u64> {
    let rest = now.iter().map(|(bucket, count)| (*bucket, count.saturating_sub(*before.get(bucket).unwrap_or(&0))));
    rest.filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_the_bucket_below_them() {
        let mut spread = Spread::default();
        for value in [0, 10, 11, 1000, 1001] {
            spread.observe(value, Scale { per_unit: 1000, bounds: &[0.01, 1.0] });
        }
        assert_eq!(spread.buckets, BTreeMap::from([(0, 2), (1, 2), (2, 1)]));
        assert_eq!((spread.count(), spread.zeros(), spread.min, spread.max, spread.sum), (5, 1, 0, 1001, 2022));
        // 2^0 is the upper bound of bucket -1.
        assert_eq!((fine_bucket(1.0), fine_bucket(1.001), fine_bucket(2.0)), (-1, 0, 15));
    }
}
