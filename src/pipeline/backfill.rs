//! One pass over old transcripts: rebuild, map, deliver.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::history::History;
use super::keeper::Keeper;
use super::ledger::OwnedIds;
use super::notebook::{MOST_UNREMEMBERED, Notebook};
use super::plan::Plan;
use super::totals::Totals;
use super::workers::{self, Handing, RebuildOptions};
use crate::checkpoint::error::StoreError;
use crate::export::error::ExportError;
use crate::export::exporter::Exporter;
use crate::telemetry::span::Telemetry;

/// How far the pass has come.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Bytes of the files dealt with.
    pub bytes: u64,
    /// Families dealt with.
    pub families: usize,
    /// Spans made.
    pub spans: u64,
}

/// What the pass came to, also when it did not come to its end.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was found.
    pub totals: Totals,
    /// Why delivery stopped.
    pub failure: Option<ExportError>,
    /// Whether it ended before all was dealt with.
    pub is_cut: bool,
    /// How many sessions were dealt with, whether or not anything of them was to be sent.
    pub sessions_read: u64,
    /// How many were to be.
    pub sessions_planned: u64,
    /// Spans that were delivered before and say something else now.
    pub corrected: u64,
    /// What is to be told of the past.
    pub history: History,
    /// Why what was delivered could not be remembered.
    pub forgotten: Option<StoreError>,
}

/// Sees what is made, before it is delivered.
pub trait Observer {
    /// Whether it looks at spans and events at all.
    fn is_looking(&self) -> bool;
    /// Looks at some spans and events of a family.
    fn telemetry(&mut self, telemetry: &Telemetry);
    /// Learns how far the pass has come, whenever a family is done.
    fn progress(&mut self, progress: Progress);
}

/// How the pass is stopped before its end.
#[derive(Debug)]
pub struct Stop<F> {
    /// Seen by the workers between two families.
    pub flag: Arc<AtomicBool>,
    /// Ready once it was asked for.
    pub asked: F,
}

/// What is worked on.
#[derive(Debug)]
pub struct Work {
    /// The families.
    pub plan: Plan,
    /// What is owned already.
    pub owned: OwnedIds,
    /// Whether what was told before is told again.
    pub is_again: bool,
}

/// Runs the pass. Without an exporter nothing is sent. What it comes to is kept in `outcome` as it comes, so that it
/// is known too when the pass is cut off.
pub async fn run(
    work: Work,
    options: RebuildOptions,
    exporter: Option<&mut Exporter>,
    keeper: Option<&Keeper>,
    stop: Stop<impl Future<Output = ()>>,
    observer: &mut impl Observer,
    outcome: &mut Outcome,
) {
    let Work { plan, owned, is_again } = work;
    let families: Vec<u64> = plan.families.iter().map(|family| family.sessions.len() as u64).collect();
    outcome.sessions_planned = families.iter().sum();
    let mut notebook = Notebook::new(keeper);
    outcome.is_cut = true;
    let Stop { flag, asked } = stop;
    tokio::pin!(asked);
    let mut exporter = exporter;
    let packing = exporter.as_ref().map(|exporter| exporter.packing());
    let handing = Handing { packing, is_shown: observer.is_looking() };
    let mut results = workers::start(&Arc::new(plan), owned, (&Arc::new(options), &handing), &flag);
    let mut progress = Progress::default();
    loop {
        let part = tokio::select! {
            biased;
            () = &mut asked => break,
            part = results.next() => part,
        };
        let Some(part) = part else { break };
        observer.telemetry(&part.telemetry);
        notebook.pending.hand(part.items);
        if let (Some(exporter), Some(load)) = (&mut exporter, part.load) {
            let sent = match load {
                Ok(load) => exporter.send_load(load).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                outcome.failure = Some(error);
                break;
            }
        }
        if let Some(end) = part.end {
            notebook.pending.push(end.commit);
            outcome.corrected += end.corrected;
            outcome.totals.merge(&end.totals);
            progress.spans = outcome.totals.spans;
            for (session, contributions) in end.history {
                let known = keeper.filter(|_| !is_again);
                let before = known.map_or_else(Vec::new, |keeper| keeper.measured(&session));
                outcome.history.add(&session, contributions, &before);
            }
            progress.bytes += end.bytes;
            // Families come in the order of the plan.
            outcome.sessions_read += families.get(progress.families).copied().unwrap_or_default();
            progress.families += 1;
            observer.progress(progress);
        }
        let acknowledged = exporter.as_ref().map_or(0, |exporter| exporter.acknowledged());
        outcome.forgotten =
            notebook.remember(acknowledged).and_then(|_| notebook.flush_sometimes(progress.bytes)).err();
        // What cannot be remembered is sent again by every run that follows.
        if outcome.forgotten.is_some() && notebook.unremembered() >= MOST_UNREMEMBERED {
            break;
        }
    }
    flag.store(true, Ordering::Relaxed);
    drop(results);
    if let Some(exporter) = &mut exporter
        && outcome.failure.is_none()
        && let Err(error) = exporter.flush().await
    {
        outcome.failure = Some(error);
    }
    let acknowledged = exporter.as_ref().map_or(0, |exporter| exporter.acknowledged());
    outcome.forgotten = notebook.remember(acknowledged).and_then(|_| notebook.flush()).err();
    outcome.is_cut = progress.families < families.len();
}
