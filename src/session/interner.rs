//! Names that recur on thousands of lines are kept once.

use std::sync::Arc;

use hashbrown::HashSet;

/// The texts seen so far.
#[derive(Debug, Default)]
pub(super) struct Interner(HashSet<Arc<str>>);

impl Interner {
    /// The one copy of a text.
    pub(super) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }

    /// The same for a text that may be absent.
    pub(super) fn option(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        text.map(|text| self.intern(text))
    }
}
