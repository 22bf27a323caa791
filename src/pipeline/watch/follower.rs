//! The thread that looks at the transcripts and rebuilds whatever has changed.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use tokio::sync::mpsc;

use super::agenda::Agenda;
use super::catalog::Catalog;
use super::lag::Lag;
use super::shared::{Event, Shared};
use crate::checkpoint::mirror::Mirror;
use crate::checkpoint::rows::Commit;
use crate::pipeline::ledger::OwnedIds;
use crate::pipeline::live::LiveSession;
use crate::pipeline::peek::Peeker;
use crate::pipeline::remembered::Remembered;
use crate::pipeline::workers::{Memory, RebuildOptions};
use crate::source::{Health, HintBatch, Hints, Notifier, OwnerRule, Root, Scanner, Sweep, TranscriptReader};
use crate::telemetry::span::Telemetry;

/// How long is worked before it is looked again for something more urgent.
const WORK_FOR: Duration = Duration::from_millis(200);
/// After a sweep has found what no hint told of, so many sweeps are made soon.
const DISTRUST: u32 = 30;
/// Every so many sweeps one looks at everything.
const LIGHT_SWEEPS: u32 = 20;
/// Events are later than writes by less than this.
const SETTLED_MS: i64 = 2_000;

/// The time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What following needs to know.
pub struct FollowerOptions {
    /// How everything is rebuilt; `filter.since` is the first start's horizon.
    pub rebuild: RebuildOptions,
    /// Where transcripts are.
    pub roots: Vec<Root>,
    /// Whose files are read.
    pub owner: OwnerRule,
    /// The pause between two sweeps while hints can be relied on.
    pub sweep_every: Duration,
    /// The pause while they cannot.
    pub poll_every: Duration,
    /// The longest that is waited for a hint at once.
    pub longest_wait: Duration,
    /// The time.
    pub clock: Clock,
}

impl std::fmt::Debug for FollowerOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowerOptions").field("roots", &self.roots).finish_non_exhaustive()
    }
}

/// What the courier gets, in order.
#[derive(Debug)]
pub struct Parcel {
    /// The generation that it belongs to; those of earlier ones are void.
    pub generation: u64,
    /// What is to be delivered.
    pub telemetry: Telemetry,
    /// What is remembered once they, and all before them, are acknowledged, with the parcel's number.
    pub commit: Option<(u64, Commit)>,
    /// Spans that were handed over before and say something else now.
    pub corrected: u64,
}

/// Looks, rebuilds and hands over.
#[derive(Debug)]
pub struct Follower {
    pub(super) options: FollowerOptions,
    pub(super) scanner: Scanner,
    pub(super) notifier: Option<Notifier>,
    pub(super) hints: Hints,
    pub(super) catalog: Catalog,
    pub(super) peeker: Peeker,
    pub(super) reader: TranscriptReader,
    pub(super) owned: OwnedIds,
    pub(super) agenda: Agenda,
    pub(super) lives: HashMap<String, Live>,
    pub(super) memory: Arc<dyn Memory>,
    pub(super) shared: Arc<Shared>,
    pub(super) outbox: mpsc::Sender<Parcel>,
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) generation: u64,
    pub(super) parcels: u64,
    /// Sessions whose last parcel is not known to be remembered, with its number.
    pub(super) unremembered: HashMap<String, u64>,
    /// By session, calls of tools without a result, and turns that are not over.
    pub(super) open: HashMap<String, (u64, u64)>,
    /// What is not delivered yet.
    pub(super) lag: Lag,
    /// Old names of files that have new ones.
    pub(super) renamed: Vec<PathBuf>,
    pub(super) next_sweep: Instant,
    /// Sweeps that are made before their time, since something was seen that events tell little of.
    pub(super) extra_sweeps: VecDeque<Instant>,
    pub(super) sweeps: u32,
    /// How many more sweeps are made soon, since one has found what no hint told of.
    pub(super) distrust: u32,
    pub(super) needs_arranging: bool,
    pub(super) is_following: bool,
}

/// A session in memory.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) session: LiveSession,
    /// No rebuild before this time.
    pub(super) rests_until: Instant,
    pub(super) used: Instant,
}

/// What a follower is made of, beside its options.
#[derive(Debug)]
pub struct FollowerParts {
    /// Where to look first.
    pub hints: Hints,
    /// What gives the hints; none when only sweeps are to be relied on.
    pub notifier: Option<Notifier>,
    /// The scanner, made before the notifier.
    pub scanner: Scanner,
    /// What was delivered before.
    pub memory: Arc<dyn Memory>,
    /// Who owns what was delivered before.
    pub owned: OwnedIds,
    /// What both sides see.
    pub shared: Arc<Shared>,
    /// Where parcels go.
    pub outbox: mpsc::Sender<Parcel>,
    /// Where news go.
    pub events: mpsc::UnboundedSender<Event>,
}

impl Follower {
    /// A follower that has not looked yet.
    pub fn new(options: FollowerOptions, parts: FollowerParts) -> Self {
        let FollowerParts { hints, notifier, scanner, memory, owned, shared, outbox, events } = parts;
        let reader = || TranscriptReader::new(&options.rebuild.source);
        Self {
            peeker: Peeker::new(reader(), options.rebuild.read.decode),
            reader: reader(),
            catalog: Catalog::default(),
            agenda: Agenda::default(),
            lives: HashMap::new(),
            generation: shared.generation(),
            parcels: 0,
            unremembered: HashMap::new(),
            open: HashMap::new(),
            lag: Lag::default(),
            renamed: Vec::new(),
            next_sweep: Instant::now() + options.sweep_every,
            extra_sweeps: VecDeque::new(),
            sweeps: 0,
            distrust: 0,
            needs_arranging: false,
            is_following: false,
            options,
            scanner,
            notifier,
            hints,
            owned,
            memory,
            shared,
            outbox,
            events,
        }
    }

    /// Follows until it is asked to stop, or nobody takes its parcels any more.
    pub fn run(mut self, remembered: Remembered, lost: Option<Mirror>) {
        self.begin(&remembered, lost.as_ref());
        // Nothing is asked of the past any more.
        drop((remembered, lost));
        // What there is to catch up with waits for nothing; and where there is nothing, nobody waits to hear so.
        if self.work().is_none() {
            return;
        }
        while !self.shared.is_stopping() {
            self.shared.set_alive(Some(self.now()));
            self.redo_what_is_void();
            self.let_go();
            let hints = self.wait();
            if !hints.is_empty() {
                let changes = if hints.rescan { self.sweep(Sweep::Full) } else { self.scanner.look(hints.paths) };
                self.note(changes);
            }
            if self.is_sweep_due() {
                self.sweep_in_time();
            }
            if std::mem::take(&mut self.needs_arranging) {
                self.catalog.arrange(&self.scanner, &mut self.peeker);
            }
            self.shared.counts.set_behind(self.lag.sum());
            if self.work().is_none() {
                return;
            }
        }
    }

    /// The time in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.options.clock)()
    }

    /// Does what is to be done, for a while; none when nobody takes the results.
    fn work(&mut self) -> Option<()> {
        let until = Instant::now() + WORK_FOR;
        while Instant::now() < until && !self.shared.is_stopping() {
            let Some(session) = self.agenda.take(self.now()) else { break };
            self.pass(&session)?;
        }
        if !self.is_following && self.agenda.is_caught_up() {
            self.is_following = true;
            let (sessions, files) = (self.catalog.sessions(), self.scanner.files().count());
            self.shared.counts.set_following();
            self.tell(Event::Following { sessions, files });
        }
        Some(())
    }

    /// Waits for hints until something else has to be done.
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

    fn sweep_in_time(&mut self) {
        self.sweeps += 1;
        let changes = self.sweep(if self.sweeps.is_multiple_of(LIGHT_SWEEPS) { Sweep::Full } else { Sweep::Light });
        // What was written a while ago should have been told of.
        let told_by = self.now().saturating_sub(SETTLED_MS).saturating_mul(1_000_000);
        let is_missed = changes.changed.iter().any(|file| file.mtime_unix_nano < told_by);
        if is_missed && self.notifier.is_some() {
            self.shared.count_problem("missed_event");
            self.shared.counts.add_missed_event();
            self.distrust = DISTRUST;
        } else {
            self.distrust = self.distrust.saturating_sub(1);
        }
        self.note(changes);
    }

    /// Looks at everything that a sweep looks at, and plans the next one.
    pub(super) fn sweep(&mut self, sweep: Sweep) -> crate::source::Changes {
        self.shared.counts.add_sweep();
        let changes = self.scanner.sweep(sweep, self.now().saturating_mul(1_000_000));
        // A limit may be reached long after the start, by a folder that is made then.
        for problem in self.notifier.as_ref().map(Notifier::take_problems).unwrap_or_default() {
            self.shared.count_problem(problem.kind());
            self.tell(Event::Problem(problem.to_string()));
        }
        let now = Instant::now();
        while self.extra_sweeps.front().is_some_and(|time| *time <= now) {
            self.extra_sweeps.pop_front();
        }
        // Nobody watches a root that is missing, so its return is looked for.
        let are_there = self.options.roots.iter().all(|root| root.path.is_dir());
        let is_trusted = are_there
            && self.distrust == 0
            && self.notifier.as_ref().is_some_and(|notifier| notifier.health() == Health::Healthy);
        self.next_sweep = now + if is_trusted { self.options.sweep_every } else { self.options.poll_every };
        changes
    }

    pub(super) fn tell(&self, event: Event) {
        // Nobody listens any more when the watcher is about to end.
        let _ = self.events.send(event);
    }
}
