//! Where refused content is set aside.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::error::ExportError;
use super::json_lines::{Bounds, JsonLines};

const MAX_BYTES: u64 = 64 << 20;
const FILE_BYTES: u64 = 16 << 20;

/// Content that the destination will never take, as OTLP/JSON lines that can be looked at and sent by hand. The folder
/// is made when the first of it comes.
#[derive(Debug)]
pub(super) struct DeadLetters {
    dir: std::path::PathBuf,
}

impl DeadLetters {
    /// Names the folder.
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Sets one refused request aside.
    pub(super) fn set_aside(&self, line: &[u8], now: SystemTime) -> Result<(), ExportError> {
        let bounds = Bounds {
            total_bytes: MAX_BYTES,
            age: Duration::MAX,
            file_bytes: FILE_BYTES,
            raise: "it is fixed for refused content, which somebody should look at",
        };
        JsonLines::open(&self.dir, "refused-traces", bounds)?.append(line, now)
    }
}
