//! What a person looks at: which sessions there are, which of them is looked into, and how far it is scrolled.

use std::collections::BTreeMap;

use super::feed::feed;
use super::glimpse::Glimpse;
use crate::privacy::Sanitized;
use crate::transcript::time::Millis;
use crate::view::amounts::{Cost, Tokens};

pub use super::feed::Entry;
pub use super::keys::{Key, Order};
pub use super::running::{Branch, branches};

/// A session that was seen, for the summary at the end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// Its project.
    pub project: Option<Sanitized>,
    /// Its turns.
    pub turns: u64,
    /// What failed of its tools.
    pub tool_errors: u64,
    /// All its tokens.
    pub tokens: Tokens,
    /// All its cost.
    pub cost: Cost,
    /// The latest sign of life.
    pub last_unix_ms: Millis,
}

/// A session on the screen.
#[derive(Debug)]
struct Shown {
    glimpse: Glimpse,
    /// Whether something of it was written while it was looked at.
    is_live: bool,
}

/// Where the list of a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scroll {
    /// At its end, with whatever arrives.
    Following,
    /// With this line at the top.
    At(usize),
}

/// The state of the screen.
#[derive(Debug)]
pub struct Screen {
    /// Sessions without a sign of life for longer than this are not shown, in milliseconds.
    recent_ms: Millis,
    /// When the day began.
    day: Millis,
    sessions: BTreeMap<Sanitized, Shown>,
    /// What was spent today, by session.
    spent: BTreeMap<Sanitized, (Tokens, Cost)>,
    seen: BTreeMap<Sanitized, Seen>,
    order: Order,
    selected: Option<Sanitized>,
    /// Where the list of the session stands that is looked into.
    inside: Option<Scroll>,
    is_helping: bool,
    /// The time at which the screen stands still.
    paused: Option<Millis>,
    waiting: Vec<(Glimpse, bool)>,
    /// Whether all that is counted for today was read.
    pub is_caught_up: bool,
    /// The latest thing that went wrong.
    pub problem: Option<String>,
}

impl Screen {
    /// An empty screen.
    pub const fn new(recent_ms: Millis, day: Millis) -> Self {
        Self {
            recent_ms,
            day,
            sessions: BTreeMap::new(),
            spent: BTreeMap::new(),
            seen: BTreeMap::new(),
            order: Order::Activity,
            selected: None,
            inside: None,
            is_helping: false,
            paused: None,
            waiting: Vec::new(),
            is_caught_up: false,
            problem: None,
        }
    }

    /// Takes a session as it is now; `is_live` when it was written to just now.
    pub fn take(&mut self, glimpse: Glimpse, is_live: bool, now: Millis) {
        if self.paused.is_some() {
            self.waiting.retain(|(known, _)| known.id() != glimpse.id());
            self.waiting.push((glimpse, is_live));
            return;
        }
        let card = &glimpse.story.session;
        if card.is_empty() {
            self.forget(&card.id.clone());
            return;
        }
        self.spent.insert(card.id.clone(), glimpse.spent_since(self.day));
        let is_live = is_live || self.sessions.get(&card.id).is_some_and(|known| known.is_live);
        let shown = Shown { glimpse, is_live };
        let card = &shown.glimpse.story.session;
        if !self.is_visible(&shown, now) {
            self.forget(&card.id.clone());
            return;
        }
        let seen = Seen {
            project: card.project.clone(),
            turns: card.turns,
            tool_errors: card.tool_errors,
            tokens: card.tokens,
            cost: card.cost,
            last_unix_ms: shown.glimpse.sign_of_life(),
        };
        self.seen.insert(card.id.clone(), seen);
        self.sessions.insert(card.id.clone(), shown);
    }

    /// Lets go of what is not shown any more, and begins another day at `day` if that is one. Gives back the sessions
    /// that went.
    pub fn tick(&mut self, day: Millis, now: Millis) -> Vec<Sanitized> {
        if self.paused.is_some() {
            return Vec::new();
        }
        if day > self.day {
            self.day = day;
            self.spent = self
                .sessions
                .iter()
                .map(|(id, shown)| (id.clone(), shown.glimpse.spent_since(day)))
                .filter(|(_, (tokens, _))| tokens.total() > 0)
                .collect();
        }
        let is_inside = self.inside.is_some();
        let gone: Vec<Sanitized> = self
            .sessions
            .iter()
            .filter(|(id, shown)| !(self.is_visible(shown, now) || is_inside && self.selected.as_ref() == Some(*id)))
            .map(|(id, _)| id.clone())
            .collect();
        for id in &gone {
            self.forget(id);
        }
        gone
    }

    /// Does what a key means; `page` is how many lines of a list are to be seen. False when it is to leave.
    pub fn key(&mut self, key: Key, page: usize, now: Millis) -> bool {
        if self.is_helping {
            self.is_helping = false;
            return key != Key::Quit;
        }
        match (key, self.inside) {
            (Key::Quit, _) => return false,
            (Key::Help, _) => self.is_helping = true,
            (Key::Pause, _) => self.pause(now),
            (Key::Sort, None) => self.order = self.order.next(),
            (Key::Enter, None) => {
                self.selected = self.selected(now).cloned();
                self.inside = self.selected.is_some().then_some(Scroll::Following);
            }
            (Key::Back, _) => self.inside = None,
            (Key::Enter | Key::Sort, Some(_)) | (Key::Other, _) => {}
            (key, None) => self.select(key, page, now),
            (key, Some(scroll)) => {
                let lines = self.entries(now).len();
                let last = lines.saturating_sub(page);
                let top = if let Scroll::At(top) = scroll { top.min(last) } else { last };
                let top = moved(top, key, page.max(1), last);
                self.inside = Some(if top >= last { Scroll::Following } else { Scroll::At(top) });
            }
        }
        true
    }

    /// The sessions that are shown, in their order.
    pub fn sessions(&self, now: Millis) -> Vec<&Glimpse> {
        let visible = self.sessions.values().filter(|shown| self.is_visible(shown, now) || self.is_inside(shown));
        let mut all: Vec<&Glimpse> = visible.map(|shown| &shown.glimpse).collect();
        let latest = |glimpse: &Glimpse| std::cmp::Reverse(glimpse.sign_of_life());
        match self.order {
            Order::Activity => all.sort_by_key(|one| {
                // Whoever is busy stays where it is, so that lines do not jump while several sessions write.
                let is_busy = one.pulse.activity.is_busy() || !one.pulse.running.is_empty();
                let turn = one.turn().map_or(Millis::MAX, |turn| turn.times.start_unix_ms);
                (!is_busy, if is_busy { turn } else { 0 }, latest(one))
            }),
            Order::Cost => all.sort_by(|a, b| {
                b.story.session.cost.amount.cmp(&a.story.session.cost.amount).then_with(|| latest(a).cmp(&latest(b)))
            }),
            Order::Project => {
                all.sort_by_key(|one| (one.story.session.project.clone(), latest(one)));
            }
        }
        all
    }

    /// The session that keys are about.
    pub fn selected(&self, now: Millis) -> Option<&Sanitized> {
        let all = self.sessions(now);
        let known = all.iter().find(|one| Some(one.id()) == self.selected.as_ref());
        known.or(all.first()).map(|one| one.id())
    }

    /// The session that is looked into, if one is.
    pub fn inside(&self) -> Option<&Glimpse> {
        self.inside?;
        self.sessions.get(self.selected.as_ref()?).map(|shown| &shown.glimpse)
    }

    /// The lines of the selected session.
    pub fn entries(&self, now: Millis) -> Vec<Entry<'_>> {
        let glimpse = self.selected(now).and_then(|id| self.sessions.get(id));
        glimpse.map(|shown| feed(&shown.glimpse)).unwrap_or_default()
    }

    /// Which of so many lines is at the top, where so many of them are to be seen.
    pub fn top(&self, lines: usize, page: usize) -> usize {
        let last = lines.saturating_sub(page);
        match self.inside {
            Some(Scroll::At(top)) => top.min(last),
            Some(Scroll::Following) | None => last,
        }
    }

    /// Whether the list of the session that is looked into goes on with what arrives.
    pub fn is_following(&self) -> bool {
        !matches!(self.inside, Some(Scroll::At(_)))
    }

    /// Whether the keys are explained.
    pub const fn is_helping(&self) -> bool {
        self.is_helping
    }

    /// Whether the screen stands still.
    pub const fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// The time that the screen shows.
    pub fn time(&self, now: Millis) -> Millis {
        self.paused.unwrap_or(now)
    }

    /// The order of sessions.
    pub const fn order(&self) -> Order {
        self.order
    }

    /// What was spent today over all sessions.
    pub fn today(&self) -> (Tokens, Cost) {
        let mut sum = (Tokens::default(), Cost::default());
        for (tokens, cost) in self.spent.values() {
            sum.0 += *tokens;
            sum.1 += *cost;
        }
        sum
    }

    /// Every session that was on the screen, the latest first.
    pub fn seen(&self) -> Vec<(&Sanitized, &Seen)> {
        let mut all: Vec<_> = self.seen.iter().collect();
        all.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.last_unix_ms));
        all
    }

    fn is_visible(&self, shown: &Shown, now: Millis) -> bool {
        let is_recent = shown.glimpse.sign_of_life() >= now.saturating_sub(self.recent_ms);
        // A tool may run for hours without a line; what was never seen alive may as well have crashed.
        is_recent || shown.is_live && shown.glimpse.pulse.activity.is_busy()
    }

    fn is_inside(&self, shown: &Shown) -> bool {
        self.inside.is_some() && self.selected.as_ref() == Some(shown.glimpse.id())
    }

    fn forget(&mut self, id: &Sanitized) {
        self.sessions.remove(id);
        if self.selected.as_ref() == Some(id) {
            self.selected = None;
            self.inside = None;
        }
    }

    fn select(&mut self, key: Key, page: usize, now: Millis) {
        let all = self.sessions(now);
        let at = all.iter().position(|one| Some(one.id()) == self.selected.as_ref()).unwrap_or(0);
        let to = moved(at, key, (page / 4).max(1), all.len().saturating_sub(1));
        self.selected = all.get(to).map(|one| one.id().clone());
    }

    fn pause(&mut self, now: Millis) {
        if self.paused.take().is_none() {
            self.paused = Some(now);
            return;
        }
        for (glimpse, is_live) in std::mem::take(&mut self.waiting) {
            self.take(glimpse, is_live, now);
        }
    }
}

/// Where a key leads from a place in a list.
fn moved(at: usize, key: Key, page: usize, last: usize) -> usize {
    let to = match key {
        Key::Up => at.saturating_sub(1),
        Key::Down => at + 1,
        Key::PageUp => at.saturating_sub(page),
        Key::PageDown => at + page,
        Key::Home => 0,
        Key::End => last,
        _ => at,
    };
    to.min(last)
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
