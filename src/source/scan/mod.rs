//! Keeps the set of transcripts below the roots and says cheaply what became different.
//!
//! Events are hints that may be lost, late or repeated; looking is the truth. A full sweep looks at everything. A
//! light one lists only directories whose time moved and asks only for files that were written lately, so that it
//! costs one question per directory. A hint makes the scanner look at one place alone.

mod changes;
mod directory;
mod hints;
mod ids;
mod list;
mod listing;

pub use changes::Changes;

use super::file::TranscriptFile;
use super::owner::OwnerRule;
use super::problem::SourceProblem;
use super::roots::Root;
use super::stat::Facts;
use changes::Troubles;
use directory::{Directory, Known, OtherKind, is_warm, join, name_of};
use hashbrown::HashMap;
use ids::{Ids, RootIdentity};
use listing::Listing;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// A change this long ago has moved the directory's time, however coarse the clock of the file system is.
const SETTLED_NANOS: i64 = 2_000_000_000;

/// How much one sweep looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Every directory and every file.
    Full,
    /// Directories whose time moved, and files that were written within a day or since the scanner began.
    Light,
}

/// The transcripts below the roots, as they were at the last look.
///
/// ```
/// use claude_otel::source::{OwnerRule, Root, RootOrigin, Scanner, Sweep};
///
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().canonicalize()?;
/// let mut scanner = Scanner::new(vec![Root { path: path.clone(), origin: RootOrigin::Home }], OwnerRule::Any);
/// assert!(scanner.sweep(Sweep::Full, 0).is_empty());
///
/// std::fs::write(path.join("session.jsonl"), "{}\n")?;
/// let changes = scanner.sweep(Sweep::Light, 0);
/// assert_eq!(changes.changed[0].path, path.join("session.jsonl"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Scanner {
    roots: Vec<(Root, Option<RootIdentity>)>,
    rule: OwnerRule,
    /// Boxed, for a table keeps room for many more than it holds.
    directories: HashMap<Arc<Path>, Box<Directory>>,
    ids: Ids,
    troubles: Troubles,
    listing: Listing,
    /// Where names are put together without allocating.
    scratch: Vec<u8>,
    passes: u64,
    has_swept: bool,
    empty_files: u64,
    repeated_files: u64,
}

/// One look, from its beginning to its changes.
#[derive(Debug)]
struct Pass {
    number: u64,
    /// Files found at the first sweep are no sign that somebody is writing to them.
    is_first: bool,
    /// The time; a look at hints has none, so that what it lists is listed again.
    now: Option<i64>,
    changes: Changes,
    /// Directories still to be listed, the next one last.
    waiting: Vec<Arc<Path>>,
    /// Files that are no longer where they were, until they are found under another name.
    lost: Ids,
}

impl Scanner {
    /// Remembers which directories the roots are now; nothing below them is looked at yet.
    ///
    /// Made before the watches on events are, it tells of every root that is replaced after them.
    pub fn new(roots: Vec<Root>, rule: OwnerRule) -> Self {
        let roots = roots.into_iter().map(|root| (RootIdentity::of(&root.path).ok(), root));
        Self {
            roots: roots.map(|(identity, root)| (root, identity)).collect(),
            rule,
            directories: HashMap::new(),
            ids: Ids::default(),
            troubles: Troubles::default(),
            listing: Listing::default(),
            scratch: Vec::new(),
            passes: 0,
            has_swept: false,
            empty_files: 0,
            repeated_files: 0,
        }
    }

    /// Looks at the roots at the time `now`, in nanoseconds since 1970.
    pub fn sweep(&mut self, sweep: Sweep, now: i64) -> Changes {
        let mut pass = self.begin(Some(now));
        self.has_swept = true;
        self.check_roots(&mut pass);
        match sweep {
            Sweep::Full => pass.waiting.extend(self.directories.keys().cloned()),
            Sweep::Light => self.look_for_signs(&mut pass, now),
        }
        pass.waiting.sort_unstable_by(|a, b| b.cmp(a));
        self.end(pass)
    }

    /// Returns every transcript, in no order.
    pub fn files(&self) -> impl Iterator<Item = &Arc<TranscriptFile>> {
        self.directories.values().flat_map(|directory| directory.files.iter().map(|known| &known.file))
    }

    /// Returns the transcript under this name.
    pub fn get(&self, path: &Path) -> Option<&Arc<TranscriptFile>> {
        let files = &self.directories.get(path.parent()?)?.files;
        let place = files.binary_search_by(|known| known.name().cmp(name_of(path))).ok()?;
        files.get(place).map(|known| &known.file)
    }

    fn begin(&mut self, now: Option<i64>) -> Pass {
        self.passes += 1;
        Pass {
            number: self.passes,
            is_first: !self.has_swept,
            now,
            changes: Changes::default(),
            waiting: Vec::new(),
            lost: Ids::default(),
        }
    }

    /// Lists what waits, and whatever is found to be new below it.
    fn end(&mut self, mut pass: Pass) -> Changes {
        while let Some(path) = pass.waiting.pop() {
            self.list(&mut pass, &path);
        }
        let mut changes = pass.changes;
        if !pass.lost.is_empty() {
            changes.changed.retain(|file| self.get(&file.path).is_some());
        }
        // A name that another file has taken is not gone.
        changes.gone.extend(pass.lost.drain().filter(|file| self.get(&file.path).is_none()));
        changes.gone.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        changes.changed.sort_by(|a, b| a.path.cmp(&b.path));
        // A file that grew twice while it was looked at counts as it was at last.
        changes.changed.dedup_by(|later, earlier| {
            let is_same = later.path == earlier.path;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        (changes.empty_files, changes.repeated_files) = (self.empty_files, self.repeated_files);
        changes
    }

    fn check_roots(&mut self, pass: &mut Pass) {
        for index in 0..self.roots.len() {
            self.check_root(pass, index, false);
        }
    }

    /// Sees whether a root is still the same directory; `may_be_new` when there is reason to doubt it.
    fn check_root(&mut self, pass: &mut Pass, index: usize, may_be_new: bool) {
        let Some(path) = self.roots.get(index).map(|(root, _)| Arc::<Path>::from(root.path.as_path())) else { return };
        // A root within another one is part of that one, whose place says more of what the files are.
        let around = self.roots.iter().enumerate().filter(|(_, (root, _))| path.starts_with(&root.path));
        let outermost =
            around.min_by_key(|(_, (root, _))| root.path.as_os_str().len()).map_or(index, |(place, _)| place);
        let Some((root, identity)) = self.roots.get_mut(index) else { return };
        match RootIdentity::of(&path) {
            Ok(now) => {
                if *identity != Some(now) || may_be_new {
                    *identity = Some(now);
                    pass.changes.root_replaced.push(root.clone());
                    pass.waiting.push(Arc::clone(&path));
                }
                self.directories.entry(Arc::clone(&path)).or_insert_with(|| {
                    pass.waiting.push(path);
                    Box::new(Directory::new(outermost))
                });
            }
            Err(source) => {
                *identity = None;
                self.troubles.note(SourceProblem::of_directory(&path, source), &mut pass.changes);
                self.forget(pass, &path);
            }
        }
    }

    /// Asks every directory for its time and the warm files of the unmoved ones for theirs.
    fn look_for_signs(&mut self, pass: &mut Pass, now: i64) {
        let Self { directories, ids, roots, rule, scratch, .. } = self;
        for (path, directory) in directories {
            let is_unmoved = Facts::of(path).is_ok_and(|facts| facts.is_directory() && !directory.may_differ(&facts));
            let origin = roots.get(directory.root).map(|(root, _)| root.origin);
            let mut refresh = |known: &mut Known| {
                let takes = |owner| origin.is_some_and(|origin| rule.takes(owner, origin));
                refresh(known, takes, scratch, ids, &mut pass.changes)
            };
            let is_listed_well = is_unmoved
                && directory.files.iter_mut().filter(|known| known.is_warm(now)).all(&mut refresh)
                && directory.others.iter().all(|other| {
                    other.kind != OtherKind::Empty
                        || !is_warm(other.mtime, now)
                        || Facts::of(&join(path, other.name.as_bytes())).is_ok_and(|facts| facts.size == 0)
                });
            if !is_listed_well {
                pass.waiting.push(Arc::clone(path));
            }
        }
    }
}

/// Asks a file for its size and times; false when its directory has to be listed to know what became of it.
fn refresh(
    known: &mut Known,
    takes: impl Fn(u32) -> bool,
    scratch: &mut Vec<u8>,
    ids: &mut Ids,
    changes: &mut Changes,
) -> bool {
    let Ok(facts) = Facts::of(&known.file.path) else { return false };
    if !facts.is_file() || facts.id != known.file.id || !takes(facts.owner) {
        return false;
    }
    let meta_mtime = list::meta_name(&known.file, scratch)
        .and_then(|name| Facts::of(Path::new(std::ffi::OsStr::from_bytes(name))).ok())
        .filter(|facts| facts.is_file() && takes(facts.owner))
        .map(|facts| facts.mtime);
    if !known.is_as_before(&facts, meta_mtime) {
        known.is_followed = true;
        list::renew(known, &facts, meta_mtime, ids, changes);
    }
    true
}

#[cfg(test)]
mod tests;
