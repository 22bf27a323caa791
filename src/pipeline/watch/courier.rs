//! Delivers parcels and remembers what was acknowledged.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::follower::{Clock, Parcel};
use super::shared::Shared;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::store::Store;
use crate::export::error::ExportError;
use crate::export::exporter::Exporter;
use crate::export::totals::DeliveryTotals;
use crate::pipeline::keeper::Keeper;
use crate::pipeline::mirrors::{self, Told};
use crate::pipeline::notebook::{MOST_UNREMEMBERED, Notebook};
use crate::telemetry::span::Telemetry;

/// Opens a new exporter after the former one has failed.
pub type OpenExporter =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Exporter, ExportError>> + Send>> + Send + Sync>;

/// How often what is remembered is made to outlive a crash of the machine.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// How often the copy of the state is written at most.
const MIRROR_EVERY: Duration = Duration::from_secs(10);
/// A larger copy is written less often, so that it takes no more than so many bytes of files a second.
const MIRROR_FILES_PER_SECOND: u64 = 10;
/// How often is looked for what may be forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// The first and the longest pause before a failed destination or state is tried again.
const RETRY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// What delivering needs to know.
#[derive(Debug, Clone)]
pub struct CourierOptions {
    /// How long spans wait for others to share a request with.
    pub send_every: Duration,
    /// How long the end may take once it was asked for.
    pub stop_within: Duration,
    /// What the copy of the state tells.
    pub told: Told,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything that was read is delivered and remembered.
    Drained,
    /// Time was up; what was not acknowledged is sent again by the next run.
    Cut,
}

/// Something that is told while it runs.
pub trait Observer: Send {
    /// Some time has passed, and things are as they should be.
    fn alive(&mut self);
    /// Something went wrong, or is well again.
    fn say(&mut self, text: &str);
}

/// Delivers, remembers, and keeps the books.
pub struct Courier<'a, O> {
    keeper: &'a Keeper,
    notebook: Notebook<'a>,
    inbox: mpsc::Receiver<Parcel>,
    shared: Arc<Shared>,
    open_exporter: OpenExporter,
    exporter: Option<Exporter>,
    options: CourierOptions,
    clock: Clock,
    observer: O,
    backlog: Option<Telemetry>,
    /// Since when spans wait to share a request.
    waiting_since: Option<Instant>,
    is_drained: bool,
    /// When a failed exporter is opened again, and the pause after that.
    reopen: (Instant, Duration),
    resave: (Instant, Duration),
    /// The numbers of parcels whose commits wait, in order.
    numbers: std::collections::VecDeque<u64>,
    unremembered: u64,
    is_dirty: bool,
    flushed: Instant,
    mirrored: Instant,
    mirror_pause: Duration,
    pruned: Instant,
    is_mirror_old: bool,
    is_state_failing: bool,
    /// Whether something was given up that the follower has not handed over anew.
    has_given_up: bool,
    /// What became of spans delivered by exporters that are no more.
    former: DeliveryTotals,
    /// Spans that were delivered before and said something else later.
    pub corrected: u64,
}

impl<'a, O: Observer> Courier<'a, O> {
    /// A courier whose exporter is open.
    pub fn new(
        keeper: &'a Keeper,
        exporter: Exporter,
        open_exporter: OpenExporter,
        inbox: mpsc::Receiver<Parcel>,
        (shared, clock): (Arc<Shared>, Clock),
        options: CourierOptions,
        observer: O,
    ) -> Self {
        let now = Instant::now();
        Self {
            keeper,
            notebook: Notebook::new(Some(keeper)),
            inbox,
            shared,
            open_exporter,
            exporter: Some(exporter),
            options,
            clock,
            observer,
            backlog: None,
            waiting_since: None,
            is_drained: false,
            reopen: (now, RETRY[0]),
            resave: (now, RETRY[0]),
            numbers: std::collections::VecDeque::new(),
            unremembered: 0,
            is_dirty: false,
            flushed: now,
            mirrored: now,
            mirror_pause: MIRROR_EVERY,
            pruned: now,
            is_mirror_old: false,
            is_state_failing: false,
            has_given_up: false,
            former: DeliveryTotals::default(),
            corrected: 0,
        }
    }

    /// Delivers until the follower ends, which it does soon after `stop`.
    pub async fn run(&mut self, stop: impl Future<Output = ()>) -> Ended {
        tokio::pin!(stop);
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut deadline: Option<Instant> = None;
        let ended = loop {
            // Whoever has left does not hand over anew what was given up; the next start does.
            if self.is_drained && (self.is_idle() || self.has_given_up) {
                break if self.has_given_up { Ended::Cut } else { Ended::Drained };
            }
            let can_take = !self.is_drained && self.can_take();
            let has_work = self.has_work(deadline.is_some());
            // Without anything planned, the tick is all there is to wake up for.
            let wake = self.next_work().unwrap_or_else(|| Instant::now() + FLUSH_EVERY);
            tokio::select! {
                biased;
                () = &mut stop, if deadline.is_none() => {
                    deadline = Some(Instant::now() + self.options.stop_within);
                    self.shared.stop();
                }
                () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    break Ended::Cut;
                }
                parcel = self.inbox.recv(), if can_take => self.take(parcel),
                result = drive(self.exporter.as_mut(), &mut self.backlog), if has_work => {
                    match result {
                        Ok(is_flushed) => if is_flushed { self.waiting_since = None; },
                        Err(error) => self.give_up(&error),
                    }
                }
                _ = tick.tick() => self.keep_books().await,
                () = tokio::time::sleep_until(wake), if !has_work => {}
            }
            self.remember();
        };
        self.close();
        ended
    }

    /// What became of all spans.
    pub fn totals(&self) -> DeliveryTotals {
        let mut totals = self.former;
        if let Some(exporter) = &self.exporter {
            totals += *exporter.totals();
        }
        totals
    }

    fn can_take(&self) -> bool {
        let has_room = self.exporter.as_ref().is_none_or(Exporter::has_room);
        self.backlog.is_none() && has_room && self.unremembered < MOST_UNREMEMBERED
    }

    fn is_idle(&self) -> bool {
        self.backlog.is_none()
            && self.exporter.as_ref().is_some_and(|exporter| exporter.unacknowledged() == 0)
            && self.notebook.pending.is_empty()
    }

    fn has_work(&self, is_stopping: bool) -> bool {
        let Some(exporter) = &self.exporter else { return false };
        let is_due = self.next_work().is_some_and(|due| due <= Instant::now());
        self.backlog.is_some() || !exporter.has_room() || (exporter.unacknowledged() > 0 && (is_due || is_stopping))
    }

    /// When waiting spans are sent whether or not others have joined them.
    fn next_work(&self) -> Option<Instant> {
        self.waiting_since.map(|since| since + self.options.send_every)
    }

    fn take(&mut self, parcel: Option<Parcel>) {
        let Some(parcel) = parcel else {
            self.is_drained = true;
            return;
        };
        if parcel.generation != self.shared.generation() {
            return;
        }
        self.has_given_up = false;
        self.notebook.pending.hand(parcel.telemetry.len());
        self.corrected += parcel.corrected;
        if let Some((number, commit)) = parcel.commit {
            self.notebook.pending.push(commit);
            self.numbers.push_back(number);
        }
        if !parcel.telemetry.is_empty() {
            self.unremembered += parcel.telemetry.len() as u64;
            self.backlog = Some(parcel.telemetry);
            self.waiting_since.get_or_insert_with(Instant::now);
        }
    }

    /// The destination refused for good, or failed in a way that no repetition mends: everything that was not
    /// remembered is rebuilt and sent to a new exporter, after a while.
    fn give_up(&mut self, error: &ExportError) {
        self.observer.say(&format!("{error}; trying again in {} s, nothing is lost", self.reopen.1.as_secs()));
        self.remember();
        if let Some(exporter) = self.exporter.take() {
            self.former += *exporter.totals();
        }
        self.backlog = None;
        self.waiting_since = None;
        self.unremembered = 0;
        self.numbers.clear();
        self.notebook.pending = crate::pipeline::pending::Pending::default();
        self.shared.start_over();
        self.shared.counts.set_given_up(true);
        self.has_given_up = true;
        self.reopen = (Instant::now() + self.reopen.1, (self.reopen.1 * 2).min(RETRY[1]));
    }

    fn remember(&mut self) {
        if self.is_state_failing && Instant::now() < self.resave.0 {
            return;
        }
        let acknowledged = self.exporter.as_ref().map_or(0, Exporter::acknowledged);
        if !self.notebook.has_unsaved() && !self.notebook.pending.has_ready(acknowledged) {
            return;
        }
        match self.notebook.remember(acknowledged) {
            Ok(count) => {
                self.shared.counts.add_commits(count as u64);
                let last = self.numbers.drain(..count.min(self.numbers.len())).next_back();
                if let Some(last) = last {
                    self.shared.set_remembered(last);
                }
                if self.exporter.as_ref().is_some_and(|exporter| exporter.acknowledged() > 0) {
                    self.options.told.acknowledged = Some((self.clock)());
                    self.reopen.1 = RETRY[0];
                    self.shared.counts.set_given_up(false);
                }
                self.unremembered = self.exporter.as_ref().map_or(0, Exporter::unacknowledged);
                (self.is_dirty, self.is_mirror_old) = (true, true);
                self.note_state(Ok(()));
            }
            Err(error) => self.note_state(Err(error)),
        }
    }

    fn note_state(&mut self, result: Result<(), StoreError>) {
        match result {
            Ok(()) if self.is_state_failing => {
                self.is_state_failing = false;
                self.resave.1 = RETRY[0];
                self.observer.say("the state can be written again");
            }
            Ok(()) => {}
            Err(error) => {
                if !std::mem::replace(&mut self.is_state_failing, true) {
                    self.observer.say(&format!("{error}; delivering goes on, and nothing is lost"));
                }
                self.resave = (Instant::now() + self.resave.1, (self.resave.1 * 2).min(RETRY[1]));
            }
        }
    }

    async fn keep_books(&mut self) {
        if self.exporter.is_none() && Instant::now() >= self.reopen.0 {
            match (self.open_exporter)().await {
                Ok(exporter) => self.exporter = Some(exporter),
                Err(error) => {
                    self.observer.say(&format!("{error}; trying again in {} s", self.reopen.1.as_secs()));
                    self.reopen = (Instant::now() + self.reopen.1, (self.reopen.1 * 2).min(RETRY[1]));
                }
            }
        }
        let now = Instant::now();
        if self.is_dirty && !self.is_state_failing && now - self.flushed >= FLUSH_EVERY {
            (self.is_dirty, self.flushed) = (false, now);
            let result = self.notebook.flush();
            self.note_state(result);
        }
        if self.is_mirror_old && !self.is_state_failing && now - self.mirrored >= self.mirror_pause {
            self.write_mirror();
        }
        if now - self.pruned >= PRUNE_EVERY {
            self.pruned = now;
            let now_ms = (self.clock)();
            let result =
                self.keeper.with(|store| store.prune(now_ms, Store::HORIZON_MS, mirrors::is_there)).map(|_| ());
            self.note_state(result);
        }
        self.shared.counts.set_courier_alive((self.clock)());
        // Nobody hears of a follower that hangs but by the silence.
        let last = self.shared.alive();
        if last.is_none_or(|last| (self.clock)() - last < 120_000) {
            self.observer.alive();
        }
    }

    fn write_mirror(&mut self) {
        (self.is_mirror_old, self.mirrored) = (false, Instant::now());
        self.options.told.now = (self.clock)();
        self.options.told.problems = self.shared.problem_counts();
        match mirrors::write(self.keeper, &self.options.told) {
            Ok(files) => {
                self.mirror_pause = MIRROR_EVERY.max(Duration::from_secs(files as u64 / MIRROR_FILES_PER_SECOND));
            }
            Err(problem) => {
                tracing::warn!(problem, "the copy of the state for people was not written; the state itself is whole");
            }
        }
    }

    fn close(&mut self) {
        self.resave.0 = Instant::now();
        self.remember();
        let result = self.notebook.flush();
        self.note_state(result);
        if !self.is_state_failing {
            self.write_mirror();
        }
    }
}

/// Gives the exporter what it has not yet, else makes it deliver what it holds; true when it holds nothing any more.
/// Cancelling loses nothing.
async fn drive(exporter: Option<&mut Exporter>, backlog: &mut Option<Telemetry>) -> Result<bool, ExportError> {
    let Some(exporter) = exporter else { return Ok(false) };
    if let Some(telemetry) = backlog.take() {
        return exporter.send(telemetry).await.map(|()| false);
    }
    if exporter.has_room() {
        return exporter.flush().await.map(|()| true);
    }
    exporter.send(Telemetry::default()).await.map(|()| false)
}
