//! Following files that are written to, cut, replaced, moved and deleted, in any order, against a model of them.

mod limits;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use claude_otel::checkpoint::rows::FileRow;
use claude_otel::source::{
    Changes, Consumed, Item, LastLine, Options, OwnerRule, Root, RootOrigin, Scanner, Standing, Sweep, TranscriptReader,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Files and the directories that they move between.
const NAMES: [&str; 4] = ["a/S.jsonl", "a/T.jsonl", "b/S.jsonl", "b/c/U.jsonl"];
const LONGEST_LINE: usize = 40;

#[test]
fn what_is_remembered_of_a_file_is_what_knows_it_again() {
    assert_eq!((Consumed::HEAD_BYTES, Consumed::TAIL_BYTES), (FileRow::HEAD_BYTES, FileRow::TAIL_BYTES));
}

/// What somebody does to the files; the first number is always a place in [`NAMES`].
#[derive(Debug, Clone)]
enum Step {
    Append(usize, Vec<u8>),
    /// Cuts a file to some percent of its size.
    Cut(usize, u64),
    Rewrite(usize, Vec<u8>),
    Replace(usize, Vec<u8>),
    Rename(usize, usize),
    Delete(usize),
    /// The follower looks at everything, at what is warm, or at hints that name these files.
    Full,
    Light,
    Look(Vec<usize>),
    /// The follower loses everything but where it stands.
    Restart,
}

/// Bytes as they are written: whole lines, halves, runs of NUL, lines that are too long, records without a newline
/// between them.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z]{0,12}\n",
        2 => "[a-z]{1,12}",
        1 => "\0{1,60}",
        1 => "[a-z]{41,90}\n?",
        1 => Just("{}{}\n".to_owned()),
        1 => Just("\n".to_owned()),
    ];
    vec(piece, 1..5).prop_map(|pieces| pieces.concat().into_bytes())
}

fn step() -> impl Strategy<Value = Step> {
    let file = 0..NAMES.len();
    prop_oneof![
        8 => (file.clone(), bytes()).prop_map(|(file, bytes)| Step::Append(file, bytes)),
        1 => (file.clone(), 0..100_u64).prop_map(|(file, percent)| Step::Cut(file, percent)),
        1 => (file.clone(), bytes()).prop_map(|(file, bytes)| Step::Rewrite(file, bytes)),
        1 => (file.clone(), bytes()).prop_map(|(file, bytes)| Step::Replace(file, bytes)),
        2 => (file.clone(), file.clone()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => file.clone().prop_map(Step::Delete),
        2 => Just(Step::Full),
        2 => Just(Step::Light),
        4 => vec(file, 1..4).prop_map(Step::Look),
        1 => Just(Step::Restart),
    ]
}

/// The files as they should be, and as they are on the disk.
struct Model {
    base: PathBuf,
    files: BTreeMap<usize, Vec<u8>>,
    /// Each change has a time of its own, since two within a tick of the file system's clock would look like one.
    clock: u64,
}

impl Model {
    fn path(&self, file: usize) -> PathBuf {
        self.base.join(NAMES[file])
    }

    fn changed(&mut self, file: usize) {
        self.clock += 1;
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(self.clock);
        File::open(self.path(file)).unwrap().set_modified(time).unwrap();
    }

    fn act(&mut self, step: &Step) {
        match *step {
            Step::Append(file, ref bytes) => {
                let path = self.path(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                File::options().append(true).create(true).open(path).unwrap().write_all(bytes).unwrap();
                self.files.entry(file).or_default().extend_from_slice(bytes);
                self.changed(file);
            }
            Step::Cut(file, percent) => {
                let path = self.path(file);
                let Some(bytes) = self.files.get_mut(&file) else { return };
                bytes.truncate(bytes.len() * percent as usize / 100);
                File::options().write(true).open(path).unwrap().set_len(bytes.len() as u64).unwrap();
                self.changed(file);
            }
            Step::Rewrite(file, ref bytes) => {
                if self.files.contains_key(&file) {
                    fs::write(self.path(file), bytes).unwrap();
                    self.files.insert(file, bytes.clone());
                    self.changed(file);
                }
            }
            Step::Replace(file, ref bytes) => {
                if self.files.contains_key(&file) {
                    let new = self.base.join("new");
                    fs::write(&new, bytes).unwrap();
                    fs::rename(new, self.path(file)).unwrap();
                    self.files.insert(file, bytes.clone());
                    self.changed(file);
                }
            }
            Step::Rename(from, to) => {
                if from == to || !self.files.contains_key(&from) {
                    return;
                }
                let path = self.path(to);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::rename(self.path(from), path).unwrap();
                let bytes = self.files.remove(&from).unwrap();
                self.files.insert(to, bytes);
            }
            Step::Delete(file) => {
                if self.files.remove(&file).is_some() {
                    fs::remove_file(self.path(file)).unwrap();
                    // The directory goes with its last file.
                    let _ = fs::remove_dir(self.path(file).parent().unwrap());
                }
            }
            Step::Full | Step::Light | Step::Look(_) | Step::Restart => {}
        }
    }

    /// The lines that somebody who reads each file once from its start would see; a file without a byte is none.
    fn lines(&self) -> BTreeMap<PathBuf, Vec<String>> {
        let of = |bytes: &[u8]| {
            let ends = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
            bytes[..ends].split_inclusive(|byte| *byte == b'\n').map(line).collect()
        };
        let files = self.files.iter().filter(|(_, bytes)| !bytes.is_empty());
        files.map(|(file, bytes)| (self.path(*file), of(bytes))).collect()
    }
}

/// What is seen of one line with its newline.
fn line(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes[..bytes.len() - 1].to_vec()).unwrap();
    if text.len() > LONGEST_LINE { format!("{} bytes", bytes.len()) } else { text.trim_matches('\0').to_owned() }
}

/// Follows the files as the watcher does, and keeps every line that it was given.
struct Follower {
    root: Root,
    scanner: Scanner,
    reader: TranscriptReader,
    files: BTreeMap<PathBuf, (Vec<String>, Consumed)>,
    now: i64,
}

impl Follower {
    fn new(base: &Path) -> Self {
        let root = Root { path: base.to_path_buf(), origin: RootOrigin::Home };
        Self {
            scanner: Scanner::new(vec![root.clone()], OwnerRule::Any),
            reader: TranscriptReader::new(&Options { max_line_bytes: LONGEST_LINE, ..Options::default() }),
            files: BTreeMap::new(),
            root,
            now: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i64,
        }
    }

    fn act(&mut self, step: &Step) {
        let changes = match step {
            Step::Full => self.scanner.sweep(Sweep::Full, self.now),
            Step::Light => self.scanner.sweep(Sweep::Light, self.now),
            Step::Look(files) => self.scanner.look(files.iter().map(|file| self.root.path.join(NAMES[*file]))),
            Step::Restart => {
                *self = Self { files: std::mem::take(&mut self.files), ..Self::new(&self.root.path) };
                for (_, consumed) in self.files.values_mut() {
                    consumed.skipping = None;
                }
                let changes = self.scanner.sweep(Sweep::Full, self.now);
                self.files.retain(|path, _| self.scanner.get(path).is_some());
                changes
            }
            _ => return,
        };
        self.take(&changes);
    }

    fn take(&mut self, changes: &Changes) {
        // All old names are left before any new one is taken, for files can change places.
        let moved: Vec<_> = changes.moved.iter().map(|(from, to)| (to, self.files.remove(from))).collect();
        for (to, known) in moved {
            match known {
                Some(known) => self.files.insert(to.path.clone(), known),
                None => self.files.remove(&to.path),
            };
            self.read(&to.path);
        }
        for file in &changes.gone {
            self.files.remove(&file.path);
        }
        for file in &changes.changed {
            self.read(&file.path);
        }
        assert!(changes.problems.is_empty(), "{:?}", changes.problems);
    }

    fn read(&mut self, path: &Path) {
        let standing = self.files.get(path).map(|(_, consumed)| self.reader.resume(path, consumed).unwrap());
        if standing.is_none_or(|standing| !standing.continues()) {
            self.files.remove(path);
            self.reader.open(path, 0).unwrap();
        }
        let mut lines = self.files.remove(path).map(|(lines, _)| lines).unwrap_or_default();
        while let Some(item) = self.reader.next_line().unwrap() {
            match item {
                Item::Line(line) if line.terminated => lines.push(String::from_utf8(line.bytes.to_vec()).unwrap()),
                Item::Oversized(line) if line.terminated => lines.push(format!("{} bytes", line.len)),
                Item::Line(_) | Item::Oversized(_) => {}
            }
        }
        let consumed = self.reader.consumed(LastLine::Left).unwrap().unwrap();
        self.files.insert(path.to_path_buf(), (lines, consumed));
    }

    fn lines(&self) -> BTreeMap<PathBuf, Vec<String>> {
        // A file that was emptied stays known, and one that is found empty is not.
        let has_bytes = |path: &Path| self.scanner.get(path).is_some_and(|file| file.size > 0);
        let files = self.files.iter().filter(|(path, _)| has_bytes(path));
        files.map(|(path, (lines, _))| (path.clone(), lines.clone())).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_the_files_their_lines_are_those_that_are_given_out(steps in vec(step(), 1..40)) {
        let temp = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(temp.path()).unwrap();
        let mut model = Model { base: base.clone(), files: BTreeMap::new(), clock: 0 };
        let mut follower = Follower::new(&base);
        for step in steps {
            model.act(&step);
            follower.act(&step);
            if matches!(step, Step::Full | Step::Restart) {
                prop_assert_eq!(follower.lines(), model.lines());
            }
        }
        follower.act(&Step::Full);
        prop_assert_eq!(follower.lines(), model.lines());
    }
}

#[test]
fn a_copy_that_takes_the_name_goes_on_and_gives_nothing_twice() {
    let temp = tempfile::tempdir().unwrap();
    let base = fs::canonicalize(temp.path()).unwrap();
    let mut model = Model { base: base.clone(), files: BTreeMap::new(), clock: 0 };
    let mut follower = Follower::new(&base);
    model.act(&Step::Append(0, b"one\n".to_vec()));
    follower.act(&Step::Full);
    model.act(&Step::Replace(0, b"one\ntwo\n".to_vec()));
    let path = model.path(0);
    let consumed = follower.files[&path].1;
    assert_eq!(follower.reader.resume(&path, &consumed).unwrap(), Standing::Replaced { continues: true });
    follower.act(&Step::Full);
    assert_eq!(follower.lines()[&path], ["one", "two"]);
}
