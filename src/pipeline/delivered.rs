//! Which spans of a session were handed over already, and what they said.

use hashbrown::HashMap;

use super::fingerprint;
use crate::checkpoint::rows::DeliveredSpan;
use crate::telemetry::span::{Span, SpanId};

/// The spans of one session that were handed over, by id.
#[derive(Debug, Clone, Default)]
pub struct Delivered(HashMap<u64, u64>);

impl Delivered {
    /// What an earlier run delivered.
    pub fn of(spans: &[DeliveredSpan]) -> Self {
        Self(spans.iter().map(|span| (span.span_id, span.print)).collect())
    }

    /// Whether a span of this id was handed over.
    pub fn has(&self, span_id: SpanId) -> bool {
        self.0.contains_key(&number(span_id))
    }

    /// Notes a span; none when exactly this one was handed over before.
    pub fn note(&mut self, span: &Span) -> Option<DeliveredSpan> {
        let new = DeliveredSpan { span_id: number(span.span_id), print: fingerprint::of_span(span) };
        let before = self.0.insert(new.span_id, new.print);
        (before != Some(new.print)).then_some(new)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn number(span_id: SpanId) -> u64 {
    u64::from_be_bytes(span_id.to_bytes())
}
