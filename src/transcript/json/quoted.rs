//! A text as it stands in its line, escapes and all.

use std::borrow::Cow;

use super::JsonError;

/// A text between its quotes, which have been found; what it says is worked out when asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::transcript) struct Quoted<'a> {
    /// What stands between the quotes.
    pub(super) raw: &'a str,
    /// Bytes of the text itself.
    pub(super) len: usize,
    /// Whether it names half of a surrogate pair, which no text can hold.
    pub(super) has_lone_surrogate: bool,
}

impl<'a> Quoted<'a> {
    /// Bytes of the text itself, its escapes resolved.
    pub(in crate::transcript) const fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds no escape, so that it is what stands in the line.
    const fn is_plain(&self) -> bool {
        self.raw.len() == self.len
    }

    /// That it is a text at all.
    pub(super) const fn checked(self) -> Result<Self, JsonError> {
        if self.has_lone_surrogate { Err(JsonError::LoneSurrogate) } else { Ok(self) }
    }

    /// A text without escapes.
    #[cfg(test)]
    pub(in crate::transcript) const fn plain(raw: &'a str) -> Self {
        Self { raw, len: raw.len(), has_lone_surrogate: false }
    }

    /// The text.
    pub(in crate::transcript) fn text(&self) -> Cow<'a, str> {
        if self.is_plain() { Cow::Borrowed(self.raw) } else { Cow::Owned(unescaped(self.raw, self.len)) }
    }

    /// The first bytes as they stand in the line; at least as much as [`Quoted::head`] looks at.
    pub(in crate::transcript) fn raw_head(&self, bytes: usize) -> &'a str {
        self.raw.get(..self.raw.floor_char_boundary(bytes)).unwrap_or_default()
    }

    /// The last bytes as they stand in the line; what [`Quoted::tail`] is made of.
    pub(in crate::transcript) fn raw_tail(&self, bytes: usize) -> &'a str {
        // Six bytes of raw text are at least one of the text; a few more, since the first ones may be half an escape.
        let window = bytes * 6 + 12;
        if self.raw.len() <= window {
            return self.raw;
        }
        let start = before_run(self.raw, self.raw.ceil_char_boundary(self.raw.len() - window));
        self.raw.get(start..).unwrap_or_default()
    }

    /// How many lines the text has, as [`str::lines`] counts them.
    pub(in crate::transcript) fn lines(&self) -> usize {
        let mut newlines = 0;
        let mut rest = self.raw;
        let mut is_ended = self.raw.is_empty();
        while let Some(backslash) = memchr::memchr(b'\\', rest.as_bytes()) {
            let escape = rest.get(backslash + 1..).unwrap_or_default();
            let (is_newline, len) = match escape.as_bytes() {
                [b'n', ..] => (true, 1),
                [b'u', digits @ ..] => (hex(digits) == Some(u32::from('\n')), 5),
                _ => (false, 1),
            };
            newlines += usize::from(is_newline);
            rest = escape.get(len..).unwrap_or_default();
            is_ended = is_newline && rest.is_empty();
        }
        newlines + usize::from(!is_ended)
    }

    /// The beginning of the text, made of its first `bytes` of raw text; the whole of a text that is no longer.
    pub(in crate::transcript) fn head(&self, bytes: usize) -> Cow<'a, str> {
        if self.raw.len() <= bytes {
            return self.text();
        }
        let mut end = self.raw.floor_char_boundary(bytes);
        // An escape is not cut: the longest is a pair of twelve bytes, so that its backslash stands among the last ones.
        let window = self.raw.as_bytes().get(end.saturating_sub(11)..end).unwrap_or_default();
        if let Some(first) = window.iter().position(|byte| *byte == b'\\') {
            end = before_run(self.raw, end.saturating_sub(11) + first);
            // What is cut may have been the second half of a pair.
            let last = end.saturating_sub(6);
            let half = self.raw.as_bytes().get(last..end).and_then(|escape| escape.strip_prefix(b"\\u")).and_then(hex);
            if matches!(half, Some(0xD800..0xDC00)) {
                end = before_run(self.raw, last);
            }
        }
        let start = self.raw.get(..end).unwrap_or_default();
        if start.contains('\\') { Cow::Owned(unescaped(start, start.len())) } else { Cow::Borrowed(start) }
    }

    /// The last `bytes` of the text, and perhaps more before them.
    pub(in crate::transcript) fn tail(&self, bytes: usize) -> Cow<'a, str> {
        let end = self.raw_tail(bytes);
        if end.len() == self.raw.len() {
            return self.text();
        }
        if end.contains('\\') { Cow::Owned(unescaped(end, end.len())) } else { Cow::Borrowed(end) }
    }
}

/// The start of the run of backslashes that reaches up to a place: only there an escape is known to begin.
fn before_run(raw: &str, place: usize) -> usize {
    let before = raw.as_bytes().get(..place).unwrap_or_default();
    before.iter().rposition(|byte| *byte != b'\\').map_or(0, |last| last + 1)
}

/// Resolves the escapes of a text that was looked through already. Half a pair becomes U+FFFD.
fn unescaped(raw: &str, capacity: usize) -> String {
    let mut text = String::with_capacity(capacity);
    let mut rest = raw;
    while let Some(backslash) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (plain, escape) =
            (rest.get(..backslash).unwrap_or_default(), rest.get(backslash + 1..).unwrap_or_default());
        text.push_str(plain);
        let mut chars = escape.chars();
        let resolved = match chars.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('u') => {
                let (resolved, len) = code_point(escape.as_bytes().get(1..).unwrap_or_default());
                rest = escape.get(1 + len..).unwrap_or_default();
                text.push(resolved.unwrap_or(char::REPLACEMENT_CHARACTER));
                continue;
            }
            Some(same) => same,
            None => break,
        };
        text.push(resolved);
        rest = chars.as_str();
    }
    text.push_str(rest);
    text
}

/// The character that the digits after `\u` name, or none for half a pair, and how many bytes name it.
pub(super) fn code_point(bytes: &[u8]) -> (Option<char>, usize) {
    let Some(first) = hex(bytes) else { return (None, 4.min(bytes.len())) };
    if !(0xD800..0xDC00).contains(&first) {
        return (char::from_u32(first), 4);
    }
    let second = bytes.get(4..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(hex);
    match second {
        Some(second @ 0xDC00..0xE000) => (char::from_u32(0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00))), 10),
        _ => (None, 4),
    }
}

/// The number that four hexadecimal digits make.
pub(super) fn hex(bytes: &[u8]) -> Option<u32> {
    bytes.get(..4)?.iter().try_fold(0, |sum, byte| Some(sum << 4 | char::from(*byte).to_digit(16)?))
}
