//! Looks at single places, as events name them.

use super::super::stat::Facts;
use super::directory::name_of;
use super::list::classified;
use super::{Changes, Pass, Scanner, refresh};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Scanner {
    /// Looks at these files and directories alone, and at all that is below directories that were unknown.
    ///
    /// Paths that are not below a root, or that hold nothing of interest, cost next to nothing. A file that was moved
    /// is told as such when both of its names are among the paths.
    pub fn look(&mut self, paths: impl IntoIterator<Item = PathBuf>) -> Changes {
        let mut pass = self.begin(None);
        for path in paths {
            self.look_at(&mut pass, &path);
        }
        self.end(pass)
    }

    fn look_at(&mut self, pass: &mut Pass, path: &Path) {
        if let Some(index) = self.roots.iter().position(|(root, _)| root.path == path) {
            // What befalls a root itself is that it is deleted or moved, and perhaps made again by now.
            return self.check_root(pass, index, true);
        }
        let Some((root, _)) = self.roots.iter().find(|(root, _)| path.starts_with(&root.path)) else { return };
        let root_path = root.path.clone();
        if let Some(stem) = name_of(path).strip_suffix(b".meta.json") {
            let transcript = path.with_file_name(OsStr::from_bytes(&[stem, b".jsonl"].concat()));
            if self.get(&transcript).is_some_and(|file| file.class.is_agent()) {
                self.look_at(pass, &transcript);
            }
            return;
        }
        if self.refresh_at(pass, path) {
            return;
        }
        let facts = Facts::of(path).ok();
        let is_of_interest = classified(&root_path, path).is_some()
            || self.directories.contains_key(path)
            || facts.is_some_and(|facts| facts.is_directory());
        if !is_of_interest {
            return;
        }
        // A directory is listed itself when it is known and there, else the one in which it appeared or vanished.
        let from = if facts.is_some_and(|facts| facts.is_directory()) { Some(path) } else { path.parent() };
        let known = from.into_iter().flat_map(Path::ancestors).take_while(|path| path.starts_with(&root_path));
        let nearest = known.into_iter().find_map(|path| self.directories.get_key_value(path));
        pass.waiting.extend(nearest.map(|(path, _)| Arc::clone(path)));
    }

    /// Looks at a known file; false when it is not known, or its directory has to be listed.
    fn refresh_at(&mut self, pass: &mut Pass, path: &Path) -> bool {
        let Self { directories, ids, roots, rule, scratch, .. } = self;
        let Some(directory) = path.parent().and_then(|parent| directories.get_mut(parent)) else { return false };
        let Some((root, _)) = roots.get(directory.root) else { return false };
        let place = directory.files.binary_search_by(|known| known.name().cmp(name_of(path)));
        let Some(known) = place.ok().and_then(|place| directory.files.get_mut(place)) else { return false };
        let origin = root.origin;
        refresh(known, |owner| rule.takes(owner, origin), scratch, ids, &mut pass.changes)
    }
}
