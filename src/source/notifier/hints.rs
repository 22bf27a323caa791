//! The queue of hints between whoever sees events and whoever looks at files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// Where something may have changed; it may be late, repeated or wrong, and may be missing altogether.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Here.
    Path(PathBuf),
    /// Anywhere: events were lost.
    Rescan,
}

/// Makes a queue of so many hints; what does not fit becomes one [`Hint::Rescan`].
///
/// ```
/// use claude_otel::source::{Hint, HintBatch, hints};
///
/// let (sink, hints) = hints(1);
/// sink.send(Hint::Path("/a".into()));
/// sink.send(Hint::Path("/b".into()));
/// let mut batch = HintBatch::default();
/// hints.drain(&mut batch);
/// assert!(batch.rescan && batch.paths.len() == 1);
/// ```
pub fn hints(capacity: usize) -> (HintSink, Hints) {
    let (sender, receiver) = sync_channel(capacity);
    let sink = HintSink { sender, has_overflowed: Arc::new(AtomicBool::new(false)) };
    (sink.clone(), Hints { receiver, sink })
}

/// The end that hints are put into.
#[derive(Debug, Clone)]
pub struct HintSink {
    sender: SyncSender<Hint>,
    has_overflowed: Arc<AtomicBool>,
}

impl HintSink {
    /// Puts a hint into the queue and never waits: events come from a thread that must not stand still.
    pub fn send(&self, hint: Hint) {
        if self.sender.try_send(hint).is_err() {
            self.has_overflowed.store(true, Ordering::Release);
        }
    }
}

/// The end that hints are taken from.
#[derive(Debug)]
pub struct Hints {
    receiver: Receiver<Hint>,
    /// Held so that waiting for hints stays waiting when nobody is left to give any.
    sink: HintSink,
}

impl Hints {
    /// Waits for a hint, at most for so long.
    pub fn next(&self, timeout: Duration) -> Option<Hint> {
        self.overflow().or_else(|| self.receiver.recv_timeout(timeout).ok())
    }

    /// Takes all hints that are there.
    pub fn drain(&self, batch: &mut HintBatch) {
        // The flag is read first and last, for it can be set while the queue is being emptied.
        let hints = self.overflow().into_iter().chain(self.receiver.try_iter());
        hints.for_each(|hint| batch.add(hint));
        batch.rescan |= self.overflow().is_some();
    }

    fn overflow(&self) -> Option<Hint> {
        self.sink.has_overflowed.swap(false, Ordering::AcqRel).then_some(Hint::Rescan)
    }
}

/// Hints put together, each path once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HintBatch {
    /// Where to look.
    pub paths: BTreeSet<PathBuf>,
    /// Whether to look everywhere.
    pub rescan: bool,
}

impl HintBatch {
    /// Adds a hint.
    pub fn add(&mut self, hint: Hint) {
        match hint {
            Hint::Path(path) => {
                self.paths.insert(path);
            }
            Hint::Rescan => self.rescan = true,
        }
    }

    /// Says whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.rescan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> Hint {
        Hint::Path(name.into())
    }

    #[test]
    fn hints_come_in_order_and_the_wait_for_one_ends() {
        let (sink, hints) = hints(4);
        assert_eq!(hints.next(Duration::ZERO), None);
        sink.send(path("/b"));
        sink.send(Hint::Rescan);
        sink.send(path("/a"));
        let all: Vec<_> = std::iter::from_fn(|| hints.next(Duration::ZERO)).collect();
        assert_eq!(all, [path("/b"), Hint::Rescan, path("/a")]);
    }

    #[test]
    fn what_does_not_fit_is_one_rescan_and_then_the_queue_works_on() {
        let (sink, hints) = hints(2);
        for name in ["/a", "/b", "/c", "/d"] {
            sink.send(path(name));
        }
        let all: Vec<_> = std::iter::from_fn(|| hints.next(Duration::ZERO)).collect();
        assert_eq!(all, [Hint::Rescan, path("/a"), path("/b")]);
        sink.send(path("/e"));
        assert_eq!(hints.next(Duration::ZERO), Some(path("/e")));
        assert_eq!(hints.next(Duration::ZERO), None);
    }

    #[test]
    fn a_batch_holds_each_path_once() {
        let (sink, hints) = hints(8);
        for name in ["/b", "/a", "/b"] {
            sink.send(path(name));
        }
        let mut batch = HintBatch::default();
        assert!(batch.is_empty());
        hints.drain(&mut batch);
        assert_eq!(batch, HintBatch { paths: ["/a", "/b"].map(PathBuf::from).into(), rescan: false });
        sink.send(Hint::Rescan);
        hints.drain(&mut batch);
        assert!(batch.rescan && batch.paths.len() == 2);
    }

    #[test]
    fn waiting_goes_on_when_nobody_is_left_to_give_hints() {
        let (sink, hints) = hints(1);
        drop(sink);
        // A queue whose other end is gone would end the wait with an error that looks like a time that ran out.
        assert!(matches!(hints.receiver.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty)));
    }
}
