//! All transcripts below the roots, and which session and family each belongs to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashMap;

use crate::checkpoint::rows::Head;
use crate::pipeline::fingerprint::of_path;
use crate::pipeline::peek::Peeker;
use crate::pipeline::plan::{Family, Plan, SessionFiles};
use crate::source::{Scanner, TranscriptFile};

/// How long a file has to be missing before it counts as gone, in milliseconds: one that was moved into a new folder
/// is found there a moment later.
pub(in crate::pipeline) const GONE_AFTER_MS: i64 = 3_000;

/// A file that is missing.
#[derive(Debug)]
struct Ghost {
    file: Arc<TranscriptFile>,
    missed_at: i64,
}

/// The transcripts in their families.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Catalog {
    plan: Plan,
    /// The families by their sessions.
    family_of: HashMap<Arc<str>, usize>,
    /// The sessions by the fingerprints of their files' paths.
    session_of: HashMap<u64, Arc<str>>,
    heads: HashMap<PathBuf, Head>,
    /// Files that are gone and whose sessions are not over: what was read of them still counts.
    ghosts: HashMap<PathBuf, Ghost>,
}

impl Catalog {
    /// Takes a head that an earlier run has read.
    pub(in crate::pipeline) fn remember_head(&mut self, path: &Path, head: &Head) {
        self.heads.insert(path.to_path_buf(), head.clone());
    }

    /// Puts all files into their families, reading the heads that are not known.
    pub(in crate::pipeline) fn arrange(&mut self, scanner: &Scanner, peeker: &mut Peeker) {
        let Self { heads, ghosts, .. } = self;
        ghosts.retain(|path, _| scanner.get(path).is_none());
        let files =
            scanner.files().filter(|file| file.size > 0).chain(ghosts.values().map(|ghost| &ghost.file)).cloned();
        let head_of = |file: &TranscriptFile| {
            let head = heads.get(&file.path).cloned();
            head.unwrap_or_else(|| {
                let head = peeker.peek(file);
                heads.insert(file.path.clone(), head.clone());
                head
            })
        };
        self.plan = Plan::of(files, head_of);
        self.family_of.clear();
        self.session_of.clear();
        for (place, family) in self.plan.families.iter().enumerate() {
            for session in &family.sessions {
                let id: Arc<str> = session.id.as_str().into();
                for file in session.mains.iter().chain(&session.agents) {
                    self.session_of.insert(of_path(&file.path), Arc::clone(&id));
                }
                self.family_of.insert(id, place);
            }
        }
    }

    /// Whether a file that was written to has to be put into its family: it is new, or its head says more now.
    pub(in crate::pipeline) fn is_unplaced(&mut self, file: &TranscriptFile, peeker: &mut Peeker) -> bool {
        if !self.session_of.contains_key(&of_path(&file.path)) {
            return file.size > 0;
        }
        // Of agents' files, only heads that say whose they are were ever asked for.
        let Some(known) = self.heads.get_mut(&file.path).filter(|known| !known.is_complete) else {
            return false;
        };
        let head = peeker.peek(file);
        let says_more = head != *known;
        *known = head;
        says_more
    }

    /// Forgets what was known of a file's beginning, for it may have another one now.
    pub(in crate::pipeline) fn forget_head(&mut self, path: &Path) {
        self.heads.remove(path);
    }

    /// A file has another name.
    pub(in crate::pipeline) fn rename(&mut self, from: &Path, to: &Path) {
        if let Some(head) = self.heads.remove(from) {
            self.heads.insert(to.to_path_buf(), head);
        }
    }

    /// A file is gone; what was read of it is kept until [`Catalog::bury`].
    pub(in crate::pipeline) fn keep_ghost(&mut self, file: Arc<TranscriptFile>, now: i64) {
        self.ghosts.insert(file.path.clone(), Ghost { file, missed_at: now });
    }

    /// A file that was missing has turned up under another name: the name that it had, if it did.
    pub(in crate::pipeline) fn find_again(&mut self, file: &TranscriptFile) -> Option<PathBuf> {
        let is_same = |(path, ghost): &(&PathBuf, &Ghost)| ghost.file.id == file.id && **path != file.path;
        let old = self.ghosts.iter().find(is_same).map(|(path, _)| path.clone())?;
        self.ghosts.remove(&old);
        Some(old)
    }

    /// Whether any file of a session is missing.
    pub(in crate::pipeline) fn has_ghosts(&self, files: &SessionFiles) -> bool {
        files.mains.iter().chain(&files.agents).any(|file| self.ghosts.contains_key(&file.path))
    }

    /// Lets go of the files of a session that are gone; true when there were any.
    pub(in crate::pipeline) fn bury(&mut self, session: &str) -> bool {
        let before = self.ghosts.len();
        self.ghosts.retain(|path, _| self.session_of.get(&of_path(path)).is_none_or(|id| **id != *session));
        self.ghosts.len() < before
    }

    /// Whether every file of a session is gone.
    pub(in crate::pipeline) fn is_gone(&self, files: &SessionFiles, now: i64) -> bool {
        let mut all = files.mains.iter().chain(&files.agents);
        let is_gone = |ghost: &Ghost| now - ghost.missed_at >= GONE_AFTER_MS;
        !files.mains.is_empty() && all.all(|file| self.ghosts.get(&file.path).is_some_and(is_gone))
    }

    /// The session of a file.
    pub(in crate::pipeline) fn session_of(&self, path: &Path) -> Option<&str> {
        self.session_of.get(&of_path(path)).map(|id| &**id)
    }

    /// The family of a session, with its files as the scanner knows them now.
    pub(in crate::pipeline) fn family_of(&self, session: &str, scanner: &Scanner) -> Option<Family> {
        let mut family = self.plan.families.get(*self.family_of.get(session)?)?.clone();
        for session in &mut family.sessions {
            for file in session.mains.iter_mut().chain(&mut session.agents) {
                if let Some(now) = scanner.get(&file.path) {
                    *file = Arc::clone(now);
                }
            }
        }
        Some(family)
    }

    /// The bytes in all files of a session, as the scanner knows them now.
    pub(in crate::pipeline) fn size_of(&self, session: &str, scanner: &Scanner) -> u64 {
        let family = self.family_of.get(session).and_then(|place| self.plan.families.get(*place));
        let files = family.and_then(|family| family.sessions.iter().find(|files| files.id == session));
        let now = |file: &Arc<TranscriptFile>| scanner.get(&file.path).map_or(file.size, |now| now.size);
        files.map_or(0, |files| files.mains.iter().chain(&files.agents).map(now).sum())
    }

    /// All families, in the order in which things come to be owned.
    pub(in crate::pipeline) fn families(&self) -> &[Family] {
        &self.plan.families
    }

    /// How many sessions there are.
    pub(in crate::pipeline) fn sessions(&self) -> usize {
        self.family_of.len()
    }
}
