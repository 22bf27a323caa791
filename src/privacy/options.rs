//! How much of what people and models wrote leaves.

use std::sync::Arc;

use super::{Sanitized, Sanitizer};

/// The most that a summary has of a text.
pub const SUMMARY_CHARS: usize = 256;
/// The most bytes of one text on a span, unless the user says otherwise: there are backends that cut there.
pub const SPAN_BYTES: usize = 2048;

/// The levels of content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContentLevel {
    /// Sizes, counts and names alone.
    #[default]
    None,
    /// The beginnings of texts.
    Summary,
    /// Texts up to the limits.
    Full,
}

impl ContentLevel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Summary, Self::Full];

    /// As a user writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Summary => "summary",
            Self::Full => "full",
        }
    }
}

/// What is kept of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentOptions {
    /// The level.
    pub level: ContentLevel,
    /// The most bytes of one text on a span.
    pub span_bytes: usize,
}

impl Default for ContentOptions {
    fn default() -> Self {
        Self { level: ContentLevel::None, span_bytes: SPAN_BYTES }
    }
}

impl ContentOptions {
    /// Whether any text is wanted.
    pub const fn wants_texts(self) -> bool {
        !matches!(self.level, ContentLevel::None)
    }

    /// Whether texts leave whole, up to the limits.
    pub const fn is_full(self) -> bool {
        matches!(self.level, ContentLevel::Full)
    }

    /// A text as it may stand on a span.
    pub fn for_span(self, text: Sanitized) -> Sanitized {
        match self.level {
            ContentLevel::Full => text.cut(self.span_bytes),
            _ => text.cut_to_chars(SUMMARY_CHARS).cut(self.span_bytes),
        }
    }
}

/// Takes texts in: looked through whole, then cut, so that nothing raw and nothing long is kept.
#[derive(Debug, Clone)]
pub struct Keeping {
    /// What texts go through.
    pub privacy: Arc<Sanitizer>,
    /// How much of them is kept.
    pub content: ContentOptions,
}

impl Keeping {
    /// What is kept of a text; none when a rule drops it.
    pub fn keep(&self, text: &str) -> Option<Sanitized> {
        let clean = self.privacy.text(text)?;
        Some(match self.content.level {
            ContentLevel::Full => clean.cut(self.content.span_bytes),
            _ => clean.cut_to_chars(SUMMARY_CHARS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_across_the_cut_does_not_leave_its_first_half() {
        let secret = ["gh", "p_", &"a1B2".repeat(9)].concat();
        let content = ContentOptions { level: ContentLevel::Summary, ..ContentOptions::default() };
        let keeping = Keeping { privacy: Arc::default(), content };
        let kept = keeping.keep(&format!("{}{secret}", "é ".repeat(120))).unwrap();
        assert_eq!(kept.chars().count(), SUMMARY_CHARS);
        assert!(kept.ends_with("[REDACTED:github"), "{kept}");
        assert!(content.for_span(kept).len() <= SUMMARY_CHARS * 4);
    }
}
