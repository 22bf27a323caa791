//! Attributes in order, and the gate that every name from the transcript passes.

use std::sync::Arc;

use super::gate::{Cleaning, Gate};
use super::order;
use super::semconv::OTHER;
use super::span::{Attributes, Value};

/// Collects attributes; what is absent is left out.
#[derive(Debug)]
pub(super) struct AttributeList<'a>(Attributes, &'a Gate<'a>);

impl<'a> AttributeList<'a> {
    /// An empty list, whose texts go through `privacy`.
    pub(super) fn with_capacity(capacity: usize, privacy: &'a Gate<'a>) -> Self {
        Self(Vec::with_capacity(capacity), privacy)
    }

    /// A text of ours.
    pub(super) fn fixed(&mut self, name: &'static str, value: &'static str) {
        self.0.push((name, Value::Static(value)));
    }

    /// A name from the transcript, if it looks like one.
    pub(super) fn name(&mut self, name: &'static str, value: Option<&Arc<str>>) {
        if let Some(value) = value {
            self.0.push((name, gate(value, self.1)));
        }
    }

    /// A text that has passed its own gate.
    pub(super) fn text(&mut self, name: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.push((name, value));
        }
    }

    /// A number.
    pub(super) fn int(&mut self, name: &'static str, value: impl Into<Option<i64>>) {
        if let Some(value) = value.into() {
            self.0.push((name, Value::Int(value)));
        }
    }

    /// A count, which is a number that no transcript makes too great for OTLP.
    pub(super) fn count(&mut self, name: &'static str, value: impl Into<Option<u64>>) {
        if let Some(value) = value.into() {
            self.0.push((name, Value::Int(i64::try_from(value).unwrap_or(i64::MAX))));
        }
    }

    /// A truth value that is said only when it is true.
    pub(super) fn flag(&mut self, name: &'static str, value: bool) {
        if value {
            self.0.push((name, Value::Bool(true)));
        }
    }

    /// A truth value.
    pub(super) fn bool(&mut self, name: &'static str, value: bool) {
        self.0.push((name, Value::Bool(value)));
    }

    pub(super) fn push(&mut self, name: &'static str, value: Value) {
        self.0.push((name, value));
    }

    pub(super) fn extend(&mut self, attributes: &[(&'static str, Value)]) {
        self.0.extend_from_slice(attributes);
    }

    /// The attributes sorted by name: the same input gives the same bytes.
    pub(super) fn finish(mut self) -> Attributes {
        order::sort(&mut self.0);
        self.0
    }
}

/// A name that may leave: free text cannot hide in it, and a secret that looks like a name is taken out.
pub(super) fn gate(name: &Arc<str>, privacy: &impl Cleaning) -> Value {
    if is_name(name, 64) { sanitized(name, privacy) } else { Value::Static(OTHER) }
}

/// A text without its secrets.
pub(super) fn sanitized(text: &Arc<str>, privacy: &impl Cleaning) -> Value {
    privacy.shared(text).map_or(Value::Static(OTHER), Value::Str)
}

/// Whether a text is made like a name and is no longer than one.
pub(super) fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| PLAIN[usize::from(byte)])
}

/// Which bytes names are made of.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] =
            matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'@' | b'/' | b'-');
        byte += 1;
    }
    plain
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::Sanitizer;

    #[test]
    fn free_text_becomes_other() {
        let gate = |text: &str| gate(&text.into(), &Sanitizer::default());
        assert_eq!(gate("general-purpose"), Value::Str("general-purpose".into()));
        for text in ["", "my secret plan", "a\nb", "ключ", &"x".repeat(65)] {
            assert_eq!(gate(text), Value::Static(OTHER), "{text}");
        }
    }

    #[test]
    fn a_secret_that_looks_like_a_name_does_not_leave() {
        let secret = ["gh", "p_", &"a1B2".repeat(9)].concat();
        let left = gate(&secret.into(), &Sanitizer::default());
        assert_eq!(left, Value::Str("[REDACTED:github-token]".into()));
    }
}
