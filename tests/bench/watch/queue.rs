//! What the pipeline itself adds: from a line that is appended to its span in the queue of the courier.
//!
//! The follower runs in this process, so that the moment is seen at which it hands over; appending, the system's event,
//! reading, rebuilding and mapping lie between.

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use claude_otel::pipeline::filter::Filter;
use claude_otel::pipeline::ledger::OwnedIds;
use claude_otel::pipeline::measuring::Measuring;
use claude_otel::pipeline::read::ReadOptions;
use claude_otel::pipeline::remembered::Remembered;
use claude_otel::pipeline::watch::{Clock, Follower, FollowerOptions, FollowerParts, Parcel, Shared};
use claude_otel::pipeline::workers::{NothingKnown, RebuildOptions};
use claude_otel::session::closing::ClosingOptions;
use claude_otel::source::{self, Notifier, OwnerRule, Root, RootOrigin, Scanner, hints};
use claude_otel::telemetry::options::MapOptions;
use claude_otel::transcript::claude::DecodeOptions;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::measure::table::{Table, number};
use crate::measure::{child, quantile};
use crate::transcripts::Session;

/// What a call's span is called.
const TOOL_SPAN: &str = "execute_tool";
/// The longest that a span is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Appends to one session so many times, and measures each.
pub(crate) fn measure(times: u64) -> Result<Value, Box<dyn Error>> {
    std::fs::create_dir_all(child::folder())?;
    let home = tempfile::tempdir_in(child::folder())?;
    let path = home.path().join("projects").canonicalize().unwrap_or_else(|_| home.path().join("projects"));
    let mut session = Session::begin(&path, 1)?;
    let (outbox, mut parcels) = mpsc::channel(64);
    let shared = Arc::new(Shared::default());
    let following = std::thread::spawn({
        let (shared, path) = (Arc::clone(&shared), path.clone());
        move || follow(&path, outbox, shared)
    });
    std::thread::sleep(Duration::from_millis(300));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let mut waits = Vec::new();
    for call in 0..times {
        let text = session.call(call);
        let mut file = File::options().append(true).open(&session.path)?;
        let begun = Instant::now();
        file.write_all(text.as_bytes())?;
        let has_come = runtime.block_on(async { tokio::time::timeout(PATIENCE, next_tool(&mut parcels)).await });
        if has_come == Ok(true) {
            waits.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        // No slower than a fast tool, and slow enough for the rest that is due after a rebuild.
        std::thread::sleep(Duration::from_millis(40));
    }
    shared.stop();
    drop(parcels);
    following.join().map_err(|_| "the follower has panicked")?;
    let seen = waits.len();
    let mut table = Table::new(&["appended -> queued", "p50 ms", "p99 ms"]);
    let mut parts = Vec::new();
    // A rebuild looks at the whole session, so that it takes longer the longer the session is.
    for (place, part) in waits.chunks_mut((seen / 4).max(1)).take(4).enumerate() {
        let name = format!("calls {} to {}", place * (seen / 4), (place + 1) * (seen / 4));
        let (p50, p99) = (quantile(part, 0.5), quantile(part, 0.99));
        table.row(vec![name.clone(), number(p50), number(p99)]);
        parts.push(json!({"name": name, "p50_ms": p50, "p99_ms": p99}));
    }
    println!("{table}");
    Ok(json!({"appends": times, "seen": seen, "parts": parts}))
}

/// Waits for a parcel with the span of a call in it.
async fn next_tool(parcels: &mut mpsc::Receiver<Parcel>) -> bool {
    while let Some(parcel) = parcels.recv().await {
        if parcel.telemetry.spans.iter().any(|span| span.name.starts_with(TOOL_SPAN)) {
            return true;
        }
    }
    false
}

fn follow(root: &Path, outbox: mpsc::Sender<Parcel>, shared: Arc<Shared>) {
    let clock: Clock = Arc::new(now);
    let roots = vec![Root { path: root.to_path_buf(), origin: RootOrigin::Home }];
    let (sink, hints) = hints(4096);
    let scanner = Scanner::new(roots.clone(), OwnerRule::Any);
    let (notifier, _) = Notifier::start(&roots, sink);
    let (events, _news) = mpsc::unbounded_channel();
    let minute = 60_000;
    let rebuild = RebuildOptions {
        source: source::Options::default(),
        read: ReadOptions {
            decode: DecodeOptions { latest: now() + 24 * 60 * minute, texts: false },
            resting_since: None,
        },
        closing: ClosingOptions { session_idle: 30 * minute, max_open: 24 * 60 * minute, now: None, written: None },
        map: MapOptions::default(),
        filter: Filter::default(),
        threads: 1,
        measuring: Measuring::Totals,
        now: now(),
        by_mtime: true,
        memory: None,
        assumed: HashSet::new(),
    };
    let options = FollowerOptions {
        rebuild,
        roots,
        owner: OwnerRule::Any,
        sweep_every: Duration::from_secs(30),
        poll_every: Duration::from_secs(2),
        longest_wait: Duration::from_secs(1),
        clock,
    };
    let parts = FollowerParts {
        hints,
        notifier: Some(notifier),
        scanner,
        memory: Arc::new(NothingKnown),
        owned: OwnedIds::default(),
        shared,
        outbox,
        events,
    };
    Follower::new(options, parts).run(Remembered::default(), None);
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
