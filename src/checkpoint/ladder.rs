//! Opens the database, whatever state it was left in.
//!
//! ```text
//! as it is -> without its snapshots -> without its own settings -> a new one, the old one set aside
//! ```
//!
//! Each rung is climbed only when the one before found damage, and nothing is changed on purpose before a copy lies
//! beside it. A disk that is full or may not be written ends the climb: that says nothing of what is on it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::about::{self, About, SCHEMA};
use super::batch::{Batch, Refusal, parse};
use super::database::{Database, Fault};
use super::error::StoreError;
use super::mirror::Mirror;
use super::place::Place;
use super::record::{TreeName, unseal};
use super::set_aside;
use super::store::Options;
use super::tally::{self, Tally};

/// What opening found.
#[derive(Debug)]
pub enum Opening {
    /// There was nothing yet.
    Fresh,
    /// All rows are as they were written.
    Opened,
    /// It was damaged, and all rows are as they were written.
    Mended {
        /// What was found.
        cause: String,
        /// A copy of it as it was.
        set_aside: PathBuf,
    },
    /// It was damaged beyond repair; this one is empty.
    Rebuilt {
        /// What was found.
        cause: String,
        /// The damaged database.
        set_aside: PathBuf,
        /// The mirror of what it held, if there is one.
        mirror: Option<Box<Mirror>>,
    },
}

/// What a database turned out to be that could be read from end to end.
enum Found {
    /// Nothing was ever written to it.
    Nothing,
    /// All rows are as they were written; so often it was written to.
    Rows(u64),
}

/// Why a database cannot be used as it is.
enum Obstacle {
    Fault(Fault),
    /// It is sound, and not for us.
    Refused(StoreError),
}

impl From<Fault> for Obstacle {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// How much of the database's own bookkeeping is taken away, which it can make again from its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rung {
    AsItIs,
    WithoutSnapshots,
    WithoutSettings,
}

/// Opens the database of a place that is locked.
pub(super) fn open(place: &Place, options: &Options) -> Result<(Database, Opening), StoreError> {
    let unavailable = |source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source };
    prepare(&place.database()).map_err(unavailable)?;
    let mirror = Mirror::read(place.dir());
    let mut damage: Option<String> = None;
    for rung in [Rung::AsItIs, Rung::WithoutSnapshots, Rung::WithoutSettings] {
        take_away(&place.database(), rung).map_err(unavailable)?;
        let cause = match attempt(place, options) {
            Ok((database, Found::Rows(writes))) => {
                warn_if_behind(place, mirror.as_ref(), writes);
                let Some(cause) = damage else { return Ok((database, Opening::Opened)) };
                let set_aside = set_aside::name_the_copy(place, options.now_unix_ms).map_err(unavailable)?;
                return Ok((database, Opening::Mended { cause, set_aside }));
            }
            Ok((database, Found::Nothing)) if damage.is_none() && mirror.is_none() => {
                return begin(place, database, options).map(|database| (database, Opening::Fresh));
            }
            Ok((_, Found::Nothing)) => "the database is empty".to_owned(),
            Err(Obstacle::Refused(error)) => return Err(error),
            Err(Obstacle::Fault(Fault::Disk(source) | Fault::Held(source))) => return Err(unavailable(source)),
            Err(Obstacle::Fault(Fault::Damage(cause))) => cause,
        };
        tracing::debug!(?rung, cause, "the database could not be opened");
        if damage.is_none() {
            set_aside::copy_of_database(place).map_err(unavailable)?;
            damage = Some(cause);
        }
    }
    set_aside::remove_if_there(&place.database()).map_err(unavailable)?;
    let database = Database::open(&place.database()).map_err(|fault| of_fault(place, fault))?;
    let database = begin(place, database, options)?;
    let set_aside = set_aside::name_the_copy(place, options.now_unix_ms).map_err(unavailable)?;
    Ok((database, Opening::Rebuilt { cause: damage.unwrap_or_default(), set_aside, mirror: mirror.map(Box::new) }))
}

/// Removes what the database left half-written, which it would take for its newest snapshot and refuse for ever.
fn prepare(folder: &Path) -> io::Result<()> {
    let files = files_of(folder)?;
    for (name, path) in &files {
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(path)?;
        }
    }
    // Where nothing was written yet, settings that a full disk cut short only stand in the way.
    let is_blank = files.iter().all(|(name, path)| {
        let is_empty = || fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
        name == "conf" || (name == "db" && is_empty())
    });
    if is_blank { remove(&files, |name| name == "conf") } else { Ok(()) }
}

fn take_away(folder: &Path, rung: Rung) -> io::Result<()> {
    remove(&files_of(folder)?, |name| match rung {
        Rung::AsItIs => false,
        Rung::WithoutSnapshots => name.starts_with("snap."),
        Rung::WithoutSettings => name.starts_with("snap.") || name == "conf",
    })
}

fn remove(files: &[(String, PathBuf)], is_taken: impl Fn(&str) -> bool) -> io::Result<()> {
    files.iter().filter(|(name, _)| is_taken(name)).try_for_each(|(_, path)| fs::remove_file(path))
}

fn files_of(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            files.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
        }
    }
    Ok(files)
}

/// Opens the database and reads it from end to end.
fn attempt(place: &Place, options: &Options) -> Result<(Database, Found), Obstacle> {
    let database = Database::open(&place.database())?;
    let found = examine(place, &database, options)?;
    Ok((database, found))
}

fn examine(place: &Place, database: &Database, options: &Options) -> Result<Found, Obstacle> {
    // The format comes first: of rows in a newer one nothing can be said.
    if let Some(found) = schema(database)?.filter(|found| *found > SCHEMA) {
        let dir = place.dir().to_path_buf();
        return Err(Obstacle::Refused(StoreError::Newer { dir, found, known: SCHEMA }));
    }
    let mut tally = Tally::default();
    for tree in TreeName::ALL {
        database.each(tree, |key, value| {
            unseal(tree, key, value)?;
            if (tree, key) != (TreeName::Meta, tally::KEY) {
                tally.add(tree, key, value);
            }
            Ok(())
        })?;
    }
    let Some(kept) = Tally::kept(database)? else {
        let nothing = tally.rows == 0;
        let damage = || Fault::Damage("the count of all rows is missing".to_owned());
        return nothing.then_some(Found::Nothing).ok_or_else(|| damage().into());
    };
    if !kept.is_same_rows(&tally) {
        let cause = format!("{} rows are there where {} were written, or old ones", tally.rows, kept.rows);
        return Err(Fault::Damage(cause).into());
    }
    let about = database.get(TreeName::Meta, about::ABOUT_KEY)?;
    let about = about.ok_or_else(|| Fault::Damage("the row about the whole is missing".to_owned()))?;
    let about: About = unseal(TreeName::Meta, about::ABOUT_KEY, &about).and_then(parse).map_err(Fault::from)?;
    if about.id_scheme != options.id_scheme {
        let dir = place.dir().to_path_buf();
        return Err(Obstacle::Refused(StoreError::IdScheme { dir, found: about.id_scheme, ours: options.id_scheme }));
    }
    Ok(Found::Rows(kept.writes))
}

/// The format that the rows have; none in an empty database.
pub(super) fn schema(database: &Database) -> Result<Option<u64>, Fault> {
    let Some(value) = database.get(TreeName::Meta, about::SCHEMA_KEY)? else { return Ok(None) };
    let text = unseal(TreeName::Meta, about::SCHEMA_KEY, &value)?;
    let schema = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    schema.map(Some).ok_or_else(|| Fault::Damage("the format is no number".to_owned()))
}

/// Writes what every state has, so that a state without it is known to be no state.
fn begin(place: &Place, database: Database, options: &Options) -> Result<Database, StoreError> {
    let about = About {
        id_scheme: options.id_scheme,
        app_version: options.app_version.clone(),
        created_unix_ms: options.now_unix_ms,
        ..About::default()
    };
    let mut batch = Batch::new(&database);
    let written = about::put(&mut batch, &about).and_then(|()| batch.apply());
    match written.and_then(|()| database.flush().map_err(Refusal::Fault)) {
        Ok(()) => Ok(database),
        Err(Refusal::Row(error)) => Err(error),
        Err(Refusal::Fault(fault)) => Err(of_fault(place, fault)),
    }
}

fn of_fault(place: &Place, fault: Fault) -> StoreError {
    let dir = place.dir().to_path_buf();
    match fault {
        Fault::Damage(cause) => StoreError::Damaged { dir, cause },
        Fault::Disk(source) | Fault::Held(source) => StoreError::Unavailable { dir, source },
    }
}

fn warn_if_behind(place: &Place, mirror: Option<&Mirror>, writes: u64) {
    let missing = mirror.map_or(0, |mirror| mirror.writes.saturating_sub(writes));
    if missing > 0 {
        tracing::warn!(
            dir = %place.dir().display(), missing,
            "the last writes to the state did not reach the disk; what they stood for is sent again under the same ids"
        );
    }
}
