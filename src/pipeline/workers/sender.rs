//! A worker's end of the way to the results.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::order::Order;
use super::parts::{FamilyEnd, FamilyPart, Handing};
use crate::telemetry::span::Telemetry;

/// A worker's end of the way to the results.
pub(super) struct Sender {
    parts: mpsc::Sender<FamilyPart>,
    order: Arc<Order>,
    handing: Handing,
    /// The part that was made last: what the whole family came to goes with it.
    held: Option<FamilyPart>,
}

impl Sender {
    /// The way to whoever has the other end of `parts`.
    pub(super) const fn new(parts: mpsc::Sender<FamilyPart>, order: Arc<Order>, handing: Handing) -> Self {
        Self { parts, order, handing, held: None }
    }

    /// Whether nobody takes anything, so that it need only be counted.
    pub(super) const fn is_counting(&self) -> bool {
        self.handing.is_nothing()
    }

    /// Encodes a part and hands over the one before; none when nobody takes it any more.
    pub(super) fn send(&mut self, place: usize, telemetry: Telemetry) -> Option<()> {
        let items = telemetry.len();
        let load = self.handing.packing.as_ref().map(|packing| packing.pack(&telemetry));
        let telemetry = if self.handing.is_shown { telemetry } else { Telemetry::default() };
        let part = FamilyPart { place, items, load, telemetry, end: None };
        self.held.replace(part).map_or(Some(()), |before| self.hand(before))
    }

    /// Hands over the last part with what the whole family came to.
    pub(super) fn end(&mut self, place: usize, end: FamilyEnd) -> Option<()> {
        let nothing = || FamilyPart { place, items: 0, load: None, telemetry: Telemetry::default(), end: None };
        let last = self.held.take().unwrap_or_else(nothing);
        self.hand(FamilyPart { end: Some(end), ..last })
    }

    /// Hands a part over. What comes before its turn waits once too much does.
    fn hand(&self, part: FamilyPart) -> Option<()> {
        self.order.queue(part.place, part.bytes())?;
        self.parts.blocking_send(part).ok()
    }
}
