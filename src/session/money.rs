//! Money, exact and addable.

use std::ops::{Add, AddAssign, Sub};

/// Picodollars in a dollar.
const PER_DOLLAR: i128 = 1_000_000_000_000;

/// An amount in picodollars (a millionth of a millionth of a US dollar), in which every price of a token is a whole
/// number: sums do not depend on the order of what is added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Picodollars(i128);

impl Picodollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many picodollars.
    pub const fn new(amount: i128) -> Self {
        Self(amount)
    }

    /// The amount in dollars that somebody wrote down as a fraction; `None` where it is no sum of money.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let amount = dollars * PER_DOLLAR as f64;
        // Far below what a conversion could not hold, and far above every bill.
        let is_money = dollars >= 0.0 && amount < 1e30;
        is_money.then_some(Self(amount.round() as i128))
    }

    /// The amount as a whole number.
    pub const fn amount(self) -> i128 {
        self.0
    }

    /// The amount in dollars, for whoever reads it.
    pub fn dollars(self) -> f64 {
        // Both parts are exact, so that the result is the fraction closest to the amount.
        let (whole, rest) = (self.0 / PER_DOLLAR, self.0 % PER_DOLLAR);
        if whole == 0 { rest as f64 / PER_DOLLAR as f64 } else { self.0 as f64 / PER_DOLLAR as f64 }
    }

    /// So many times the amount.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count as i128))
    }

    /// The amount and so many percent of it.
    #[must_use]
    pub const fn plus_percent(self, percent: u64) -> Self {
        Self(self.0.saturating_mul(100 + percent as i128) / 100)
    }

    /// The difference, unless it is below nothing.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        (self >= other).then_some(Self(self.0.saturating_sub(other.0)))
    }
}

impl Add for Picodollars {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Picodollars {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Picodollars {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Picodollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_come_back_as_they_were_written() {
        for dollars in [0.0, 0.004_646_8, 0.012_841_5, 12.5, 0.1, 123_456.789] {
            let back = Picodollars::from_dollars(dollars).unwrap().dollars();
            assert!(back.to_bits() == dollars.to_bits(), "{dollars} came back as {back}");
        }
        for none in [-0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Picodollars::from_dollars(none), None, "{none}");
        }
    }

    #[test]
    fn sums_do_not_drift() {
        let tenth = Picodollars::from_dollars(0.1).unwrap();
        let sum: Picodollars = std::iter::repeat_n(tenth, 1_000_000).sum();
        assert_eq!(sum, Picodollars::new(100_000 * PER_DOLLAR));
        assert_eq!(tenth.times(1_000_000), sum);
    }
}
