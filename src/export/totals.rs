//! What became of what was sent.

use std::ops::AddAssign;

/// Counts of what was sent and what became of it. `delivered + rejected + dead_lettered` is what the destination or
/// the dead-letter file holds an answer for. An item is a span, a log record or a data point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryTotals {
    /// Items that the destination took.
    pub delivered: u64,
    /// Items that the destination rejected by partial success; they are not sent again.
    pub rejected: u64,
    /// Items set aside in the dead-letter file.
    pub dead_lettered: u64,
    /// Items whose long texts were cut because they were too large to be taken whole; part of the others.
    pub cut: u64,
    /// Requests that were sent again after a wait.
    pub retries: u64,
    /// Requests sent, or lines written.
    pub requests: u64,
    /// Bytes of request bodies as encoded, before compression, each counted once however often it was retried.
    pub bytes: u64,
}

impl AddAssign for DeliveryTotals {
    fn add_assign(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.rejected += other.rejected;
        self.dead_lettered += other.dead_lettered;
        self.cut += other.cut;
        self.retries += other.retries;
        self.requests += other.requests;
        self.bytes += other.bytes;
    }
}
