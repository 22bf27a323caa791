//! What travels together, encoded once.

use prost::bytes::Bytes;

/// How much may travel together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Encoded bytes of one request.
    pub max_bytes: usize,
    /// Spans, log records or data points of one request.
    pub max_items: usize,
}

impl BatchLimits {
    /// Below the 4 MiB that gRPC receivers take by default, and as much as fits into memory several times over: each
    /// signal has some requests under way.
    pub const OTLP: Self = Self { max_bytes: 3_670_016, max_items: 1024 };
    /// Below the 1 MiB to which the Collector's file receiver cuts a line by default.
    pub const FILE: Self = Self { max_bytes: 1_000_000, max_items: 2048 };
}

/// One encoded item of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Where it ends, counted from the start of the batch.
    pub(super) end: usize,
    /// What it counts for: a metric is as many as it has data points, everything else is one.
    pub(super) count: u64,
}

/// Encoded items, one after the other; any run of them can become a request without being encoded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    bytes: Bytes,
    parts: Vec<Part>,
    /// The request around the very same bytes, where there was room for it.
    request: Option<Bytes>,
}

impl Batch {
    /// Joins what was encoded.
    pub(super) fn new(bytes: Vec<u8>, parts: Vec<Part>) -> Self {
        Self { bytes: bytes.into(), parts, request: None }
    }

    /// What was encoded, and the bytes that it lies in: those of its request.
    pub(super) fn within(request: Bytes, head: usize, parts: Vec<Part>) -> Self {
        Self { bytes: request.slice(head.min(request.len())..), parts, request: Some(request) }
    }

    /// The request, if it is there already.
    pub(super) const fn request(&self) -> Option<&Bytes> {
        self.request.as_ref()
    }

    /// How many spans, log records or data points.
    pub(super) fn count(&self) -> u64 {
        self.parts.iter().map(|part| part.count).sum()
    }

    /// The encoded items.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Two batches of about half the bytes each, in order; none when there is only one item.
    pub(super) fn halve(&self) -> Option<(Self, Self)> {
        let items = self.parts.len();
        if items < 2 {
            return None;
        }
        // By bytes, so that one giant among dwarfs is alone soon; at least one item on either side.
        let middle = self.parts.partition_point(|part| part.end <= self.bytes.len() / 2).clamp(1, items - 1);
        let (first, second) = self.parts.split_at(middle);
        let cut = first.last().map_or(0, |part| part.end);
        let second = second.iter().map(|part| Part { end: part.end - cut, ..*part }).collect();
        Some((
            Self { bytes: self.bytes.slice(..cut), parts: first.to_vec(), request: None },
            Self { bytes: self.bytes.slice(cut..), parts: second, request: None },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(sizes: &[usize]) -> Batch {
        let mut bytes = Vec::new();
        let mut parts = Vec::new();
        for (i, size) in sizes.iter().enumerate() {
            bytes.extend(vec![i as u8; *size]);
            parts.push(Part { end: bytes.len(), count: *size as u64 });
        }
        Batch::new(bytes, parts)
    }

    fn sizes(batch: &Batch) -> Vec<usize> {
        let ends: Vec<usize> = batch.parts.iter().map(|part| part.end).collect();
        let starts = std::iter::once(0).chain(ends.iter().copied());
        ends.iter().zip(starts).map(|(end, start)| end - start).collect()
    }

    #[test]
    fn halves_are_even_in_bytes_and_keep_the_order() {
        let (first, second) = batch(&[1, 1, 1, 1, 4]).halve().unwrap();
        assert_eq!((sizes(&first), sizes(&second)), (vec![1, 1, 1, 1], vec![4]));
        assert_eq!(second.bytes().as_ref(), [4, 4, 4, 4]);
        assert_eq!((first.count(), second.count()), (4, 4));
    }

    #[test]
    fn a_giant_at_either_end_still_leaves_something_on_both_sides() {
        let (first, second) = batch(&[9, 1, 1]).halve().unwrap();
        assert_eq!((sizes(&first), sizes(&second)), (vec![9], vec![1, 1]));
        let (first, second) = batch(&[1, 9]).halve().unwrap();
        assert_eq!((sizes(&first), sizes(&second)), (vec![1], vec![9]));
    }

    #[test]
    fn a_single_item_has_no_halves() {
        assert_eq!(batch(&[5]).halve(), None);
    }
}
