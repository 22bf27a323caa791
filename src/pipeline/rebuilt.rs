//! Every session of a plan, rebuilt and settled, for those who look at sessions and send nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, PoisonError};

use super::filter::is_named;
use super::ledger::OwnedIds;
use super::plan::{Family, Plan, SessionFiles};
use super::workers::{ReadFamily, RebuildOptions, read};
use crate::session::facts::Session;
use crate::session::ownership;
use crate::source::{SourceProblem, TranscriptReader};

/// Hands every session that the filter takes to `take`, in the order in which things come to be owned, until that says
/// no. What could not be read to its end comes back. The result does not depend on the number of threads.
pub fn rebuilt(
    plan: &Plan,
    options: &RebuildOptions,
    mut take: impl FnMut(&SessionFiles, Session) -> bool,
) -> Vec<SourceProblem> {
    let mut owned = OwnedIds::default();
    let mut problems = Vec::new();
    let mut settle = |family: &Family, ReadFamily { mut sessions, problems: mut found, .. }: ReadFamily| {
        problems.append(&mut found);
        ownership::settle(&mut sessions, &owned);
        owned.add(&sessions);
        for session in sessions.into_iter().filter(|session| options.filter.takes_session(session)) {
            let files = family.sessions.iter().find(|files| files.id == *session.id);
            if files.is_some_and(|files| !take(files, session)) {
                return false;
            }
        }
        true
    };
    let threads = options.threads.min(plan.families.len());
    if threads > 1 {
        on_threads(plan, options, threads, settle);
    } else {
        let mut reader = TranscriptReader::new(&options.source);
        for family in &plan.families {
            if !settle(family, read(family, options, &mut reader)) {
                break;
            }
        }
    }
    problems
}

/// How many families were taken; everything, once nobody takes any more.
#[derive(Default)]
struct Taken {
    count: Mutex<usize>,
    moved: Condvar,
}

impl Taken {
    fn set(&self, count: usize) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) = count;
        self.moved.notify_all();
    }

    /// Waits until a family is near enough to the one that is taken next; false when nobody takes it any more.
    fn wait_for(&self, place: usize, window: usize) -> bool {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let is_far = |count: &mut usize| *count != usize::MAX && place >= *count + window;
        *self.moved.wait_while(count, is_far).unwrap_or_else(PoisonError::into_inner) != usize::MAX
    }
}

/// Lets nobody wait for somebody who is gone.
struct EndOnPanic<'a>(&'a Taken);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(usize::MAX);
        }
    }
}

/// Reads families on several threads, none of which runs far ahead, and takes them here in the order of the plan.
fn on_threads(
    plan: &Plan,
    options: &RebuildOptions,
    threads: usize,
    mut settle: impl FnMut(&Family, ReadFamily) -> bool,
) {
    let (taken, next) = (Taken::default(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let (sender, taken, next) = (sender.clone(), &taken, &next);
            scope.spawn(move || {
                let _guard = EndOnPanic(taken);
                let mut reader = TranscriptReader::new(&options.source);
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(family) = plan.families.get(place) else { break };
                    if !taken.wait_for(place, threads * 2) {
                        break;
                    }
                    if sender.send((place, read(family, options, &mut reader))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let _guard = EndOnPanic(&taken);
        let mut early = BTreeMap::new();
        for (place, family) in plan.families.iter().enumerate() {
            let read = loop {
                match early.remove(&place) {
                    Some(read) => break Some(read),
                    None => match receiver.recv() {
                        Ok((place, read)) => {
                            early.insert(place, read);
                        }
                        Err(_) => break None,
                    },
                }
            };
            let Some(read) = read else { break };
            if !settle(family, read) {
                break;
            }
            taken.set(place + 1);
        }
        taken.set(usize::MAX);
    });
}

impl Plan {
    /// The families with a session whose id begins so: copies of history are only known beside what they were copied
    /// from.
    #[must_use]
    pub fn of_sessions(mut self, prefixes: &[String]) -> Self {
        self.families.retain(|family| family.sessions.iter().any(|files| is_named(&files.id, prefixes)));
        self
    }

    /// The families of which a file was written to at this time, in milliseconds since 1970, or later.
    #[must_use]
    pub fn written_since(mut self, since: i64) -> Self {
        self.families.retain(|family| family.sessions.iter().any(|files| files.written() >= since));
        self
    }

    /// The session whose files were written to last.
    pub fn latest(&self) -> Option<&SessionFiles> {
        let sessions = self.families.iter().flat_map(|family| &family.sessions);
        sessions.filter(|files| !files.mains.is_empty()).max_by_key(|files| files.written())
    }
}
