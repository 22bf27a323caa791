//! The copy of the state that people and `status` read, and that stands in for the state should it be lost.

use std::path::PathBuf;

use super::keeper::Keeper;
use crate::checkpoint::mirror::{Mirror, MirrorDestination, MirrorFile, MirrorHealth, MirrorSession};
use crate::checkpoint::rows::SessionRow;

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
    /// The time, in milliseconds since 1970.
    pub now: i64,
}

/// Writes the copy; returns how many files it tells of.
pub fn write(keeper: &Keeper, told: &Told) -> Result<usize, String> {
    let (snapshot, counts, writes) = keeper
        .with(|store| Ok((store.load()?, store.counts()?, store.writes()?)))
        .map_err(|error| error.to_string())?;
    let is_told = |row: &&SessionRow| row.open_turns > 0 || row.due.is_some() || row.is_left_out;
    let before = Mirror::read(keeper.dir());
    let mirror = Mirror {
        version: Mirror::VERSION,
        written_unix_ms: told.now,
        app_version: snapshot.about.app_version.clone(),
        schema: crate::checkpoint::about::SCHEMA,
        id_scheme: snapshot.about.id_scheme,
        writes,
        destination: MirrorDestination { name: told.name.clone(), describe: told.destination.clone() },
        roots: told.roots.clone(),
        last_acknowledged_unix_ms: told.acknowledged.or(before.and_then(|before| before.last_acknowledged_unix_ms)),
        settings: snapshot.about.settings,
        horizon: snapshot.about.horizon,
        totals: counts.totals,
        problems: counts.problems,
        health: MirrorHealth { rebuilds: told.rebuilds, set_aside: told.set_aside.clone(), degraded: None },
        sessions: snapshot.sessions.iter().filter(is_told).map(MirrorSession::from).collect(),
        files: snapshot.files.iter().map(MirrorFile::from).collect(),
    };
    mirror.write(keeper.dir()).map_err(|error| error.to_string())?;
    Ok(mirror.files.len())
}
