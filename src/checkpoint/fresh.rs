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

#[cfg(test)]
mod tests {
    use super::super::about::{self, About};
    use super::super::ladder::Opening;
    use super::super::mirror::Mirror;
    use super::super::store::Store;
    use super::super::store::tests::{locked, opened, options};
    use super::*;

    fn make_next(place: &Place) {
        let about = About { id_scheme: 1, horizon: Some(42), ..About::default() };
        make(place, |batch| about::put(batch, &about)).unwrap();
    }

    fn horizon(store: &Store) -> Option<i64> {
        store.about().unwrap().horizon
    }

    #[test]
    fn an_end_before_the_new_one_is_whole_leaves_the_old_one() {
        let temp = tempfile::tempdir().unwrap();
        let lock = locked(temp.path());
        drop(opened(&lock));
        fs::create_dir(lock.place().unfinished_database()).unwrap();
        fs::create_dir(lock.place().checked_database()).unwrap();
        make_next(lock.place());
        assert_eq!(horizon(&opened(&lock)), None);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 2, "only the lock and the database are left");
    }

    #[test]
    fn an_end_after_the_old_one_is_gone_leaves_the_new_one() {
        let temp = tempfile::tempdir().unwrap();
        let lock = locked(temp.path());
        drop(opened(&lock));
        Mirror { version: Mirror::VERSION, ..Mirror::default() }.write(temp.path()).unwrap();
        make_next(lock.place());
        fs::remove_dir_all(lock.place().database()).unwrap();
        let (store, opening) = Store::open(&lock, &options()).unwrap();
        assert!(matches!(opening, Opening::Opened), "{opening:?}");
        assert_eq!(horizon(&store), Some(42));
    }

    #[test]
    fn one_that_cannot_be_filled_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let place = Place::new(temp.path());
        make(&place, |_| Err(Fault::Damage("no reason".to_owned()).into())).unwrap_err();
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }
}
