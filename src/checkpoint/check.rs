//! Looks at a state and changes nothing.

use std::fmt;
use std::path::PathBuf;

use super::about::{self, About, SCHEMA};
use super::batch::parse;
use super::database::{Database, Fault};
use super::error::StoreError;
use super::ladder;
use super::lock::Lock;
use super::mirror::Mirror;
use super::record::{TreeName, unseal};
use super::set_aside::{self, bytes_below, remove_if_there};
use super::store::Options;
use super::tally::{self, Tally};

/// What was found in a state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether there is a database at all.
    pub exists: bool,
    /// The format of its rows.
    pub schema: Option<u64>,
    /// What is true of the whole.
    pub about: Option<About>,
    /// How often it was written to.
    pub writes: u64,
    /// Each kind of rows.
    pub trees: Vec<TreeReport>,
    /// What is wrong with it as a whole, in words; empty when it is sound.
    pub damage: Vec<String>,
    /// What the database takes on disk.
    pub bytes_on_disk: u64,
    /// What was set aside, each with its size.
    pub set_aside: Vec<(PathBuf, u64)>,
    /// When the mirror was written, in milliseconds since 1970, and at how many writes.
    pub mirror: Option<(i64, u64)>,
}

/// One kind of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeReport {
    /// What it holds.
    pub name: &'static str,
    /// Rows that are as they were written.
    pub rows: u64,
    /// The bytes of their keys and values.
    pub bytes: u64,
    /// Rows whose version or checksum is wrong.
    pub unreadable: u64,
}

impl Report {
    /// Whether every row is as it was written, and none is missing.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.trees.iter().all(|tree| tree.unreadable == 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.exists {
            writeln!(f, "nothing is remembered yet")?;
        }
        if let Some(about) = &self.about {
            let schema = self.schema.unwrap_or_default();
            writeln!(f, "format {schema}, id scheme {}, last opened by {}", about.id_scheme, about.app_version)?;
        }
        for TreeReport { name, rows, bytes, unreadable } in &self.trees {
            writeln!(f, "{name}: {rows} rows, {bytes} bytes, {unreadable} unreadable")?;
        }
        for damage in &self.damage {
            writeln!(f, "damaged: {damage}")?;
        }
        for (path, bytes) in &self.set_aside {
            writeln!(f, "set aside: {} ({bytes} bytes)", path.display())?;
        }
        write!(f, "{} bytes on disk", self.bytes_on_disk)
    }
}

/// Reads every row of the state that is locked.
///
/// It works on a copy, for opening a damaged database can damage it further.
pub fn check(lock: &Lock, options: &Options) -> Result<Report, StoreError> {
    let place = lock.place();
    let unavailable = |source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source };
    let mut report = Report {
        exists: place.database().exists(),
        bytes_on_disk: bytes_below(&place.database()),
        set_aside: set_aside::all(place).into_iter().map(|path| (path.clone(), bytes_below(&path))).collect(),
        mirror: Mirror::read(place.dir()).map(|mirror| (mirror.written_unix_ms, mirror.writes)),
        ..Report::default()
    };
    if !report.exists {
        if report.mirror.is_some() {
            report.damage.push("the database is missing".to_owned());
        }
        return Ok(report);
    }
    let copy = place.checked_database();
    let copied = remove_if_there(&copy).and_then(|()| set_aside::copy(&place.database(), &copy));
    let examined = copied.and_then(|()| ladder::remove_half_written(&copy)).map_err(unavailable).and_then(|()| {
        match Database::open(&copy).and_then(|database| examine(&database, &mut report)) {
            Err(Fault::Damage(cause)) => report.damage.push(cause),
            Err(fault) => return Err(fault.in_state(place.dir())),
            Ok(()) => {}
        }
        Ok(())
    });
    remove_if_there(&copy).map_err(unavailable)?;
    examined?;
    match &report {
        Report { schema: Some(found), .. } if *found > SCHEMA => {
            Err(StoreError::Newer { dir: place.dir().to_path_buf(), found: *found, known: SCHEMA })
        }
        Report { about: Some(About { id_scheme, .. }), .. } if *id_scheme != options.id_scheme => {
            let dir = place.dir().to_path_buf();
            Err(StoreError::IdScheme { dir, found: *id_scheme, ours: options.id_scheme })
        }
        _ => Ok(report),
    }
}

fn examine(database: &Database, report: &mut Report) -> Result<(), Fault> {
    report.schema = ladder::schema(database)?;
    if report.schema.is_some_and(|schema| schema > SCHEMA) {
        return Ok(());
    }
    let mut tally = Tally::default();
    for tree in TreeName::ALL {
        let mut found = TreeReport { name: tree.name(), ..TreeReport::default() };
        let read = database.each(tree, |key, value| {
            match unseal(tree, key, value) {
                Ok(payload) if (tree, key) == (TreeName::Meta, about::ABOUT_KEY) => report.about = parse(payload).ok(),
                Ok(_) => {}
                Err(_) => {
                    found.unreadable += 1;
                    return Ok(());
                }
            }
            found.rows += 1;
            found.bytes += (key.len() + value.len()) as u64;
            if (tree, key) != (TreeName::Meta, tally::KEY) {
                tally.add(tree, key, value);
            }
            Ok(())
        });
        report.trees.push(found);
        match read {
            Err(Fault::Damage(cause)) => report.damage.push(format!("{}: {cause}", tree.name())),
            read => read?,
        }
    }
    match Tally::kept(database)? {
        None => report.damage.push("it is empty".to_owned()),
        Some(kept) => {
            report.writes = kept.writes;
            if !kept.is_same_rows(&tally) {
                let cause = format!("{} rows are there where {} were written, or old ones", tally.rows, kept.rows);
                report.damage.push(cause);
            }
        }
    }
    if report.about.is_none() {
        report.damage.push("the row about the whole is missing".to_owned());
    }
    Ok(())
}
