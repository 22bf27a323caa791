use super::super::roots::RootOrigin;
use super::*;
use notify::event::{AccessKind, DataChange, Flag, MetadataKind};
use std::fs;
use std::io::Write;
use std::time::Duration;

/// Long enough for the busiest machine; a test that waits so long fails.
const PATIENCE: Duration = Duration::from_secs(20);

struct Place {
    _temp: tempfile::TempDir,
    root: Root,
    hints: Hints,
    sink: HintSink,
}

impl Place {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(temp.path()).unwrap().join("projects");
        fs::create_dir_all(path.join("p")).unwrap();
        let (sink, hints) = hints(1024);
        Self { _temp: temp, root: Root { path, origin: RootOrigin::Home }, hints, sink }
    }

    fn start(&self) -> (Notifier, Vec<NotifierProblem>) {
        Notifier::start(std::slice::from_ref(&self.root), self.sink.clone())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path.join(name)
    }

    /// Waits for a hint at this path and says which others came before it.
    #[track_caller]
    fn await_hint(&self, name: &str) -> Vec<Hint> {
        let wanted = Hint::Path(self.path(name));
        let mut before = Vec::new();
        loop {
            match self.hints.next(PATIENCE) {
                Some(hint) if hint == wanted => return before,
                Some(hint) => before.push(hint),
                None => panic!("no hint at {name}, but {before:?}"),
            }
        }
    }
}

fn append(path: &Path, text: &str) {
    fs::File::options().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_file_that_is_written_to_is_hinted_at_and_reading_is_not() {
    let place = Place::new();
    append(&place.path("p/S.jsonl"), "{}\n");
    append(&place.path("p/notes.txt"), "x");
    let (notifier, problems) = place.start();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(notifier.health(), Health::Healthy);
    fs::read(place.path("p/S.jsonl")).unwrap();
    append(&place.path("p/notes.txt"), "x");
    append(&place.path("p/S.jsonl"), "{}\n");
    assert_eq!(place.await_hint("p/S.jsonl"), []);
    append(&place.path("p/agent-x.meta.json"), "{}\n");
    let before = place.await_hint("p/agent-x.meta.json");
    // Making and filling a file are two events.
    assert!(before.iter().all(|hint| *hint == Hint::Path(place.path("p/S.jsonl"))), "{before:?}");
}

#[test]
fn a_new_directory_is_hinted_at_and_watched_from_then_on() {
    let place = Place::new();
    let (_notifier, _) = place.start();
    fs::create_dir_all(place.path("q/S/subagents")).unwrap();
    place.await_hint("q");
    // The watch is set a moment after the hint, so that a first file may be missed: here one event of many is enough.
    let path = place.path("q/S/subagents/agent-x.jsonl");
    let wanted = Hint::Path(path.clone());
    let found = (0..400).any(|_| {
        append(&path, "{}\n");
        place.hints.next(Duration::from_millis(50)) == Some(wanted.clone())
    });
    assert!(found, "no hint at the file in the new directory");
}

#[test]
fn a_file_that_moves_is_hinted_at_by_both_names() {
    let place = Place::new();
    append(&place.path("p/S.jsonl"), "{}\n");
    let (_notifier, _) = place.start();
    fs::rename(place.path("p/S.jsonl"), place.path("S.jsonl")).unwrap();
    let mut names = vec![place.hints.next(PATIENCE).unwrap(), place.hints.next(PATIENCE).unwrap()];
    names.sort_by_key(|hint| format!("{hint:?}"));
    assert_eq!(names, [Hint::Path(place.path("S.jsonl")), Hint::Path(place.path("p/S.jsonl"))]);
    // A third event tells of both at once and says nothing new.
    append(&place.path("S.jsonl"), "{}\n");
    assert_eq!(place.await_hint("S.jsonl"), []);
}

#[test]
fn a_root_that_is_made_again_is_watched_again() {
    let place = Place::new();
    let (mut notifier, _) = place.start();
    fs::remove_dir_all(&place.root.path).unwrap();
    place.await_hint("");
    fs::create_dir_all(place.path("p")).unwrap();
    let problems = notifier.rewatch(&place.root);
    assert!(problems.is_empty(), "{problems:?}");
    append(&place.path("p/S.jsonl"), "{}\n");
    place.await_hint("p/S.jsonl");
}

#[test]
fn a_root_that_is_missing_is_no_problem_and_watched_once_it_appears() {
    let place = Place::new();
    fs::remove_dir_all(&place.root.path).unwrap();
    let (mut notifier, problems) = place.start();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(notifier.health(), Health::Healthy);
    fs::create_dir_all(place.path("p")).unwrap();
    assert!(notifier.rewatch(&place.root).is_empty());
    append(&place.path("p/S.jsonl"), "{}\n");
    place.await_hint("p/S.jsonl");
}

#[test]
fn a_link_is_not_followed() {
    let place = Place::new();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path("link")).unwrap();
    let (_notifier, _) = place.start();
    append(&outside.path().join("S.jsonl"), "{}\n");
    append(&place.path("link/S.jsonl"), "{}\n");
    append(&place.path("p/T.jsonl"), "{}\n");
    assert_eq!(place.await_hint("p/T.jsonl"), []);
}

/// What the watcher's thread makes of one event.
fn hints_of(event: notify::Result<Event>, place: &Place, state: &State) -> Vec<Hint> {
    pass_on(event, &place.sink, state);
    std::iter::from_fn(|| place.hints.next(Duration::ZERO)).collect()
}

#[test]
fn only_what_may_matter_becomes_a_hint() {
    let place = Place::new();
    let of = |kind: EventKind, path: &str| {
        hints_of(Ok(Event::new(kind).add_path(path.into())), &place, &State::default()).len()
    };
    let data = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    let metadata = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));
    for kind in [data, metadata, EventKind::Create(CreateKind::File), EventKind::Remove(RemoveKind::File)] {
        assert_eq!((of(kind, "/p/S.jsonl"), of(kind, "/p/agent-x.meta.json"), of(kind, "/p/x.txt")), (1, 1, 0));
    }
    for kind in [
        EventKind::Create(CreateKind::Folder),
        EventKind::Remove(RemoveKind::Folder),
        EventKind::Modify(ModifyKind::Name(RenameMode::From)),
        EventKind::Modify(ModifyKind::Name(RenameMode::To)),
        EventKind::Any,
    ] {
        assert_eq!(of(kind, "/p/folder.d"), 1, "{kind:?}");
    }
    assert_eq!(of(EventKind::Access(AccessKind::Any), "/p/S.jsonl"), 0);
}

#[test]
fn lost_events_and_errors_mean_looking_everywhere() {
    let place = Place::new();
    let state = State::default();
    let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
    assert_eq!(hints_of(Ok(lost), &place, &state), [Hint::Rescan]);
    assert_eq!(hints_of(Err(notify::Error::generic("x")), &place, &state), [Hint::Rescan]);
}

#[test]
fn a_limit_that_is_reached_later_is_told_once_and_lasts_until_all_is_watched_anew() {
    let place = Place::new();
    let (mut notifier, _) = place.start();
    for name in ["p/a", "p/b"] {
        let limit = notify::Error::new(notify::ErrorKind::MaxFilesWatch).add_path(place.path(name));
        assert_eq!(hints_of(Err(limit), &place, &notifier.state), [Hint::Rescan]);
    }
    assert_eq!(notifier.health(), Health::Partial);
    let problems = notifier.take_problems();
    assert!(
        matches!(&problems[..], [NotifierProblem::WatchLimit { path }] if *path == place.path("p/a")),
        "{problems:?}"
    );
    assert!(notifier.take_problems().is_empty());
    assert!(notifier.rewatch(&place.root).is_empty());
    assert_eq!(notifier.health(), Health::Healthy);
}
