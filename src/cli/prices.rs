//! The table of prices, with the file that the user has for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Surroundings;
use crate::config::env;
use crate::telemetry::prices::{PriceError, PriceTable};

/// A file of prices that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum PriceFileError {
    #[error("{origin} {} cannot be read: {problem}; correct the path or leave it out", path.display())]
    Unreadable { origin: &'static str, path: PathBuf, problem: std::io::Error },
    #[error("{origin} {}: {problem}", path.display())]
    Table { origin: &'static str, path: PathBuf, problem: PriceError },
}

/// The program's table, below the user's if there is one: the flag's, else the variable's.
pub(super) fn price_table(flag: Option<&Path>, surroundings: &Surroundings) -> Result<Arc<PriceTable>, PriceFileError> {
    let variable = || {
        let path = surroundings.variable(env::CLAUDE_OTEL_PRICES)?;
        Some((env::CLAUDE_OTEL_PRICES, PathBuf::from(path)))
    };
    let Some((origin, path)) = flag.map(|path| ("--prices", path.to_path_buf())).or_else(variable) else {
        return Ok(Arc::new(PriceTable::default()));
    };
    match fs::read_to_string(&path) {
        Ok(text) => PriceTable::default()
            .with_overrides(&text)
            .map(Arc::new)
            .map_err(|problem| PriceFileError::Table { origin, path, problem }),
        Err(problem) => Err(PriceFileError::Unreadable { origin, path, problem }),
    }
}
