//! The lines of a session and how they hang together: each names the line before it in the conversation.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::timing::TimeSource;
use crate::transcript::time::Millis;

/// The place of a line among the lines of its session, in the order in which they were read.
pub(super) type Position = usize;

/// What a line is, as far as the chain is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// It starts a turn.
    Start,
    /// It starts one when a model call descends from it.
    MayStart,
    /// A manual compaction's mark: it starts a turn of its own unless a model call of the turn before goes on below it.
    Compaction,
    /// A `tool_result`: it belongs where its `tool_use` does.
    Result,
    /// A prompt of an agent.
    User,
    /// Text that the client added: the model may answer to it, but its time shows no life.
    Meta,
    /// A line of a response.
    Assistant,
    /// An interrupt, a measure, an error: it shows that the turn was alive.
    Sign,
    /// A line made up at a resume, whose time says nothing about the turn.
    MadeUp,
    /// Context for the model; takes part in the chain only.
    Other,
}

/// One line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub parent: Option<u128>,
    pub time: Millis,
    /// Whether the time is that of the record before.
    pub is_lent: bool,
    pub stream: usize,
    pub kind: LineKind,
    /// The line before it in the same stream, for chains that lead nowhere (2.0.76 did not write attachments).
    pub before: Option<Position>,
}

/// The identity of a line: its uuid as a number.
pub(super) fn line_id(uuid: &str) -> u128 {
    if let Some(id) = uuid.as_bytes().try_into().ok().and_then(canonical_uuid) {
        return id;
    }
    let digest = Sha256::digest(uuid.as_bytes());
    digest.iter().take(16).fold(0, |id, byte| id << 8 | u128::from(*byte))
}

/// The number that a uuid in its usual form is, with small letters; none for any other text.
fn canonical_uuid(text: &[u8; 36]) -> Option<u128> {
    /// What a digit is worth; more than 15 for what is none.
    const WORTH: [u8; 256] = {
        let mut worth = [0x80; 256];
        let mut digit = 0;
        while digit < 16 {
            worth[b"0123456789abcdef"[digit] as usize] = digit as u8;
            digit += 1;
        }
        worth
    };
    let mut marks = (text[8] ^ b'-') | (text[13] ^ b'-') | (text[18] ^ b'-') | (text[23] ^ b'-');
    // Half by half: numbers of 128 bits take several steps for each digit.
    let mut number = |parts: &[&[u8]]| {
        parts.iter().copied().flatten().fold(0, |half, digit| {
            let worth = WORTH[usize::from(*digit)];
            marks |= worth & 0x80;
            half << 4 | u64::from(worth & 0xF)
        })
    };
    let high = number(&[&text[..8], &text[9..13], &text[14..18]]);
    let low = number(&[&text[19..23], &text[24..]]);
    (marks == 0).then_some(u128::from(high) << 64 | u128::from(low))
}

/// The id as text, the way a uuid is written.
pub(super) fn line_key(id: u128) -> Arc<str> {
    let mut buffer = Uuid::encode_buffer();
    let text: &str = Uuid::from_u128(id).hyphenated().encode_lower(&mut buffer);
    text.into()
}

/// Uuids are random already: their low half is as good as any hash of them.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct UuidHasher(u64);

impl Hasher for UuidHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, id: u128) {
        // Multiplied, since made-up ids may differ in a few bits only.
        self.0 = ((id >> 64) as u64 ^ id as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// A map by line.
pub(super) type LineMap<V> = HashMap<u128, V, BuildHasherDefault<UuidHasher>>;

/// All lines of a session.
#[derive(Debug, Default)]
pub(super) struct Chain {
    pub lines: Vec<Line>,
    pub ids: Vec<u128>,
    by_id: LineMap<Position>,
}

impl Line {
    /// The source of a time that this line gives.
    pub(super) fn source(&self, own: TimeSource) -> TimeSource {
        if self.is_lent { TimeSource::RecordBefore } else { own }
    }
}

impl Chain {
    /// Takes a line in; `None` when the session has a line of this id already, since the first one counts.
    pub(super) fn insert(&mut self, id: u128, line: Line) -> Option<Position> {
        let position = self.lines.len();
        match self.by_id.entry(id) {
            hashbrown::hash_map::Entry::Occupied(_) => None,
            hashbrown::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(position);
                self.lines.push(line);
                self.ids.push(id);
                Some(position)
            }
        }
    }

    pub(super) fn position(&self, id: u128) -> Option<Position> {
        self.by_id.get(&id).copied()
    }

    /// The line that a line hangs on: the one it names, else the one before it in its stream.
    pub(super) fn parent(&self, position: Position) -> Option<Position> {
        let line = &self.lines[position];
        let named = line.parent.and_then(|id| self.position(id)).filter(|parent| *parent != position);
        named.or(line.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_survives_being_a_number() {
        for uuid in ["0bbabb23-6aaf-4aff-8e59-d4901b5442fa", "01234567-89ab-cdef-fedc-ba9876543210"] {
            assert_eq!(&*line_key(line_id(uuid)), uuid);
            assert_eq!(line_id(uuid), Uuid::parse_str(uuid).unwrap().as_u128());
        }
    }

    #[test]
    fn ids_that_are_no_uuids_stay_apart() {
        assert_ne!(line_id("msg-1"), line_id("msg-2"));
        let uuid = "0bbabb23-6aaf-4aff-8e59-d4901b5442fa";
        for place in 0..uuid.len() {
            let mut other = uuid.to_owned();
            other.replace_range(place..=place, if uuid.as_bytes()[place] == b'-' { "0" } else { "-" });
            assert_ne!(line_id(uuid), line_id(&other), "{other}");
        }
        assert_ne!(line_id("0bbabb23-6aaf-4aff-8e59-d4901b5442fA"), line_id("0bbabb23-6aaf-4aff-8e59-d4901b5442fa"));
    }
}
