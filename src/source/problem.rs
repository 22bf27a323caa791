//! What can go wrong with files: errors end the program, problems are counted and passed by.

use std::io;
use std::path::{Path, PathBuf};

/// A reason not to start at all; each one is a mistake in what the user configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A root that the user named does not exist.
    #[error("root {} does not exist; nothing was read; name an existing directory", path.display())]
    RootMissing {
        /// The root as the user wrote it.
        path: PathBuf,
    },
    /// A root that the user named is a file or something else.
    #[error("root {} is not a directory; nothing was read; name the directory that holds the transcripts", path.display())]
    RootNotDirectory {
        /// The root as the user wrote it.
        path: PathBuf,
    },
    /// A root that the user named cannot be listed.
    #[error("root {} cannot be read; nothing was read; check its permissions", path.display())]
    RootUnreadable {
        /// The root as the user wrote it.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No root was named and none of the usual places exists.
    #[error("no transcripts directory found; looked in {}; name one with --root", listed(searched))]
    NoRoots {
        /// Every place that was tried, in order.
        searched: Vec<PathBuf>,
    },
}

/// A file or directory that could not be used; the rest goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceProblem {
    /// A directory could not be listed, so that what lies below it is unknown.
    #[error("directory {} cannot be listed; what lies below it was left out; check its permissions", path.display())]
    DirectoryUnreadable {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file could not be opened or read to its end.
    #[error("file {} cannot be read; lines read before were kept; check its permissions", path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file or directory was seen and then was gone; the client moves and deletes transcripts.
    #[error("{} vanished; lines read before were kept; it is found again if it was moved", path.display())]
    Vanished {
        /// Where it was.
        path: PathBuf,
    },
    /// A file is shorter than it was, so that the bytes at known offsets may be others now.
    #[error("file {} shrank from {expected} to {found} bytes; lines read before were kept; it has to be read again from its start", path.display())]
    Shrunk {
        /// The file.
        path: PathBuf,
        /// The size that was known.
        expected: u64,
        /// The size that was met.
        found: u64,
    },
    /// Bytes that were read were overwritten meanwhile, so that nobody can say which of them were seen.
    #[error("file {} was rewritten; lines read before were kept; it has to be read again from its start", path.display())]
    Rewritten {
        /// The file.
        path: PathBuf,
    },
    /// Something named like a transcript is a pipe, a device or a socket.
    #[error("{} is not a regular file; it was left out", path.display())]
    NotRegular {
        /// The thing.
        path: PathBuf,
    },
    /// A file belongs to another user, who could put anything into it.
    #[error("file {} belongs to another user (id {owner}); it was left out; name its directory with --root if it is wanted", path.display())]
    OtherOwner {
        /// The file.
        path: PathBuf,
        /// The id of the user.
        owner: u32,
    },
    /// A symbolic link leads out of all roots and could pull any file into telemetry.
    #[error("symbolic link {} leads to {} outside of the roots; it was not followed; name its target with --root if it is wanted", path.display(), target.display())]
    SymlinkOutside {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link leads nowhere.
    #[error("symbolic link {} leads nowhere; it was left out", path.display())]
    SymlinkBroken {
        /// The link.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl SourceProblem {
    /// Names the problem for counting; the names are part of the telemetry contract.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::DirectoryUnreadable { .. } => "directory_unreadable",
            Self::FileUnreadable { .. } => "file_unreadable",
            Self::Vanished { .. } => "vanished",
            Self::Shrunk { .. } => "shrunk",
            Self::Rewritten { .. } => "rewritten",
            Self::NotRegular { .. } => "not_regular",
            Self::OtherOwner { .. } => "other_owner",
            Self::SymlinkOutside { .. } => "symlink_outside",
            Self::SymlinkBroken { .. } => "symlink_broken",
        }
    }

    /// Names the file or directory that the problem is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::DirectoryUnreadable { path, .. }
            | Self::FileUnreadable { path, .. }
            | Self::Vanished { path }
            | Self::Shrunk { path, .. }
            | Self::Rewritten { path }
            | Self::NotRegular { path }
            | Self::OtherOwner { path, .. }
            | Self::SymlinkOutside { path, .. }
            | Self::SymlinkBroken { path, .. } => path,
        }
    }

    /// Tells a directory that went away from one that cannot be listed.
    pub(crate) fn of_directory(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Vanished { path },
            _ => Self::DirectoryUnreadable { path, source },
        }
    }

    /// Tells a file that went away from one that cannot be read.
    pub(crate) fn of_file(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Vanished { path },
            _ => Self::FileUnreadable { path, source },
        }
    }
}

fn listed(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "no place at all, for neither a home directory nor CLAUDE_CONFIG_DIR is known".to_owned();
    }
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_told_from_what_is_forbidden() {
        let path = Path::new("/x");
        let kind_of = |kind: io::ErrorKind| {
            let file = SourceProblem::of_file(path, kind.into()).kind();
            (file, SourceProblem::of_directory(path, kind.into()).kind())
        };
        assert_eq!(kind_of(io::ErrorKind::NotFound), ("vanished", "vanished"));
        assert_eq!(kind_of(io::ErrorKind::PermissionDenied), ("file_unreadable", "directory_unreadable"));
    }

    #[test]
    fn an_error_says_where_it_looked_and_what_to_do() {
        let searched = vec![PathBuf::from("/a/projects"), PathBuf::from("/b/projects")];
        let message = SourceError::NoRoots { searched }.to_string();
        assert_eq!(message, "no transcripts directory found; looked in /a/projects, /b/projects; name one with --root");
        assert!(SourceError::NoRoots { searched: vec![] }.to_string().contains("neither a home directory"));
    }
}
