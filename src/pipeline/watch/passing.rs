//! Rebuilds one family and hands over what is new of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::follower::{Clock, Follower, Live, Parcel};
use super::shared::{Event, Shared};
use crate::checkpoint::rows::Commit;
use crate::pipeline::family::{EmitOptions, FamilyOutcome, emit_family};
use crate::pipeline::live::{CaughtUp, LiveSession};
use crate::pipeline::plan::{Family, SessionFiles};
use crate::pipeline::read::ReadOptions;
use crate::session::closing::ClosingOptions;
use crate::session::facts::{Session, ToolCall};
use crate::session::ownership;
use crate::source::SourceProblem;
use crate::telemetry::span::Telemetry;

/// How long a session that is written to is left alone after it was rebuilt, as a multiple of how long that took: the
/// largest session costs a twentieth of one core.
const REST_FACTOR: u32 = 20;
/// The same for each session that is written to at the same time: all of them cost a tenth.
const REST_FACTOR_EACH: u32 = 10;
/// The longest that such a rest may be.
const LONGEST_REST: Duration = Duration::from_secs(10);
/// How many lines of sessions are kept in memory that might go on, so that they need not be read again.
const MOST_LINES: u64 = 20_000;
/// How many are kept of sessions that go on at this moment: reading one again for each of its lines takes more time
/// than all the rest together, and about half a kilobyte of memory for a line is the price of not doing so.
const MOST_LINES_IN_USE: u64 = 200_000;
/// A session that was looked at less than this ago is in use.
const IN_USE: Duration = Duration::from_secs(60);
/// A session that nobody has written to for so long is at rest.
const REST_AFTER_MS: i64 = 10 * 60 * 1000;

impl Follower {
    /// Rebuilds the family of a session; none when nobody takes the results.
    pub(super) fn pass(&mut self, session: &str) -> Option<()> {
        let now = self.now();
        // Clocks may be set; a rest is measured by one that is not.
        let rest = self.lives.get(session).map(|live| live.rests_until.saturating_duration_since(Instant::now()));
        if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
            self.agenda.put(session, now.saturating_add(rest.as_millis() as i64 + 1));
            return Some(());
        }
        let Some(family) = self.catalog.family_of(session, &self.scanner) else { return Some(()) };
        let started = Instant::now();
        let mut sessions: Vec<LiveSession> = family.sessions.iter().map(|files| self.take_live(files)).collect();
        let read = ReadOptions {
            resting_since: Some(
                now.saturating_sub(self.options.rebuild.closing.session_idle).saturating_mul(1_000_000),
            ),
            ..self.options.rebuild.read
        };
        let mut facts = Vec::with_capacity(sessions.len());
        for (files, live) in family.sessions.iter().zip(&mut sessions) {
            self.agenda.remove(&files.id);
            let lines = live.counts.lines;
            let caught_up = live.catch_up(files, &mut self.reader, read);
            let lines = live.counts.lines.checked_sub(lines).unwrap_or(live.counts.lines);
            self.shared.counts.add_lines(lines);
            if caught_up.problems.is_empty() {
                self.lag.hand_over(&files.id, files.size());
            }
            self.note_reading(files, caught_up);
            let is_over = self.catalog.is_gone(files, now);
            facts.push(live.resolve(ClosingOptions {
                now: (!is_over).then_some(now),
                written: live.written(),
                ..self.options.rebuild.closing
            }));
        }
        ownership::owner_order(&mut facts);
        ownership::settle(&mut facts, &self.owned);
        let owned = self.owned.add(&facts);
        let rebuild = &self.options.rebuild;
        let options = EmitOptions {
            map: &rebuild.map,
            filter: &rebuild.filter,
            assumed: &rebuild.assumed,
            measuring: rebuild.measuring,
            is_counting: false,
            now,
        };
        let mut is_taken = true;
        let outbox = self.outbox();
        let FamilyOutcome { mut commit, corrected, due, totals, .. } =
            emit_family(&family, &facts, owned, &mut sessions, options, |part| {
                is_taken = is_taken && outbox.send(part, None, 0).is_some();
            });
        if totals.too_old > 0 {
            self.tell(Event::TooOld { turns: totals.too_old });
        }
        self.note_open(&facts);
        for facts in facts {
            if let Some(place) = family.sessions.iter().position(|files| files.id == *facts.id) {
                self.count_problems(sessions[place].told.as_ref(), &facts);
                sessions[place].told = Some(facts);
            }
        }
        commit.gone = std::mem::take(&mut self.renamed);
        for (files, due) in family.sessions.iter().zip(&due) {
            if let Some(due) = due {
                self.agenda.put(&files.id, *due);
            }
        }
        let took = started.elapsed();
        self.keep_lives(&family, sessions, took);
        if !is_taken {
            return None;
        }
        if commit == Commit::default() {
            // Nothing has to be remembered of what says nothing new, unless an earlier part is still under way.
            for files in family.sessions.iter().filter(|files| !self.unremembered.contains_key(&files.id)) {
                self.lag.settle(&files.id);
            }
            return Some(());
        }
        for files in &family.sessions {
            self.unremembered.insert(files.id.clone(), self.parcels + 1);
        }
        self.hand_over(Telemetry::default(), Some(commit), corrected)?;
        Some(())
    }

    /// Hands something over; none when nobody takes it.
    fn hand_over(&mut self, telemetry: Telemetry, commit: Option<Commit>, corrected: u64) -> Option<()> {
        let commit = commit.map(|commit| {
            self.parcels += 1;
            (self.parcels, commit)
        });
        self.outbox().send(telemetry, commit, corrected)
    }

    fn outbox(&self) -> Outbox {
        Outbox {
            sender: self.outbox.clone(),
            shared: Arc::clone(&self.shared),
            clock: Arc::clone(&self.options.clock),
            generation: self.generation,
        }
    }

    fn take_live(&mut self, files: &SessionFiles) -> LiveSession {
        let known = self.lives.remove(&files.id).map(|live| live.session);
        known.unwrap_or_else(|| {
            LiveSession::new(&files.id, self.memory.delivered(&files.id)).keeping(self.options.rebuild.map.keeping())
        })
    }

    fn keep_lives(&mut self, family: &Family, sessions: Vec<LiveSession>, took: Duration) {
        let factor = REST_FACTOR.max(REST_FACTOR_EACH.saturating_mul(self.lives.len() as u32));
        let rest = took.saturating_mul(factor).min(LONGEST_REST);
        let rests_until = Instant::now() + rest;
        let written_by = self.now() - REST_AFTER_MS;
        for (files, session) in family.sessions.iter().zip(sessions) {
            // A session at rest is read again should it ever go on; a catch-up holds one family at a time.
            if !self.catalog.has_ghosts(files) && session.written().is_none_or(|written| written <= written_by) {
                continue;
            }
            self.lives.insert(files.id.clone(), Live { session, rests_until, used: Instant::now() });
        }
    }

    /// Notes what is under way in sessions, for whoever asks.
    fn note_open(&mut self, sessions: &[Session]) {
        for session in sessions {
            let is_waiting = |tool: &&ToolCall| tool.is_owned && !tool.is_final && !tool.has_result;
            let tools = session.tools.iter().filter(is_waiting).count() as u64;
            let turns = session.turns.iter().filter(|turn| turn.is_owned && turn.is_open).count() as u64;
            if (tools, turns) == (0, 0) {
                self.open.remove(&*session.id);
            } else {
                self.open.insert(session.id.to_string(), (tools, turns));
            }
        }
        let sum = |of: fn(&(u64, u64)) -> u64| self.open.values().map(of).sum();
        self.shared.set_open(sum(|open| open.0), sum(|open| open.1));
    }

    /// Counts what was met in a session's lines since it was last looked at.
    fn count_problems(&self, before: Option<&Session>, now: &Session) {
        for (problem, count) in &now.problems {
            let known = before.and_then(|before| before.problems.get(problem)).copied().unwrap_or_default();
            self.shared.counts.add_problems(problem.kind.name(), count.saturating_sub(known));
        }
    }

    fn note_reading(&mut self, files: &SessionFiles, caught_up: CaughtUp) {
        for problem in caught_up.problems {
            // That a file is gone was noticed, and what was read of it is kept.
            if !matches!(problem, SourceProblem::Vanished { .. }) {
                self.shared.count_problem(problem.kind());
                self.tell(Event::Problem(problem.to_string()));
            }
        }
        if let Some(kind) = caught_up.again.and_then(super::super::live::Again::problem) {
            self.shared.count_problem(kind);
            self.tell(Event::Problem(format!(
                "a transcript of session {} was {kind} and is read again from its beginning; what was delivered stays as it is",
                files.id
            )));
            for file in &files.mains {
                self.catalog.forget_head(&file.path);
            }
            self.needs_arranging = true;
        }
    }

    /// Does everything over that was handed over and is void.
    pub(super) fn redo_what_is_void(&mut self) {
        let generation = self.shared.generation();
        if std::mem::replace(&mut self.generation, generation) == generation {
            return;
        }
        self.lives.clear();
        self.lag.start_over();
        let now = self.now();
        for (session, _) in self.unremembered.drain() {
            self.agenda.put(&session, now);
        }
    }

    /// Lets go of sessions that are at rest and whose parcels are remembered.
    pub(super) fn let_go(&mut self) {
        let (remembered, now) = (self.shared.remembered(), self.now());
        let done: Vec<String> =
            self.unremembered.iter().filter(|(_, parcel)| **parcel <= remembered).map(|(id, _)| id.clone()).collect();
        for session in done {
            self.unremembered.remove(&session);
            self.lag.settle(&session);
            let is_over = self.catalog.family_of(&session, &self.scanner).is_some_and(|family| {
                family.sessions.iter().any(|files| files.id == session && self.catalog.is_gone(files, now))
            });
            if is_over && self.catalog.bury(&session) {
                self.lives.remove(&session);
                self.lag.forget(&session);
                self.needs_arranging = true;
            }
        }
        let written_by = self.now() - REST_AFTER_MS;
        let (lives, unremembered) = (&mut self.lives, &self.unremembered);
        lives.retain(|id, live| {
            unremembered.contains_key(id) || live.session.written().is_some_and(|written| written > written_by)
        });
        let held: u64 = lives.values().map(|live| live.session.counts.lines).sum();
        if held > MOST_LINES && lives.len() > 1 {
            let free = lives.iter().filter(|(id, _)| !unremembered.contains_key(*id));
            let mut free: Vec<_> = free.map(|(id, live)| (live.used, live.session.counts.lines, id.clone())).collect();
            free.sort_unstable();
            for id in beyond(held, &free, Instant::now()) {
                lives.remove(&id);
            }
        }
    }
}

/// Which sessions are let go of for the memory that they take, of those that may be: each with when it was looked at, the
/// longest ago first, and how many lines of it are held; of all sessions, `held` lines are.
fn beyond(mut held: u64, free: &[(Instant, u64, String)], now: Instant) -> Vec<String> {
    let mut beyond = Vec::new();
    for (used, lines, id) in free {
        let most = if now.duration_since(*used) < IN_USE { MOST_LINES_IN_USE } else { MOST_LINES };
        if held <= most {
            break;
        }
        held -= lines;
        beyond.push(id.clone());
    }
    beyond
}

/// The way to the courier.
struct Outbox {
    sender: mpsc::Sender<Parcel>,
    shared: Arc<Shared>,
    clock: Clock,
    generation: u64,
}

impl Outbox {
    /// Sends a parcel, waiting for as long as the courier cannot take it; none when it is no more.
    fn send(&self, telemetry: Telemetry, commit: Option<(u64, Commit)>, corrected: u64) -> Option<()> {
        // Whoever waits for the destination is alive, for however long that takes.
        self.shared.set_alive(None);
        let parcel = Parcel { generation: self.generation, telemetry, commit, corrected };
        let sent = self.sender.blocking_send(parcel).ok();
        self.shared.set_alive(Some((self.clock)()));
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_in_use_are_held_as_long_as_they_take_no_more_than_a_lot() {
        let began = Instant::now();
        let now = began + Duration::from_secs(1000);
        let session = |ago: u64, lines: u64, id: &str| (began + Duration::from_secs(1000 - ago), lines, id.to_owned());
        let quiet = [session(300, 9_000, "a"), session(200, 9_000, "b"), session(61, 9_000, "c")];
        assert_eq!(beyond(27_000, &quiet, now), ["a"]);
        assert_eq!(beyond(35_000, &quiet, now), ["a", "b"]);
        let busy = [session(59, 9_000, "d"), session(1, 9_000, "e")];
        assert!(beyond(MOST_LINES_IN_USE, &busy, now).is_empty());
        assert_eq!(beyond(MOST_LINES_IN_USE + 1, &busy, now), ["d"]);
        let both = [quiet, [session(2, 30_000, "d"), session(1, 30_000, "e"), session(1, 0, "f")]].concat();
        assert_eq!(beyond(87_000, &both, now), ["a", "b", "c"], "what is in use does not count against itself");
    }
}
