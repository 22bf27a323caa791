//! Usage that no line shows: the client's own totals minus the calls on record.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::builder::{SessionBuilder, Totals};
use super::facts::HiddenUsage;
use super::usage::TokenUsage;
use crate::transcript::problem::{Problem, ProblemKind};
use crate::transcript::time::Millis;

/// Computes the hidden usage of a session, or a problem where the totals do not add up.
pub(super) fn hidden_usage(session: &SessionBuilder) -> Result<Vec<HiddenUsage>, Problem> {
    let unclear = || Problem::new(ProblemKind::HiddenUsageUnclear);
    // The client counts on over clean resumes and from zero after a crash: the last totals of each count stand.
    let mut counts: BTreeMap<Millis, &Totals> = BTreeMap::new();
    for totals in &session.totals {
        counts.insert(totals.start_time.ok_or_else(unclear)?, totals);
    }
    let starts: Vec<Millis> = counts.keys().copied().collect();
    let mut hidden: BTreeMap<Arc<str>, TokenUsage> = BTreeMap::new();
    for (place, (start, totals)) in counts.iter().enumerate() {
        let next = starts.get(place + 1).copied().unwrap_or(Millis::MAX);
        if totals.duration.is_some_and(|duration| start.saturating_add(duration) > next) {
            // Two clients at once: each counts its own calls, and no line says whose it is.
            return Err(unclear());
        }
        let mut seen: BTreeMap<&str, TokenUsage> = BTreeMap::new();
        for call in session.calls.iter().filter(|call| (*start..next).contains(&call.first_time)) {
            *seen.entry(call.model.as_deref().unwrap_or_default()).or_default() += &call.usage;
        }
        for (model, total) in &totals.models {
            let rest = total.checked_sub(&seen.get(&**model).copied().unwrap_or_default()).ok_or_else(unclear)?;
            if rest != TokenUsage::default() {
                *hidden.entry(Arc::clone(model)).or_default() += &rest;
            }
        }
    }
    Ok(hidden.into_iter().map(|(model, usage)| HiddenUsage { model, usage }).collect())
}
