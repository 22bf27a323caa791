//! Watches the roots for events and turns them into hints of where to look.
//!
//! Hints make following quick and cheap, never right: a new directory's first files mostly cause no event, queues
//! overflow, limits are reached, and some file systems say nothing. Whatever is missed is found by scanning, and
//! [`Health`] says how often that has to be done.

mod hints;
mod problem;
mod quiet;

pub use hints::{Hint, HintBatch, HintSink, Hints, hints};
pub use problem::NotifierProblem;
pub use quiet::quiet_file_system;

use super::roots::Root;
use notify::event::{CreateKind, ModifyKind, RemoveKind, RenameMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A directory can vanish while the tree is walked to be watched; the walk is then begun again so many times.
const ATTEMPTS: u32 = 3;

/// How far hints can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Every root that exists is watched.
    Healthy,
    /// Some directories are not watched, or changes made elsewhere cause no event.
    Partial,
    /// There will be no hints.
    Off,
}

/// Watches all roots with one watcher, since the system grants few of them.
#[derive(Debug)]
pub struct Notifier {
    watcher: Option<RecommendedWatcher>,
    state: Arc<State>,
}

/// What the watcher's thread and the caller's share.
#[derive(Debug, Default)]
struct State(Mutex<Watches>);

#[derive(Debug, Default)]
struct Watches {
    roots: Vec<(PathBuf, Reach)>,
    problems: Vec<NotifierProblem>,
}

/// How much of a root is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    All,
    Some,
    None,
    /// The root does not exist, which scanning will notice.
    Missing,
}

impl Notifier {
    /// Watches all that is below the roots; what cannot be watched is told and left to scanning.
    ///
    /// A root that does not exist is no problem: [`Notifier::rewatch`] is called when it appears.
    pub fn start(roots: &[Root], sink: HintSink) -> (Self, Vec<NotifierProblem>) {
        let state = Arc::new(State::default());
        state.lock().roots = roots.iter().map(|root| (root.path.clone(), Reach::None)).collect();
        let shared = Arc::clone(&state);
        let config = Config::default().with_follow_symlinks(false);
        let watcher = RecommendedWatcher::new(move |event| pass_on(event, &sink, &shared), config);
        let (watcher, mut problems) = match watcher {
            Ok(watcher) => (Some(watcher), Vec::new()),
            Err(error) => (None, vec![NotifierProblem::of(error)]),
        };
        let mut notifier = Self { watcher, state };
        for root in roots {
            problems.append(&mut notifier.rewatch(root));
        }
        (notifier, problems)
    }

    /// Watches a root that appeared, or that is another directory than it was.
    pub fn rewatch(&mut self, root: &Root) -> Vec<NotifierProblem> {
        let Some(watcher) = &mut self.watcher else { return Vec::new() };
        // A watch on the former directory is none on the present one; mostly there is none to be taken back.
        let _ = watcher.unwatch(&root.path);
        let (mut reach, problem) = watch(watcher, &root.path);
        let mut problems: Vec<_> = problem.into_iter().collect();
        if reach == Reach::All
            && let Some(file_system) = quiet_file_system(&root.path)
        {
            reach = Reach::Some;
            problems.push(NotifierProblem::NoEvents { path: root.path.clone(), file_system });
        }
        let mut known_roots = self.state.lock();
        match known_roots.roots.iter_mut().find(|(path, _)| *path == root.path) {
            Some((_, known)) => *known = reach,
            None => known_roots.roots.push((root.path.clone(), reach)),
        }
        problems
    }

    /// Says how far hints can be relied upon at present.
    pub fn health(&self) -> Health {
        let watches = self.state.lock();
        let any = |wanted: &[Reach]| watches.roots.iter().any(|(_, reach)| wanted.contains(reach));
        if self.watcher.is_none() || any(&[Reach::None]) && !any(&[Reach::All, Reach::Some]) {
            Health::Off
        } else if any(&[Reach::Some, Reach::None]) {
            Health::Partial
        } else {
            Health::Healthy
        }
    }

    /// Takes the problems that arose since watching began, each of them once.
    pub fn take_problems(&self) -> Vec<NotifierProblem> {
        std::mem::take(&mut self.state.lock().problems)
    }

    /// Counts the directories that this process watches, where the system tells.
    pub fn watches(&self) -> Option<usize> {
        let mut count = 0;
        for entry in std::fs::read_dir("/proc/self/fd").ok()? {
            let entry = entry.ok()?;
            // A descriptor that was closed meanwhile has no target.
            if std::fs::read_link(entry.path()).is_ok_and(|target| target == Path::new("anon_inode:inotify")) {
                let told = std::fs::read_to_string(Path::new("/proc/self/fdinfo").join(entry.file_name())).ok()?;
                count += told.lines().filter(|line| line.starts_with("inotify ")).count();
            }
        }
        Some(count)
    }
}

impl State {
    /// A thread that panicked has left nothing half done here.
    fn lock(&self) -> MutexGuard<'_, Watches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a problem that the watcher's thread met, once for each root until it is watched anew.
    fn note(&self, error: notify::Error) {
        let mut watches = self.lock();
        let place = error.paths.first().cloned();
        let mut is_new = false;
        for (root, reach) in &mut watches.roots {
            if *reach == Reach::All && place.as_ref().is_none_or(|place| place.starts_with(root)) {
                *reach = Reach::Some;
                is_new = true;
            }
        }
        if is_new {
            watches.problems.push(NotifierProblem::of(error));
        }
    }
}

fn watch(watcher: &mut RecommendedWatcher, root: &Path) -> (Reach, Option<NotifierProblem>) {
    let mut attempt = 1;
    loop {
        let Err(error) = watcher.watch(root, RecursiveMode::Recursive) else { return (Reach::All, None) };
        let is_vanished = match &error.kind {
            notify::ErrorKind::PathNotFound => true,
            notify::ErrorKind::Io(source) => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        };
        if is_vanished && !root.exists() {
            return (Reach::Missing, None);
        }
        if !is_vanished || attempt == ATTEMPTS {
            // What was watched before the error stays watched, and the root is the first.
            let reach = if error.paths.first().is_some_and(|path| path == root) { Reach::None } else { Reach::Some };
            return (reach, Some(NotifierProblem::of(error)));
        }
        attempt += 1;
    }
}

/// Runs in the watcher's thread, for every event.
fn pass_on(event: notify::Result<Event>, sink: &HintSink, state: &State) {
    match event {
        // Reading a file is an event as well: the most frequent one, and our own doing.
        Ok(Event { kind: EventKind::Access(_), .. }) => {}
        Ok(event) if event.need_rescan() => sink.send(Hint::Rescan),
        Ok(event) => {
            for path in event.paths {
                if concerns(event.kind, &path) {
                    sink.send(Hint::Path(path));
                }
            }
        }
        Err(error) => {
            state.note(error);
            sink.send(Hint::Rescan);
        }
    }
}

/// Says whether it may be a transcript, its description or a directory that something happened to.
fn concerns(kind: EventKind, path: &Path) -> bool {
    match kind {
        EventKind::Create(CreateKind::File)
        | EventKind::Remove(RemoveKind::File)
        | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => {
            let name = path.as_os_str().as_encoded_bytes();
            name.ends_with(b".jsonl") || name.ends_with(b".meta.json")
        }
        // Its two halves are told by themselves.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => false,
        _ => true,
    }
}

#[cfg(test)]
#[path = "notifier_tests.rs"]
mod tests;
