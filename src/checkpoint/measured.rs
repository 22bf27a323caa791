//! What sessions add to series, and what each series counts to.
//!
//! A session's part of a series is remembered whole, so that it can be told again at any time without being counted
//! again: the series grows by what the session's part grows. Both lie in the same write as the places in the files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use xxhash_rust::xxh3::Xxh3;

use super::batch::{Batch, Refusal, parse};
use super::database::Fault;
use super::error::StoreError;
use super::log;
use super::record::{TreeName, Unreadable, unseal};
use super::rows::{Measured, SeriesName, SeriesRow};
use super::store::{Store, StoredSession};
use crate::amount::{Amount, growth};

/// How many values one attribute may have over all series; those that come later are counted together.
pub const MOST_VALUES: usize = 200;
/// What stands for the values that are counted together.
pub const OTHER: &str = "_OTHER";
/// No chunk is larger, so that every one fits into a row.
const CHUNK_BYTES: usize = 16 * 1024;

/// A part of a series as it lies in a chunk: the series' fingerprint, its kin's, its first time, its amount.
type Part = (u64, u64, i64, Amount);

/// The values that attributes have by now.
#[derive(Debug, Default)]
pub(super) struct Values {
    known: Option<HashMap<String, HashSet<String>>>,
    /// Attributes of which it was said that they have too many.
    told: HashSet<String>,
    is_unlimited: bool,
}

impl Values {
    /// For series that were limited before.
    pub(super) fn without_limit() -> Self {
        Self { known: Some(HashMap::new()), is_unlimited: true, ..Self::default() }
    }

    /// The series that a name is counted under: values beyond the limit share one.
    fn admit(&mut self, batch: &Batch<'_>, series: &SeriesName) -> Result<SeriesName, Fault> {
        let mut admitted = series.clone();
        if self.is_unlimited {
            return Ok(admitted);
        }
        let known = match &mut self.known {
            Some(known) => known,
            none => none.insert(known_values(batch)?),
        };
        for (name, value) in &mut admitted.attributes {
            let values = known.entry(name.to_string()).or_default();
            if values.contains(value.as_str()) {
                continue;
            }
            if values.len() < MOST_VALUES {
                values.insert(value.clone());
            } else {
                if self.told.insert(name.to_string()) {
                    tracing::warn!(
                        attribute = %name, limit = MOST_VALUES,
                        "an attribute of metrics has too many values; further ones are counted together as {OTHER}"
                    );
                }
                OTHER.clone_into(value);
            }
        }
        Ok(admitted)
    }
}

fn known_values(batch: &Batch<'_>) -> Result<HashMap<String, HashSet<String>>, Fault> {
    let mut known: HashMap<String, HashSet<String>> = HashMap::new();
    batch.database().each(TreeName::Series, |key, value| {
        let row: SeriesRow = parse(unseal(TreeName::Series, key, value)?)?;
        for (name, value) in row.series.attributes {
            known.entry(name.into_owned()).or_default().insert(value);
        }
        Ok(())
    })?;
    Ok(known)
}

/// Lets a session's parts grow to what they are now, and the series by as much.
pub(super) fn put(
    batch: &mut Batch<'_>,
    session: &str,
    chunks: &mut u32,
    measured: &[Measured],
    values: &mut Values,
) -> Result<(), Refusal> {
    if measured.is_empty() {
        return Ok(());
    }
    let mut parts: BTreeMap<u64, Part> = BTreeMap::new();
    for number in 0..*chunks {
        let missing = || Fault::Damage("what a session has added to series is missing".to_owned());
        let payload = batch.get(TreeName::Measured, &log::key(session, number))?.ok_or_else(missing)?;
        parts.extend(read(&payload)?.into_iter().map(|part| (part.0, part)));
    }
    let now = admitted(batch, measured, values)?;
    let mut kin: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for (id, part) in &parts {
        kin.entry(part.1).or_default().insert(*id);
    }
    for (id, part) in &now {
        kin.entry(part.kin).or_default().insert(*id);
    }
    for (kin, ids) in kin {
        let pairs: Vec<_> =
            ids.iter().map(|id| (parts.get(id).map(|part| &part.3), now.get(id).map(|part| &part.amount))).collect();
        for (id, growth) in ids.iter().zip(growth(&pairs)) {
            // What is counted nowhere else any more stays as it is.
            let Some(Measured { series, first, .. }) = now.get(id) else { continue };
            let before = parts.get(id);
            let is_earlier = before.is_none_or(|part| *first < part.2);
            if growth.is_zero() && !(is_earlier && before.is_some()) && !has_grown(&growth) {
                continue;
            }
            let earliest = before.map_or(*first, |part| part.2.min(*first));
            grow(batch, *id, series, earliest, &growth)?;
            match parts.get_mut(id) {
                Some(part) => {
                    part.2 = earliest;
                    part.3.add(&growth);
                }
                None => {
                    parts.insert(*id, (*id, kin, earliest, growth));
                }
            }
        }
    }
    write(batch, session, chunks, parts)
}

/// Whether observations have grown, though there are no more of them.
fn has_grown(growth: &Amount) -> bool {
    matches!(growth, Amount::Spread(spread) if spread.sum > 0)
}

/// What a session adds to the series that are counted: those beyond the limit are counted together.
fn admitted(batch: &Batch<'_>, measured: &[Measured], values: &mut Values) -> Result<BTreeMap<u64, Measured>, Fault> {
    let mut now: BTreeMap<u64, Measured> = BTreeMap::new();
    for part in measured {
        let series = values.admit(batch, &part.series)?;
        let id = fingerprint(&series);
        match now.get_mut(&id) {
            Some(known) => {
                known.first = known.first.min(part.first);
                known.amount.add(&part.amount);
            }
            None => {
                now.insert(id, Measured { series, ..part.clone() });
            }
        }
    }
    Ok(now)
}

fn grow(batch: &mut Batch<'_>, id: u64, series: &SeriesName, first: i64, growth: &Amount) -> Result<(), Refusal> {
    let known: Option<SeriesRow> = batch.get_json(TreeName::Series, &id.to_be_bytes())?;
    let row = match known {
        Some(mut row) => {
            row.first = row.first.min(first);
            row.amount.add(growth);
            row
        }
        None => SeriesRow { series: series.clone(), first, amount: growth.clone(), telling: None, told: None },
    };
    put_series(batch, &row)
}

/// Writes what a series counts to.
pub(super) fn put_series(batch: &mut Batch<'_>, row: &SeriesRow) -> Result<(), Refusal> {
    batch.put_json(TreeName::Series, &fingerprint(&row.series).to_be_bytes(), row)
}

fn write(batch: &mut Batch<'_>, session: &str, chunks: &mut u32, parts: BTreeMap<u64, Part>) -> Result<(), Refusal> {
    let before = *chunks;
    let (mut number, mut payload) = (0, Vec::new());
    for part in parts.into_values() {
        let line = serde_json::to_vec(&part).map_err(|error| Fault::Damage(error.to_string()))?;
        if !payload.is_empty() && payload.len() + line.len() > CHUNK_BYTES {
            batch.put(TreeName::Measured, &log::key(session, number), &payload)?;
            payload.clear();
            number += 1;
        }
        payload.extend_from_slice(&line);
        payload.push(b'\n');
    }
    batch.put(TreeName::Measured, &log::key(session, number), &payload)?;
    *chunks = number + 1;
    (*chunks..before).for_each(|number| batch.remove(TreeName::Measured, &log::key(session, number)));
    Ok(())
}

/// Forgets a session's parts; the series keep what they count to.
pub(super) fn remove(batch: &mut Batch<'_>, session: &str, chunks: u32) {
    (0..chunks).for_each(|number| batch.remove(TreeName::Measured, &log::key(session, number)));
}

/// The parts in one chunk.
pub(super) fn read(payload: &[u8]) -> Result<Vec<Part>, Unreadable> {
    let lines = payload.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(parse).collect()
}

/// The parts whose series are known by name.
pub(super) fn named(parts: Vec<Part>, names: &HashMap<Vec<u8>, SeriesName>) -> Vec<Measured> {
    let with_name = |(id, kin, first, amount): Part| {
        let series = names.get(id.to_be_bytes().as_slice())?.clone();
        Some(Measured { series, kin, first, amount })
    };
    parts.into_iter().filter_map(with_name).collect()
}

/// The fingerprint of a series' name, which must never depend on the build or the machine.
fn fingerprint(series: &SeriesName) -> u64 {
    let mut hash = Xxh3::with_seed(1);
    let mut text = |text: &str| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    text(&series.measure);
    for (name, value) in &series.attributes {
        text(name);
        text(value);
    }
    hash.digest()
}

impl Store {
    /// What all series count to, sessions that are forgotten included.
    pub fn series(&self) -> Result<Vec<SeriesRow>, StoreError> {
        let mut rows = Vec::new();
        self.usable(|| {
            self.database.each(TreeName::Series, |key, value| {
                rows.push(parse(unseal(TreeName::Series, key, value)?)?);
                Ok(())
            })
        })?;
        Ok(rows)
    }

    /// Remembers what sessions add to series, whatever else is known of them.
    pub fn set_measured(&self, sessions: &[(String, Vec<Measured>)]) -> Result<(), StoreError> {
        sessions.iter().try_for_each(|(id, measured)| {
            self.write_with(|batch, values| {
                let mut stored: StoredSession = batch.get_json(TreeName::Sessions, id.as_bytes())?.unwrap_or_default();
                put(batch, id, &mut stored.measured, measured, values)?;
                stored.row.is_measured = true;
                batch.put_json(TreeName::Sessions, id.as_bytes(), &stored)
            })
        })
    }

    /// What a session has added to series so far.
    pub fn measured(&self, session: &str) -> Result<Vec<Measured>, StoreError> {
        self.usable(|| {
            let batch = Batch::new(&self.database);
            let mut all = Vec::new();
            let mut number = 0;
            while let Some(payload) = batch.get(TreeName::Measured, &log::key(session, number))? {
                for (id, kin, first, amount) in read(&payload)? {
                    let row: Option<SeriesRow> = batch.get_json(TreeName::Series, &id.to_be_bytes())?;
                    all.extend(row.map(|row| Measured { series: row.series, kin, first, amount }));
                }
                number += 1;
            }
            Ok(all)
        })
    }
}

#[cfg(test)]
#[path = "measured_tests.rs"]
mod tests;
