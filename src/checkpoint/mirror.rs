//! A small copy of what is remembered, for people, for `status`, and for the day the database is lost.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::about::Settings;
use super::path_text;
use super::place::{Place, private_file};
use super::rows::{FileRow, SessionRow};

/// How the text of a mirror ends.
const END_OF_FILES: &[u8] = b"]}";

/// What `checkpoints.json` says.
///
/// It is written now and then and may be behind; a place in it is to be believed only after the file's fingerprints
/// were compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mirror {
    /// The format of this file.
    pub version: u64,
    /// When it was written, in milliseconds since 1970.
    pub written_unix_ms: i64,
    /// The version of the program that wrote it.
    pub app_version: String,
    /// The format of the database.
    pub schema: u64,
    /// How the ids were made.
    pub id_scheme: u64,
    /// How often the database had been written to, see [`Store::writes`](super::store::Store::writes).
    pub writes: u64,
    /// Where everything goes.
    pub destination: MirrorDestination,
    /// The folders that were looked at.
    #[serde(with = "path_list")]
    pub roots: Vec<PathBuf>,
    /// When the destination last acknowledged something, in milliseconds since 1970.
    pub last_acknowledged_unix_ms: Option<i64>,
    /// Options that ids depend on.
    pub settings: Option<Settings>,
    /// Turns that began before this time, in milliseconds since 1970, are not sent by the watcher.
    pub horizon: Option<i64>,
    /// What was delivered, by name.
    pub totals: BTreeMap<String, u64>,
    /// What was not understood, by kind.
    pub problems: BTreeMap<String, u64>,
    /// How the state itself has fared.
    pub health: MirrorHealth,
    /// Sessions, at least those with open turns.
    pub sessions: Vec<MirrorSession>,
    /// Where every file stands.
    pub files: Vec<MirrorFile>,
}

/// What stands first in a mirror, for whoever does not need the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Heading {
    version: u64,
    /// How often the database had been written to.
    pub writes: u64,
    /// Where everything goes.
    pub destination: MirrorDestination,
    /// The folders that were looked at.
    #[serde(with = "path_list")]
    pub roots: Vec<PathBuf>,
}

/// Where everything goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MirrorDestination {
    /// The name by which the state is chosen.
    pub name: String,
    /// The destination in words, without secrets.
    pub describe: String,
}

/// How the state itself has fared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MirrorHealth {
    /// How often it had to be begun anew.
    pub rebuilds: u64,
    /// What was set aside last.
    #[serde(with = "optional_path")]
    pub set_aside: Option<PathBuf>,
    /// Why nothing can be kept now, if so.
    pub degraded: Option<String>,
}

/// Where one session stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MirrorSession {
    /// Its id.
    pub id: String,
    /// Its row, as the database has it.
    #[serde(flatten)]
    pub row: SessionRow,
}

/// Where one file stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MirrorFile {
    /// Where it was last seen.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// The session that its lines belong to.
    pub session: String,
    /// Its device.
    pub device: u64,
    /// Its inode.
    pub inode: u64,
    /// Its size when it was last read.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub mtime_unix_nano: i64,
    /// The end of the last whole line taken in.
    pub offset: u64,
    /// The start of the earliest turn with something still unsent.
    pub replay: u64,
    /// The fingerprint of its first bytes.
    pub head_print: u64,
    /// The fingerprint of the last bytes before the offset.
    pub tail_print: u64,
}

impl From<&FileRow> for MirrorFile {
    fn from(row: &FileRow) -> Self {
        Self {
            path: row.path.clone(),
            session: row.session.clone(),
            device: row.device,
            inode: row.inode,
            size: row.size,
            mtime_unix_nano: row.mtime_unix_nano,
            offset: row.offset,
            replay: row.replay,
            head_print: row.head_print,
            tail_print: row.tail_print,
        }
    }
}

impl From<&SessionRow> for MirrorSession {
    fn from(row: &SessionRow) -> Self {
        Self { id: row.id.clone(), row: row.clone() }
    }
}

impl Mirror {
    /// The format of this file; a mirror of a newer one counts as none.
    pub const VERSION: u64 = 1;

    /// Reads the newest mirror in a state's folder that can be read; no lock is needed.
    pub fn read(dir: &Path) -> Option<Self> {
        let place = Place::new(dir);
        [place.mirror(), place.previous_mirror()].iter().find_map(|path| read(path))
    }

    /// What stands first in the newest mirror that is whole. The rest is looked through and not kept, which takes a
    /// small part of the time.
    pub fn heading(dir: &Path) -> Option<Heading> {
        let place = Place::new(dir);
        [place.mirror(), place.previous_mirror()].iter().find_map(|path| heading(path))
    }

    /// Replaces the mirror in a state's folder; whoever reads meanwhile sees the old one or the new one.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        self.write_with(dir, |_| Ok(()))
    }

    /// The same, with further files that are shown one after the other, so that nobody has to hold them all.
    pub fn write_with(
        &self,
        dir: &Path,
        more_files: impl FnOnce(&mut dyn FnMut(&FileRow) -> io::Result<()>) -> io::Result<()>,
    ) -> io::Result<()> {
        let place = Place::new(dir);
        let begun = dir.join("checkpoints.json.unfinished");
        let written = self.write_to(&begun, more_files).and_then(|()| {
            // The newest becomes the previous one only if it is any good, lest there be none.
            if heading(&place.mirror()).is_some() {
                fs::rename(place.mirror(), place.previous_mirror())?;
            }
            fs::rename(&begun, place.mirror())?;
            File::open(dir)?.sync_all()
        });
        if written.is_err() {
            let _ = fs::remove_file(&begun);
        }
        written
    }

    fn write_to(
        &self,
        path: &Path,
        more_files: impl FnOnce(&mut dyn FnMut(&FileRow) -> io::Result<()>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(64 * 1024, private_file(path, true)?);
        // The files stand last, so more of them can follow before the end.
        let mut text = serde_json::to_vec(self)?;
        text.truncate(text.len() - END_OF_FILES.len());
        out.write_all(&text)?;
        let mut is_first = self.files.is_empty();
        more_files(&mut |row| {
            if !std::mem::replace(&mut is_first, false) {
                out.write_all(b",")?;
            }
            serde_json::to_writer(&mut out, &MirrorFile::from(row)).map_err(io::Error::from)
        })?;
        out.write_all(END_OF_FILES)?;
        out.write_all(b"\n")?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

fn read(path: &Path) -> Option<Mirror> {
    // In memory at once, since reading byte by byte takes several times as long.
    let mut mirror: Mirror = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    for session in &mut mirror.sessions {
        session.row.id.clone_from(&session.id);
    }
    is_known(mirror.version).then_some(mirror)
}

fn heading(path: &Path) -> Option<Heading> {
    let heading: Heading = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    is_known(heading.version).then_some(heading)
}

fn is_known(version: u64) -> bool {
    (1..=Mirror::VERSION).contains(&version)
}

/// Paths, each as text that loses nothing.
mod path_list {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "super::path_text")] PathBuf);

    pub(super) fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| Wrapped(path.clone())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
        Ok(Vec::<Wrapped>::deserialize(from)?.into_iter().map(|path| path.0).collect())
    }
}

/// A path that may be missing.
mod optional_path {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "super::path_text")] PathBuf);

    #[expect(clippy::ref_option, reason = "serde passes the field as it is")]
    pub(super) fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        path.clone().map(Wrapped).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|Wrapped(path)| path))
    }
}

#[cfg(test)]
#[path = "mirror_tests.rs"]
mod tests;
