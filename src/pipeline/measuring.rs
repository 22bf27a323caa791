//! What a session adds to series, on its way from rebuilding to the state and from there to metrics.

use hashbrown::HashMap;

use super::fingerprint::{self, IdSpace};

use crate::checkpoint::rows::{Measured, SeriesName, SeriesRow};
use crate::telemetry::measure::base::{Contribution, Measure, Series, attribute};
use crate::telemetry::measure::table::{Table, TableOptions};

/// Whether sessions are measured while they are rebuilt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Measuring {
    /// They are not.
    #[default]
    Off,
    /// What they add is remembered together with what was delivered of them.
    Totals,
    /// The same, told apart by stretches of so many milliseconds, and remembered once its points were delivered.
    History {
        /// The length of a stretch.
        every: i64,
        /// Whether all turns are counted, whichever are chosen: then the points of a period are the same as when
        /// everything was told.
        is_whole: bool,
    },
}

impl Measuring {
    /// How long the stretches are that are told apart.
    pub const fn every(self) -> Option<i64> {
        match self {
            Self::Off | Self::Totals => None,
            Self::History { every, .. } => Some(every),
        }
    }

    /// Whether turns are counted that are not chosen.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::History { is_whole: true, .. })
    }
}

/// What a session adds to each series, whenever that was.
pub fn whole(contributions: &[Contribution]) -> Vec<Measured> {
    let mut all: Vec<(&Series, Measured)> = Vec::new();
    // They come sorted, the stretches of a series one after the other.
    for contribution in contributions {
        if let Some((_, measured)) = all.last_mut().filter(|(series, _)| *series == &contribution.series) {
            measured.first = measured.first.min(contribution.first);
            measured.amount.add(&contribution.amount);
        } else {
            let (first, amount) = (contribution.first, contribution.amount.clone());
            all.push((
                &contribution.series,
                Measured { series: name_of(&contribution.series), kin: kin(&contribution.series), first, amount },
            ));
        }
    }
    all.into_iter().map(|(_, measured)| measured).collect()
}

/// What of the contributions is new: what is remembered of the session is taken from the earliest ones.
pub fn rest(contributions: Vec<Contribution>, before: &[Measured]) -> Vec<Contribution> {
    let mut known: HashMap<SeriesName, crate::amount::Amount> =
        before.iter().map(|part| (part.series.clone(), part.amount.clone())).collect();
    let mut rest = Vec::with_capacity(contributions.len());
    for contribution in contributions {
        let Some(told) = known.get_mut(&name_of(&contribution.series)) else {
            rest.push(contribution);
            continue;
        };
        let new = contribution.amount.since(Some(told));
        *told = told.since(Some(&contribution.amount));
        if !new.is_zero() {
            rest.push(Contribution { amount: new, ..contribution });
        }
    }
    rest
}

/// A table of metrics of all that the state counts to.
pub fn table_of(rows: &[SeriesRow], options: TableOptions) -> Table {
    let mut table = Table::new(options);
    for row in rows {
        if let Some(series) = series_of(&row.series) {
            table.add(&series, row.first, &row.amount);
        }
    }
    table
}

/// The series of a remembered name; none when a later version of this program has named it.
pub fn series_of(name: &SeriesName) -> Option<Series> {
    let known = |name: &str| attribute::ALL.iter().copied().find(|known| *known == name);
    let attributes = name.attributes.iter().map(|(name, value)| Some((known(name)?, value.as_str().into())));
    Some(Series { measure: Measure::from_name(&name.measure)?, attributes: attributes.collect::<Option<_>>()? })
}

/// What stays the same when a thing turns out otherwise than it was counted.
fn kin(series: &Series) -> u64 {
    let lasting = series.attributes.iter().filter(|(name, _)| !attribute::PROVISIONAL.contains(name));
    let text = |out: String, (name, value): &(&str, std::sync::Arc<str>)| out + "\0" + name + "\0" + value;
    fingerprint::of_id(IdSpace::Kin, &lasting.fold(series.measure.name().to_owned(), text))
}

fn name_of(series: &Series) -> SeriesName {
    let attributes = series.attributes.iter().map(|(name, value)| ((*name).into(), value.to_string())).collect();
    SeriesName { measure: series.measure.name().into(), attributes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Amount;

    fn contribution(stretch: i64, amount: u64) -> Contribution {
        let series = Series { measure: Measure::Calls, attributes: vec![(attribute::MODEL, "a".into())] };
        Contribution { series, stretch, first: stretch * 10, amount: Amount::Sum(amount) }
    }

    #[test]
    fn stretches_add_up_to_the_whole() {
        let all = whole(&[contribution(3, 5), contribution(4, 6)]);
        assert_eq!(
            all.iter().map(|part| (part.first, part.amount.clone())).collect::<Vec<_>>(),
            [(30, Amount::Sum(11))]
        );
        assert_eq!(series_of(&all[0].series), Some(contribution(3, 5).series));
    }

    #[test]
    fn what_was_told_is_taken_from_the_earliest() {
        let before = whole(&[contribution(1, 7)]);
        let new = rest(vec![contribution(1, 5), contribution(2, 4), contribution(3, 1)], &before);
        assert_eq!(new, [contribution(2, 2), contribution(3, 1)]);
        assert_eq!(rest(vec![contribution(1, 7)], &before), []);
    }
}
