//! Pages go into files, or to standard output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use super::ExitCode;
use super::output::note;
use crate::view::page::MARK;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
enum PageError {
    #[error(
        "{0} is there and is no page of claude-otel, so it was left as it is; name another file, or move that one away"
    )]
    Strange(PathBuf),
    #[error("the page could not be written to {path}: {source}; what was there before is unchanged")]
    Unwritten { path: PathBuf, source: io::Error },
    #[error("the page could not be made: {0}; nothing was written")]
    Unmade(serde_json::Error),
    #[error("standard output cannot be written: {0}")]
    Output(io::Error),
}

/// Writes the page to the file, or to standard output for `-`, and says so.
pub(super) fn put(file: &Path, page: Result<String, serde_json::Error>) -> ExitCode {
    let done = page
        .map_err(PageError::Unmade)
        .and_then(|page| if file == Path::new("-") { print(&page) } else { write(file, &page) });
    match done {
        Ok(()) => ExitCode::Done,
        Err(error) => {
            note(&format!("error: {error}"));
            match error {
                PageError::Strange(_) => ExitCode::Usage,
                PageError::Unwritten { .. } | PageError::Unmade(_) | PageError::Output(_) => ExitCode::Internal,
            }
        }
    }
}

fn print(page: &str) -> Result<(), PageError> {
    let mut out = io::stdout().lock();
    match out.write_all(page.as_bytes()).and_then(|()| out.flush()) {
        // Whoever read has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(PageError::Output),
    }
}

/// Writes a file whole or not at all, for its owner alone: it may hold what was written in sessions.
fn write(file: &Path, page: &str) -> Result<(), PageError> {
    let failed = |source| PageError::Unwritten { path: file.to_owned(), source };
    if !is_free(file).map_err(failed)? {
        return Err(PageError::Strange(file.to_owned()));
    }
    let mut begun = file.as_os_str().to_owned();
    begun.push(format!(".{}.unfinished", process::id()));
    let begun = PathBuf::from(begun);
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&begun).map_err(failed)?;
    let kept = out.write_all(page.as_bytes()).and_then(|()| out.sync_all()).and_then(|()| fs::rename(&begun, file));
    if kept.is_err() {
        let _ = fs::remove_file(&begun);
    }
    kept.map_err(failed)?;
    note(&format!("the page is in {}", file.display()));
    Ok(())
}

/// Whether nothing of somebody else's is lost: there is no such file, or it is a page of ours, or empty.
fn is_free(file: &Path) -> io::Result<bool> {
    let about = match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        about => about?,
    };
    if !about.is_file() || about.len() == 0 {
        return Ok(about.is_file());
    }
    let mut beginning = Vec::new();
    File::open(file)?.take(MARK.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning == MARK.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_page_takes_the_place_of_a_page_and_of_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a page.html");
        for text in ["one", "two"] {
            write(&file, &format!("{MARK}{text}")).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), format!("{MARK}{text}"));
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = dir.path().join("notes.html");
        fs::write(&other, "<!doctype html>\nmine").unwrap();
        assert!(matches!(write(&other, MARK), Err(PageError::Strange(_))));
        assert!(matches!(write(dir.path(), MARK), Err(PageError::Strange(_))));
        assert_eq!(fs::read_to_string(&other).unwrap(), "<!doctype html>\nmine");
        assert!(matches!(write(&dir.path().join("no/such.html"), MARK), Err(PageError::Unwritten { .. })));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left behind");
    }
}
