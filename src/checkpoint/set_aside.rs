//! Keeps what was damaged, for whoever wants to look at it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::DateTime;

use super::place::{Place, private_folder};

/// How many damaged databases are kept.
const KEPT: usize = 3;

/// Moves the whole state, but for its lock, to where what is set aside is kept; none if there is nothing to move.
pub(super) fn everything(place: &Place, what: &str, now_unix_ms: i64) -> io::Result<Option<PathBuf>> {
    let parts = [place.database(), place.mirror(), place.previous_mirror()];
    if !parts.iter().any(|part| part.exists()) {
        return Ok(None);
    }
    private_folder(&place.set_aside())?;
    let target = free_name(place, what, now_unix_ms);
    private_folder(&target)?;
    for part in parts.iter().filter(|part| part.exists()) {
        if let Some(name) = part.file_name() {
            fs::rename(part, target.join(name))?;
        }
    }
    Ok(Some(target))
}

/// All that was set aside, whatever for, by name.
pub(super) fn all(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.set_aside()).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The size of all files below a folder, as far as it can be seen.
pub(super) fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Copies the database as it is to where damaged ones are kept, before anything is changed on purpose.
///
/// A copy that an earlier try made, before the disk stopped it, is the older and truer one and stays.
pub(super) fn copy_of_database(place: &Place) -> io::Result<()> {
    private_folder(&place.set_aside())?;
    let (begun, whole) = (place.set_aside().join("unfinished"), pending(place));
    if whole.exists() {
        return Ok(());
    }
    remove_if_there(&begun)?;
    let copied = copy(&place.database(), &begun).and_then(|()| fs::rename(&begun, &whole));
    if copied.is_err() {
        // Half a copy would only take room, which may be what is missing.
        let _ = remove_if_there(&begun);
    }
    copied
}

/// Gives the copy its name, and lets go of all but the latest.
pub(super) fn name_the_copy(place: &Place, now_unix_ms: i64) -> io::Result<PathBuf> {
    let target = free_name(place, "corrupt", now_unix_ms);
    fs::rename(pending(place), &target)?;
    let kept = kept(place);
    for path in kept.iter().take(kept.len().saturating_sub(KEPT)) {
        if let Err(error) = fs::remove_dir_all(path) {
            tracing::warn!(path = %path.display(), %error, "cannot remove an old damaged state");
        }
    }
    Ok(target)
}

fn pending(place: &Place) -> PathBuf {
    place.set_aside().join("pending")
}

/// A name for what is set aside now, later in the order of [`kept`] than all that are there.
pub(super) fn free_name(place: &Place, what: &str, now_unix_ms: i64) -> PathBuf {
    let time = DateTime::from_timestamp_millis(now_unix_ms).unwrap_or_default().format("%Y%m%dT%H%M%SZ");
    let stem = format!("{what}-{time}");
    let names = fs::read_dir(place.set_aside()).into_iter().flatten().flatten();
    let numbers = names.filter_map(|entry| match entry.file_name().to_str()?.strip_prefix(&stem)? {
        "" => Some(1),
        number => number.strip_prefix('-')?.parse::<u64>().ok(),
    });
    let name = match numbers.max() {
        None => stem,
        Some(last) => format!("{stem}-{}", last.saturating_add(1)),
    };
    place.set_aside().join(name)
}

/// The damaged databases that are kept, the oldest first.
pub(super) fn kept(place: &Place) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(place.set_aside()) else { return Vec::new() };
    let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("corrupt-"));
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_ours).collect();
    // A name made longer by a number is later than the one without, and ten later than nine.
    paths.sort_by_cached_key(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name.split('-').nth(1).map(str::to_owned), name.len(), name)
    });
    paths
}

/// Removes a folder if it is there.
pub(super) fn remove_if_there(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Copies a folder with all that is in it; a missing one gives an empty copy.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    private_folder(to)?;
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_database(text: &str) -> (tempfile::TempDir, Place) {
        let temp = tempfile::tempdir().unwrap();
        let place = Place::new(temp.path());
        fs::create_dir_all(place.database().join("blobs")).unwrap();
        fs::write(place.database().join("db"), text).unwrap();
        (temp, place)
    }

    #[test]
    fn the_copy_of_an_earlier_try_stays() {
        let (_temp, place) = with_database("as it was");
        copy_of_database(&place).unwrap();
        fs::write(place.database().join("db"), "after a rung of the ladder").unwrap();
        copy_of_database(&place).unwrap();
        let named = name_the_copy(&place, 0).unwrap();
        assert_eq!(fs::read_to_string(named.join("db")).unwrap(), "as it was");
        assert_eq!(kept(&place), [named]);
    }

    #[test]
    fn half_a_copy_is_made_again() {
        let (_temp, place) = with_database("whole");
        fs::create_dir_all(place.set_aside().join("unfinished/which")).unwrap();
        copy_of_database(&place).unwrap();
        let named = name_the_copy(&place, 0).unwrap();
        assert_eq!(fs::read_dir(&named).unwrap().count(), 2);
        assert_eq!(all(&place), [named]);
    }

    #[test]
    fn names_of_one_second_follow_each_other() {
        let (_temp, place) = with_database("");
        let mut made = Vec::new();
        for _ in 0..12 {
            copy_of_database(&place).unwrap();
            made.push(name_the_copy(&place, 1_790_000_000_000).unwrap());
        }
        assert!(made[11].ends_with("corrupt-20260921T141320Z-12"), "{made:?}");
        assert_eq!(kept(&place), made[9..]);
        assert_eq!(bytes_below(&place.set_aside()), 0);
    }

    #[test]
    fn nothing_is_set_aside_where_there_is_nothing() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(everything(&Place::new(temp.path()), "reset", 0).unwrap(), None);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }
}
