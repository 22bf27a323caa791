//! The loop that looks: for hints, for what no hint told of, and for what quiet has closed.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashbrown::HashMap;

use crate::pipeline::ledger::OwnedIds;
use crate::pipeline::live::LiveSession;
use crate::pipeline::peek::Peeker;
use crate::pipeline::plan::SessionFiles;
use crate::pipeline::watch::Clock;
use crate::pipeline::watch::agenda::Agenda;
use crate::pipeline::watch::catalog::Catalog;
use crate::pipeline::workers::RebuildOptions;
use crate::session::facts::Session;
use crate::source::{
    Changes, Health, HintBatch, Hints, Notifier, OwnerRule, Root, Scanner, SourceProblem, Sweep, TranscriptReader,
    hints,
};

/// How many hints wait before they become one to look everywhere.
const HINTS: usize = 4096;
/// Every so many sweeps one looks at everything.
const LIGHT_SWEEPS: u32 = 20;
/// When a new directory is looked at again: what was written into it early may have caused no event.
const LOOK_AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(2_500)];

/// What a lookout needs to know.
pub struct LookoutOptions {
    /// How everything is rebuilt.
    pub rebuild: RebuildOptions,
    /// Where transcripts are.
    pub roots: Vec<Root>,
    /// Whose files are read.
    pub owner: OwnerRule,
    /// Sessions that were written to at this time or later are read first, in milliseconds since 1970.
    pub recent: i64,
    /// After them, those that were written to at this time or later.
    pub since: i64,
    /// For how long a session that nobody writes to is kept in memory, in milliseconds.
    pub kept_ms: i64,
    /// The pause between two sweeps while hints can be relied on.
    pub sweep_every: Duration,
    /// The pause while they cannot.
    pub poll_every: Duration,
    /// The longest that is waited at once.
    pub longest_wait: Duration,
    /// Whether there are to be no hints.
    pub is_polling: bool,
    /// The time.
    pub clock: Clock,
}

impl std::fmt::Debug for LookoutOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LookoutOptions").field("roots", &self.roots).finish_non_exhaustive()
    }
}

/// What was there of a session when looking began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is told of as it was at the beginning.
    AtStart,
    /// It was there, though too old to be looked at before now.
    Older,
    /// It is new since.
    New,
}

/// What is told.
#[derive(Debug)]
pub enum News {
    /// A session is not as it was: settled, as it stands now.
    Changed {
        /// The session.
        session: Box<Session>,
        /// When one of its files was last written to, in milliseconds since 1970.
        written: Option<i64>,
        /// What was there of it when looking began.
        origin: Origin,
    },
    /// Everything that was there and is recent was told of.
    Recent,
    /// Everything that was to be told of at the beginning was told of.
    CaughtUp {
        /// Sessions that are there.
        sessions: usize,
        /// Transcripts that are there.
        files: usize,
    },
    /// Something could not be read or watched.
    Problem(String),
}

/// A session in memory.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) session: LiveSession,
    /// No rebuild before this time.
    pub(super) rests_until: Instant,
}

/// Looks, rebuilds and tells.
#[derive(Debug)]
pub struct Lookout {
    pub(super) options: LookoutOptions,
    pub(super) scanner: Scanner,
    notifier: Option<Notifier>,
    hints: Hints,
    pub(super) catalog: Catalog,
    peeker: Peeker,
    pub(super) reader: TranscriptReader,
    pub(super) owned: OwnedIds,
    pub(super) agenda: Agenda,
    pub(super) held: HashMap<String, Held>,
    /// Sessions of which something was written since they were last rebuilt.
    pub(super) written: HashSet<String>,
    /// Sessions that were there when looking began.
    pub(super) at_start: HashSet<String>,
    next_sweep: Instant,
    /// Sweeps before their time, since something was seen that events tell little of.
    extra_sweeps: VecDeque<Instant>,
    sweeps: u32,
    /// Recent sessions that are still to be told of at the beginning.
    pub(super) recent: HashSet<String>,
    is_recent_told: bool,
    pub(super) is_caught_up: bool,
}

impl Lookout {
    /// A lookout that has not looked yet.
    pub fn new(options: LookoutOptions) -> Self {
        let (sink, hints) = hints(HINTS);
        // Before the watches, so that a root that is replaced after them is noticed.
        let scanner = Scanner::new(options.roots.clone(), options.owner);
        let notifier = (!options.is_polling).then(|| Notifier::start(&options.roots, sink).0);
        let reader = || TranscriptReader::new(&options.rebuild.source);
        Self {
            peeker: Peeker::new(reader(), options.rebuild.read.decode),
            reader: reader(),
            scanner,
            notifier,
            hints,
            catalog: Catalog::default(),
            owned: OwnedIds::default(),
            agenda: Agenda::default(),
            held: HashMap::new(),
            written: HashSet::new(),
            at_start: HashSet::new(),
            next_sweep: Instant::now(),
            extra_sweeps: VecDeque::new(),
            sweeps: 0,
            recent: HashSet::new(),
            is_recent_told: false,
            is_caught_up: false,
            options,
        }
    }

    /// Looks until `tell` says that nobody listens any more.
    pub fn run(mut self, mut tell: impl FnMut(News) -> bool) {
        if self.begin(&mut tell).is_none() {
            return;
        }
        while self.step(&mut tell).is_some() {}
    }

    /// Finds everything for the first time, and plans what has to be told of.
    fn begin(&mut self, tell: &mut impl FnMut(News) -> bool) -> Option<()> {
        let changes = self.sweep(Sweep::Full);
        told(changes.problems, tell)?;
        self.catalog.arrange(&self.scanner, &mut self.peeker);
        let (mut recent, mut others) = (Vec::new(), Vec::new());
        for family in self.catalog.families() {
            self.at_start.extend(family.sessions.iter().map(|files| files.id.clone()));
            let written = family.sessions.iter().map(SessionFiles::written).max().unwrap_or_default();
            let Some(first) = family.sessions.first() else { continue };
            if written >= self.options.recent {
                recent.push((first.id.clone(), family.clone()));
            } else if written >= self.options.since {
                others.push((first.id.clone(), family.clone()));
            }
        }
        self.recent.extend(recent.iter().map(|(first, _)| first.clone()));
        for (first, family) in recent.into_iter().chain(others) {
            self.written.extend(family.sessions.into_iter().map(|files| files.id));
            self.agenda.put_last(&first);
        }
        Some(())
    }

    /// Waits for something to do, and does it; none when nobody listens any more.
    fn step(&mut self, tell: &mut impl FnMut(News) -> bool) -> Option<()> {
        let batch = self.wait();
        if !batch.is_empty() {
            let changes = if batch.rescan { self.sweep(Sweep::Full) } else { self.scanner.look(batch.paths) };
            self.note(changes, tell)?;
        }
        if self.is_sweep_due() {
            self.sweeps += 1;
            let sweep = if self.sweeps.is_multiple_of(LIGHT_SWEEPS) { Sweep::Full } else { Sweep::Light };
            let changes = self.sweep(sweep);
            self.note(changes, tell)?;
        }
        let until = Instant::now() + Duration::from_millis(200);
        while Instant::now() < until {
            if self.recent.is_empty() && !std::mem::replace(&mut self.is_recent_told, true) {
                tell(News::Recent).then_some(())?;
            }
            let Some(session) = self.agenda.take(self.now()) else { break };
            self.pass(&session, tell)?;
        }
        if !self.is_caught_up && self.agenda.is_caught_up() {
            self.is_caught_up = true;
            let (sessions, files) = (self.catalog.sessions(), self.scanner.files().count());
            tell(News::CaughtUp { sessions, files }).then_some(())?;
        }
        self.let_go();
        Some(())
    }

    /// The time in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.options.clock)()
    }

    fn wait(&self) -> HintBatch {
        let now = Instant::now();
        let sweep = self.next_sweep.min(self.extra_sweeps.front().copied().unwrap_or(self.next_sweep));
        let mut wait = sweep.saturating_duration_since(now).min(self.options.longest_wait);
        if let Some(time) = self.agenda.next_time() {
            wait = wait.min(Duration::from_millis(time.saturating_sub(self.now()).max(0) as u64));
        }
        let mut batch = HintBatch::default();
        if let Some(hint) = self.hints.next(wait) {
            batch.add(hint);
            self.hints.drain(&mut batch);
        }
        batch
    }

    fn is_sweep_due(&self) -> bool {
        let now = Instant::now();
        now >= self.next_sweep || self.extra_sweeps.front().is_some_and(|time| now >= *time)
    }

    fn sweep(&mut self, sweep: Sweep) -> Changes {
        let changes = self.scanner.sweep(sweep, self.now().saturating_mul(1_000_000));
        let now = Instant::now();
        while self.extra_sweeps.front().is_some_and(|time| *time <= now) {
            self.extra_sweeps.pop_front();
        }
        // Nobody watches a root that is missing, so its return is looked for.
        let are_there = self.options.roots.iter().all(|root| root.path.is_dir());
        let is_trusted = are_there && self.notifier.as_ref().is_some_and(|one| one.health() == Health::Healthy);
        self.next_sweep = now + if is_trusted { self.options.sweep_every } else { self.options.poll_every };
        changes
    }

    /// Plans what has to be looked at after a look at the disk.
    fn note(&mut self, changes: Changes, tell: &mut impl FnMut(News) -> bool) -> Option<()> {
        if changes.is_empty() {
            return Some(());
        }
        told(changes.problems, tell)?;
        for root in &changes.root_replaced {
            if let Some(notifier) = &mut self.notifier {
                for problem in notifier.rewatch(root) {
                    tell(News::Problem(problem.to_string())).then_some(())?;
                }
            }
        }
        if changes.new_directories || !changes.root_replaced.is_empty() || !changes.gone.is_empty() {
            let now = Instant::now();
            self.extra_sweeps.clear();
            self.extra_sweeps.extend(LOOK_AGAIN_AFTER.map(|after| now + after));
        }
        let mut needs_arranging = !changes.moved.is_empty() || !changes.gone.is_empty();
        let mut touched = Vec::new();
        for (from, file) in changes.moved {
            self.catalog.rename(&from, &file.path);
            touched.push(file);
        }
        for file in changes.changed {
            needs_arranging |= self.catalog.is_unplaced(&file, &mut self.peeker);
            touched.push(file);
        }
        if needs_arranging {
            self.catalog.arrange(&self.scanner, &mut self.peeker);
        }
        let now = self.now();
        for file in touched {
            if let Some(session) = self.catalog.session_of(&file.path) {
                self.written.insert(session.to_owned());
                self.agenda.put(session, now);
            }
        }
        Some(())
    }

    /// Forgets what was known of the beginnings of a session's files, which may be others now.
    pub(super) fn look_at_heads_again(&mut self, paths: impl Iterator<Item = Arc<crate::source::TranscriptFile>>) {
        for file in paths {
            self.catalog.forget_head(&file.path);
        }
        self.catalog.arrange(&self.scanner, &mut self.peeker);
    }
}

/// Tells problems; none when nobody listens.
pub(super) fn told(problems: Vec<SourceProblem>, tell: &mut impl FnMut(News) -> bool) -> Option<()> {
    for problem in problems {
        // That a file is gone was noticed, and what was read of it stands.
        if !matches!(problem, SourceProblem::Vanished { .. }) {
            tell(News::Problem(problem.to_string())).then_some(())?;
        }
    }
    Some(())
}
