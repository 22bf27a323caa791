//! One family, rebuilt and settled: what is handed over, and what is remembered once that was acknowledged.

use std::collections::HashSet;

use super::emit::{Emitted, emit};
use super::filter::Filter;
use super::live::LiveSession;
use super::measuring::{Measuring, whole};
use super::plan::Family;
use super::totals::Totals;
use crate::checkpoint::rows::{Commit, SessionCommit};
use crate::session::facts::Session;
use crate::telemetry::measure::base::Contribution;
use crate::telemetry::options::MapOptions;
use crate::telemetry::span::Telemetry;

/// What to do with a family's spans.
#[derive(Debug, Clone, Copy)]
pub struct EmitOptions<'a> {
    /// How facts become spans.
    pub map: &'a MapOptions,
    /// What is sent.
    pub filter: &'a Filter,
    /// Sessions that were delivered before, though nothing remembers it: their spans are noted and not handed over.
    pub assumed: &'a HashSet<String>,
    /// Whether sessions are measured.
    pub measuring: Measuring,
    /// Whether spans are only counted, because nobody takes them.
    pub is_counting: bool,
    /// The time, in milliseconds since 1970.
    pub now: i64,
}

/// What a family came to.
#[derive(Debug, Default)]
pub struct FamilyOutcome {
    /// What is remembered once all its spans are acknowledged.
    pub commit: Commit,
    /// What was counted.
    pub totals: Totals,
    /// Spans that were handed over before and say something else now.
    pub corrected: u64,
    /// By session, what it adds to series, where stretches of time are told apart.
    pub history: Vec<(String, Vec<Contribution>)>,
    /// When quiet will close something of it, by the session's place.
    pub due: Vec<Option<i64>>,
}

/// Hands over what is new of a family. `sessions` are settled, in any order; `lives` stand as in the family; `owned`
/// are the fingerprints that each of `sessions` has come to own.
pub fn emit_family(
    family: &Family,
    sessions: &[Session],
    owned: Vec<Vec<u64>>,
    lives: &mut [LiveSession],
    options: EmitOptions<'_>,
    mut take: impl FnMut(Telemetry),
) -> FamilyOutcome {
    let mut outcome = FamilyOutcome { due: vec![None; family.sessions.len()], ..FamilyOutcome::default() };
    for (session, owned) in sessions.iter().zip(owned) {
        let place = family.sessions.iter().position(|files| files.id == *session.id);
        let Some((place, files, live)) =
            place.and_then(|place| Some((place, family.sessions.get(place)?, lives.get_mut(place)?)))
        else {
            continue;
        };
        let told = live.told.as_ref();
        let Emitted { row, delivered, corrected, totals, contributions, .. } =
            emit(session, told, options, &mut live.known, |part| {
                if !options.assumed.contains(&*session.id) {
                    take(part);
                }
            });
        outcome.totals.merge(&totals);
        outcome.totals.read.add(&live.counts);
        outcome.corrected += corrected;
        if let Some(slot) = outcome.due.get_mut(place) {
            *slot = row.due;
        }
        outcome.commit.files.append(&mut live.changed_rows(session, files, options.now));
        let measured = match options.measuring {
            Measuring::Off => Vec::new(),
            Measuring::Totals => whole(&contributions),
            Measuring::History { .. } => {
                outcome.history.push((session.id.to_string(), contributions));
                Vec::new()
            }
        };
        if live.is_row_new(&row) || !owned.is_empty() || !delivered.is_empty() {
            outcome.commit.sessions.push(SessionCommit { row, owned, delivered, measured });
        }
    }
    outcome
}
