//! The gate that every name from the transcript passes, and what it remembers of one session: the same few names stand
//! on all of its spans.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::privacy::{Sanitized, Sanitizer};

/// Longer texts are hardly ever seen twice.
const LONGEST_KNOWN: usize = 64;

/// Looks for secrets, but not again in a text that is known to have none.
#[derive(Debug)]
pub(super) struct Gate<'a> {
    privacy: &'a Sanitizer,
    /// By place in memory. They are kept, so that no other text can come to lie there.
    clean: RefCell<HashMap<usize, Sanitized>>,
}

impl<'a> Gate<'a> {
    /// A gate that remembers nothing yet.
    pub(super) fn new(privacy: &'a Sanitizer) -> Self {
        Self { privacy, clean: RefCell::default() }
    }
}

/// What takes secrets out of texts that are shared.
pub(super) trait Cleaning {
    /// The text without its secrets; none when a rule drops it as a whole.
    fn shared(&self, text: &Arc<str>) -> Option<Sanitized>;
}

impl Cleaning for Sanitizer {
    fn shared(&self, text: &Arc<str>) -> Option<Sanitized> {
        Self::shared(self, text)
    }
}

impl Cleaning for Gate<'_> {
    /// The same as [`Sanitizer::shared`], and as often counted: only what has no secret is remembered.
    fn shared(&self, text: &Arc<str>) -> Option<Sanitized> {
        // The ids of the API stand on one span each.
        if text.len() > LONGEST_KNOWN || text.starts_with("toolu_") || text.starts_with("msg_") {
            return self.privacy.shared(text);
        }
        let place = Arc::as_ptr(text).addr();
        let known = self.clean.borrow().get(&place).filter(|known| known.len() == text.len()).cloned();
        if known.is_some() {
            return known;
        }
        let found = self.privacy.shared(text)?;
        if std::ptr::addr_eq(found.as_ptr(), text.as_ptr()) {
            self.clean.borrow_mut().insert(place, found.clone());
        }
        Some(found)
    }
}

impl Deref for Gate<'_> {
    type Target = Sanitizer;

    fn deref(&self) -> &Sanitizer {
        self.privacy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_through_once_and_a_secret_every_time() {
        let privacy = Sanitizer::default();
        let gate = Gate::new(&privacy);
        let name: Arc<str> = "general-purpose".into();
        for _ in 0..2 {
            assert_eq!(gate.shared(&name).as_deref(), Some("general-purpose"));
        }
        assert_eq!(gate.clean.borrow().len(), 1);
        let secret: Arc<str> = ["gh", "p_", &"a1B2".repeat(9)].concat().into();
        for _ in 0..2 {
            assert_eq!(gate.shared(&secret).as_deref(), Some("[REDACTED:github-token]"));
        }
        assert_eq!(gate.clean.borrow().len(), 1);
        assert_eq!(privacy.counts().get("github-token"), Some(&2));
    }

    #[test]
    fn another_text_in_the_same_place_is_looked_through() {
        let privacy = Sanitizer::default();
        let gate = Gate::new(&privacy);
        // Each is freed before the next is made, so that without care they lie in the same place.
        for text in ["some-plain-name-of-forty-chars-in-all-aaa", &["gh", "p_", &"a1B2".repeat(9), "x"].concat()] {
            let text: Arc<str> = text.into();
            let _ = gate.shared(&text);
        }
        assert_eq!(privacy.counts().values().sum::<u64>(), 1);
    }
}
