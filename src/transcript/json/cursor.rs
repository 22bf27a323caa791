//! A place in a line of JSON, and the steps that can be taken from there.

use super::JsonError;
use super::block::{BLOCK, Marks, controls, escaped, first_stop, marks, places_of};
use super::quoted::{Quoted, code_point, hex};

/// A place in a line.
#[derive(Debug, Clone)]
pub(in crate::transcript) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// Stands in a block behind the end of the line: no text may hold it, so that one that runs into it is known to be cut
/// short.
const BEHIND: u8 = 0;

impl<'a> Cursor<'a> {
    /// The beginning of a line.
    pub(in crate::transcript) fn new(line: &'a [u8]) -> Result<Self, JsonError> {
        let text = simdutf8::basic::from_utf8(line).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self { text, at: 0 })
    }

    /// Where the cursor stands, to come back to.
    pub(in crate::transcript) const fn place(&self) -> usize {
        self.at
    }

    /// Goes back to a place.
    pub(in crate::transcript) const fn go_back(&mut self, place: usize) {
        self.at = place;
    }

    /// What stands between a place and the cursor.
    pub(in crate::transcript) fn since(&self, place: usize) -> &'a str {
        self.text.get(place..self.at).unwrap_or_default()
    }

    /// The next byte that is not white, without stepping over it.
    #[inline]
    pub(in crate::transcript) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            let byte = *bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Steps over the next byte that is not white, which has to be this one.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(JsonError::Torn)
    }

    /// Steps over the next byte that is not white if it is this one.
    #[inline]
    pub(super) fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// That nothing stands behind what was read.
    pub(in crate::transcript) fn end(&mut self) -> Result<(), JsonError> {
        if self.peek().is_none() { Ok(()) } else { Err(JsonError::Torn) }
    }

    /// Reads an object, handing over each key with the cursor before its value, which has to be read or skipped.
    #[inline]
    pub(in crate::transcript) fn object(
        &mut self,
        mut field: impl FnMut(Quoted<'a>, &mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.expect(b'{')?;
        if self.takes(b'}') {
            return Ok(());
        }
        loop {
            let key = self.quoted()?.checked()?;
            self.expect(b':')?;
            field(key, self)?;
            if !self.takes(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// Reads an array, handing over the cursor before each element, which has to be read or skipped.
    #[inline]
    pub(in crate::transcript) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.expect(b'[')?;
        if self.takes(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if !self.takes(b',') {
                return self.expect(b']');
            }
        }
    }

    /// Reads a text.
    #[inline]
    pub(in crate::transcript) fn string(&mut self) -> Result<Quoted<'a>, JsonError> {
        self.quoted()?.checked()
    }

    /// Steps over a text, and says where it stands.
    #[inline]
    pub(super) fn quoted(&mut self) -> Result<Quoted<'a>, JsonError> {
        self.expect(b'"')?;
        let start = self.at;
        // Most texts are ids and names, which end soon.
        let mut at = start;
        while let Some(lane) = self.text.as_bytes().get(at..).and_then(|rest| rest.first_chunk()) {
            match first_stop(lane) {
                Some((first, true)) => {
                    self.at = at + first + 1;
                    let raw = self.text.get(start..at + first).unwrap_or_default();
                    return Ok(Quoted { raw, len: raw.len(), has_lone_surrogate: false });
                }
                None if at - start < BLOCK => at += lane.len(),
                _ => break,
            }
        }
        self.long(start, at)
    }

    /// Steps over a text that begins at `start` and is plain up to `at`.
    fn long(&mut self, start: usize, mut at: usize) -> Result<Quoted<'a>, JsonError> {
        let bytes = self.text.as_bytes();
        let mut carry = false;
        let mut saved = 0;
        let mut has_lone_surrogate = false;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let mut padded = [BEHIND; BLOCK];
            let block = if let Some(block) = rest.first_chunk() {
                block
            } else {
                // Short of a block only the line's last bytes are.
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                &padded
            };
            let Marks { quotes, backslashes, has_controls } = marks(block);
            let escapes = if backslashes == 0 && !carry { 0 } else { escaped(backslashes, &mut carry) };
            let ends = quotes & !escapes;
            // Everything before the end, or all of the block.
            let inside = (ends & ends.wrapping_neg()).wrapping_sub(1);
            if has_controls && controls(block) & inside != 0 {
                return Err(JsonError::Torn);
            }
            let escapes = escapes & inside;
            if escapes != 0 {
                saved += escapes.count_ones() as usize;
                let plain = quotes | backslashes | places_of(block, [b'n', b't']);
                let mut special = escapes & !plain;
                while special != 0 {
                    let place = at + special.trailing_zeros() as usize;
                    special &= special - 1;
                    self.special(place, &mut saved, &mut has_lone_surrogate)?;
                }
            }
            if ends != 0 {
                let end = at + ends.trailing_zeros() as usize;
                self.at = end + 1;
                let raw = self.text.get(start..end).unwrap_or_default();
                return Ok(Quoted { raw, len: raw.len().saturating_sub(saved), has_lone_surrogate });
            }
            at += BLOCK;
        }
    }

    /// Looks at the character behind a backslash where it is a rare one.
    fn special(&self, place: usize, saved: &mut usize, has_lone_surrogate: &mut bool) -> Result<(), JsonError> {
        let bytes = self.text.as_bytes();
        match bytes.get(place) {
            Some(b'r' | b'/' | b'b' | b'f') => Ok(()),
            Some(b'u') => {
                let digits = bytes.get(place + 1..).unwrap_or_default();
                let number = hex(digits).ok_or(JsonError::Torn)?;
                match code_point(digits) {
                    // Of a pair's twelve bytes two were counted as saved already: one a backslash.
                    (Some(resolved), 10) => *saved += 10 - resolved.len_utf8(),
                    (Some(resolved), _) => *saved += 5 - resolved.len_utf8(),
                    // The second half of a pair belongs to the first one.
                    (None, _) => {
                        let before = place.checked_sub(7).and_then(|from| bytes.get(from..place - 1));
                        let first = before.and_then(|before| before.strip_prefix(b"\\u")).and_then(hex);
                        let is_second = (0xDC00..0xE000).contains(&number)
                            && matches!(first, Some(0xD800..0xDC00))
                            && is_escape(bytes, place - 7);
                        *has_lone_surrogate |= !is_second;
                    }
                }
                Ok(())
            }
            _ => Err(JsonError::Torn),
        }
    }
}

/// Whether the backslash at a place begins an escape: an even number of them stands before it.
fn is_escape(bytes: &[u8], place: usize) -> bool {
    let before = bytes.get(..place).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
}
