//! One pass over old transcripts: rebuild, map, deliver.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::plan::Plan;
use super::totals::Totals;
use super::workers::{self, RebuildOptions};
use crate::export::error::ExportError;
use crate::export::exporter::Exporter;
use crate::telemetry::span::Span;

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
}

/// Sees what is made, before it is delivered.
pub trait Observer {
    /// Looks at some spans of a family.
    fn spans(&mut self, spans: &[Span]);
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

/// Runs the pass. Without an exporter nothing is sent. What it comes to is kept in `outcome` as it comes, so that it
/// is known too when the pass is cut off.
pub async fn run(
    plan: Plan,
    options: RebuildOptions,
    exporter: Option<&mut Exporter>,
    stop: Stop<impl Future<Output = ()>>,
    observer: &mut impl Observer,
    outcome: &mut Outcome,
) {
    let families = plan.families.len();
    outcome.is_cut = true;
    let Stop { flag, asked } = stop;
    tokio::pin!(asked);
    let mut results = workers::start(&Arc::new(plan), &Arc::new(options), &flag);
    let mut progress = Progress::default();
    let mut exporter = exporter;
    loop {
        let part = tokio::select! {
            biased;
            () = &mut asked => break,
            part = results.next() => part,
        };
        let Some(part) = part else { break };
        observer.spans(&part.spans);
        progress.spans += part.spans.len() as u64;
        if let Some(exporter) = &mut exporter
            && let Err(error) = exporter.send(part.spans).await
        {
            outcome.failure = Some(error);
            break;
        }
        if let Some(end) = part.end {
            outcome.totals.merge(&end.totals);
            progress.bytes += end.bytes;
            progress.families += 1;
            observer.progress(progress);
        }
    }
    flag.store(true, Ordering::Relaxed);
    drop(results);
    if let Some(exporter) = exporter
        && outcome.failure.is_none()
        && let Err(error) = exporter.flush().await
    {
        outcome.failure = Some(error);
    }
    outcome.is_cut = progress.families < families;
}
