//! Amounts that add up: what metrics are made of, whole numbers throughout.
//!
//! Whole numbers add up to the same sum in any order, which fractions do not; so durations are milliseconds here and
//! money is counted in picodollars. **Invariant:** no amount ever shrinks.

mod growth;
mod spread;

use serde::{Deserialize, Serialize};

pub use growth::growth;
pub use spread::{Scale, Spread};

/// How much there is of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// So many, or so much.
    Sum(u64),
    /// How observations are spread.
    Spread(Box<Spread>),
}

impl Amount {
    /// Whether there is nothing.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Sum(sum) => *sum == 0,
            Self::Spread(spread) => spread.count() == 0,
        }
    }

    /// Adds another amount of the same kind.
    pub fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Sum(sum), Self::Sum(more)) => *sum = sum.saturating_add(*more),
            (Self::Spread(spread), Self::Spread(more)) => spread.add(more),
            // One series has one kind of amounts; what a damaged state says otherwise is left out.
            (Self::Sum(_) | Self::Spread(_), _) => {}
        }
    }

    /// What is left when an earlier state of the same amount is taken away.
    #[must_use]
    pub fn since(&self, before: Option<&Self>) -> Self {
        match (self, before) {
            (Self::Sum(sum), Some(Self::Sum(less))) => Self::Sum(sum.saturating_sub(*less)),
            (Self::Spread(spread), Some(Self::Spread(less))) => Self::Spread(Box::new(spread.since(less))),
            _ => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale { per_unit: 1000, bounds: &[0.01, 1.0] };

    fn spread(values: &[u64]) -> Amount {
        let mut spread = Spread::default();
        for value in values {
            spread.observe(*value, SCALE);
        }
        Amount::Spread(Box::new(spread))
    }

    #[test]
    fn what_is_left_and_what_was_there_add_up_to_the_whole() {
        for (before, after) in [(Amount::Sum(3), Amount::Sum(10)), (spread(&[5, 800]), spread(&[5, 800, 0, 2000]))] {
            let mut sum = before.clone();
            sum.add(&after.since(Some(&before)));
            assert_eq!(sum, after);
        }
        assert!(spread(&[7]).since(Some(&spread(&[7]))).is_zero());
    }

    #[test]
    fn amounts_are_read_back_as_they_were_written() {
        for amount in [Amount::Sum(u64::MAX), spread(&[0, 1, 10, 11, 1_000_000])] {
            let text = serde_json::to_string(&amount).unwrap();
            assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), amount, "{text}");
        }
    }
}
