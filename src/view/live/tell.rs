//! Makes events of how sessions change: each of them once, in the order of time.

use hashbrown::{HashMap, HashSet};

use super::event::{Event, EventKind};
use super::glimpse::{Attempt, Glimpse};
use crate::privacy::Sanitized;
use crate::session::facts::ToolOutcome;
use crate::transcript::time::Millis;
use crate::view::item::{FactValue, Item, ItemKind, Standing};

/// After the last sign of life of a turn that has come to its end, its last lines may still be written.
const SETTLING_MS: Millis = 2_000;

/// What of a session counts as told when it is met for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Nothing.
    Nothing,
    /// All that was before this time.
    Before(Millis),
    /// All that is there.
    Everything,
}

/// Remembers what was told.
#[derive(Debug, Default)]
pub struct Teller {
    told: HashMap<Sanitized, HashSet<(EventKind, Sanitized)>>,
    /// Sessions that were let go of: what was before this time was told.
    told_until: HashMap<Sanitized, Millis>,
}

impl Teller {
    /// What has happened in a session since it was last told of.
    pub fn tell(&mut self, glimpse: &Glimpse, first: First, now: Millis) -> Vec<Event> {
        let id = glimpse.id().clone();
        let until = self.told_until.remove(&id).map(First::Before);
        let is_met = self.told.contains_key(&id);
        let told = self.told.entry(id).or_default();
        let first = if is_met { First::Nothing } else { until.unwrap_or(first) };
        let mut events = Vec::new();
        for event in all(glimpse, now) {
            if !told.insert((event.event, event.id.clone())) {
                continue;
            }
            let is_old = match first {
                First::Nothing => false,
                First::Before(time) => event.time_unix_ms < time,
                First::Everything => true,
            };
            if !is_old {
                events.push(event);
            }
        }
        events.sort_by_key(|event| (event.time_unix_ms, event.event));
        events
    }

    /// Lets go of a session, but for the time until which it was told of.
    pub fn let_go(&mut self, session: &Sanitized, last: Millis) {
        if self.told.remove(session).is_some() {
            self.told_until.insert(session.clone(), last.saturating_add(1));
        }
    }
}

/// All that has happened in a session, each thing behind what it belongs to.
fn all(glimpse: &Glimpse, now: Millis) -> Vec<Event> {
    let has_settled = now.saturating_sub(glimpse.sign_of_life()) >= SETTLING_MS;
    let mut events = Vec::new();
    for (place, item) in glimpse.story.items.iter().enumerate() {
        let event = |kind, time| event(glimpse, item, kind, time);
        let (start, end) = (item.times.start_unix_ms, item.times.end_unix_ms);
        let is_over = item.standing != Standing::Running;
        match item.kind {
            ItemKind::Turn => {
                events.push(Event { summary: item.summary.clone(), ..event(EventKind::TurnStart, start) });
                let ended_as = glimpse.pulse.ended.iter().find(|(turn, _)| *turn == place && has_settled);
                if is_over || ended_as.is_some() {
                    let outcome = item.outcome.or_else(|| ended_as.and_then(|(_, activity)| activity.outcome()));
                    events.push(Event { outcome, ..ended(event(EventKind::TurnEnd, end), item) });
                }
            }
            ItemKind::Tool => {
                let kind = if is_asking(item) { EventKind::Waiting } else { EventKind::ToolStart };
                events.push(event(kind, start));
                // Whether a person said no or cut it short is told by the line that follows.
                let is_sure = item.outcome != Some(ToolOutcome::Rejected.name()) || has_settled;
                if is_over && is_sure {
                    events.push(ended(event(EventKind::ToolEnd, end), item));
                }
            }
            ItemKind::Agent => {
                events.push(event(EventKind::AgentStart, start));
                if is_over {
                    events.push(ended(event(EventKind::AgentEnd, end), item));
                }
            }
            ItemKind::Compaction => {
                let before = number(item, "pre_tokens").map(|before| (before, number(item, "post_tokens")));
                events.push(Event { context_tokens: before, ..ended(event(EventKind::Compaction, end), item) });
            }
            ItemKind::LlmCall | ItemKind::Hook => {}
        }
    }
    events.extend(retries(glimpse));
    events
}

fn event(glimpse: &Glimpse, item: &Item, kind: EventKind, time: Millis) -> Event {
    let card = &glimpse.story.session;
    Event {
        time_unix_ms: time,
        event: kind,
        session: card.id.clone(),
        project: card.project.clone(),
        turn: item.turn,
        id: item.id.clone(),
        name: item.name.clone(),
        agents: glimpse.agents_around(item).into_iter().cloned().collect(),
        summary: item.summary.clone().filter(|summary| !summary.is_empty()),
        outcome: None,
        duration_ms: None,
        exit_code: None,
        result_bytes: None,
        tokens: None,
        cost: None,
        context_tokens: None,
        attempt: None,
        status: None,
    }
}

/// The same at its end.
fn ended(event: Event, item: &Item) -> Event {
    Event {
        outcome: item.outcome,
        duration_ms: item.times.known_duration(),
        exit_code: number(item, "exit_code"),
        result_bytes: number(item, "result_bytes"),
        tokens: item.tokens,
        cost: item.cost,
        ..event
    }
}

fn retries(glimpse: &Glimpse) -> impl Iterator<Item = Event> {
    let mut counts: HashMap<usize, i128> = HashMap::new();
    glimpse.pulse.attempts.iter().filter_map(move |attempt| {
        let Attempt { turn, time, number, status, retry_in } = *attempt;
        let item = glimpse.item(turn)?;
        let count = counts.entry(turn).or_default();
        *count += 1;
        let event = event(glimpse, item, EventKind::Retry, time);
        // A turn's attempts have no ids: they are counted.
        let id = Sanitized::joined(&[item.id.clone(), Sanitized::of_number(*count)], "#");
        Some(Event { id, attempt: number, status, duration_ms: retry_in, summary: None, ..event })
    })
}

/// Whether a tool does nothing but ask the person.
fn is_asking(item: &Item) -> bool {
    crate::view::pulse::ASKING.contains(&&*item.name)
}

fn number(item: &Item, name: &str) -> Option<i64> {
    match item.fact(name) {
        Some(FactValue::Number(number)) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
#[path = "tell_tests.rs"]
mod tests;
