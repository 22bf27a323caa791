//! A session as a person looks at it: at a glance, and item by item.

use serde::Serialize;

use super::card::Card;
use super::item::Item;
use super::tree::Tree;
use crate::session::facts::Session;
use crate::telemetry::options::MapOptions;
use crate::telemetry::shown::Shown;
use crate::telemetry::totals::session_totals;

/// A session as a person looks at it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Story {
    /// At a glance.
    pub session: Card,
    /// The waterfall: every item stands behind what it belongs to, in the order of time.
    pub items: Vec<Item>,
}

impl Story {
    /// The story of a session whose family was settled.
    pub fn of(session: &Session, options: &MapOptions) -> Self {
        let (totals, shown) = (session_totals(session, options.prices.costs(session)), Shown::new(options));
        let items = Tree { session, totals: &totals, shown: &shown }.items();
        Self { session: Card::of(session, &totals, &options.prices, &shown), items }
    }

    /// The session at a glance alone, which is less work.
    pub fn card(session: &Session, options: &MapOptions) -> Card {
        let (totals, shown) = (session_totals(session, options.prices.costs(session)), Shown::new(options));
        Card::of(session, &totals, &options.prices, &shown)
    }

    /// Only the items of one turn, counted from 1; none where it has no items.
    pub fn of_turn(self, turn: u64) -> Option<Self> {
        let is_wanted = |item: &Item| item.turn == Some(turn);
        let mut places = vec![None; self.items.len()];
        for (new, (slot, _)) in places.iter_mut().zip(&self.items).filter(|(_, item)| is_wanted(item)).enumerate() {
            *slot = Some(new);
        }
        let mut items: Vec<Item> = self.items.into_iter().filter(is_wanted).collect();
        for item in &mut items {
            item.parent = item.parent.and_then(|parent| places.get(parent).copied().flatten());
        }
        (!items.is_empty()).then_some(Self { session: self.session, items })
    }
}
