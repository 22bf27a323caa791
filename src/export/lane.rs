//! The way of one signal: items in, batches out, a few of them in flight at once.
//!
//! Every wait can be cancelled without losing anything: what was taken stays in `waiting`, in `bytes` or in flight.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::{self, JoinHandle};

use super::batch::{Batch, BatchLimits, Part};
use super::delivery::Delivery;
use super::error::ExportError;
use super::item::Item;
use super::message::OtlpMessage;
use super::totals::DeliveryTotals;

/// Delivers the items of one signal in their order.
#[derive(Debug)]
pub(super) struct Lane<T: Item> {
    delivery: Arc<Delivery<T::Message>>,
    limits: BatchLimits,
    max_in_flight: usize,
    /// Taken from the caller and not encoded yet; empty between calls unless one of them was cancelled.
    waiting: VecDeque<T>,
    bytes: Vec<u8>,
    parts: Vec<Part>,
    /// What the encoded items count for.
    count: u64,
    in_flight: VecDeque<InFlight>,
    totals: DeliveryTotals,
    acknowledged: u64,
}

#[derive(Debug)]
struct InFlight {
    items: u64,
    task: JoinHandle<(DeliveryTotals, Result<(), ExportError>)>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T: Item> Lane<T> {
    pub(super) fn new(delivery: Delivery<T::Message>, limits: BatchLimits, max_in_flight: usize) -> Self {
        Self {
            delivery: Arc::new(delivery),
            limits,
            max_in_flight,
            waiting: VecDeque::new(),
            bytes: Vec::new(),
            parts: Vec::new(),
            count: 0,
            in_flight: VecDeque::new(),
            totals: DeliveryTotals::default(),
            acknowledged: 0,
        }
    }

    /// Takes items; they go with the next [`Lane::pack`].
    pub(super) fn take(&mut self, items: impl IntoIterator<Item = T>) {
        self.waiting.extend(items);
    }

    /// Delivers as many full batches as there are. Returns once everything is encoded or under way.
    pub(super) async fn pack(&mut self) -> Result<(), ExportError> {
        loop {
            // Answers that have come are taken note of now, so that a failure is known early.
            while self.in_flight.front().is_some_and(|oldest| oldest.task.is_finished()) {
                self.settle_oldest().await?;
            }
            // Whatever is full goes before more is encoded; a cancelled wait resumes here.
            while let Some(full) = self.full_batch() {
                self.make_room().await?;
                self.dispatch(full);
            }
            let Some(item) = self.waiting.pop_front() else { return Ok(()) };
            let message = item.into_message();
            self.delivery.encoder.encode(&message, &mut self.bytes).map_err(|error| self.internal(&error))?;
            let part = Part { end: self.bytes.len(), count: message.count() };
            self.count += part.count;
            self.parts.push(part);
        }
    }

    /// Delivers everything that is held and waits for every answer.
    pub(super) async fn flush(&mut self) -> Result<(), ExportError> {
        self.pack().await?;
        self.make_room().await?;
        self.dispatch(self.parts.len());
        while !self.in_flight.is_empty() {
            self.settle_oldest().await?;
        }
        Ok(())
    }

    /// What became of the items whose deliveries have ended.
    pub(super) const fn totals(&self) -> &DeliveryTotals {
        &self.totals
    }

    /// How many items, counted in their order, are done with.
    pub(super) const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The destination, without secrets.
    pub(super) fn destination(&self) -> &str {
        &self.delivery.destination
    }

    /// Whether [`Lane::pack`] would not have to wait for the destination.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.is_empty() && (self.in_flight.len() < self.max_in_flight || self.full_batch().is_none())
    }

    /// Stops everything under way and forgets what is held; whether it arrives no longer matters to the caller.
    pub(super) fn clear(&mut self) {
        self.in_flight.clear();
        self.waiting.clear();
        self.bytes.clear();
        self.parts.clear();
        self.count = 0;
    }

    /// How many of the encoded items make a full batch, if they do.
    fn full_batch(&self) -> Option<usize> {
        let items = self.parts.len();
        let max_items = self.limits.max_items.max(1) as u64;
        if items == 0 {
            None
        } else if self.delivery.encoder.request_len(self.bytes.len()) > self.limits.max_bytes || self.count > max_items
        {
            // All but the last, which made it too large; unless that one is too large by itself.
            Some((items - 1).max(1))
        } else {
            (self.count == max_items).then_some(items)
        }
    }

    /// Waits until another delivery may start.
    async fn make_room(&mut self) -> Result<(), ExportError> {
        while self.in_flight.len() >= self.max_in_flight {
            self.settle_oldest().await?;
        }
        Ok(())
    }

    /// Starts the delivery of the first `items` encoded items.
    fn dispatch(&mut self, items: usize) {
        let Some(cut) = items.checked_sub(1).and_then(|last| self.parts.get(last)).map(|part| part.end) else { return };
        let rest_bytes = self.bytes.split_off(cut);
        let rest = self.parts.split_off(items).into_iter().map(|part| Part { end: part.end - cut, ..part }).collect();
        let bytes = std::mem::replace(&mut self.bytes, rest_bytes);
        let batch = Batch::new(bytes, std::mem::replace(&mut self.parts, rest));
        self.count -= batch.count();
        let delivery = Arc::clone(&self.delivery);
        let task = task::spawn(async move { delivery.deliver(batch).await });
        self.in_flight.push_back(InFlight { items: items as u64, task });
    }

    /// Waits for the oldest delivery, so that acknowledgements come in the order of sending.
    async fn settle_oldest(&mut self) -> Result<(), ExportError> {
        let Some(oldest) = self.in_flight.front_mut() else { return Ok(()) };
        // The entry leaves the queue only after its answer is here, for the sake of cancellation.
        let answer = (&mut oldest.task).await;
        let items = oldest.items;
        self.in_flight.pop_front();
        let (totals, result) = answer.map_err(|error| self.internal(&error))?;
        self.totals += totals;
        result?;
        self.acknowledged += items;
        Ok(())
    }

    fn internal(&self, error: &dyn std::error::Error) -> ExportError {
        let problem = error.to_string();
        ExportError::Internal { destination: self.delivery.destination.clone(), problem }
    }
}
