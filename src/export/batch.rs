//! Spans that travel together, encoded once.

use prost::bytes::Bytes;

/// How much may travel together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Encoded bytes of one request.
    pub max_bytes: usize,
    /// Spans of one request.
    pub max_spans: usize,
}

impl BatchLimits {
    /// Below the 4 MiB that gRPC receivers take by default.
    pub const OTLP: Self = Self { max_bytes: 3_670_016, max_spans: 2048 };
    /// Below the 1 MiB to which the Collector's file receiver cuts a line by default.
    pub const FILE: Self = Self { max_bytes: 1_000_000, max_spans: 2048 };
}

/// Encoded spans, one after the other; any run of them can become a request without being encoded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    bytes: Bytes,
    /// Where each span ends, counted from the start of `bytes`.
    ends: Vec<usize>,
}

impl Batch {
    /// Joins what was encoded.
    pub(super) fn new(bytes: Vec<u8>, ends: Vec<usize>) -> Self {
        Self { bytes: bytes.into(), ends }
    }

    /// How many spans.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The encoded spans.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Two batches of about half the bytes each, in order; none when there is only one span.
    pub(super) fn halve(&self) -> Option<(Self, Self)> {
        if self.len() < 2 {
            return None;
        }
        // By bytes, so that one giant among dwarfs is alone soon; at least one span on either side.
        let middle = self.ends.partition_point(|end| *end <= self.bytes.len() / 2).clamp(1, self.len() - 1);
        let cut = self.ends[middle - 1];
        let first = Self { bytes: self.bytes.slice(..cut), ends: self.ends[..middle].to_vec() };
        let second =
            Self { bytes: self.bytes.slice(cut..), ends: self.ends[middle..].iter().map(|end| end - cut).collect() };
        Some((first, second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(sizes: &[usize]) -> Batch {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        for (i, size) in sizes.iter().enumerate() {
            bytes.extend(vec![i as u8; *size]);
            ends.push(bytes.len());
        }
        Batch::new(bytes, ends)
    }

    fn sizes(batch: &Batch) -> Vec<usize> {
        let starts = std::iter::once(0).chain(batch.ends.iter().copied());
        batch.ends.iter().zip(starts).map(|(end, start)| end - start).collect()
    }

    #[test]
    fn halves_are_even_in_bytes_and_keep_the_order() {
        let (first, second) = batch(&[1, 1, 1, 1, 4]).halve().unwrap();
        assert_eq!((sizes(&first), sizes(&second)), (vec![1, 1, 1, 1], vec![4]));
        assert_eq!(second.bytes().as_ref(), [4, 4, 4, 4]);
    }

    #[test]
    fn a_giant_at_either_end_still_leaves_something_on_both_sides() {
        let (first, second) = batch(&[9, 1, 1]).halve().unwrap();
        assert_eq!((sizes(&first), sizes(&second)), (vec![9], vec![1, 1]));
        let (first, second) = batch(&[1, 9]).halve().unwrap();
        assert_eq!((sizes(&first), sizes(&second)), (vec![1], vec![9]));
    }

    #[test]
    fn a_single_span_has_no_halves() {
        assert_eq!(batch(&[5]).halve(), None);
    }
}
