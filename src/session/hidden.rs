//! Usage that no line shows: the client's own totals minus the calls on record.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::builder::{SessionBuilder, Totals};
use super::facts::{ClientModel, ClientTotals, HiddenUsage};
use super::usage::TokenUsage;
use crate::transcript::problem::{Problem, ProblemKind};
use crate::transcript::time::Millis;

/// The calls on record that each count holds, by its beginning.
pub(super) type CallsOfCounts = BTreeMap<Millis, Vec<usize>>;

/// The client's totals, each record once, told apart from those that a later one of the same count replaces.
pub(super) fn client_totals(session: &SessionBuilder, mut calls: CallsOfCounts) -> Vec<ClientTotals> {
    let mut totals: Vec<ClientTotals> = Vec::new();
    for told in session.totals.iter().map(|totals| &totals.told) {
        if !totals.contains(told) {
            totals.push(told.clone());
        }
    }
    let mut later = HashSet::new();
    for told in totals.iter_mut().rev() {
        told.is_superseded = !later.insert(told.start_time);
        if !told.is_superseded {
            told.visible_calls = told.start_time.and_then(|start| calls.remove(&start));
        }
    }
    totals
}

/// Computes the hidden usage of a session and what it was computed from, or a problem where the totals do not add up.
pub(super) fn hidden_usage(session: &SessionBuilder) -> Result<(Vec<HiddenUsage>, CallsOfCounts), Problem> {
    let unclear = || Problem::new(ProblemKind::HiddenUsageUnclear);
    // The client counts on over clean resumes and from zero after a crash: the last totals of each count stand.
    let mut counts: BTreeMap<Millis, &Totals> = BTreeMap::new();
    for totals in &session.totals {
        counts.insert(totals.told.start_time.ok_or_else(unclear)?, totals);
    }
    let starts: Vec<Millis> = counts.keys().copied().collect();
    let mut hidden: BTreeMap<Arc<str>, HiddenUsage> = BTreeMap::new();
    let mut visible = CallsOfCounts::new();
    for (place, (start, totals)) in counts.iter().enumerate() {
        let next = starts.get(place + 1).copied().unwrap_or(Millis::MAX);
        if totals.duration.is_some_and(|duration| start.saturating_add(duration) > next) {
            // Two clients at once: each counts its own calls, and no line says whose it is.
            return Err(unclear());
        }
        visible.insert(*start, Vec::new());
        let mut seen: BTreeMap<&str, (TokenUsage, Vec<usize>)> = BTreeMap::new();
        let in_count = |call: &super::draft::Call| (*start..next).contains(&call.first_time);
        for (place, call) in session.calls.iter().enumerate().filter(|(_, call)| in_count(call)) {
            let (usage, calls) = seen.entry(call.model.as_deref().unwrap_or_default()).or_default();
            *usage += &call.usage;
            calls.push(place);
            visible.entry(*start).or_default().push(place);
        }
        for model in &totals.told.models {
            let (usage, calls) = seen.remove(&*model.name).unwrap_or_default();
            let rest = rest_of(model, usage).ok_or_else(unclear)?;
            if let Some(known) = hidden.get_mut(&model.name) {
                known.usage += &rest;
                known.client_cost = known.client_cost.zip(model.cost).map(|(sum, cost)| sum + cost);
                known.visible_calls.extend(calls);
            } else {
                let name = Arc::clone(&model.name);
                let first = HiddenUsage {
                    model: Arc::clone(&name),
                    usage: rest,
                    client_cost: model.cost,
                    visible_calls: calls,
                };
                hidden.insert(name, first);
            }
        }
    }
    let hidden = hidden.into_values().filter(|hidden| hidden.usage != TokenUsage::default()).collect();
    Ok((hidden, visible))
}

/// What the client counted of a model beyond what was seen of it.
fn rest_of(model: &ClientModel, mut seen: TokenUsage) -> Option<TokenUsage> {
    if !model.has_lifetimes {
        (seen.cache_creation_5m, seen.cache_creation_1h) = (0, 0);
    }
    model.usage.checked_sub(&seen)
}
