//! Lists one directory and compares what it holds with what it held.

use super::super::classify::{Class, classify};
use super::super::file::TranscriptFile;
use super::super::problem::SourceProblem;
use super::super::roots::RootOrigin;
use super::super::stat::Facts;
use super::changes::Changes;
use super::directory::{Before, Directory, Known, NEVER, Other, OtherKind, join, name_of};
use super::ids::Ids;
use super::listing::{Listing, OpenDirectory};
use super::{Pass, SETTLED_NANOS, Scanner};
use rustix::fs::FileType;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The directory that is being listed.
struct Here<'a> {
    path: &'a Arc<Path>,
    opened: &'a OpenDirectory,
    listing: &'a Listing,
    /// What it turns out to hold.
    now: Directory,
}

impl Here<'_> {
    fn other(&mut self, name: &[u8], kind: OtherKind, mtime: i64) {
        self.now.others.push(Other { name: Box::from(OsStr::from_bytes(name)), kind, mtime });
    }
}

impl Scanner {
    /// Lists one directory that is known, unless this pass has done so.
    pub(super) fn list(&mut self, pass: &mut Pass, path: &Arc<Path>) {
        let Some(directory) = self.directories.get_mut(path).filter(|known| known.listed_in != pass.number) else {
            return;
        };
        directory.listed_in = pass.number;
        let mut listing = std::mem::take(&mut self.listing);
        match listing.read(path) {
            Ok(opened) => {
                self.troubles.clear(path, &mut pass.changes);
                self.compare(pass, path, &opened, &listing);
            }
            // What has its name now, if anything has, is found with the directory above.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                self.forget(pass, path);
            }
            Err(error) => {
                directory.mtime = NEVER;
                self.troubles.note(SourceProblem::of_directory(path, error), &mut pass.changes);
            }
        }
        self.listing = listing;
    }

    fn compare(&mut self, pass: &mut Pass, path: &Arc<Path>, opened: &OpenDirectory, listing: &Listing) {
        let Some(directory) = self.directories.get_mut(path) else { return };
        let (facts, root) = (&opened.facts, directory.root);
        let now = Directory {
            id: Some(facts.id),
            mtime: facts.mtime,
            is_settled: pass.now.is_some_and(|now| facts.mtime < now.saturating_sub(SETTLED_NANOS)),
            listed_in: pass.number,
            ..Directory::new(root)
        };
        let before = std::mem::replace(&mut **directory, Directory::new(root));
        self.empty_files -= before.count(OtherKind::Empty);
        self.repeated_files -= before.count(OtherKind::Repeated);
        let mut files = Before::new(before.files, Known::name);
        let mut directories = Before::new(before.directories, |path| name_of(path));
        let mut others = Before::new(before.others, |other| other.name.as_bytes());
        let mut here = Here { path, opened, listing, now };
        let mut new_directories = Vec::new();

        for (name, kind) in listing.iter() {
            let was_refused = others.take(name).is_some_and(|other| other.kind == OtherKind::Refused);
            let count = here.now.others.len();
            match kind {
                FileType::Directory => {
                    let child = directories.take(name).unwrap_or_else(|| Arc::from(join(path, name)));
                    if !self.directories.contains_key(&child) {
                        self.directories.insert(Arc::clone(&child), Box::new(Directory::new(here.now.root)));
                        new_directories.push(Arc::clone(&child));
                    }
                    here.now.directories.push(child);
                }
                FileType::Symlink => self.meet_link(pass, &mut here, name),
                _ if name.ends_with(b".jsonl") => {
                    self.meet_file(pass, &mut here, name, kind, files.take(name));
                }
                _ => {}
            }
            let is_refused = here.now.others.get(count).is_some_and(|other| other.kind == OtherKind::Refused);
            if was_refused && !is_refused {
                self.troubles.clear(&join(path, name), &mut pass.changes);
            }
        }

        for known in files.into_lost() {
            self.lose(pass, &known.file);
        }
        for child in directories.into_lost() {
            self.forget(pass, &child);
        }
        for other in others.into_lost().iter().filter(|other| other.kind == OtherKind::Refused) {
            self.troubles.clear(&join(path, other.name.as_bytes()), &mut pass.changes);
        }
        self.empty_files += here.now.count(OtherKind::Empty);
        self.repeated_files += here.now.count(OtherKind::Repeated);
        here.now.shrink();
        if let Some(directory) = self.directories.get_mut(path) {
            **directory = here.now;
        }
        pass.changes.new_directories |= !new_directories.is_empty() && !pass.is_first;
        pass.waiting.extend(new_directories.into_iter().rev());
    }

    fn meet_file(&mut self, pass: &mut Pass, here: &mut Here<'_>, name: &[u8], kind: FileType, old: Option<Known>) {
        let Some((root, _)) = self.roots.get(here.now.root) else { return };
        let origin = root.origin;
        let root_bytes = root.path.as_os_str().len();
        let class = if old.is_none() { classified(&root.path, &join(here.path, name)) } else { None };
        let Some(is_agent) = class.as_ref().or(old.as_ref().map(|known| &known.file.class)).map(Class::is_agent) else {
            return;
        };
        let facts = match here.opened.stat(name) {
            Ok(facts) if facts.is_file() && kind == FileType::RegularFile => facts,
            Ok(_) => return self.refuse(pass, here, name, old, |path| SourceProblem::NotRegular { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return old.iter().for_each(|known| self.lose(pass, &known.file));
            }
            Err(error) => {
                return self.refuse(pass, here, name, old, |path| SourceProblem::of_file(&path, error));
            }
        };
        if !self.rule.takes(facts.owner, origin) {
            let owner = facts.owner;
            return self.refuse(pass, here, name, old, |path| SourceProblem::OtherOwner { path, owner });
        }
        let was_known = old.is_some();
        let meta_mtime = if is_agent { self.meta_mtime(here, name, origin) } else { None };
        let class = match old {
            Some(mut known) if known.file.id == facts.id => {
                if !known.is_as_before(&facts, meta_mtime) {
                    known.is_followed = true;
                    renew(&mut known, &facts, meta_mtime, &mut self.ids, &mut pass.changes);
                }
                return here.now.files.push(known);
            }
            Some(known) => {
                self.lose(pass, &known.file);
                Some(known.file.class.clone())
            }
            None => class,
        };
        let Some(class) = class.filter(|_| facts.size > 0) else {
            return here.other(name, OtherKind::Empty, facts.mtime);
        };
        let mut path = join(here.path, name);
        path.shrink_to_fit();
        let file = Arc::new(TranscriptFile {
            path,
            size: facts.size,
            mtime_unix_nano: facts.mtime,
            id: facts.id,
            class,
            meta_mtime_unix_nano: meta_mtime,
            root_bytes,
        });
        if self.adopt(pass, &file, was_known) {
            here.now.files.push(Known { mtime: facts.mtime, is_followed: !pass.is_first, file });
        } else {
            here.other(name, OtherKind::Repeated, facts.mtime);
        }
    }

    /// Takes a file up under a new name, unless it is known by one that it still has.
    fn adopt(&mut self, pass: &mut Pass, file: &Arc<TranscriptFile>, was_known: bool) -> bool {
        if let Some(known) = self.ids.get(file.id) {
            if Facts::of(&known.path).is_ok_and(|facts| facts.id == file.id) {
                return false;
            }
            // Its old directory was not listed yet, or is not to be listed in this pass.
            pass.waiting.extend(known.path.parent().map(Arc::from));
            let known = Arc::clone(known);
            self.lose(pass, &known);
        }
        self.ids.put(file);
        // Transcripts only grow: a smaller file has but got the inode of a deleted one.
        match pass.lost.get(file.id).filter(|from| from.size <= file.size && from.path != file.path) {
            Some(from) => {
                let is_written = from.size != file.size
                    || from.mtime_unix_nano != file.mtime_unix_nano
                    || from.meta_mtime_unix_nano != file.meta_mtime_unix_nano;
                if is_written || was_known {
                    pass.changes.changed.push(Arc::clone(file));
                }
                pass.changes.moved.push((from.path.clone(), Arc::clone(file)));
                pass.lost.take(file.id);
            }
            None => pass.changes.changed.push(Arc::clone(file)),
        }
        true
    }

    /// Leaves a name out and says why.
    fn refuse(
        &mut self,
        pass: &mut Pass,
        here: &mut Here<'_>,
        name: &[u8],
        old: Option<Known>,
        problem: impl FnOnce(PathBuf) -> SourceProblem,
    ) {
        if let Some(known) = old {
            self.lose(pass, &known.file);
        }
        self.troubles.note(problem(join(here.path, name)), &mut pass.changes);
        here.other(name, OtherKind::Refused, NEVER);
    }

    /// Follows no link: what it leads to is found by itself, or lies where the user did not send us.
    fn meet_link(&mut self, pass: &mut Pass, here: &mut Here<'_>, name: &[u8]) {
        let path = join(here.path, name);
        let Some((root, _)) = self.roots.get(here.now.root) else { return };
        let named_as_transcript = classified(&root.path, &path).is_some();
        match fs::canonicalize(&path) {
            Ok(target) if self.roots.iter().any(|(root, _)| target.starts_with(&root.path)) => {}
            Ok(target) if named_as_transcript || target.is_dir() => {
                self.refuse(pass, here, name, None, |path| SourceProblem::SymlinkOutside { path, target });
            }
            Err(source) if named_as_transcript => {
                self.refuse(pass, here, name, None, |path| SourceProblem::SymlinkBroken { path, source });
            }
            Ok(_) | Err(_) => {}
        }
    }

    fn meta_mtime(&mut self, here: &Here<'_>, name: &[u8], origin: RootOrigin) -> Option<i64> {
        self.scratch.clear();
        self.scratch.extend_from_slice(name.strip_suffix(b"jsonl")?);
        self.scratch.extend_from_slice(b"meta.json");
        let facts = here.listing.contains(&self.scratch).then(|| here.opened.stat(&self.scratch).ok())??;
        (facts.is_file() && self.rule.takes(facts.owner, origin)).then_some(facts.mtime)
    }

    /// Notes that a file is not where it was; one that was found under another name already has only moved.
    fn lose(&mut self, pass: &mut Pass, file: &TranscriptFile) {
        if let Some(file) = self.ids.take_named(file) {
            pass.lost.put(&file);
        }
    }

    /// Drops a directory and all below it.
    pub(super) fn forget(&mut self, pass: &mut Pass, path: &Path) {
        let mut waiting = vec![Arc::from(path)];
        while let Some(path) = waiting.pop() {
            let Some(mut directory) = self.directories.remove(&path) else { continue };
            self.empty_files -= directory.count(OtherKind::Empty);
            self.repeated_files -= directory.count(OtherKind::Repeated);
            for known in &directory.files {
                self.lose(pass, &known.file);
            }
            for other in directory.others.iter().filter(|other| other.kind == OtherKind::Refused) {
                self.troubles.clear(&join(&path, other.name.as_bytes()), &mut pass.changes);
            }
            // A root that is missing has a problem of its own.
            if self.roots.iter().all(|(root, _)| root.path != *path) {
                self.troubles.clear(&path, &mut pass.changes);
            }
            waiting.append(&mut directory.directories);
        }
    }
}

/// Takes over what is different of a file that is the same one.
pub(super) fn renew(known: &mut Known, facts: &Facts, meta_mtime: Option<i64>, ids: &mut Ids, changes: &mut Changes) {
    known.mtime = facts.mtime;
    known.file = Arc::new(TranscriptFile {
        size: facts.size,
        mtime_unix_nano: facts.mtime,
        meta_mtime_unix_nano: meta_mtime,
        ..TranscriptFile::clone(&known.file)
    });
    ids.put(&known.file);
    changes.changed.push(Arc::clone(&known.file));
}

/// Puts together where the description of an agent would be; other files have none.
pub(super) fn meta_name<'a>(file: &TranscriptFile, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    file.class.is_agent().then_some(())?;
    scratch.clear();
    scratch.extend_from_slice(file.path.as_os_str().as_bytes().strip_suffix(b"jsonl")?);
    scratch.extend_from_slice(b"meta.json");
    Some(scratch)
}

pub(super) fn classified(root: &Path, path: &Path) -> Option<Class> {
    classify(root, path.strip_prefix(root).ok()?)
}
