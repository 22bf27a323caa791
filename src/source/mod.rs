//! STAGE 1, IO: finds the transcript files, sees what becomes of them, and cuts them into complete lines.
//!
//! Enters: directories to look in. Leaves: [`TranscriptFile`]s, what [`Changes`] of them, and for each of them [`Item`]s.
//!
//! To follow files, a [`Scanner`] looks and a [`Notifier`] hints at where to look; [`TranscriptReader::resume`] then says
//! whether a file goes on where its reading ended. Looking alone is enough; hints alone are not.
//!
//! **Invariant:** this stage knows bytes and paths, never what an agent wrote into them; it opens files for reading only
//! and follows no symbolic link below a root.
//! **Invariant:** one bad file or directory is a [`SourceProblem`] beside the results, so the rest always goes on; only
//! a root that the user named and that is not there is a [`SourceError`].
//! **Invariant:** memory is bounded by `max_line_bytes`, whatever the size of a file or of a line.
//!
//! To read a further kind of file beside the transcripts, give it a variant in [`Class`] and say in `classify.rs` what
//! its path looks like.

mod problem;
mod roots;
mod owner;
mod classify;
mod file;
mod stat;
mod scan;
mod discover;
mod open;
mod lines;
mod follow;
mod read;
mod notifier;

pub use classify::{AgentFile, Class, InternalAgent, classify};
pub use discover::{Discovery, discover};
pub use file::TranscriptFile;
pub use follow::{Consumed, LastLine, Skipping, Standing};
pub use lines::{Item, LineReader, Oversized, RawLine};
pub use notifier::{Health, Hint, HintBatch, HintSink, Hints, Notifier, NotifierProblem, hints, quiet_file_system};
pub use open::{FileId, OpenedFile, open};
pub use owner::OwnerRule;
pub use problem::{SourceError, SourceProblem};
pub use read::TranscriptReader;
pub use roots::{Root, RootOrigin, awaited, resolve};
pub use scan::{Changes, Scanner, Sweep};

/// How many bytes of one line are kept in memory unless the user says otherwise.
pub const DEFAULT_MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// What this stage may be told by the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Directories named by the user; when empty, the client's usual places are searched.
    pub roots: Vec<std::path::PathBuf>,
    /// Lines longer than this are skipped while streaming and reported as [`Oversized`].
    pub max_line_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { roots: Vec::new(), max_line_bytes: DEFAULT_MAX_LINE_BYTES }
    }
}
