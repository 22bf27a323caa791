//! Makes a database beside the one that is there, and lets it take its place.
//!
//! ```text
//! db.unfinished -all rows written-> db.next -the old one gone-> db
//! ```
//!
//! An end of the process between any two steps leaves either the old database or the whole new one.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::batch::{Batch, Refusal};
use super::database::{Database, Fault};
use super::place::Place;
use super::set_aside::remove_if_there;

/// Makes the next database with what `fill` puts into it.
pub(super) fn make(place: &Place, fill: impl FnOnce(&mut Batch<'_>) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let unfinished = place.unfinished_database();
    remove_if_there(&unfinished).map_err(Fault::of_io)?;
    let made = filled(&unfinished, fill);
    let made = made.and_then(|()| Ok(replace(&unfinished, &place.next_database()).map_err(Fault::of_io)?));
    if made.is_err() {
        let _ = remove_if_there(&unfinished);
    }
    made
}

fn filled(folder: &Path, fill: impl FnOnce(&mut Batch<'_>) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let database = Database::open(folder)?;
    let mut batch = Batch::new(&database);
    fill(&mut batch)?;
    batch.apply()?;
    Ok(database.flush()?)
}

/// Lets the next database take the place of the one before, which has to be gone already.
pub(super) fn take_place(place: &Place) -> Result<(), Refusal> {
    let moved = fs::rename(place.next_database(), place.database()).and_then(|()| File::open(place.dir())?.sync_all());
    Ok(moved.map_err(Fault::of_io)?)
}

/// Goes on where an earlier process ended.
pub(super) fn finish(place: &Place) -> io::Result<()> {
    remove_if_there(&place.unfinished_database())?;
    remove_if_there(&place.checked_database())?;
    if place.database().exists() {
        return remove_if_there(&place.next_database());
    }
    match fs::rename(place.next_database(), place.database()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn replace(from: &Path, to: &Path) -> io::Result<()> {
    remove_if_there(to)?;
    fs::rename(from, to)
}
