//! The gate that every name from the transcript passes, and what it remembers of one session: the same few names stand
//! on all of its spans, in lists of the same few shapes.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;

use hashbrown::HashMap;

use super::span::{Attributes, Value};
use crate::privacy::{Sanitized, Sanitizer};

/// Longer texts are hardly ever seen twice.
const LONGEST_KNOWN: usize = 64;
/// A session has a few dozen shapes; one that has more is sorted as it comes.
const MOST_SHAPES: usize = 512;

/// Looks for secrets, but not again in a text that is known to have none; and puts attributes in order.
#[derive(Debug)]
pub(super) struct Gate<'a> {
    privacy: &'a Sanitizer,
    /// By place in memory. They are kept, so that no other text can come to lie there.
    clean: RefCell<HashMap<usize, Sanitized>>,
    shapes: RefCell<HashMap<u64, Shape>>,
}

/// The names of a list as they come, and what puts them in order.
#[derive(Debug)]
struct Shape {
    /// By place in memory and length, for all are constants.
    names: Vec<(usize, usize)>,
    swaps: Vec<(usize, usize)>,
}

impl<'a> Gate<'a> {
    /// A gate that remembers nothing yet.
    pub(super) fn new(privacy: &'a Sanitizer) -> Self {
        Self { privacy, clean: RefCell::default(), shapes: RefCell::default() }
    }

    /// Sorts attributes by their names, of which each stands there once.
    pub(super) fn sort(&self, list: &mut Attributes) {
        let shape = list.iter().fold(list.len() as u64, |hash, (name, _)| {
            (hash.rotate_left(5) ^ name.as_ptr().addr() as u64).wrapping_mul(0x517c_c1b7_2722_0a95)
        });
        let mut shapes = self.shapes.borrow_mut();
        match shapes.get(&shape) {
            Some(shape) if shape.is_of(list) => shape.swaps.iter().for_each(|(one, other)| list.swap(*one, *other)),
            Some(_) => list.sort_unstable_by_key(|(name, _)| *name),
            None if shapes.len() < MOST_SHAPES => {
                let known = shapes.entry(shape).or_insert_with(|| Shape::of(list));
                known.swaps.iter().for_each(|(one, other)| list.swap(*one, *other));
            }
            None => list.sort_unstable_by_key(|(name, _)| *name),
        }
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

fn identity((name, _): &(&'static str, Value)) -> (usize, usize) {
    (name.as_ptr().addr(), name.len())
}

impl Shape {
    fn of(list: &Attributes) -> Self {
        let mut order: Vec<usize> = (0..list.len()).collect();
        order.sort_by_key(|place| list.get(*place).map(|(name, _)| *name));
        let mut swaps = Vec::new();
        for place in 0..order.len() {
            // What should come here may have been swapped away already, to where it was swapped with.
            let mut from = order.get(place).copied().unwrap_or(place);
            while from < place {
                from = order.get(from).copied().unwrap_or(place);
            }
            if from != place {
                swaps.push((place, from));
            }
        }
        Self { names: list.iter().map(identity).collect(), swaps }
    }

    fn is_of(&self, list: &Attributes) -> bool {
        self.names.len() == list.len() && self.names.iter().zip(list).all(|(known, of)| *known == identity(of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_a_known_shape_come_out_as_those_of_a_new_one() {
        const NAMES: [&str; 7] = ["d", "a", "g", "c", "b", "f", "e"];
        let privacy = Sanitizer::default();
        let gate = Gate::new(&privacy);
        for first in 0..NAMES.len() {
            for len in 0..=NAMES.len() {
                let list: Attributes = (0..len)
                    .map(|place| (NAMES[(first + place * 3) % NAMES.len()], Value::Int(place as i64)))
                    .collect();
                let mut expected = list.clone();
                expected.sort_by_key(|(name, _)| *name);
                for _ in 0..2 {
                    let mut sorted = list.clone();
                    gate.sort(&mut sorted);
                    assert_eq!(sorted, expected);
                }
            }
        }
        assert!(gate.shapes.borrow().len() > NAMES.len());
    }

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
