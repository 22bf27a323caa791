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
use super::batch::parse;
use super::database::{Database, Fault};
use super::error::StoreError;
use super::fresh;
use super::mirror::{Heading, Mirror};
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

/// Why a database cannot be used as it is.
enum Obstacle {
    Fault(Fault),
    /// It is sound, and not for us.
    Refused(StoreError),
}

impl Rung {
    /// All of them, in the order in which they are climbed.
    pub(super) const ALL: [Self; 3] = [Self::AsItIs, Self::WithoutSnapshots, Self::WithoutSettings];
}

impl From<Fault> for Obstacle {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// How much of the database's own bookkeeping is taken away, which it can make again from its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rung {
    AsItIs,
    WithoutSnapshots,
    WithoutSettings,
}

/// Opens the database of a place that is locked.
pub(super) fn open(place: &Place, options: &Options) -> Result<(Database, Opening), StoreError> {
    let unavailable = |source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source };
    let heading = Mirror::heading(place.dir());
    fresh::finish(place).map_err(unavailable)?;
    remove_half_written(&place.database()).map_err(unavailable)?;
    if !place.database().exists() && heading.is_none() {
        let database = begin(place, options)?;
        return Ok((database, Opening::Fresh));
    }
    let mut damage: Option<String> = None;
    for rung in Rung::ALL {
        take_away(&place.database(), rung).map_err(unavailable)?;
        let cause = match attempt(place, options) {
            Ok((database, writes)) => {
                warn_if_behind(place, heading.as_ref(), writes);
                let Some(cause) = damage else { return Ok((database, Opening::Opened)) };
                let set_aside = set_aside::name_the_copy(place, options.now_unix_ms).map_err(unavailable)?;
                return Ok((database, Opening::Mended { cause, set_aside }));
            }
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
    let mirror = Mirror::read(place.dir());
    let database = begin(place, options)?;
    let set_aside = set_aside::name_the_copy(place, options.now_unix_ms).map_err(unavailable)?;
    Ok((database, Opening::Rebuilt { cause: damage.unwrap_or_default(), set_aside, mirror: mirror.map(Box::new) }))
}

/// Removes a half-written snapshot, which the database would take for its newest one and refuse for ever.
pub(super) fn remove_half_written(folder: &Path) -> io::Result<()> {
    remove(folder, |name| name.starts_with("snap.") && name.ends_with(".generating"))
}

/// Takes away what the database can make again.
pub(super) fn take_away(folder: &Path, rung: Rung) -> io::Result<()> {
    match rung {
        Rung::AsItIs => Ok(()),
        Rung::WithoutSnapshots => remove(folder, |name| name.starts_with("snap.")),
        Rung::WithoutSettings => remove(folder, |name| name.starts_with("snap.") || name == "conf"),
    }
}

/// Removes files directly in a folder by their names.
fn remove(folder: &Path, is_taken: impl Fn(&str) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if is_taken(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Opens the database and reads it from end to end.
fn attempt(place: &Place, options: &Options) -> Result<(Database, u64), Obstacle> {
    let database = Database::open(&place.database())?;
    let writes = examine(place, &database, options)?;
    Ok((database, writes))
}

/// Reads all rows, and says how often something was written.
fn examine(place: &Place, database: &Database, options: &Options) -> Result<u64, Obstacle> {
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
    // A database comes into its place with rows in it, so that an empty one is no new one.
    let kept = Tally::kept(database)?.ok_or_else(|| Fault::Damage("the database is empty".to_owned()))?;
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
    Ok(kept.writes)
}

/// The format that the rows have; none in an empty database.
pub(super) fn schema(database: &Database) -> Result<Option<u64>, Fault> {
    let Some(value) = database.get(TreeName::Meta, about::SCHEMA_KEY)? else { return Ok(None) };
    let text = unseal(TreeName::Meta, about::SCHEMA_KEY, &value)?;
    let schema = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).filter(|schema| *schema > 0);
    schema.map(Some).ok_or_else(|| Fault::Damage("the format is none that ever was".to_owned()))
}

/// Makes a state without any file or session in the place of what is there, and opens it.
fn begin(place: &Place, options: &Options) -> Result<Database, StoreError> {
    let about = About {
        id_scheme: options.id_scheme,
        app_version: options.app_version.clone(),
        created_unix_ms: options.now_unix_ms,
        ..About::default()
    };
    let made = fresh::make(place, |batch| about::put(batch, &about)).and_then(|()| {
        // Of a damaged one there is a copy by now.
        set_aside::remove_if_there(&place.database()).map_err(Fault::of_io)?;
        fresh::take_place(place)
    });
    let opened = made.and_then(|()| Ok(Database::open(&place.database())?));
    opened.map_err(|refusal| refusal.in_state(place.dir()))
}

fn warn_if_behind(place: &Place, mirror: Option<&Heading>, writes: u64) {
    let missing = mirror.map_or(0, |mirror| mirror.writes.saturating_sub(writes));
    if missing > 0 {
        tracing::warn!(
            dir = %place.dir().display(), missing,
            "the last writes to the state did not reach the disk; what they stood for is sent again under the same ids"
        );
    }
}
