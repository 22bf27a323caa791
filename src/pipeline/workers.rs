//! Rebuilds families on several threads, with results in the order of the plan whatever the number of threads.
//!
//! Each worker reads and rebuilds a family by itself, waits for its turn to claim what the family owns, and maps the
//! rest to spans. No worker runs further ahead of the reader of the results than a few families.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::delivered::Delivered;
use super::family::{EmitOptions, FamilyOutcome, emit_family};
use super::filter::Filter;
use super::ledger::OwnedIds;
use super::live::LiveSession;
use super::measuring::Measuring;
use super::plan::{Family, Plan, SessionFiles};
use super::read::ReadOptions;
use super::totals::Totals;
use crate::checkpoint::rows::Commit;
use crate::export::error::ExportError;
use crate::export::packing::{Load, Packing};
use crate::session::closing::ClosingOptions;
use crate::session::ownership;
use crate::source::{self, TranscriptReader};
use crate::telemetry::measure::base::Contribution;
use crate::telemetry::options::MapOptions;
use crate::telemetry::span::Telemetry;
use crate::transcript::problem::{Problem, ProblemKind};

/// So many encoded bytes wait for their turn; the family whose turn it is never waits for those of others.
const MOST_QUEUED: usize = 1024 * 1024;

/// So many parts of the family whose turn it is wait beside that, so that neither side stops for each of them.
const PARTS_AHEAD: usize = 3;

/// What rebuilding may be told.
#[derive(Debug, Clone)]
pub struct RebuildOptions {
    /// How files are read.
    pub source: source::Options,
    /// How lines are read.
    pub read: ReadOptions,
    /// When turns and segments are over.
    pub closing: ClosingOptions,
    /// How facts become spans.
    pub map: MapOptions,
    /// What is sent.
    pub filter: Filter,
    /// Threads.
    pub threads: usize,
    /// Whether sessions are measured.
    pub measuring: Measuring,
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// Whether a file's last writing counts as a sign of life: a fresh copy of old files has new times.
    pub by_mtime: bool,
    /// What earlier runs delivered; none for runs that suppress and remember nothing.
    pub memory: Option<Arc<dyn Memory>>,
    /// Sessions that were delivered before, though nothing remembers it.
    pub assumed: HashSet<String>,
}

/// What is known from earlier runs.
pub trait Memory: std::fmt::Debug + Send + Sync {
    /// The spans of a session that were delivered.
    fn delivered(&self, session: &str) -> Delivered;
}

/// Remembers nothing from earlier runs, so that everything is sent again.
#[derive(Debug)]
pub struct NothingKnown;

impl Memory for NothingKnown {
    fn delivered(&self, _: &str) -> Delivered {
        Delivered::of(&[])
    }
}

/// A part of what one family came to; parts come in order.
#[derive(Debug)]
pub struct FamilyPart {
    /// The family's place in the plan.
    pub place: usize,
    /// How many spans and events are.
    pub items: usize,
    /// The same, encoded; none where nothing is sent.
    pub load: Option<Result<Load, ExportError>>,
    /// The same as it was made, where somebody wants to look at it.
    pub telemetry: Telemetry,
    /// On the last part: what the whole family came to.
    pub end: Option<FamilyEnd>,
}

/// What becomes of what is made.
#[derive(Debug, Clone, Default)]
pub struct Handing {
    /// How it is encoded, where it is sent.
    pub packing: Option<Packing>,
    /// Whether it is handed on as it was made, too.
    pub is_shown: bool,
}

impl Handing {
    /// Whether nobody takes anything.
    const fn is_nothing(&self) -> bool {
        self.packing.is_none() && !self.is_shown
    }
}

/// What a whole family came to.
#[derive(Debug)]
pub struct FamilyEnd {
    /// Its counts.
    pub totals: Totals,
    /// Bytes in its files, for the progress bar.
    pub bytes: u64,
    /// What is remembered once all its spans are acknowledged.
    pub commit: Commit,
    /// Spans that were handed over before and say something else now.
    pub corrected: u64,
    /// By session, what it adds to series, where stretches of time are told apart.
    pub history: Vec<(String, Vec<Contribution>)>,
}

/// How far the whole has come.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    owned: OwnedIds,
    claimed: usize,
    taken: usize,
    stopped: bool,
    /// Bytes of parts that nobody has taken yet.
    queued: usize,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, GateState> {
        // A worker that panicked leaves counts behind that are still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until(&self, is_ready: impl Fn(&GateState) -> bool) -> Option<MutexGuard<'_, GateState>> {
        let state = self
            .moved
            .wait_while(self.lock(), |state| !state.stopped && !is_ready(state))
            .unwrap_or_else(PoisonError::into_inner);
        (!state.stopped).then_some(state)
    }

    fn change(&self, change: impl FnOnce(&mut GateState)) {
        change(&mut self.lock());
        self.moved.notify_all();
    }
}

/// The results of all families, in order.
#[derive(Debug)]
pub struct Results {
    receiver: mpsc::Receiver<FamilyPart>,
    early: BTreeMap<usize, VecDeque<FamilyPart>>,
    next: usize,
    gate: Arc<Gate>,
}

/// Starts the work.
pub fn start(
    plan: &Arc<Plan>,
    owned: OwnedIds,
    (options, handing): (&Arc<RebuildOptions>, &Handing),
    stop: &Arc<AtomicBool>,
) -> Results {
    let threads = options.threads.clamp(1, plan.families.len().max(1));
    let (sender, receiver) = mpsc::channel(threads + PARTS_AHEAD);
    let state = Mutex::new(GateState { owned, ..GateState::default() });
    let gate = Arc::new(Gate { state, ..Gate::default() });
    let next = Arc::new(AtomicUsize::new(0));
    let spawn = |_| {
        let (plan, options, gate, next, stop, mut sender) = (
            Arc::clone(plan),
            Arc::clone(options),
            Arc::clone(&gate),
            Arc::clone(&next),
            Arc::clone(stop),
            Sender { parts: sender.clone(), gate: Arc::clone(&gate), handing: handing.clone(), held: None },
        );
        std::thread::spawn(move || {
            // Should a worker ever panic, nobody waits for its turn.
            let _guard = StopOnPanic(&gate);
            let mut reader = TranscriptReader::new(&options.source);
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(family) = plan.families.get(place).filter(|_| !stop.load(Ordering::Relaxed)) else { break };
                let window = threads * 2;
                if gate.wait_until(|state| place < state.taken + window).is_none() {
                    break;
                }
                if rebuild(place, family, &options, &mut reader, &mut sender).is_none() {
                    break;
                }
            }
            // A worker that stops early has claimed nothing for its family; the others must not wait for it.
            if stop.load(Ordering::Relaxed) {
                gate.change(|state| state.stopped = true);
            }
        });
    };
    (0..threads).for_each(spawn);
    Results { receiver, early: BTreeMap::new(), next: 0, gate }
}

struct StopOnPanic<'a>(&'a Gate);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.change(|state| state.stopped = true);
        }
    }
}

impl Results {
    /// The next part, family by family; none when all are done or the work was stopped.
    pub async fn next(&mut self) -> Option<FamilyPart> {
        loop {
            if let Some(part) = self.early.get_mut(&self.next).and_then(VecDeque::pop_front) {
                let is_last = part.end.is_some();
                if is_last {
                    self.early.remove(&self.next);
                    self.next += 1;
                }
                let (taken, bytes) = (self.next, part.bytes());
                if is_last || bytes > 0 {
                    self.gate.change(|state| {
                        state.taken = taken;
                        state.queued = state.queued.saturating_sub(bytes);
                    });
                }
                return Some(part);
            }
            let part = self.receiver.recv().await?;
            self.early.entry(part.place).or_default().push_back(part);
        }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        self.receiver.close();
        // A worker in the middle of a large session is not waited for: nobody will read what it makes.
        self.gate.change(|state| state.stopped = true);
    }
}

impl FamilyPart {
    /// How many bytes it holds encoded.
    fn bytes(&self) -> usize {
        self.load.as_ref().and_then(|load| load.as_ref().ok()).map_or(0, Load::bytes)
    }
}

/// A worker's end of the way to the results.
struct Sender {
    parts: mpsc::Sender<FamilyPart>,
    gate: Arc<Gate>,
    handing: Handing,
    /// The part that was made last: what the whole family came to goes with it.
    held: Option<FamilyPart>,
}

impl Sender {
    /// Encodes a part and hands over the one before; none when nobody takes it any more.
    fn send(&mut self, place: usize, telemetry: &mut Telemetry) -> Option<()> {
        let items = telemetry.len();
        let load = self.handing.packing.as_ref().map(|packing| packing.pack(telemetry));
        let telemetry = if self.handing.is_shown { std::mem::take(telemetry) } else { Telemetry::default() };
        let part = FamilyPart { place, items, load, telemetry, end: None };
        self.held.replace(part).map_or(Some(()), |before| self.hand(before))
    }

    /// Hands over the last part with what the whole family came to.
    fn end(&mut self, place: usize, end: FamilyEnd) -> Option<()> {
        let nothing = || FamilyPart { place, items: 0, load: None, telemetry: Telemetry::default(), end: None };
        let last = self.held.take().unwrap_or_else(nothing);
        self.hand(FamilyPart { end: Some(end), ..last })
    }

    /// Hands a part over. What comes before its turn waits once too much does.
    fn hand(&self, part: FamilyPart) -> Option<()> {
        let bytes = part.bytes();
        if bytes > 0 {
            let is_due = |state: &GateState| state.queued < MOST_QUEUED || state.taken == part.place;
            self.gate.wait_until(is_due)?.queued += bytes;
        }
        self.parts.blocking_send(part).ok()
    }
}

/// Rebuilds a family and sends what it comes to; none when nobody takes it any more.
fn rebuild(
    place: usize,
    family: &Family,
    options: &RebuildOptions,
    reader: &mut TranscriptReader,
    sender: &mut Sender,
) -> Option<()> {
    let mut read_problems = Vec::new();
    let mut lives = Vec::with_capacity(family.sessions.len());
    let mut sessions = Vec::with_capacity(family.sessions.len());
    for files in &family.sessions {
        let known = options.memory.as_ref().map_or_else(Delivered::unknown, |memory| memory.delivered(&files.id));
        let mut live = LiveSession::new(&files.id, known).keeping(options.map.keeping());
        let mut caught_up = live.catch_up(files, reader, options.read);
        read_problems.append(&mut caught_up.problems);
        let written = if options.by_mtime { live.written() } else { None };
        sessions.push(live.resolve(ClosingOptions { written, ..options.closing }));
        live.forget_lines();
        lives.push(live);
    }
    ownership::owner_order(&mut sessions);
    let owned = {
        let mut state = sender.gate.wait_until(|state| state.claimed == place)?;
        ownership::settle(&mut sessions, &state.owned);
        state.claimed += 1;
        state.owned.add(&sessions)
    };
    sender.gate.moved.notify_all();
    let mut is_taken = true;
    let emit_options = EmitOptions {
        map: &options.map,
        filter: &options.filter,
        assumed: &options.assumed,
        measuring: options.measuring,
        is_counting: sender.handing.is_nothing(),
        now: options.now,
    };
    let FamilyOutcome { commit, mut totals, corrected, history, .. } =
        emit_family(family, &sessions, owned, &mut lives, emit_options, |telemetry| {
            is_taken = is_taken && sender.send(place, telemetry).is_some();
        });
    for problem in read_problems {
        tracing::warn!(%problem, "a file was not read to its end");
        totals.add_problem(Problem::new(ProblemKind::UnreadableFile));
    }
    let bytes = family.sessions.iter().map(SessionFiles::size).sum();
    sender.end(place, FamilyEnd { totals, bytes, commit, corrected, history }).filter(|()| is_taken)
}
