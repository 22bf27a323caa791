//! A state as JSON lines, out and in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{CareArgs, failed, nothing_in, report};
use crate::checkpoint::check::check;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::store::Store;
use crate::checkpoint::transfer::{self, Transferred};
use crate::cli::output::note;
use crate::cli::pass::SetupError;
use crate::cli::words::counted;
use crate::cli::{ExitCode, Surroundings, state_of};

/// Writes everything that is remembered to a file, or to standard output.
pub(super) async fn export(file: &Path, care: &CareArgs, surroundings: &Surroundings) -> Result<ExitCode, SetupError> {
    let dir = care.folder(surroundings)?;
    if !dir.exists() {
        note(&format!("error: {}; nothing was exported", nothing_in(&dir)));
        return Ok(ExitCode::Configuration);
    }
    let lock = care.lock(&dir, "state export", surroundings).await?;
    let options = state_of::options(surroundings);
    // Opening would mend or rebuild it, and half a state is no export.
    let found = check(&lock, &options)?;
    if !found.is_sound() {
        note(&format!(
            "error: the state in {} is damaged ({}); nothing was exported and nothing was touched; `claude-otel state repair` saves what can be read",
            dir.display(),
            report::causes(&found)
        ));
        return Ok(ExitCode::Internal);
    }
    let (store, _) = Store::open(&lock, &options)?;
    let moved = if is_dash(file) {
        store.export(BufWriter::new(io::stdout().lock()))?
    } else {
        write(file, |out| store.export(out))?
    };
    let to = if is_dash(file) { "standard output".to_owned() } else { file.display().to_string() };
    note(&format!("{} of the state in {} are in {to}", amount(&moved), dir.display()));
    Ok(ExitCode::Done)
}

/// Puts an export from a file, or from standard input, in the place of a state.
pub(super) async fn import(
    file: &Path,
    overwrite: bool,
    care: &CareArgs,
    surroundings: &Surroundings,
) -> Result<ExitCode, SetupError> {
    let dir = care.folder(surroundings)?;
    // Before the lock, which makes the folder.
    let source = if is_dash(file) { None } else { Some(File::open(file).map_err(transfer_failed)?) };
    let lock = care.lock(&dir, "state import", surroundings).await?;
    let options = state_of::options(surroundings);
    let imported = match source {
        None => transfer::import(&lock, &options, io::stdin().lock(), overwrite),
        Some(source) => transfer::import(&lock, &options, BufReader::new(source), overwrite),
    };
    match imported {
        Ok(moved) => {
            let aside = moved.set_aside.as_ref();
            let aside = aside.map_or_else(String::new, |path| format!("; what was there is in {}", path.display()));
            note(&format!("{} are in the state in {} now{aside}", amount(&moved), dir.display()));
            Ok(ExitCode::Done)
        }
        Err(StoreError::NotEmpty { dir, files, sessions }) => {
            note(&format!(
                "error: the state in {} remembers {} and {}; nothing was touched; --overwrite sets them aside",
                dir.display(),
                counted(files as u64, "file"),
                counted(sessions as u64, "session"),
            ));
            Ok(ExitCode::Configuration)
        }
        Err(error) => Err(failed(error)),
    }
}

fn is_dash(file: &Path) -> bool {
    file == Path::new("-")
}

fn amount(moved: &Transferred) -> String {
    format!("{} and {}", counted(moved.files as u64, "file"), counted(moved.sessions as u64, "session"))
}

fn transfer_failed(source: io::Error) -> SetupError {
    failed(StoreError::Transfer { source })
}

/// Writes a file whole or not at all, for its owner alone: it holds the paths of projects.
fn write(
    file: &Path,
    export: impl FnOnce(&mut BufWriter<File>) -> Result<Transferred, StoreError>,
) -> Result<Transferred, SetupError> {
    let mut begun = file.as_os_str().to_owned();
    begun.push(".unfinished");
    let begun = PathBuf::from(begun);
    let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&begun);
    let mut out = BufWriter::new(made.map_err(transfer_failed)?);
    let moved = export(&mut out).map_err(failed).and_then(|moved| {
        let kept = out.flush().and_then(|()| out.get_ref().sync_all()).and_then(|()| fs::rename(&begun, file));
        kept.map(|()| moved).map_err(transfer_failed)
    });
    if moved.is_err() {
        let _ = fs::remove_file(&begun);
    }
    moved
}
