//! What arrives in one session, in the order of time: the list that a person watches.

use hashbrown::HashSet;

use super::glimpse::Glimpse;
use crate::view::item::{Item, ItemKind};

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// What it shows.
    pub item: &'a Item,
    /// How many agents it happened in.
    pub depth: usize,
}

/// The lines of a session, the oldest first. A line stays where it is when what it shows comes to its end.
pub(super) fn feed(glimpse: &Glimpse) -> Vec<Entry<'_>> {
    let mut depths: Vec<usize> = Vec::with_capacity(glimpse.story.items.len());
    let mut entries = Vec::new();
    // An agent says more than the call that started it.
    let is_agent = |item: &&Item| item.kind == ItemKind::Agent;
    let calls: HashSet<usize> = glimpse.story.items.iter().filter(is_agent).filter_map(|item| item.parent).collect();
    for (place, item) in glimpse.story.items.iter().enumerate() {
        let above = item.parent.and_then(|place| Some((depths.get(place)?, glimpse.item(place)?)));
        let depth = above.map_or(0, |(depth, parent)| depth + usize::from(parent.kind == ItemKind::Agent));
        depths.push(depth);
        let is_shown = match item.kind {
            ItemKind::Hook => false,
            ItemKind::Tool => !calls.contains(&place),
            _ => true,
        };
        if is_shown {
            entries.push(Entry { item, depth });
        }
    }
    // Stable, so that what began at the same time stays below what it belongs to.
    entries.sort_by_key(|entry| entry.item.times.start_unix_ms);
    entries
}
