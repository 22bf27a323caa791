//! What runs in a session, as a tree.

use std::collections::BTreeMap;

use super::glimpse::Glimpse;
use crate::view::item::{Item, ItemKind};

/// A tool or agent that runs, and how deep it stands among those that do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Branch<'a> {
    /// The tool or agent.
    pub item: &'a Item,
    /// Its depth, from 0.
    pub depth: usize,
}

/// What runs in a session, as a tree.
pub fn branches(glimpse: &Glimpse) -> Vec<Branch<'_>> {
    let mut depths: BTreeMap<usize, usize> = BTreeMap::new();
    let mut branches = Vec::new();
    for place in &glimpse.pulse.running {
        let Some(item) = glimpse.item(*place) else { continue };
        let mut above = item.parent;
        // What stands between two that run, such as a call that has its answer, does not count.
        let depth = loop {
            match above {
                Some(place) if depths.contains_key(&place) => break depths.get(&place).map_or(0, |depth| depth + 1),
                Some(place) => above = glimpse.item(place).and_then(|item| item.parent),
                None => break 0,
            }
        };
        let is_call_of_agent = item.kind == ItemKind::Tool
            && glimpse.pulse.running.iter().any(|other| {
                glimpse.item(*other).is_some_and(|other| other.kind == ItemKind::Agent && other.parent == Some(*place))
            });
        // An agent says more than the call that started it.
        if !is_call_of_agent {
            depths.insert(*place, depth);
            branches.push(Branch { item, depth });
        }
    }
    branches
}
