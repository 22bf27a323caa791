//! The table of prices, with the file that the user has for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::telemetry::prices::{PriceError, PriceTable};

/// A file of prices that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum PriceFileError {
    #[error("the file of prices {} cannot be read: {problem}; correct the path or leave it out", path.display())]
    Unreadable { path: PathBuf, problem: std::io::Error },
    #[error("the file of prices {}: {problem}", path.display())]
    Table { path: PathBuf, problem: PriceError },
}

/// The program's table, below the user's if there is one.
pub(super) fn price_table(flag: Option<&Path>) -> Result<Arc<PriceTable>, PriceFileError> {
    // A variable and the file stand for the flag.
    let Some(path) = flag.map(Path::to_path_buf) else { return Ok(Arc::new(PriceTable::default())) };
    match fs::read_to_string(&path) {
        Ok(text) => PriceTable::default()
            .with_overrides(&text)
            .map(Arc::new)
            .map_err(|problem| PriceFileError::Table { path, problem }),
        Err(problem) => Err(PriceFileError::Unreadable { path, problem }),
    }
}
