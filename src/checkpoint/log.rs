//! Logs of one session that only grow at their end, cut into small values.
//!
//! What a busy session adds every few seconds costs the rewriting of its last chunk only.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::batch::{Batch, Refusal};
use super::database::Fault;
use super::record::{TreeName, Unreadable};
use super::rows::DeliveredSpan;

/// Every chunk but the last has as many bytes; a whole number of entries of either kind.
const CHUNK_BYTES: usize = 4096;

/// How long a log is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogLength {
    /// Its entries, those included that a later one replaces.
    pub(super) entries: u64,
    /// At how many entries it is next worth looking how many of them still count.
    pub(super) look_at: u64,
}

/// One entry of a log, of a fixed size.
pub(super) trait Entry: Copy {
    /// Where the log lies.
    const TREE: TreeName;
    /// How many bytes an entry takes; divides [`CHUNK_BYTES`].
    const BYTES: usize;
    /// What a later entry replaces an earlier one by.
    fn id(self) -> u64;
    /// Adds its bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// Reads one entry; none when there are not enough bytes.
    fn read(bytes: &[u8]) -> Option<Self>;
}

impl Entry for u64 {
    const TREE: TreeName = TreeName::Owned;
    const BYTES: usize = 8;

    fn id(self) -> u64 {
        self
    }

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().map(|bytes| Self::from_le_bytes(*bytes))
    }
}

impl Entry for DeliveredSpan {
    const TREE: TreeName = TreeName::Delivered;
    const BYTES: usize = 16;

    fn id(self) -> u64 {
        self.span_id
    }

    fn write(self, bytes: &mut Vec<u8>) {
        self.span_id.write(bytes);
        self.print.write(bytes);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (span_id, rest) = bytes.split_first_chunk()?;
        Some(Self { span_id: u64::from_le_bytes(*span_id), print: u64::read(rest)? })
    }
}

/// The name of a chunk: the session's id, NUL, and the chunk's number, highest byte first.
pub(super) fn key(session: &str, number: u32) -> Vec<u8> {
    let mut key = Vec::with_capacity(session.len() + 5);
    key.extend_from_slice(session.as_bytes());
    key.push(0);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// The session's id and the number in a chunk's name.
pub(super) fn parse_key(key: &[u8]) -> Option<(&str, u32)> {
    let (rest, number) = key.split_last_chunk()?;
    let (nul, session) = rest.split_last()?;
    let session = std::str::from_utf8(session).ok()?;
    (*nul == 0).then_some((session, u32::from_be_bytes(*number)))
}

/// The entries of one chunk, in their order.
pub(super) fn entries<E: Entry>(payload: &[u8]) -> Result<Vec<E>, Unreadable> {
    payload.chunks(E::BYTES).map(|bytes| E::read(bytes).ok_or(Unreadable::Text)).collect()
}

/// Takes out what a later entry replaces.
pub(super) fn deduplicated<E: Entry>(entries: Vec<E>) -> Vec<E> {
    let mut seen = HashSet::with_capacity(entries.len());
    let mut kept: Vec<E> = entries.into_iter().rev().filter(|entry| seen.insert(entry.id())).collect();
    kept.reverse();
    kept
}

/// Reads a whole log.
pub(super) fn read<E: Entry>(
    length: LogLength,
    mut chunk: impl FnMut(u32) -> Result<Option<Vec<u8>>, Fault>,
) -> Result<Vec<E>, Fault> {
    let mut all = Vec::new();
    for number in 0..chunk_count::<E>(length.entries) {
        let payload = chunk(number)?.ok_or_else(|| Fault::Damage("a chunk of a log is missing".to_owned()))?;
        all.append(&mut entries(&payload)?);
    }
    if all.len() as u64 != length.entries {
        return Err(Fault::Damage(format!("a log has {} entries instead of {}", all.len(), length.entries)));
    }
    Ok(all)
}

/// Adds entries to the end of a session's log, and rewrites the log when most of it has been replaced.
pub(super) fn append<E: Entry>(
    batch: &mut Batch<'_>,
    session: &str,
    length: &mut LogLength,
    added: &[E],
) -> Result<(), Refusal> {
    if added.is_empty() {
        return Ok(());
    }
    let entries = length.entries + added.len() as u64;
    if entries < length.look_at.max(per_chunk::<E>()) {
        write::<E>(batch, session, length.entries, added)?;
        length.entries = entries;
        return Ok(());
    }
    let before = chunk_count::<E>(length.entries);
    let mut all = read::<E>(*length, |number| batch.get(E::TREE, &key(session, number)))?;
    all.extend_from_slice(added);
    let kept = deduplicated(all.clone());
    let is_mostly_replaced = all.len() > kept.len() * 2;
    if is_mostly_replaced {
        write::<E>(batch, session, 0, &kept)?;
        for number in chunk_count::<E>(kept.len() as u64)..before {
            batch.remove(E::TREE, &key(session, number));
        }
    } else {
        write::<E>(batch, session, length.entries, added)?;
    }
    length.entries = if is_mostly_replaced { kept.len() as u64 } else { entries };
    // No earlier can half of it be replaced; and each look has to be earned by growth.
    length.look_at = (kept.len() as u64 * 2 + 1).max(length.entries + length.entries / 4 + per_chunk::<E>());
    Ok(())
}

/// Removes a whole log.
pub(super) fn remove<E: Entry>(batch: &mut Batch<'_>, session: &str, length: LogLength) {
    for number in 0..chunk_count::<E>(length.entries) {
        batch.remove(E::TREE, &key(session, number));
    }
}

/// Writes entries from the place `at` of the log on, into the chunk that holds that place and new ones behind it.
fn write<E: Entry>(batch: &mut Batch<'_>, session: &str, at: u64, added: &[E]) -> Result<(), Refusal> {
    let mut number = (at / per_chunk::<E>()) as u32;
    let begun = at % per_chunk::<E>();
    let mut payload = Vec::with_capacity(CHUNK_BYTES);
    if begun > 0 {
        let missing = || Fault::Damage("the last chunk of a log is missing".to_owned());
        payload = batch.get(E::TREE, &key(session, number))?.ok_or_else(missing)?;
        if payload.len() as u64 != begun * E::BYTES as u64 {
            return Err(Fault::Damage("the last chunk of a log has another length".to_owned()).into());
        }
    }
    for entry in added {
        if payload.len() >= CHUNK_BYTES {
            batch.put(E::TREE, &key(session, number), &payload)?;
            payload.clear();
            number += 1;
        }
        entry.write(&mut payload);
    }
    batch.put(E::TREE, &key(session, number), &payload)
}

fn per_chunk<E: Entry>() -> u64 {
    (CHUNK_BYTES / E::BYTES) as u64
}

fn chunk_count<E: Entry>(entries: u64) -> u32 {
    entries.div_ceil(per_chunk::<E>()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_chunk_is_read_back() {
        for (session, number) in [("a", 0), ("", 1), ("a\0b", 256), ("ü", u32::MAX)] {
            assert_eq!(parse_key(&key(session, number)), Some((session, number)));
        }
        assert_eq!(parse_key(b"abc"), None);
        assert_eq!(parse_key(b"abcde"), None);
        assert!(key("a", 255) < key("a", 256), "chunks lie in their order");
    }

    #[test]
    fn the_last_entry_of_an_id_is_the_one_that_counts() {
        let spans = [(1, 10), (2, 20), (1, 11), (3, 30), (1, 12)];
        let spans = spans.map(|(span_id, print)| DeliveredSpan { span_id, print }).to_vec();
        let kept: Vec<_> = deduplicated(spans).iter().map(|span| (span.span_id, span.print)).collect();
        assert_eq!(kept, [(2, 20), (3, 30), (1, 12)]);
    }

    #[test]
    fn entries_that_are_cut_are_seen() {
        assert_eq!(entries::<u64>(&[1, 0, 0, 0, 0, 0, 0, 0]), Ok(vec![1]));
        assert_eq!(entries::<u64>(&[1, 0, 0]), Err(Unreadable::Text));
        assert_eq!(entries::<DeliveredSpan>(&[0; 24]), Err(Unreadable::Text));
    }
}
