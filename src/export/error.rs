//! Why telemetry did not arrive, and what to do.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why telemetry did not arrive. In every case what was not acknowledged is not lost: the transcripts still hold it.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The options cannot work; nothing was sent.
    #[error("cannot set up {destination}: {problem}; nothing was sent; correct the configuration")]
    Setup {
        /// The destination, without secrets.
        destination: String,
        /// What is wrong.
        problem: String,
    },
    /// There is no destination, because the user said so.
    #[error("export is switched off ({reason}); nothing was sent")]
    Disabled {
        /// What said so.
        reason: String,
    },
    /// The destination does not want us at all.
    #[error("{destination} refused: {said}; what it did not take will be sent again; {advice}")]
    Refused {
        /// The destination, without secrets.
        destination: String,
        /// What it answered, cut short.
        said: String,
        /// What to do.
        advice: String,
    },
    /// The destination gave no usable answer for as long as the retry policy allows.
    #[error(
        "{destination} could not be reached in {tries} tries over {} s: {said}; \
         what it did not take will be sent again; {advice}", waited.as_secs()
    )]
    Unreachable {
        /// The destination, without secrets.
        destination: String,
        /// The last failure, cut short.
        said: String,
        /// How often it was tried.
        tries: u32,
        /// For how long it was tried.
        waited: Duration,
        /// What to do.
        advice: &'static str,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}; what was written before is whole; make room or correct the permissions, then run again", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The files have reached their bound.
    #[error("{} holds {what}; nothing more is written, what is there is kept; move the files away or raise the bound ({raise})", dir.display())]
    Full {
        /// The folder.
        dir: PathBuf,
        /// What is in it, against which bound.
        what: String,
        /// What raises the bound.
        raise: &'static str,
    },
    /// A fault of this program.
    #[error("export to {destination} stopped: {problem}; what was not taken will be sent again; please report this")]
    Internal {
        /// The destination, without secrets.
        destination: String,
        /// What went wrong.
        problem: String,
    },
}

impl ExportError {
    /// Whether the configuration has to change, as opposed to the world.
    pub fn is_configuration(&self) -> bool {
        matches!(self, Self::Setup { .. } | Self::Disabled { .. })
    }
}
