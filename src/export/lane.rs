//! The way of one signal: encoded items in, batches out, a few of them in flight at once.
//!
//! Every wait can be cancelled without losing anything: what was taken stays in `waiting`, in `open` or in flight.

use std::collections::VecDeque;
use std::sync::Arc;

use prost::bytes::Bytes;
use tokio::task::{self, JoinHandle};

use super::batch::{BatchLimits, Part};
use super::delivery::Delivery;
use super::encode::Encoding;
use super::error::ExportError;
use super::message::OtlpMessage;
use super::packing::Packed;
use super::totals::DeliveryTotals;

/// Delivers the items of one signal in their order.
#[derive(Debug)]
pub(super) struct Lane<M> {
    delivery: Arc<Delivery<M>>,
    limits: BatchLimits,
    max_in_flight: usize,
    /// Taken from the caller and in no batch yet; empty between calls unless one of them was cancelled.
    waiting: VecDeque<Waiting>,
    open: Open,
    /// Buffers of batches that are done with. They are filled again: large blocks that come and go are what makes the
    /// memory of a long backfill grow.
    spare: Vec<Vec<u8>>,
    in_flight: VecDeque<InFlight>,
    totals: DeliveryTotals,
    acknowledged: u64,
}

/// Items that were taken together, and how many of them are in a batch already.
#[derive(Debug)]
struct Waiting {
    packed: Packed,
    next: usize,
}

/// The batch that is filled.
#[derive(Debug, Default)]
struct Open {
    /// Begins with the encoder's headroom, once there is anything.
    bytes: Vec<u8>,
    parts: Vec<Part>,
    /// What the items count for.
    count: u64,
}

#[derive(Debug)]
struct InFlight {
    items: u64,
    /// The bytes that it carries, where they lie in a buffer of the lane's.
    request: Option<Bytes>,
    task: JoinHandle<(DeliveryTotals, Result<(), ExportError>)>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Waiting {
    /// The next item and what it counts for.
    fn front(&self) -> Option<(&[u8], u64)> {
        let part = self.packed.parts.get(self.next)?;
        let start = self.next.checked_sub(1).and_then(|last| self.packed.parts.get(last)).map_or(0, |last| last.end);
        Some((self.packed.bytes.get(start..part.end)?, part.count))
    }
}

impl<M: OtlpMessage> Lane<M> {
    pub(super) fn new(delivery: Delivery<M>, limits: BatchLimits, max_in_flight: usize) -> Self {
        Self {
            delivery: Arc::new(delivery),
            limits,
            max_in_flight,
            waiting: VecDeque::new(),
            open: Open::default(),
            spare: Vec::new(),
            in_flight: VecDeque::new(),
            totals: DeliveryTotals::default(),
            acknowledged: 0,
        }
    }

    /// How items are to be encoded.
    pub(super) fn encoding(&self) -> Encoding {
        self.delivery.encoder.encoding()
    }

    /// Takes items; they go with the next [`Lane::pack`].
    pub(super) fn take(&mut self, packed: Packed) {
        self.waiting.push_back(Waiting { packed, next: 0 });
    }

    /// Delivers as many full batches as there are. Returns once everything is in a batch or under way.
    pub(super) async fn pack(&mut self) -> Result<(), ExportError> {
        loop {
            // Answers that have come are taken note of now, so that a failure is known early.
            while self.in_flight.front().is_some_and(|oldest| oldest.task.is_finished()) {
                self.settle_oldest().await?;
            }
            self.fill();
            // A cancelled wait resumes here.
            if !self.is_full() {
                return Ok(());
            }
            self.make_room().await?;
            self.dispatch();
        }
    }

    /// Moves items into the open batch until that is full or none wait.
    fn fill(&mut self) {
        while let Some(waiting) = self.waiting.front_mut() {
            let Some((item, count)) = waiting.front() else {
                self.waiting.pop_front();
                continue;
            };
            let open = &mut self.open;
            if is_full(open, &self.delivery, self.limits, Some((item, count))) {
                return;
            }
            if open.parts.is_empty() {
                open.bytes = self.spare.pop().unwrap_or_default();
                open.bytes.clear();
                open.bytes.resize(self.delivery.encoder.headroom(), 0);
            }
            open.bytes.extend_from_slice(item);
            open.parts.push(Part { end: open.bytes.len() - self.delivery.encoder.headroom(), count });
            open.count += count;
            waiting.next += 1;
        }
    }

    /// Delivers everything that is held and waits for every answer.
    pub(super) async fn flush(&mut self) -> Result<(), ExportError> {
        self.pack().await?;
        self.make_room().await?;
        self.dispatch();
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
        self.waiting.is_empty() && (self.in_flight.len() < self.max_in_flight || !self.is_full())
    }

    /// Stops everything under way and forgets what is held; whether it arrives no longer matters to the caller.
    pub(super) fn clear(&mut self) {
        self.in_flight.clear();
        self.waiting.clear();
        self.open = Open::default();
    }

    /// Whether the open batch has to go before the next item fits.
    fn is_full(&self) -> bool {
        is_full(&self.open, &self.delivery, self.limits, self.waiting.front().and_then(Waiting::front))
    }

    /// Waits until another delivery may start.
    async fn make_room(&mut self) -> Result<(), ExportError> {
        while self.in_flight.len() >= self.max_in_flight {
            self.settle_oldest().await?;
        }
        Ok(())
    }

    /// Starts the delivery of the open batch.
    fn dispatch(&mut self) {
        let Open { bytes, parts, .. } = std::mem::take(&mut self.open);
        if parts.is_empty() {
            return;
        }
        let items = parts.len() as u64;
        let batch = self.delivery.encoder.batch(bytes, parts);
        let request = batch.request().cloned();
        let delivery = Arc::clone(&self.delivery);
        let task = task::spawn(async move { delivery.deliver(batch).await });
        self.in_flight.push_back(InFlight { items, request, task });
    }

    /// Waits for the oldest delivery, so that acknowledgements come in the order of sending.
    async fn settle_oldest(&mut self) -> Result<(), ExportError> {
        let Some(oldest) = self.in_flight.front_mut() else { return Ok(()) };
        // The entry leaves the queue only after its answer is here, for the sake of cancellation.
        let answer = (&mut oldest.task).await;
        let items = oldest.items;
        let request = self.in_flight.pop_front().and_then(|mut oldest| oldest.request.take());
        self.spare.extend(request.and_then(buffer_of));
        self.spare.truncate(self.max_in_flight);
        let (totals, result) = answer.map_err(|error| self.internal(&error))?;
        self.totals += totals;
        result?;
        self.acknowledged += items;
        Ok(())
    }

    pub(super) fn internal(&self, error: &dyn std::error::Error) -> ExportError {
        let problem = error.to_string();
        ExportError::Internal { destination: self.delivery.destination.clone(), problem }
    }
}

/// The buffer that a request was made in, with what little is left in it; none while somebody else still holds it.
fn buffer_of(mut request: Bytes) -> Option<Vec<u8>> {
    if !request.is_unique() {
        return None;
    }
    // Shortened, so that next to nothing is copied; of nothing at all, there would be no buffer.
    request.truncate(1);
    Some(request.into())
}

/// Whether a batch takes no more, or not the next item; one that is empty takes every item.
fn is_full<M: OtlpMessage>(
    open: &Open,
    delivery: &Delivery<M>,
    limits: BatchLimits,
    next: Option<(&[u8], u64)>,
) -> bool {
    let len = open.bytes.len().saturating_sub(delivery.encoder.headroom());
    let is_over = |len: usize, count: u64| {
        delivery.encoder.request_len(len) > limits.max_bytes || count > limits.max_items.max(1) as u64
    };
    let is_last = next.is_some_and(|(item, count)| is_over(len + item.len(), open.count + count));
    !open.parts.is_empty() && (is_last || is_over(len, open.count + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_of_a_request_that_is_done_with_is_filled_again() {
        let mut buffer = Vec::with_capacity(4096);
        buffer.extend_from_slice(b"header and items");
        let request = Bytes::from(buffer);
        let items = request.slice(7..);
        let kept = request.clone();
        drop(request);
        assert_eq!(buffer_of(kept.clone()), None, "others hold it");
        drop(items);
        let capacity = buffer_of(kept).map(|buffer| buffer.capacity());
        assert_eq!(capacity, Some(4096));
    }
}
