//! Rebuilds families on several threads, with results in the order of the plan whatever the number of threads.
//!
//! Each worker reads and rebuilds families by itself, and maps to spans what was settled in its turn (`order`). While a
//! large family is read by one, the others read those behind it; none runs further ahead of the reader of the results
//! than a few families of a few megabytes.

mod family;
mod options;
mod order;
mod parts;
mod results;
mod sender;

pub(in crate::pipeline) use family::{ReadFamily, read};
pub use options::{Memory, NothingKnown, RebuildOptions};
pub use parts::{FamilyEnd, FamilyPart, Handing};
pub use results::Results;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::mpsc;

use super::ledger::OwnedIds;
use super::plan::{Plan, SessionFiles};
use crate::source::TranscriptReader;
use order::{Job, Order};
use sender::Sender;

/// So many parts wait for the reader of the results, so that neither side stops for each of them.
const PARTS_AHEAD: usize = 3;
/// So many families are under way for each worker.
const FAMILIES_AHEAD: usize = 4;

/// Starts the work.
pub fn start(
    plan: &Arc<Plan>,
    owned: OwnedIds,
    (options, handing): (&Arc<RebuildOptions>, &Handing),
    stop: &Arc<AtomicBool>,
) -> Results {
    let threads = options.threads.clamp(1, plan.families.len().max(1));
    let (parts, receiver) = mpsc::channel(threads + PARTS_AHEAD);
    let sizes = plan.families.iter().map(|family| family.sessions.iter().map(SessionFiles::size).sum()).collect();
    let order = Arc::new(Order::new(sizes, threads * FAMILIES_AHEAD, owned, Arc::clone(stop)));
    for _ in 0..threads {
        let (plan, options, order) = (Arc::clone(plan), Arc::clone(options), Arc::clone(&order));
        let sender = Sender::new(parts.clone(), Arc::clone(&order), handing.clone());
        std::thread::spawn(move || {
            // Should a worker ever panic, nobody waits for its turn.
            let _guard = StopOnPanic(&order);
            work(&plan, &options, &order, sender);
        });
    }
    Results::new(receiver, order)
}

/// Works until nothing is left, or nobody takes the results any more.
fn work(plan: &Plan, options: &RebuildOptions, order: &Order, mut sender: Sender) {
    let mut reader = TranscriptReader::new(&options.source);
    while let Some(job) = order.job() {
        match job {
            Job::Read(place) => {
                let read = plan.families.get(place).map(|family| read(family, options, &mut reader));
                order.keep(place, read.unwrap_or_default());
            }
            Job::Emit(place, read, owned) => {
                let Some(family) = plan.families.get(place) else { return };
                if family::emit((place, family), *read, owned, options, &mut sender).is_none() {
                    return;
                }
            }
        }
    }
}

struct StopOnPanic<'a>(&'a Order);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}
