//! Rebuilds one family and tells of what is new of it.

use std::time::{Duration, Instant};

use super::lookout::{Held, Lookout, News, Origin, told};
use crate::pipeline::delivered::Delivered;
use crate::pipeline::live::LiveSession;
use crate::pipeline::read::ReadOptions;
use crate::session::closing::ClosingOptions;
use crate::session::ownership;

/// How long a session that is written to is left alone after it was rebuilt, as a multiple of how long that took: the
/// largest session costs a twentieth of one core.
const REST_FACTOR: u32 = 20;
/// The longest that such a rest may be.
const LONGEST_REST: Duration = Duration::from_secs(5);

impl Lookout {
    /// Rebuilds the family of a session and tells of it; none when nobody listens any more.
    pub(super) fn pass(&mut self, session: &str, tell: &mut impl FnMut(News) -> bool) -> Option<()> {
        let now = self.now();
        self.recent.remove(session);
        // What quiet closes in a session that was let go of is nothing to read it again for.
        if !self.written.contains(session) && !self.held.contains_key(session) {
            return Some(());
        }
        let rest = self.held.get(session).map(|held| held.rests_until.saturating_duration_since(Instant::now()));
        if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
            self.agenda.put(session, now.saturating_add(rest.as_millis() as i64 + 1));
            return Some(());
        }
        let Some(family) = self.catalog.family_of(session, &self.scanner) else {
            self.written.remove(session);
            return Some(());
        };
        let started = Instant::now();
        let read = ReadOptions {
            resting_since: Some(
                now.saturating_sub(self.options.rebuild.closing.session_idle).saturating_mul(1_000_000),
            ),
            ..self.options.rebuild.read
        };
        let (mut lives, mut facts, mut is_told) = (Vec::new(), Vec::new(), Vec::new());
        let mut begun_again = Vec::new();
        for files in &family.sessions {
            let known = self.held.remove(&files.id).map(|held| held.session);
            let mut live = known.unwrap_or_else(|| {
                LiveSession::new(&files.id, Delivered::unknown()).keeping(self.options.rebuild.map.keeping())
            });
            self.agenda.remove(&files.id);
            let caught_up = live.catch_up(files, &mut self.reader, read);
            let is_written = self.written.remove(&files.id);
            if is_written && (caught_up.is_further || !self.is_caught_up) || files.id == session {
                is_told.push(files.id.clone());
            }
            told(caught_up.problems, tell)?;
            if caught_up.again.is_some_and(|again| again.problem().is_some()) {
                begun_again.extend(files.mains.iter().cloned());
            }
            let closing = ClosingOptions { now: Some(now), written: live.written(), ..self.options.rebuild.closing };
            facts.push(live.resolve(closing));
            lives.push(live);
        }
        ownership::owner_order(&mut facts);
        ownership::settle(&mut facts, &self.owned);
        self.owned.add(&facts);
        let is_live = lives.iter().any(|live| live.written().is_some_and(|at| at > now - self.options.kept_ms));
        for session in facts {
            if let Some(due) = session.due.filter(|_| is_live) {
                self.agenda.put(&session.id, due);
            }
            if is_told.iter().any(|id| **id == *session.id) {
                let origin = match self.at_start.contains(&*session.id) {
                    true if self.is_caught_up => Origin::Older,
                    true => Origin::AtStart,
                    false => Origin::New,
                };
                let place = family.sessions.iter().position(|files| files.id == *session.id);
                let written = place.and_then(|place| lives.get(place)).and_then(LiveSession::written);
                tell(News::Changed { session: Box::new(session), written, origin }).then_some(())?;
            }
        }
        if is_live {
            // The whole family stays, or what is old of it would be read again whenever something is written.
            let rest = started.elapsed().saturating_mul(REST_FACTOR).min(LONGEST_REST);
            let rests_until = Instant::now() + rest;
            for (files, session) in family.sessions.iter().zip(lives) {
                self.held.insert(files.id.clone(), Held { session, rests_until });
            }
        }
        if !begun_again.is_empty() {
            self.look_at_heads_again(begun_again.into_iter());
        }
        Some(())
    }

    /// Lets go of families that nobody has written to for a while.
    pub(super) fn let_go(&mut self) {
        let written_by = self.now() - self.options.kept_ms;
        let is_quiet = |held: &Held| held.session.written().is_none_or(|written| written <= written_by);
        let quiet: Vec<String> =
            self.held.iter().filter(|(_, held)| is_quiet(held)).map(|(id, _)| id.clone()).collect();
        for id in quiet {
            let family = self.catalog.family_of(&id, &self.scanner);
            let is_needed = family.is_some_and(|family| {
                family.sessions.iter().any(|files| self.held.get(&files.id).is_some_and(|held| !is_quiet(held)))
            });
            if !is_needed {
                self.held.remove(&id);
            }
        }
    }
}
