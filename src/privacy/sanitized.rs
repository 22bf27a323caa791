//! A text that may leave.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text that went through a [`super::Sanitizer`], which alone can make one. It is shared, not copied.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sanitized(Arc<str>);

impl Sanitized {
    /// Only for texts that were looked through.
    pub(super) const fn new(text: Arc<str>) -> Self {
        Self(text)
    }

    /// A text of ours, known when the program was built: it holds nothing of anybody's.
    pub fn of_ours(text: &'static str) -> Self {
        Self(text.into())
    }

    /// A number as text: it holds nothing of anybody's either.
    pub fn of_number(number: i128) -> Self {
        Self(number.to_string().into())
    }

    /// The first part of the text, at most so many bytes, and never half a character.
    #[must_use]
    pub fn cut(self, bytes: usize) -> Self {
        if self.0.len() <= bytes {
            return self;
        }
        Self(self.0.get(..self.0.floor_char_boundary(bytes)).unwrap_or_default().into())
    }

    /// The first part of the text, at most so many characters.
    #[must_use]
    pub fn cut_to_chars(self, chars: usize) -> Self {
        // A character has at least one byte.
        if self.0.len() <= chars {
            return self;
        }
        let end = self.0.char_indices().nth(chars).map_or(self.0.len(), |(place, _)| place);
        self.cut(end)
    }

    /// The beginning of the text on one line, at most so many characters, without anything that a terminal would obey.
    #[must_use]
    pub fn one_line(&self, chars: usize) -> Self {
        let mut line = String::new();
        for word in self.0.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            if line.chars().nth(chars).is_some() {
                line = line.chars().take(chars.saturating_sub(1)).collect();
                line.push('…');
                break;
            }
        }
        Self(line.into())
    }

    /// Several texts below each other. Each of them was looked through by itself.
    #[must_use]
    pub fn lines(texts: &[Self]) -> Self {
        match texts {
            [one] => one.clone(),
            several => Self(several.join("\n").into()),
        }
    }

    /// Several texts behind each other, with something of ours between them.
    #[must_use]
    pub fn joined(texts: &[Self], between: &'static str) -> Self {
        Self(texts.join(between).into())
    }

    /// The text, shared.
    pub fn into_shared(self) -> Arc<str> {
        self.0
    }
}

impl serde::Serialize for Sanitized {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Default for Sanitized {
    fn default() -> Self {
        Self::of_ours("")
    }
}

impl std::borrow::Borrow<str> for Sanitized {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Deref for Sanitized {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Sanitized {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sanitized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Sanitized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Unit tests write down what they expect.
#[cfg(test)]
impl From<&str> for Sanitized {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(&*Sanitized::from("aé").cut(2), "a");
        assert_eq!(&*Sanitized::from("aé").cut(3), "aé");
        assert_eq!(&*Sanitized::from("ééé").cut_to_chars(2), "éé");
        assert_eq!(&*Sanitized::from("ab").cut_to_chars(2), "ab");
    }

    #[test]
    fn one_line_has_no_breaks_and_no_commands_for_terminals() {
        let line = |text: &str, chars| Sanitized::from(text).one_line(chars).to_string();
        assert_eq!(line(" a\n\tb \u{1b}[31mc\r", 20), "a b [31mc");
        assert_eq!(line("one two three", 7), "one tw…");
        assert_eq!(line("éé", 2), "éé");
        assert_eq!(line("\n", 2), "");
    }
}
