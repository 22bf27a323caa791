//! Whatever the order of writing, looking, stopping and killing: in the end the same spans were delivered as by one
//! reading of the whole, each id is noted, and the totals are those of one reading.

#![expect(clippy::disallowed_methods, reason = "the test has threads of its own, which wait for real files")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use claude_otel::checkpoint::lock::{Holder, Lock};
use claude_otel::checkpoint::store::{Options, Store};
use claude_otel::export::destination::{Destination, FileOptions};
use claude_otel::export::exporter::{ExportOptions, Exporter};
use claude_otel::pipeline::fingerprint;
use claude_otel::pipeline::keeper::Keeper;
use claude_otel::pipeline::mirrors::Told;
use claude_otel::pipeline::remembered::Remembered;
use claude_otel::pipeline::watch::{
    Clock, Courier, CourierOptions, Follower, FollowerOptions, FollowerParts, Observer, OpenExporter, Shared,
};
use claude_otel::source::{self, Hint, HintSink, OwnerRule, Scanner, hints};
use claude_otel::telemetry::span::Telemetry;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::finality::{Written, script};
use crate::golden::{folders, options, rebuild};
use crate::support::program::spans_in;
use crate::support::spans::resource;

/// How honest the hints are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hints {
    Honest,
    Off,
    /// Most are dropped, some come twice or late, some name what does not exist, and now and then all are lost.
    Lying,
}

/// One step of a random program.
#[derive(Debug, Clone)]
enum Step {
    /// Write so many lines, and so many hundredths of the next one.
    Write(usize, usize),
    /// Let some time pass for whoever watches.
    Breathe,
    /// End the watcher in order and start another one.
    Restart,
    /// Let the watcher vanish and start another one.
    Kill,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (1_usize..30, 0_usize..100).prop_map(|(lines, cut)| Step::Write(lines, cut)),
        3 => Just(Step::Breathe),
        1 => Just(Step::Restart),
        1 => Just(Step::Kill),
    ]
}

struct Silent;

impl Observer for Silent {
    fn alive(&mut self) {}
    fn say(&mut self, _: &str) {}
}

/// A root that is written to and a state, with whoever watches.
struct World {
    dir: tempfile::TempDir,
    time: Arc<AtomicI64>,
    hints: Hints,
    watcher: Option<Watcher>,
    told: usize,
}

struct Watcher {
    sink: HintSink,
    stop: oneshot::Sender<()>,
    kill: oneshot::Sender<()>,
    shared: Arc<Shared>,
    follower: JoinHandle<()>,
    courier: JoinHandle<()>,
}

impl World {
    fn new(hints: Hints) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("projects")).unwrap();
        let mut world = Self { dir, time: Arc::new(AtomicI64::new(0)), hints, watcher: None, told: 0 };
        world.start();
        world
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("projects").canonicalize().unwrap()
    }

    fn keeper(dir: &Path) -> Keeper {
        let holder = Holder { pid: std::process::id(), since: 0, command: "test".to_owned(), version: "0".to_owned() };
        // A child that another test starts holds a copy of the lock's descriptor until it runs its own program.
        let mut tries = 0;
        let lock = loop {
            match Lock::take(&dir.join("state"), &holder) {
                Ok(lock) => break lock,
                Err(error) if tries > 200 => panic!("{error}"),
                Err(_) => tries += 1,
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let options = Options { id_scheme: 1, app_version: "0".to_owned(), now_unix_ms: 0 };
        Keeper::open(lock, options).map_err(|(error, _)| error).unwrap().0
    }

    fn open_exporter(dir: PathBuf) -> OpenExporter {
        Box::new(move || {
            let file = FileOptions::new(dir.join("out"));
            Box::pin(Exporter::open(Destination::File(file), resource(), ExportOptions::new(dir.join("dead"))))
        })
    }

    fn start(&mut self) {
        let shared = Arc::new(Shared::default());
        let (sink, hints) = hints(8);
        let (outbox, inbox) = mpsc::channel(2);
        let (stop, stopped) = oneshot::channel::<()>();
        let (kill, killed) = oneshot::channel::<()>();
        let time = Arc::clone(&self.time);
        // Time goes on by itself too, or no rest would ever end.
        let began = Instant::now();
        let clock: Clock = Arc::new(move || time.load(Ordering::SeqCst) + began.elapsed().as_millis() as i64);
        let root = self.root();
        let dir = self.dir.path().to_path_buf();
        let (sent, received) = std::sync::mpsc::channel();
        let (courier_shared, courier_clock) = (Arc::clone(&shared), Arc::clone(&clock));
        let courier = std::thread::spawn(move || {
            let keeper = Arc::new(Self::keeper(&dir));
            sent.send(Arc::clone(&keeper)).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let open = Self::open_exporter(dir);
                let exporter = open().await.unwrap();
                let options = CourierOptions {
                    send_every: Duration::from_millis(5),
                    stop_within: Duration::from_secs(30),
                    told: Told::default(),
                };
                let parts = (courier_shared, courier_clock);
                let mut courier = Courier::new(&keeper, exporter, open, inbox, parts, options, Silent);
                tokio::select! {
                    _ = courier.run(async { drop(stopped.await) }) => {}
                    Ok(()) = killed => {}
                }
            });
        });
        let keeper = received.recv().unwrap();
        let (remembered, owned) = keeper.with(Remembered::load).unwrap();
        let mut rebuild = options(self.dir.path(), 1);
        rebuild.by_mtime = true;
        rebuild.closing.now = Some(0);
        let options = FollowerOptions {
            rebuild,
            roots: source::resolve(&[root], |_| None, None).unwrap(),
            owner: OwnerRule::Any,
            sweep_every: Duration::from_millis(if self.hints == Hints::Honest { 400 } else { 15 }),
            poll_every: Duration::from_millis(15),
            longest_wait: Duration::from_millis(5),
            clock,
        };
        let scanner = Scanner::new(options.roots.clone(), OwnerRule::Any);
        let (events, _) = mpsc::unbounded_channel();
        let parts = FollowerParts {
            hints,
            notifier: None,
            scanner,
            memory: keeper,
            owned,
            shared: Arc::clone(&shared),
            outbox,
            events,
        };
        let follower = std::thread::spawn(move || Follower::new(options, parts).run(remembered, None));
        self.watcher = Some(Watcher { sink, stop, kill, shared, follower, courier });
    }

    fn end(&mut self) {
        let Some(watcher) = self.watcher.take() else { return };
        let _ = watcher.stop.send(());
        watcher.courier.join().unwrap();
        watcher.shared.stop();
        watcher.follower.join().unwrap();
    }

    fn write(&mut self, path: &Path, bytes: &[u8], time: i64) {
        self.time.fetch_max(time, Ordering::SeqCst);
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = File::options().append(true).create(true).open(&path).unwrap();
        file.write_all(bytes).unwrap();
        let now = std::time::UNIX_EPOCH + Duration::from_millis(self.time.load(Ordering::SeqCst) as u64);
        file.set_times(fs::FileTimes::new().set_modified(now)).unwrap();
        self.hint(path);
    }

    fn hint(&mut self, path: PathBuf) {
        self.told += 1;
        let Some(watcher) = &self.watcher else { return };
        match (self.hints, self.told % 10) {
            (Hints::Off, _) | (Hints::Lying, 1..=7) => {}
            (Hints::Lying, 8) => {
                watcher.sink.send(Hint::Path(path.clone()));
                watcher.sink.send(Hint::Path(path));
                watcher.sink.send(Hint::Path(self.root().join("nowhere/never.jsonl")));
            }
            (Hints::Lying, 9) => watcher.sink.send(Hint::Rescan),
            _ => watcher.sink.send(Hint::Path(path)),
        }
    }

    /// What was delivered last of each span, as the folder holds it.
    fn delivered(&self) -> BTreeMap<String, Value> {
        let out = self.dir.path().join("out");
        if !out.exists() {
            return BTreeMap::new();
        }
        spans_in(&out).into_iter().map(|span| (span["spanId"].as_str().unwrap().to_owned(), span)).collect()
    }
}

/// What one reading of the whole makes.
fn expected(dir: &Path) -> (BTreeMap<String, Value>, Telemetry, claude_otel::pipeline::totals::Totals) {
    let whole = rebuild(dir, options(dir, 1));
    let json = claude_otel::export::preview::otlp_json(&resource(), &whole.spans).unwrap();
    let request: Value = serde_json::from_str(&json).unwrap();
    let spans = request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned().unwrap_or_default();
    let spans = spans.into_iter().map(|span| (span["spanId"].as_str().unwrap().to_owned(), span)).collect();
    (spans, Telemetry { spans: whole.spans, logs: whole.logs }, whole.totals)
}

fn run(folder: &Path, steps: &[Step], hints: Hints) -> Result<(), TestCaseError> {
    let mut world = World::new(hints);
    let lines = script(&folder.join("projects"));
    let mut rest = lines.iter().map(|Written { time, file, line }| (*time, file, &line[..])).collect::<Vec<_>>();
    rest.reverse();
    // Whatever the program does not write is written in the end.
    for step in steps.iter().chain(&[Step::Write(usize::MAX, 0)]) {
        match step {
            Step::Write(count, cut) => {
                for _ in 0..(*count).min(rest.len()) {
                    let Some((time, file, line)) = rest.pop() else { break };
                    world.write(file, line, time.max(0));
                }
                if let Some((time, file, line)) = rest.pop() {
                    let (first, second) = line.split_at(line.len() * cut / 100);
                    world.write(file, first, time.max(0));
                    rest.push((time, file, second));
                }
            }
            Step::Breathe => std::thread::sleep(Duration::from_millis(20)),
            Step::Restart => {
                world.end();
                world.start();
            }
            Step::Kill => {
                // What is not delivered and remembered at this moment is lost with the process.
                let watcher = world.watcher.take().unwrap();
                watcher.kill.send(()).unwrap();
                watcher.courier.join().unwrap();
                watcher.shared.stop();
                watcher.follower.join().unwrap();
                world.start();
            }
        }
    }
    prop_assert!(rest.is_empty());
    let ten_days = 10 * 24 * 60 * 60 * 1000;
    world.time.fetch_add(ten_days, Ordering::SeqCst);
    let (wanted, made, totals) = expected(world.dir.path());
    // Waiting has an end only so that a failure is told.
    let patience = Instant::now() + Duration::from_secs(20);
    while world.delivered() != wanted && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(10));
    }
    world.end();
    let delivered = world.delivered();
    for (id, span) in &wanted {
        let found = delivered.get(id);
        prop_assert!(found == Some(span), "{}: {}", folder.display(), difference(span, found));
    }
    prop_assert_eq!(delivered.len(), wanted.len());
    let keeper = World::keeper(world.dir.path());
    let snapshot = keeper.with(Store::load).unwrap();
    let mut noted = BTreeMap::new();
    for session in &snapshot.sessions {
        prop_assert_eq!(session.due, None);
        let spans = keeper.with(|store| store.delivered(&session.id)).unwrap();
        noted.extend(spans.iter().map(|span| (span.span_id, span.print)));
    }
    let spans = made.spans.iter().map(|span| (span.span_id, fingerprint::of_span(span)));
    let events = made.logs.iter().map(|record| (record.id, fingerprint::of_record(record)));
    let prints: BTreeMap<u64, u64> =
        spans.chain(events).map(|(id, print)| (u64::from_be_bytes(id.to_bytes()), print)).collect();
    prop_assert_eq!(noted, prints);
    prop_assert_eq!(keeper.with(Store::totals).unwrap(), totals.counters(made.spans.len() as u64));
    Ok(())
}

/// The lines in which two spans differ.
fn difference(wanted: &Value, found: Option<&Value>) -> String {
    let Some(found) = found else { return format!("{} was not delivered", wanted["name"]) };
    let (wanted, found) = (format!("{wanted:#}"), format!("{found:#}"));
    let lines = wanted.lines().zip(found.lines()).filter(|(wanted, found)| wanted != found);
    lines.map(|(wanted, found)| format!("{} is wanted, found {}; ", wanted.trim(), found.trim())).take(5).collect()
}

fn check(hints: Hints) {
    let folders = folders();
    let strategy = (any::<Index>(), prop::collection::vec(step(), 1..25));
    let cases = std::env::var("CLAUDE_OTEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&strategy, |(folder, steps): (Index, Vec<Step>)| run(&folders[folder.index(folders.len())], &steps, hints))
        .unwrap();
}

#[test]
fn with_honest_hints() {
    check(Hints::Honest);
}

#[test]
fn without_hints() {
    check(Hints::Off);
}

#[test]
fn with_lying_hints() {
    check(Hints::Lying);
}
