//! Other vocabularies' names on spans, beside OpenTelemetry's own and never instead of them.
//!
//! What enters: a finished span, and the fact that it was made of. What leaves: the span with more attributes and
//! events. Nothing happens unless a vocabulary is switched on.
//!
//! Names whose values are texts of a transcript (`prompt`, `tool.input.*`, `input.value`, ...) repeat what the span
//! has, so that the content level decides for them too.

mod openinference;
mod seed;

use super::mapper::Mapper;
use super::span::{Attributes, Span, Value};

/// What a span was made of, by place in the session's lists.
#[derive(Debug, Clone, Copy)]
pub(super) enum Thing {
    Turn(usize),
    Call(usize),
    Tool(usize),
    Agent(usize),
    Compaction(usize),
    Hook,
    Segment(usize),
}

/// Adds the names of the vocabularies that are switched on.
pub(super) fn extend(mapper: &Mapper<'_>, thing: Thing, span: &mut Span) {
    let vocab = mapper.options.vocab;
    if vocab.seed {
        seed::extend(mapper, thing, span);
    }
    if vocab.openinference {
        openinference::extend(mapper, thing, span);
    }
}

/// Adds attributes where no other vocabulary has said the same by the same name, and keeps all in order.
fn add(to: &mut Attributes, more: Attributes) {
    for (name, value) in more {
        if let Err(place) = to.binary_search_by_key(&name, |(of, _)| *of) {
            to.insert(place, (name, value));
        }
    }
}

/// The value of an attribute that a span has.
fn get(span: &Span, name: &str) -> Option<Value> {
    let place = span.attributes.binary_search_by_key(&name, |(of, _)| *of).ok()?;
    span.attributes.get(place).map(|(_, value)| value.clone())
}
