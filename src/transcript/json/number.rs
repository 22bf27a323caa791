//! Numbers.

use super::JsonError;
use super::cursor::Cursor;

impl<'a> Cursor<'a> {
    /// Steps over a number, and returns how it is written.
    pub(super) fn number_text(&mut self) -> Result<&'a str, JsonError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let digits = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let some = |from: usize| {
            let to = digits(from);
            if to > from { Ok(to) } else { Err(JsonError::Torn) }
        };
        at = match bytes.get(at) {
            // Nothing stands behind a leading zero.
            Some(b'0') if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => return Err(JsonError::Torn),
            _ => some(at)?,
        };
        if bytes.get(at) == Some(&b'.') {
            at = some(at + 1)?;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            at = some(at)?;
        }
        self.at = at;
        Ok(self.text.get(start..at).unwrap_or_default())
    }

    /// Reads a number.
    pub(in crate::transcript) fn number(&mut self) -> Result<f64, JsonError> {
        /// So many digits make a whole number that a float holds exactly.
        const EXACT_DIGITS: usize = 15;
        let text = self.number_text()?;
        if text.len() <= EXACT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(text.bytes().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0')) as f64);
        }
        let number: f64 = text.parse().map_err(|_| JsonError::Torn)?;
        if number.is_finite() { Ok(number) } else { Err(JsonError::AbsurdNumber) }
    }
}
