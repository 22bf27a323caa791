//! The copy of the state that people and `status` read, and that stands in for the state should it be lost.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::keeper::Keeper;
use crate::checkpoint::mirror::{Heading, Mirror, MirrorDestination, MirrorHealth, MirrorSession};
use crate::checkpoint::rows::{FileRow, SessionRow};
use crate::checkpoint::store::{Store, Visitor};

/// What the copy tells beside the state itself.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The name by which the state is chosen.
    pub name: String,
    /// The destination in words.
    pub destination: String,
    /// The folders that were looked at.
    pub roots: Vec<PathBuf>,
    /// When the destination last acknowledged something, in milliseconds since 1970.
    pub acknowledged: Option<i64>,
    /// How often the state had to be begun anew, and where the last one was put.
    pub rebuilds: u64,
    /// Where the last damaged state was put.
    pub set_aside: Option<PathBuf>,
    /// Problems of files and of following by kind, since this program began.
    pub problems: BTreeMap<&'static str, u64>,
    /// The time, in milliseconds since 1970.
    pub now: i64,
}

/// Writes the copy; returns how many files it tells of.
pub fn write(keeper: &Keeper, told: &Told) -> Result<usize, String> {
    let (about, counts, writes) = keeper
        .with(|store| Ok((store.about()?, store.counts()?, store.writes()?)))
        .map_err(|error| error.to_string())?;
    let mut sessions = OpenSessions::default();
    keeper.with(|store| store.visit(&mut sessions)).map_err(|error| error.to_string())?;
    // What the last one knew goes on being true.
    let before = Mirror::read(keeper.dir()).unwrap_or_default();
    let mut problems = counts.problems;
    for (kind, count) in &told.problems {
        *problems.entry((*kind).to_owned()).or_default() += count;
    }
    let mirror = Mirror {
        version: Mirror::VERSION,
        written_unix_ms: told.now,
        app_version: about.app_version,
        schema: crate::checkpoint::about::SCHEMA,
        id_scheme: about.id_scheme,
        writes,
        destination: MirrorDestination { name: told.name.clone(), describe: told.destination.clone() },
        roots: told.roots.clone(),
        last_acknowledged_unix_ms: told.acknowledged.or(before.last_acknowledged_unix_ms),
        settings: about.settings,
        horizon: about.horizon,
        totals: counts.totals,
        problems,
        health: MirrorHealth {
            rebuilds: before.health.rebuilds.max(told.rebuilds),
            set_aside: told.set_aside.clone().or(before.health.set_aside),
            degraded: None,
        },
        sessions: sessions.0,
        files: Vec::new(),
    };
    let mut count = 0;
    let written = mirror.write_with(keeper.dir(), |write| {
        let mut files = Files { count: 0, write, failure: None };
        keeper.with(|store| store.visit(&mut files)).map_err(io::Error::other)?;
        count = files.count;
        files.failure.map_or(Ok(()), Err)
    });
    written.map(|()| count).map_err(|error| error.to_string())
}

/// Whether the copy that is there says all that a new one would say.
pub fn is_current(keeper: &Keeper, told: &Told) -> bool {
    let Ok(writes) = keeper.with(Store::writes) else { return false };
    let is_as_told = |last: Heading| {
        last.writes == writes
            && last.destination == MirrorDestination { name: told.name.clone(), describe: told.destination.clone() }
            && last.roots == told.roots
    };
    let has_news = told.acknowledged.is_some() || told.rebuilds > 0 || !told.problems.is_empty();
    !has_news && Mirror::heading(keeper.dir()).is_some_and(is_as_told)
}

/// Whether a file still has this name; one that cannot be asked for counts as there.
pub fn is_there(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound)
}

/// Sessions that are not done with.
#[derive(Debug, Default)]
struct OpenSessions(Vec<MirrorSession>);

impl Visitor for OpenSessions {
    fn file(&mut self, _: FileRow) {}

    fn session(&mut self, row: SessionRow) {
        if row.open_turns > 0 || row.due.is_some() || row.is_left_out {
            self.0.push(MirrorSession::from(&row));
        }
    }

    fn owned(&mut self, _: &str, _: Vec<u64>) {}
}

/// Writes one file after the other.
struct Files<'a> {
    count: usize,
    write: &'a mut dyn FnMut(&FileRow) -> io::Result<()>,
    failure: Option<io::Error>,
}

impl Visitor for Files<'_> {
    fn file(&mut self, row: FileRow) {
        if self.failure.is_none() {
            self.count += 1;
            self.failure = (self.write)(&row).err();
        }
    }

    fn session(&mut self, _: SessionRow) {}

    fn owned(&mut self, _: &str, _: Vec<u64>) {}
}
