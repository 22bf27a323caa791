//! Steps over what nobody wants, checking all the same that it is JSON: a line that is torn inside of it is torn.

use super::JsonError;
use super::cursor::Cursor;

/// What encloses the place at hand, one bit a level, so that no line is nested too deep.
#[derive(Debug, Default)]
struct Nesting {
    /// The innermost 64 levels, the innermost in the lowest bit; set for objects.
    bits: u64,
    /// The levels around them.
    outer: Vec<u64>,
    depth: usize,
}

impl Nesting {
    fn enter(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(is_object);
        self.depth += 1;
    }

    fn leave(&mut self) {
        self.depth -= 1;
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.bits = self.outer.pop().unwrap_or_default();
        }
    }

    const fn is_in_object(&self) -> bool {
        self.bits & 1 == 1
    }
}

impl Cursor<'_> {
    /// Steps over a value of any kind.
    pub(in crate::transcript) fn skip(&mut self) -> Result<(), JsonError> {
        let mut nesting = Nesting::default();
        loop {
            // A value begins.
            match self.peek().ok_or(JsonError::Torn)? {
                b'"' => {
                    self.quoted()?;
                }
                b'{' => {
                    self.at += 1;
                    if !self.takes(b'}') {
                        nesting.enter(true);
                        self.skip_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if !self.takes(b']') {
                        nesting.enter(false);
                        continue;
                    }
                }
                _ => self.skip_scalar()?,
            }
            // A value has ended, and perhaps what encloses it.
            loop {
                if nesting.depth == 0 {
                    return Ok(());
                }
                if self.takes(b',') {
                    if nesting.is_in_object() {
                        self.skip_key()?;
                    }
                    break;
                }
                self.expect(if nesting.is_in_object() { b'}' } else { b']' })?;
                nesting.leave();
            }
        }
    }

    fn skip_key(&mut self) -> Result<(), JsonError> {
        self.quoted()?;
        self.expect(b':')
    }

    /// Steps over a number, a truth value or `null`.
    fn skip_scalar(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => self.number_text().map(drop),
        }
    }

    /// Steps over a word.
    pub(super) fn word(&mut self, word: &str) -> Result<(), JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(JsonError::Torn);
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a truth value; anything else is `None`.
    pub(in crate::transcript) fn truth(&mut self) -> Result<Option<bool>, JsonError> {
        match self.peek() {
            Some(b't') => self.word("true").map(|()| Some(true)),
            Some(b'f') => self.word("false").map(|()| Some(false)),
            _ => self.unwanted().map(|()| None),
        }
    }

    /// Steps over a value of another kind than was wanted. What stands in a wanted place is looked at more closely than
    /// what nobody asks for: its text has to be one, and its number has to have a size.
    pub(in crate::transcript) fn unwanted(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => self.skip(),
        }
    }
}
