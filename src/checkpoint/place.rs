//! The folder that holds what is remembered for one destination.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Where everything of one destination's state lies.
///
/// ```text
/// <dir>/LOCK                     who holds the state
/// <dir>/db/                      the database
/// <dir>/checkpoints.json         the mirror, and beside it its previous copy
/// <dir>/set-aside/corrupt-<utc>  what was damaged, the last three of them
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    dir: PathBuf,
}

impl Place {
    /// The place at `dir`, whether or not it exists.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file whose lock is the right to open the database.
    pub fn lock(&self) -> PathBuf {
        self.dir.join("LOCK")
    }

    /// The folder of the database.
    pub fn database(&self) -> PathBuf {
        self.dir.join("db")
    }

    /// A whole database that is about to take the place of the other.
    pub(super) fn next_database(&self) -> PathBuf {
        self.dir.join("db.next")
    }

    /// A database that is being made.
    pub(super) fn unfinished_database(&self) -> PathBuf {
        self.dir.join("db.unfinished")
    }

    /// A copy that is only looked at.
    pub(super) fn checked_database(&self) -> PathBuf {
        self.dir.join("db.checked")
    }

    /// The mirror.
    pub fn mirror(&self) -> PathBuf {
        self.dir.join("checkpoints.json")
    }

    /// The mirror that was written before the newest.
    pub fn previous_mirror(&self) -> PathBuf {
        self.dir.join("checkpoints.previous.json")
    }

    /// The folder of what was set aside.
    pub fn set_aside(&self) -> PathBuf {
        self.dir.join("set-aside")
    }

    /// Makes the folder, for its owner alone.
    pub(super) fn create(&self) -> io::Result<()> {
        private_folder(&self.dir)
    }
}

/// Makes a folder for its owner alone, whatever the umask; its missing parents too.
pub(super) fn private_folder(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(dir)?;
    set_mode(dir, FOLDER_MODE)
}

/// Opens a file for writing that its owner alone can read, whatever the umask.
pub(super) fn private_file(path: &Path, is_emptied: bool) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(is_emptied).mode(FILE_MODE).open(path)?;
    set_mode(path, FILE_MODE)?;
    Ok(file)
}

/// Takes everybody else's rights from all that lies below a folder, for the database makes its files itself.
pub(super) fn make_private(dir: &Path) -> io::Result<()> {
    set_mode(dir, FOLDER_MODE)?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_private(&entry.path())?;
        } else {
            set_mode(&entry.path(), FILE_MODE)?;
        }
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    // Nothing is written where nothing changes, so that a full or read-only disk does not matter.
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_others_could_read_is_closed_to_them() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("destinations/one");
        fs::create_dir_all(&dir).unwrap();
        fs::set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        let place = Place::new(&dir);
        place.create().unwrap();
        assert_eq!(mode(&dir), 0o700);
        fs::create_dir_all(dir.join("db/blobs")).unwrap();
        fs::write(dir.join("db/blobs/1"), "").unwrap();
        fs::set_permissions(dir.join("db/blobs/1"), Permissions::from_mode(0o644)).unwrap();
        make_private(&place.database()).unwrap();
        assert_eq!((mode(&dir.join("db/blobs")), mode(&dir.join("db/blobs/1"))), (0o700, 0o600));
    }

    #[test]
    fn a_file_is_its_owners_even_if_it_was_there_before() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("LOCK");
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        drop(private_file(&path, false).unwrap());
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        drop(private_file(&path, true).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
}
