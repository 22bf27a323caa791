//! `session`: one segment of a session.

use super::common::{session_id, timing_attributes};
use super::content::session_texts;
use super::ids::{IdKind, Identity};
use super::mapper::{Mapper, Place, link, work_span};
use super::semconv as name;
use super::span::Span;
use super::totals::WorkTotals;
use super::turn_span::work_totals;
use crate::session::facts::{Segment, Session, StartType};

pub(super) fn session_span(mapper: &Mapper<'_>, segment: &Segment) -> Span {
    let session = mapper.session;
    let first = segment.turns.first().copied().unwrap_or(0);
    let mut list = mapper.attributes(session.turns[first].context, 24);
    list.fixed(name::GEN_AI_PROVIDER_NAME, "anthropic");
    list.count(name::CLAUDE_CODE_SESSION_SEGMENT, segment.index);
    list.count(name::CLAUDE_CODE_SESSION_TURNS, segment.turns.len() as u64);
    let previous = session.previous.as_ref().filter(|_| segment.index == 1);
    list.fixed(name::CLAUDE_CODE_SESSION_START_TYPE, start_type(session, segment).name());
    if let Some(previous) = previous {
        list.push(name::SESSION_PREVIOUS_ID, session_id(&previous.id, mapper.privacy()));
    }
    work_totals(&mut list, &totals(mapper, segment));
    session_texts(&mut list, mapper, segment);
    timing_attributes(&mut list, &segment.timing);
    let identity = mapper.identity(IdKind::Session, &session.turns[first].key);
    let links = previous
        .and_then(|previous| {
            let (_, segment) = previous.turn.as_ref()?;
            let identity = Identity::new(IdKind::Session, &previous.id, segment);
            Some(link(identity, identity.trace_id(), "copied_from"))
        })
        .into_iter()
        .collect();
    Span {
        links,
        ..work_span(
            Place { trace_id: identity.trace_id(), parent: None },
            identity.span_id(),
            "session",
            &segment.timing,
            list,
        )
    }
}

/// How a segment began: the first one as its session did, a later one by going on after a pause.
pub(super) fn start_type(session: &Session, segment: &Segment) -> StartType {
    match session.previous.as_ref().filter(|_| segment.index == 1) {
        Some(previous) => previous.start,
        None if segment.index > 1 => StartType::Resume,
        None => StartType::Fresh,
    }
}

/// Everything in the segment, work that outlived its turn or had none included.
fn totals(mapper: &Mapper<'_>, segment: &Segment) -> WorkTotals {
    let mut sum = WorkTotals::default();
    for turn in &segment.turns {
        sum.add(&mapper.totals.everything[*turn]);
    }
    for (place, of) in &mapper.loose_agents {
        if mapper.session.segments[*of].index == segment.index {
            sum.add(&mapper.totals.agents[*place]);
        }
    }
    sum
}
