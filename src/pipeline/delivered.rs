//! Which spans of a session were handed over already, and what they said.

use hashbrown::HashMap;

use super::fingerprint::OF_AN_EVENT;
use crate::checkpoint::rows::DeliveredSpan;
use crate::telemetry::span::SpanId;

/// The spans of one session that were handed over, by id.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// None where nobody asks: every span is new then, and nothing is noted.
    spans: Option<HashMap<u64, u64>>,
}

impl Delivered {
    /// What an earlier run delivered.
    pub fn of(spans: &[DeliveredSpan]) -> Self {
        Self { spans: Some(spans.iter().map(|span| (span.span_id, span.print)).collect()) }
    }

    /// For runs that neither suppress nor remember anything.
    pub const fn unknown() -> Self {
        Self { spans: None }
    }

    /// Whether a span of this id was handed over.
    pub fn has(&self, span_id: SpanId) -> bool {
        self.spans.as_ref().is_some_and(|spans| spans.contains_key(&number(span_id)))
    }

    /// Whether anybody asks.
    pub const fn is_asked(&self) -> bool {
        self.spans.is_some()
    }

    /// Whether a span of this id was handed over, and whether exactly this was; notes it in any case, and what is new of
    /// it in `new`.
    pub fn note(&mut self, id: SpanId, print: u64, new: &mut Vec<DeliveredSpan>) -> (bool, bool) {
        let Some(spans) = &mut self.spans else { return (false, false) };
        let span = DeliveredSpan { span_id: number(id), print };
        let before = spans.insert(span.span_id, span.print);
        let is_repeated = before == Some(span.print);
        if !is_repeated {
            new.push(span);
        }
        (before.is_some(), is_repeated)
    }

    /// How many spans there are, events left out.
    pub fn spans(&self) -> u64 {
        let is_span = |print: &&u64| **print & OF_AN_EVENT == 0;
        self.spans.as_ref().map_or(0, |all| all.values().filter(is_span).count() as u64)
    }

    /// How many there are, spans and events.
    pub fn len(&self) -> usize {
        self.spans.as_ref().map_or(0, HashMap::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn number(span_id: SpanId) -> u64 {
    u64::from_be_bytes(span_id.to_bytes())
}
