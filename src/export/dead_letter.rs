//! Where refused content is set aside.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::error::ExportError;
use super::json_lines::{Bounds, JsonLines};
use super::signal::{REFUSED_STEMS, wire};
use crate::telemetry::signal::Signal;

/// All of it together, unless somebody says otherwise.
pub(super) const MAX_BYTES: u64 = 64 << 20;
const FILE_BYTES: u64 = 16 << 20;

/// Content that the destination will never take, as OTLP/JSON lines that can be looked at and sent by hand. The folder
/// is made when the first of it comes.
#[derive(Debug)]
pub(super) struct DeadLetters {
    dir: PathBuf,
    signal: Signal,
    max_bytes: u64,
}

impl DeadLetters {
    /// Names the folder and its bound, which holds for all signals together.
    pub(super) fn new(dir: &Path, signal: Signal, max_bytes: u64) -> Self {
        Self { dir: dir.to_owned(), signal, max_bytes }
    }

    /// Sets one refused request aside.
    pub(super) fn set_aside(&self, line: &[u8], now: SystemTime) -> Result<(), ExportError> {
        let bounds = Bounds {
            stems: &REFUSED_STEMS,
            total_bytes: self.max_bytes,
            age: Duration::MAX,
            file_bytes: FILE_BYTES,
            raise: "for refused content it is fixed",
        };
        JsonLines::open(&self.dir, wire(self.signal).refused_stem, bounds)?.append(line, now)
    }
}
