//! By how much amounts that belong together have grown, when what was counted under one may be counted under another now.

use std::collections::BTreeSet;

use super::{Amount, Spread};

/// By how much each amount grows. What one of them has lost since it was counted has moved to another and is not
/// counted there once more, so that the sum of all is what it should be, and none ever shrinks.
///
/// A turn that was counted as unfinished and went on after all is the case in point: it stays counted as unfinished.
pub fn growth(pairs: &[(Option<&Amount>, Option<&Amount>)]) -> Vec<Amount> {
    let sums = moved(pairs.iter().map(|(old, new)| (sum(*old), sum(*new))).collect());
    let is_spread = |(old, new): &(Option<&Amount>, Option<&Amount>)| {
        old.or(*new).is_some_and(|amount| matches!(amount, Amount::Spread(_)))
    };
    if !pairs.iter().any(is_spread) {
        return sums.into_iter().map(Amount::Sum).collect();
    }
    let mut grown: Vec<Spread> = pairs.iter().map(|(old, new)| extremes(*new, *old)).collect();
    for (spread, sum) in grown.iter_mut().zip(sums) {
        spread.sum = sum;
    }
    let all = || pairs.iter().flat_map(|(old, new)| [*old, *new]).filter_map(spread);
    let buckets: BTreeSet<u16> = all().flat_map(|spread| spread.buckets.keys().copied()).collect();
    let fine: BTreeSet<i32> = all().flat_map(|spread| spread.fine.keys().copied()).collect();
    // Buckets of all amounts are one row: an observation moves between the buckets of one as well.
    spread_out(
        pairs,
        &buckets,
        |spread, key| spread.buckets.get(key).copied(),
        |place, key, count| {
            if let Some(spread) = grown.get_mut(place) {
                spread.buckets.insert(key, count);
            }
        },
    );
    spread_out(
        pairs,
        &fine,
        |spread, key| spread.fine.get(key).copied(),
        |place, key, count| {
            if let Some(spread) = grown.get_mut(place) {
                spread.fine.insert(key, count);
            }
        },
    );
    grown.into_iter().map(|spread| Amount::Spread(Box::new(spread))).collect()
}

fn spread_out<K: Copy>(
    pairs: &[(Option<&Amount>, Option<&Amount>)],
    keys: &BTreeSet<K>,
    count: impl Fn(&Spread, &K) -> Option<u64>,
    mut grow: impl FnMut(usize, K, u64),
) {
    let of = |amount: Option<&Amount>, key: &K| {
        amount.and_then(|a| spread(Some(a))).and_then(|s| count(s, key)).unwrap_or(0)
    };
    let row: Vec<(usize, K)> = (0..pairs.len()).flat_map(|place| keys.iter().map(move |key| (place, *key))).collect();
    let counts =
        row.iter().filter_map(|(place, key)| pairs.get(*place).map(|(old, new)| (of(*old, key), of(*new, key))));
    for ((place, key), grown) in row.iter().zip(moved(counts.collect())) {
        if grown > 0 {
            grow(*place, *key, grown);
        }
    }
}

/// By how much each of the counts grows, less what others have lost.
fn moved(counts: Vec<(u64, u64)>) -> Vec<u64> {
    let mut lost: u64 = counts.iter().map(|(old, new)| old.saturating_sub(*new)).sum();
    let grow = |(old, new): (u64, u64)| {
        let grown = new.saturating_sub(old);
        let counted = grown.min(lost);
        lost -= counted;
        grown - counted
    };
    counts.into_iter().map(grow).collect()
}

fn sum(amount: Option<&Amount>) -> u64 {
    match amount {
        Some(Amount::Sum(sum)) => *sum,
        Some(Amount::Spread(spread)) => spread.sum,
        None => 0,
    }
}

fn spread(amount: Option<&Amount>) -> Option<&Spread> {
    match amount {
        Some(Amount::Spread(spread)) => Some(spread),
        _ => None,
    }
}

fn extremes(new: Option<&Amount>, old: Option<&Amount>) -> Spread {
    let known = spread(new).or_else(|| spread(old));
    known.map_or_else(Spread::default, |spread| Spread { min: spread.min, max: spread.max, ..Spread::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Scale;

    fn grown(pairs: &[(u64, u64)]) -> Vec<Amount> {
        let amounts: Vec<_> = pairs.iter().map(|(old, new)| (Amount::Sum(*old), Amount::Sum(*new))).collect();
        growth(&amounts.iter().map(|(old, new)| (Some(old), Some(new))).collect::<Vec<_>>())
    }

    #[test]
    fn what_has_moved_is_not_counted_twice() {
        assert_eq!(grown(&[(1, 0), (0, 1)]), [Amount::Sum(0), Amount::Sum(0)]);
        // Later there is a second one.
        assert_eq!(grown(&[(1, 0), (0, 2)]), [Amount::Sum(0), Amount::Sum(1)]);
        assert_eq!(grown(&[(3, 5), (2, 2)]), [Amount::Sum(2), Amount::Sum(0)]);
    }

    #[test]
    fn observations_that_last_longer_now_stay_one_observation() {
        let scale = Scale { per_unit: 1, bounds: &[10.0, 100.0] };
        let of = |values: &[u64]| {
            let mut spread = Spread::default();
            for value in values {
                spread.observe(*value, scale);
            }
            Amount::Spread(Box::new(spread))
        };
        let (before, after) = (of(&[5]), of(&[50]));
        let grown = growth(&[(Some(&before), Some(&after))]);
        let Amount::Spread(spread) = &grown[0] else { panic!("a spread grows by a spread") };
        assert_eq!((spread.count(), spread.fine.len(), spread.sum), (0, 0, 45));
        let more = of(&[50, 60]);
        let grown = growth(&[(Some(&before), Some(&more))]);
        let Amount::Spread(spread) = &grown[0] else { panic!("a spread grows by a spread") };
        assert_eq!((spread.count(), spread.fine.values().sum::<u64>(), spread.sum), (1, 1, 105));
    }
}
