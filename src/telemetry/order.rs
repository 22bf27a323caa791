//! Puts attributes in order: the same input gives the same bytes.
//!
//! All names are constants, and there are a few dozen lists of them in the same order as they are made. How each of these
//! is sorted is worked out once on a thread.

use std::cell::RefCell;

use hashbrown::HashMap;

use super::span::{Attributes, Value};

/// Far more than there are; should there ever be more, remembering begins anew.
const MOST_SHAPES: usize = 1024;

thread_local! {
    static SHAPES: RefCell<HashMap<u64, Shape>> = RefCell::default();
}

/// The names of a list as they come, and what puts them in order.
#[derive(Debug)]
struct Shape {
    /// By place in memory and length, for all are constants.
    names: Vec<(usize, usize)>,
    swaps: Vec<(usize, usize)>,
}

/// Sorts attributes by their names, of which each stands there once.
pub(super) fn sort(list: &mut Attributes) {
    let shape = list.iter().fold(list.len() as u64, |hash, (name, _)| {
        (hash.rotate_left(5) ^ name.as_ptr().addr() as u64).wrapping_mul(0x517c_c1b7_2722_0a95)
    });
    SHAPES.with_borrow_mut(|shapes| {
        if shapes.len() >= MOST_SHAPES && !shapes.contains_key(&shape) {
            shapes.clear();
        }
        let known = shapes.entry(shape).or_insert_with(|| Shape::of(list));
        if known.is_of(list) {
            known.swaps.iter().for_each(|(one, other)| list.swap(*one, *other));
        } else {
            list.sort_unstable_by_key(|(name, _)| *name);
        }
    });
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
        for first in 0..NAMES.len() {
            for len in 0..=NAMES.len() {
                let list: Attributes = (0..len)
                    .map(|place| (NAMES[(first + place * 3) % NAMES.len()], Value::Int(place as i64)))
                    .collect();
                let mut expected = list.clone();
                expected.sort_by_key(|(name, _)| *name);
                for _ in 0..2 {
                    let mut sorted = list.clone();
                    sort(&mut sorted);
                    assert_eq!(sorted, expected);
                }
            }
        }
        assert!(SHAPES.with_borrow(HashMap::len) > NAMES.len());
    }

    #[test]
    fn no_more_shapes_are_remembered_than_there_is_room_for() {
        let names: Vec<&'static str> = (0..12).map(|place| &"abcdefghijkl"[place..=place]).collect();
        for subset in 0_usize..1 << names.len() {
            let chosen = names.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1).rev();
            let mut list: Attributes = chosen.map(|(_, name)| (*name, Value::Bool(true))).collect();
            sort(&mut list);
            assert!(list.is_sorted_by_key(|(name, _)| *name));
        }
        assert!(SHAPES.with_borrow(HashMap::len) <= MOST_SHAPES);
    }
}
