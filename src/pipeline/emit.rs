//! What of a rebuilt session is handed over now, and what is remembered once it was acknowledged.

use std::collections::HashSet;

use super::delivered::Delivered;
use super::family::EmitOptions;
use super::fingerprint::Printer;
use super::measuring::Measuring;
use super::totals::Totals;
use crate::checkpoint::rows::{DeliveredSpan, SessionRow};
use crate::session::facts::{LlmCall, Parent, Session, Turn};
use crate::telemetry::counting::count_spans;
use crate::telemetry::ids::{IdKind, Identity};
use crate::telemetry::mapper::map_changes;
use crate::telemetry::measure::base::Contribution;
use crate::telemetry::measure::gather::gather;
use crate::telemetry::prices::Costs;
use crate::telemetry::span::{SpanId, Telemetry};
use crate::transcript::time::Millis;

/// What one session came to.
#[derive(Debug, Default)]
pub struct Emitted {
    /// Where it stands once everything is acknowledged.
    pub row: SessionRow,
    /// The spans handed over.
    pub delivered: Vec<DeliveredSpan>,
    /// Of these, spans that were handed over before and say something else now.
    pub corrected: u64,
    /// How many spans were handed over.
    made: u64,
    /// What it counted to.
    pub totals: Totals,
    /// What it adds to series.
    pub contributions: Vec<Contribution>,
}

/// Hands over the spans of a session that are final, chosen, and were not handed over before. What is as it was
/// `before`, when it was handed over, is not even mapped.
pub fn emit(
    session: &Session,
    before: Option<&Session>,
    options: EmitOptions<'_>,
    known: &mut Delivered,
    mut take: impl FnMut(Telemetry),
) -> Emitted {
    let EmitOptions { map: options, filter, measuring, is_counting, now, .. } = options;
    let mut emitted = Emitted::default();
    let is_taken = filter.takes_session(session);
    let is_wanted = |start: Millis| is_taken && filter.takes_time(start);
    // A turn of which something has left goes on leaving, however long it takes.
    let begun = if filter.max_age.is_some() { begun(session, known) } else { HashSet::new() };
    let is_chosen = |start: Millis| is_wanted(start) && (!filter.is_too_old(start, now) || begun.contains(&start));
    // What another run delivered counts too, whatever this one chooses.
    let earlier: HashSet<Millis> = if known.is_empty() {
        HashSet::new()
    } else {
        let was_sent = |turn: &&Turn| known.has(Identity::new(IdKind::Turn, &session.id, &turn.key).span_id());
        session.turns.iter().filter(was_sent).map(|turn| turn.timing.start).collect()
    };
    // Of a session that nobody takes and that was never sent, nobody asks what it cost.
    let costs = if is_taken || !earlier.is_empty() { options.prices.costs(session) } else { Costs::default() };
    if is_taken && is_counting {
        emitted.made = count_spans(session, is_chosen);
    } else if is_taken {
        let (delivered, corrected, made) = (&mut emitted.delivered, &mut emitted.corrected, &mut emitted.made);
        let is_asked = known.is_asked();
        let mut printer = Printer::default();
        let mut is_new = |id: SpanId, print: u64| {
            let (is_known, is_repeated) = known.note(id, print, delivered);
            *corrected += u64::from(is_known && !is_repeated);
            !is_repeated
        };
        map_changes(session, before, &costs, options, is_chosen, |mut part| {
            // Where nobody asks, everything is new, and nothing has to be known of it.
            if is_asked {
                part.spans.retain(|span| is_new(span.span_id, printer.of_span(span)));
                part.logs.retain(|record| is_new(record.id, printer.of_record(record)));
            }
            *made += part.spans.len() as u64;
            if !part.is_empty() {
                take(part);
            }
        });
    }
    let is_counted = |start: Millis| is_chosen(start) || earlier.contains(&start);
    if is_taken || !earlier.is_empty() {
        emitted.totals.add_session(session, &costs, &options.prices, is_counted);
        if measuring != Measuring::Off {
            let is_measured = |start: Millis| measuring.is_whole() || is_counted(start);
            emitted.contributions = gather(session, &costs, measuring.every(), options, is_measured);
        }
    }
    emitted.totals.spans = emitted.made;
    // What is told once is told when it is over, and not again whenever the session goes on.
    let is_told = |turn: &Turn| {
        before.is_some_and(|before| before.turns.iter().any(|told| told.key == turn.key && !told.is_open))
    };
    let is_too_old = |turn: &&Turn| {
        let start = turn.timing.start;
        turn.is_owned && !turn.is_open && !is_counted(start) && is_wanted(start) && !is_told(turn)
    };
    emitted.totals.too_old = session.turns.iter().filter(is_too_old).count() as u64;
    let is_left_out = |turn: &Turn| turn.is_owned && !is_counted(turn.timing.start);
    emitted.row = SessionRow {
        id: session.id.to_string(),
        last_activity: session.last_time.unwrap_or_default(),
        open_turns: session.turns.iter().filter(|turn| turn.is_owned && turn.is_open).count() as u64,
        due: session.due,
        is_left_out: session.turns.iter().any(is_left_out),
        is_measured: measuring == Measuring::Totals,
        totals: emitted.totals.counters(known.spans()),
        problems: problem_counts(session),
    };
    emitted
}

/// The starts of turns of whose calls at least one was handed over.
fn begun(session: &Session, known: &Delivered) -> HashSet<Millis> {
    let was_sent = |call: &&LlmCall| known.has(Identity::new(IdKind::Llm, &session.id, &call.id).span_id());
    let calls = session.calls.iter().filter(was_sent);
    calls
        .filter_map(|call| match call.parent {
            Parent::Turn(turn) => session.turns.get(turn).map(|turn| turn.timing.start),
            Parent::Agent(_) => None,
        })
        .collect()
}

/// By kind alone: names of records and versions belong into the log of the run.
fn problem_counts(session: &Session) -> std::collections::BTreeMap<String, u64> {
    let mut counts = std::collections::BTreeMap::new();
    for (problem, count) in &session.problems {
        *counts.entry(problem.kind.name().to_owned()).or_default() += count;
    }
    counts
}
