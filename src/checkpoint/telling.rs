//! What series count to, told as differences to a receiver that wants them.
//!
//! What is about to be told is noted before it is sent, with its period. Whoever is cut off between the sending and the
//! answer tells the very same again: same period, same numbers.

use serde::{Deserialize, Serialize};

use super::batch::{Batch, Refusal, parse};
use super::database::Fault;
use super::error::StoreError;
use super::measured::put_series;
use super::record::{TreeName, unseal};
use super::rows::{Measured, SeriesRow};
use super::store::Store;

/// Under which name the periods lie in the meta tree.
const KEY: &[u8] = b"telling";

/// The periods of what was told and is being told, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Periods {
    /// The end of the last period that was told; none before the first.
    told_until: Option<i64>,
    /// The period that is being told.
    telling: Option<(i64, i64)>,
}

/// What is to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The start of its period, in milliseconds since 1970.
    pub start: i64,
    /// The end.
    pub end: i64,
    /// By how much each series has grown.
    pub growth: Vec<Measured>,
}

impl Store {
    /// Notes what is told next: what was begun and not ended, else all growth up to now.
    pub fn begin_telling(&self, now_unix_ms: i64) -> Result<Difference, StoreError> {
        let mut difference = Difference::default();
        self.write(|batch| {
            let mut periods: Periods = batch.get_json(TreeName::Meta, KEY)?.unwrap_or_default();
            let rows = rows(batch)?;
            let is_new = periods.telling.is_none();
            let first = rows.iter().map(|row| row.first).min().unwrap_or(now_unix_ms);
            let (start, end) = match periods.telling {
                Some(period) => period,
                None => (periods.told_until.unwrap_or(first).min(now_unix_ms), now_unix_ms),
            };
            (difference.start, difference.end) = (start, end);
            for mut row in rows {
                if is_new && row.told.as_ref() != Some(&row.amount) {
                    row.telling = Some(row.amount.clone());
                    put_series(batch, &row)?;
                }
                if let Some(telling) = &row.telling {
                    let amount = telling.since(row.told.as_ref());
                    difference.growth.push(Measured { series: row.series, kin: 0, first: row.first, amount });
                }
            }
            if !difference.growth.is_empty() {
                periods.telling = Some((start, end));
                batch.put_json(TreeName::Meta, KEY, &periods)?;
            }
            Ok(())
        })?;
        Ok(difference)
    }

    /// Notes that what was begun was told.
    pub fn end_telling(&self) -> Result<(), StoreError> {
        self.write(|batch| {
            let mut periods: Periods = batch.get_json(TreeName::Meta, KEY)?.unwrap_or_default();
            let Some((_, end)) = periods.telling.take() else { return Ok(()) };
            periods.told_until = Some(end);
            for mut row in rows(batch)? {
                if let Some(telling) = row.telling.take() {
                    row.told = Some(telling);
                    put_series(batch, &row)?;
                }
            }
            batch.put_json(TreeName::Meta, KEY, &periods)
        })
    }
}

fn rows(batch: &Batch<'_>) -> Result<Vec<SeriesRow>, Refusal> {
    let mut rows = Vec::new();
    batch.database().each(TreeName::Series, |key, value| {
        rows.push(parse(unseal(TreeName::Series, key, value)?)?);
        Ok::<(), Fault>(())
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::Amount;
    use crate::checkpoint::rows::{Commit, SeriesName, SessionCommit, SessionRow};
    use crate::checkpoint::store::tests::{locked, opened};

    fn count(store: &Store, turns: u64) {
        let series = SeriesName { measure: "turns".into(), attributes: Vec::new() };
        let measured = vec![Measured { series, kin: 0, first: 5, amount: Amount::Sum(turns) }];
        let row = SessionRow { id: "a".to_owned(), ..SessionRow::default() };
        let sessions = vec![SessionCommit { row, measured, ..SessionCommit::default() }];
        store.commit(&Commit { sessions, ..Commit::default() }).unwrap();
    }

    fn told(difference: &Difference) -> (i64, i64, Vec<Amount>) {
        let amounts = difference.growth.iter().map(|part| part.amount.clone()).collect();
        (difference.start, difference.end, amounts)
    }

    #[test]
    fn what_was_begun_is_told_again_just_as_it_was_until_it_has_ended() {
        let temp = tempfile::tempdir().unwrap();
        let lock = locked(temp.path());
        let store = opened(&lock);
        count(&store, 3);
        let first = store.begin_telling(100).unwrap();
        assert_eq!(told(&first), (5, 100, vec![Amount::Sum(3)]));
        count(&store, 10);
        drop(store);
        let store = opened(&lock);
        assert_eq!(store.begin_telling(200).unwrap(), first);
        store.end_telling().unwrap();
        assert_eq!(told(&store.begin_telling(300).unwrap()), (100, 300, vec![Amount::Sum(7)]));
        store.end_telling().unwrap();
        // Nothing new is nothing to tell, and its time belongs to the next period.
        assert_eq!(store.begin_telling(400).unwrap().growth, []);
        count(&store, 11);
        assert_eq!(told(&store.begin_telling(500).unwrap()), (300, 500, vec![Amount::Sum(1)]));
    }
}
