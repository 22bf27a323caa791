//! What the transcripts are now, compared with what the copy of the state says of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};

use super::keeping::Keeping;
use crate::checkpoint::mirror::{Mirror, MirrorFile};
use crate::checkpoint::rows::SessionRow;
use crate::cli::Surroundings;
use crate::source::{self, Class, Discovery, FileId, OwnerRule, Root, RootOrigin, TranscriptFile};

/// One root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct RootView {
    pub path: PathBuf,
    /// Whether it can be listed.
    pub is_there: bool,
    /// For how long the client keeps what is in it.
    pub keeping: Keeping,
}

/// Something of a transcript that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Unsent {
    pub path: PathBuf,
    /// The same below its root.
    pub relative: PathBuf,
    pub reason: Reason,
    pub size: u64,
    /// How much of it was read and acknowledged; none when it is not known at all.
    pub offset: Option<u64>,
    /// Bytes that were not read, or whose delivery was not acknowledged.
    pub behind: u64,
    /// When it was last written to, in milliseconds since 1970.
    pub written: i64,
    /// When the client deletes it, in milliseconds since 1970.
    pub deleted: i64,
}

/// Why it was not delivered, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Reason {
    /// It was written to since it was last read.
    Unread,
    /// It was read, and a turn in it is not over.
    Open,
    /// It is older than the horizon of the first start.
    LeftOut,
    /// Some of its turns are older than that, or a filter did not take them.
    LeftOutInPart,
}

impl Reason {
    /// Its name, for people and for programs.
    pub(in crate::cli) const fn name(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Open => "open",
            Self::LeftOut => "left out",
            Self::LeftOutInPart => "left out in part",
        }
    }
}

impl Unsent {
    /// Whether the client will delete it soon.
    pub(in crate::cli) const fn is_urgent(&self, now: i64) -> bool {
        self.deleted.saturating_sub(now) < super::WARNED_MS
    }
}

/// What a look at the roots came to.
#[derive(Debug, Default)]
pub(in crate::cli) struct Look {
    pub roots: Vec<RootView>,
    /// All transcripts that were found.
    pub transcripts: usize,
    /// Those of which something was not delivered.
    pub unsent: Vec<Unsent>,
    /// What could not be looked at, by kind.
    pub problems: BTreeMap<&'static str, u64>,
}

/// The roots that a copy of the state names, each with who named it: other people's files count below roots that the
/// user has named on purpose.
pub(in crate::cli) fn roots_of(mirror: &Mirror, surroundings: &Surroundings) -> Vec<Root> {
    let usual = source::resolve(&[], |name: &str| surroundings.variable(name).map(Into::into), surroundings.home());
    let usual = usual.unwrap_or_default();
    if mirror.roots.is_empty() {
        return usual;
    }
    let origin = |path: &Path| {
        let known = usual.iter().find(|root| root.path == path);
        known.map_or(RootOrigin::Explicit, |root| root.origin)
    };
    mirror.roots.iter().map(|path| Root { path: path.clone(), origin: origin(path) }).collect()
}

impl Look {
    /// Looks at the roots.
    pub(in crate::cli) fn at(roots: &[Root], mirror: &Mirror, surroundings: &Surroundings) -> Self {
        let views: Vec<RootView> = roots
            .iter()
            .map(|Root { path, .. }| RootView {
                path: path.clone(),
                is_there: path.read_dir().is_ok(),
                keeping: Keeping::of_root(path, surroundings),
            })
            .collect();
        let Discovery { files, problems, .. } = source::discover(roots, OwnerRule::of_this_process());
        let mut look = Self { transcripts: files.len(), roots: views, ..Self::default() };
        for problem in problems {
            *look.problems.entry(problem.kind()).or_default() += 1;
        }
        let known = Known::of(mirror);
        let mains: HashMap<&Path, i64> =
            files.iter().filter(|file| is_main(file)).map(|file| (file.path.as_path(), written(file))).collect();
        for file in &files {
            let Some((reason, offset)) = known.standing(file) else { continue };
            // What lies in a session's folder goes with its main file.
            let kept_since = main_of(file).and_then(|main| mains.get(main.as_path()).copied());
            let kept_since = kept_since.unwrap_or_else(|| written(file));
            let root = look.roots.iter().filter(|root| file.path.starts_with(&root.path));
            let root = root.max_by_key(|root| root.path.as_os_str().len());
            look.unsent.push(Unsent {
                relative: file.relative().to_path_buf(),
                reason,
                size: file.size,
                offset,
                behind: if reason == Reason::Unread { behind(file.size, offset) } else { 0 },
                written: written(file),
                deleted: root.map_or(i64::MAX, |root| root.keeping.end(kept_since)),
                path: file.path.clone(),
            });
        }
        look
    }

    /// What is behind, the most of it first.
    pub(in crate::cli) fn lag(&self) -> Vec<&Unsent> {
        let mut lag: Vec<&Unsent> = self.unsent.iter().filter(|unsent| unsent.reason == Reason::Unread).collect();
        lag.sort_by(|a, b| b.behind.cmp(&a.behind).then_with(|| a.path.cmp(&b.path)));
        lag
    }

    /// What was left out as a whole.
    pub(in crate::cli) fn left_out(&self) -> impl Iterator<Item = &Unsent> {
        self.unsent.iter().filter(|unsent| unsent.reason == Reason::LeftOut)
    }

    /// What was not delivered, in the order in which the client deletes it.
    pub(in crate::cli) fn by_deletion(&self) -> Vec<&Unsent> {
        let mut all: Vec<&Unsent> = self.unsent.iter().collect();
        all.sort_by(|a, b| (a.deleted, a.reason, &a.path).cmp(&(b.deleted, b.reason, &b.path)));
        all
    }
}

/// What the copy of the state knows, to be looked up.
pub(super) struct Known<'a> {
    by_path: HashMap<&'a Path, &'a MirrorFile>,
    by_id: HashMap<FileId, &'a MirrorFile>,
    left_out: HashSet<&'a str>,
    /// Of these, sessions of which nothing was delivered.
    untouched: HashSet<&'a str>,
    horizon: Option<i64>,
}

impl<'a> Known<'a> {
    pub(super) fn of(mirror: &'a Mirror) -> Self {
        let id = |file: &MirrorFile| FileId { device: file.device, inode: file.inode };
        Self {
            by_path: mirror.files.iter().map(|file| (file.path.as_path(), file)).collect(),
            by_id: mirror.files.iter().map(|file| (id(file), file)).collect(),
            left_out: mirror.sessions.iter().filter(|one| one.row.is_left_out).map(|one| one.id.as_str()).collect(),
            untouched: mirror.sessions.iter().filter(|one| is_untouched(&one.row)).map(|one| one.id.as_str()).collect(),
            horizon: mirror.horizon,
        }
    }

    /// Whether a session was read, and nothing of it was delivered.
    pub(super) fn is_untouched(&self, session: &str) -> bool {
        self.untouched.contains(session)
    }

    /// What of a file was not delivered, and how far it was read; none when all of it was.
    pub(super) fn standing(&self, file: &TranscriptFile) -> Option<(Reason, Option<u64>)> {
        // A file that was moved is known by its inode, unless its old name is still there and is another file's.
        let moved = || self.by_id.get(&file.id).filter(|known| !known.path.exists());
        let Some(known) = self.by_path.get(file.path.as_path()).or_else(moved) else {
            let is_old = self.horizon.is_some_and(|horizon| written(file) < horizon);
            return Some((if is_old { Reason::LeftOut } else { Reason::Unread }, None));
        };
        // A last line that lacks its newline is no debt of ours: it was seen.
        let is_same = (known.size, known.mtime_unix_nano) == (file.size, file.mtime_unix_nano);
        let reason = if !is_same && behind(file.size, Some(known.offset)) > 0 {
            Reason::Unread
        } else if known.replay < known.offset {
            Reason::Open
        } else if self.left_out.contains(known.session.as_str()) {
            Reason::LeftOutInPart
        } else {
            return None;
        };
        Some((reason, Some(known.offset)))
    }
}

fn is_untouched(row: &SessionRow) -> bool {
    row.is_left_out && row.totals.get("spans").is_none_or(|spans| *spans == 0)
}

/// Bytes not yet read. A file that is shorter than what was read of it is read again from its beginning.
fn behind(size: u64, offset: Option<u64>) -> u64 {
    size.checked_sub(offset.unwrap_or_default()).unwrap_or(size)
}

fn written(file: &TranscriptFile) -> i64 {
    file.mtime_unix_nano / 1_000_000
}

fn is_main(file: &TranscriptFile) -> bool {
    matches!(file.class, Class::Main { .. })
}

/// The main file beside whose folder an agent's file lies.
fn main_of(file: &TranscriptFile) -> Option<PathBuf> {
    let Class::Agent(agent) = &file.class else { return None };
    let session = agent.session.as_deref()?;
    let folder = file.path.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == session))?;
    Some(folder.with_file_name(format!("{session}.jsonl")))
}
