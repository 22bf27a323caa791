//! What a human may ask for: mending a damaged state, and beginning anew.

use std::path::PathBuf;

use super::batch::Refusal;
use super::check::{Report, check};
use super::database::{Database, Fault};
use super::error::StoreError;
use super::everything::{Everything, Reading};
use super::fresh;
use super::ladder::{Opening, Rung, take_away};
use super::lock::Lock;
use super::place::Place;
use super::set_aside::{self, remove_if_there};
use super::store::{Options, Store};
use super::tally::Tally;

/// What became of a state that was to be repaired.
#[derive(Debug)]
pub enum Repaired {
    /// Nothing was wrong with it.
    Sound,
    /// All that could be read was taken over.
    Saved {
        /// What was wrong.
        before: Box<Report>,
        /// Files that are still known.
        files: usize,
        /// Sessions that are still known.
        sessions: usize,
        /// Rows that were left behind; what they stood for is sent again under the same ids.
        dropped: u64,
        /// The damaged database.
        set_aside: PathBuf,
    },
    /// It was opened as the program opens it by itself.
    Opened {
        /// What was wrong.
        before: Box<Report>,
        /// What became of it.
        opening: Box<Opening>,
    },
}

/// Saves what can be saved of the state that is locked, and leaves behind only the rows that cannot be read.
///
/// It goes further than opening does: opening takes a state as a whole or not at all, for it cannot ask.
pub fn repair(lock: &Lock, options: &Options) -> Result<Repaired, StoreError> {
    let place = lock.place();
    let unavailable = |source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source };
    fresh::finish(place).map_err(unavailable)?;
    let before = Box::new(check(lock, options)?);
    if before.is_sound() {
        return Ok(Repaired::Sound);
    }
    let Some((mut all, dropped)) = best_copy(place)? else {
        let (_, opening) = Store::open(lock, options)?;
        return Ok(Repaired::Opened { before, opening: Box::new(opening) });
    };
    set_aside::copy_of_database(place).map_err(unavailable)?;
    all.about.id_scheme = options.id_scheme;
    let made = fresh::make(place, |batch| all.put(batch)).and_then(|()| {
        remove_if_there(&place.database()).map_err(Refusal::of_io)?;
        fresh::take_place(place)
    });
    made.map_err(|refusal| refusal.in_state(place.dir()))?;
    let set_aside = set_aside::name_the_copy(place, options.now_unix_ms).map_err(unavailable)?;
    let (files, sessions) = (all.rows.files.len(), all.rows.sessions.len());
    Ok(Repaired::Saved { before, files, sessions, dropped, set_aside })
}

/// Sets the whole state that is locked aside, so that the next start begins anew and sends everything again.
///
/// It gives where the state lies now, if there was any.
pub fn reset(lock: &Lock, now_unix_ms: i64) -> Result<Option<PathBuf>, StoreError> {
    let place = lock.place();
    let moved = fresh::finish(place).and_then(|()| set_aside::everything(place, "reset", now_unix_ms));
    moved.map_err(|source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source })
}

/// Reads copies of the database, more and more of its bookkeeping taken away, and gives what the richest one holds,
/// and how many rows it lacks; none when there is nothing to be had from any.
fn best_copy(place: &Place) -> Result<Option<(Everything, u64)>, StoreError> {
    let copy = place.checked_database();
    let mut best: Option<(Everything, u64)> = None;
    for rung in Rung::ALL {
        let copied = remove_if_there(&copy).and_then(|()| set_aside::copy(&place.database(), &copy));
        let copied = copied.and_then(|()| take_away(&copy, rung));
        copied.map_err(|source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source })?;
        let database = match Database::open(&copy) {
            Ok(database) => database,
            Err(Fault::Damage(_)) => continue,
            Err(fault) => return Err(fault.in_state(place.dir())),
        };
        let mut reading = Reading::default();
        let all = Everything::read(&database, &mut reading).without_strays(&mut reading);
        let written = Tally::kept(&database).ok().flatten().unwrap_or_default().rows;
        let size = |all: &Everything| all.rows.files.len() + all.rows.sessions.len();
        if size(&all) > best.as_ref().map_or(0, |(best, _)| size(best)) {
            best = Some((all, reading.lost(written)));
        }
    }
    remove_if_there(&copy).map_err(|source| StoreError::Unavailable { dir: place.dir().to_path_buf(), source })?;
    Ok(best)
}
