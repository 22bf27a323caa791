//! Why the state could not be used, and what to do.

use std::io;
use std::path::PathBuf;

/// Why the state could not be used. What was not kept is not lost: the transcripts still hold it, and it is sent
/// again under the same ids.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, may not be written, or fails; that is no damage, and nothing was set aside.
    #[error("the state in {} cannot be used now: {source}; what it holds is kept; make room or correct the permissions, it is tried again", dir.display())]
    Unavailable {
        /// The state's folder.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A write or flush failed before, and the database refuses everything since.
    #[error("the state in {} failed before and has to be opened again; what it holds is kept", dir.display())]
    Broken {
        /// The state's folder.
        dir: PathBuf,
    },
    /// What is on disk is not what was written.
    #[error("the state in {} is damaged: {cause}; opening it again mends it or sets it aside", dir.display())]
    Damaged {
        /// The state's folder.
        dir: PathBuf,
        /// What was found.
        cause: String,
    },
    /// A newer version of the program wrote it.
    #[error("the state in {} has format {found}, this version knows {known}; nothing was touched; use the version that wrote it, or another state folder", dir.display())]
    Newer {
        /// The state's folder.
        dir: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format known here.
        known: u64,
    },
    /// It belongs to another way of making ids, under which everything would be sent a second time.
    #[error("the state in {} belongs to id scheme {found}, this version makes ids of scheme {ours}; nothing was touched; `state reset` begins anew and sends everything again under new ids", dir.display())]
    IdScheme {
        /// The state's folder.
        dir: PathBuf,
        /// The scheme that it belongs to.
        found: u64,
        /// The scheme of this version.
        ours: u64,
    },
    /// A row is larger than the database can bear; nothing of the batch was written.
    #[error(
        "the row of {key} has {bytes} bytes, at most {most} are kept; nothing of its batch was kept; please report this"
    )]
    TooLarge {
        /// Whose row.
        key: String,
        /// Its size.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// An export could not be written or read.
    #[error("the export could not be written or read: {source}; the state is as it was")]
    Transfer {
        /// What the system said.
        source: io::Error,
    },
    /// What was to be imported is no export, or only the beginning of one.
    #[error("line {line} is no part of an export: {cause}; the state is as it was")]
    NotAnExport {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        cause: String,
    },
    /// Something is there already.
    #[error("the state in {} holds {files} files and {sessions} sessions; nothing was touched; `--overwrite` sets them aside", dir.display())]
    NotEmpty {
        /// The state's folder.
        dir: PathBuf,
        /// Files that it knows.
        files: usize,
        /// Sessions that it knows.
        sessions: usize,
    },
}

impl StoreError {
    /// Whether dropping the store and opening it again, at once or after a while, can help without a human.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Broken { .. } | Self::Damaged { .. })
    }
}
