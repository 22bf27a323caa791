//! Lines that cannot be read as they stand: spliced records, NUL bytes, lone surrogates, bytes that are no UTF-8.
//!
//! Seen in the wild: a record cut short with the next one on the same line, two whole records without a newline, and
//! runs of NUL bytes before a record (fixtures `spliced-line`, `torn-tail`).

use std::borrow::Cow;

use memchr::memmem;

use super::{DecodeOptions, Sink, decode};
use crate::transcript::json::JsonError;
use crate::transcript::problem::{Problem, ProblemKind};

/// How many places of a line are tried as the start of a second record; a splice has one.
const MOST_JUNCTIONS: usize = 24;

/// Keys that stand first in a record (`parentUuid` on 95 % of them, `type` on the rest), as they begin one.
const RECORD_STARTS: [&[u8]; 6] =
    [b"{\"parentUuid\"", b"{\"type\"", b"{\"uuid\"", b"{\"sessionId\"", b"{\"isSidechain\"", b"{\"logicalParentUuid\""];

/// Reads what can be read of a line that failed.
pub(super) fn salvage(line: &[u8], error: JsonError, options: DecodeOptions, sink: &mut impl Sink) {
    let bare = without_nuls(line);
    if bare.len() < line.len() {
        sink.problem(Problem::new(ProblemKind::NulBytes));
        return super::decode_line(bare, options, sink);
    }
    if let Some((mended, kind)) = mend_text(line) {
        sink.problem(Problem::new(kind));
        return match decode::parse(&mended) {
            Ok(record) => decode::emit(&record, &mended, options, sink),
            Err(error) => separate(&mended, error, options, sink),
        };
    }
    separate(line, error, options, sink);
}

fn without_nuls(line: &[u8]) -> &[u8] {
    let start = line.iter().position(|byte| *byte != 0).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| *byte != 0).map_or(start, |last| last + 1);
    &line[start..end]
}

/// Finds a second record on the line; without one the line is torn.
fn separate(line: &[u8], error: JsonError, options: DecodeOptions, sink: &mut impl Sink) {
    for junction in junctions(line) {
        let (before, after) = line.split_at(junction);
        let Ok(second) = decode::parse(after) else { continue };
        sink.problem(Problem::new(ProblemKind::SplicedLine));
        match decode::parse(before) {
            Ok(first) => decode::emit(&first, before, options, sink),
            // What stands before is shorter than the whole, so this comes to an end.
            Err(error) => separate(before, error, options, sink),
        }
        return decode::emit(&second, after, options, sink);
    }
    sink.problem(problem_of(error));
}

fn problem_of(error: JsonError) -> Problem {
    Problem::new(if error == JsonError::AbsurdNumber { ProblemKind::AbsurdNumber } else { ProblemKind::TornLine })
}

/// The places after the first byte where a record might begin, the earliest first: only there does a suffix that
/// reads whole to the line's end start with a record and not with a part of one.
fn junctions(line: &[u8]) -> Vec<usize> {
    let mut places: Vec<usize> = RECORD_STARTS
        .iter()
        .flat_map(|start| memmem::find_iter(line, start).filter(|place| *place > 0).take(MOST_JUNCTIONS))
        .collect();
    places.sort_unstable();
    // The last ones matter most: a stub may hold many objects of its own before the record that follows it.
    let surplus = places.len().saturating_sub(MOST_JUNCTIONS);
    places.split_off(surplus)
}

/// The line with what is no text replaced by U+FFFD; `None` when its text is in order.
fn mend_text(line: &[u8]) -> Option<(Vec<u8>, ProblemKind)> {
    let text = String::from_utf8_lossy(line);
    if let Cow::Owned(text) = text {
        return Some((text.into_bytes(), ProblemKind::NotUtf8));
    }
    let mended = without_lone_surrogates(line);
    (mended != line).then_some((mended, ProblemKind::LoneSurrogate))
}

/// Replaces escapes of unpaired surrogates, which JavaScript writes when it cuts a text inside an emoji.
fn without_lone_surrogates(line: &[u8]) -> Vec<u8> {
    let unit_at = |place: usize| -> Option<u16> {
        let escape = line.get(place..place + 6)?;
        let digits = escape.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut mended = Vec::with_capacity(line.len());
    let mut place = 0;
    while place < line.len() {
        if line[place] != b'\\' {
            mended.push(line[place]);
            place += 1;
            continue;
        }
        match unit_at(place) {
            Some(0xD800..=0xDBFF) if matches!(unit_at(place + 6), Some(0xDC00..=0xDFFF)) => {
                mended.extend_from_slice(&line[place..place + 12]);
                place += 12;
            }
            Some(0xD800..=0xDFFF) => {
                mended.extend_from_slice(b"\\ufffd");
                place += 6;
            }
            _ => {
                // An escape of two bytes, so that an escaped backslash is never taken for the start of the next one.
                let end = (place + 2).min(line.len());
                mended.extend_from_slice(&line[place..end]);
                place = end;
            }
        }
    }
    mended
}
