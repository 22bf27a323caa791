//! Why events are missing; following then goes on by scanning.

use std::path::PathBuf;

/// A reason why hints will be missing. None of them ends anything, for looking is the truth.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifierProblem {
    /// The system watches no more directories for this user.
    #[error("directory {} is not watched, as the limit on watches is reached; following goes on by scanning, which is slower; raise the sysctl fs.inotify.max_user_watches", path.display())]
    WatchLimit {
        /// The first directory that is not watched.
        path: PathBuf,
    },
    /// The system gives this user no further means to watch.
    #[error(
        "nothing is watched, as the limit on inotify instances or open files is reached; following goes on by scanning, which is slower; raise the sysctl fs.inotify.max_user_instances"
    )]
    InstanceLimit {
        /// What the operating system said.
        source: notify::Error,
    },
    /// A file system that may be written to from elsewhere, and says nothing of that.
    #[error("root {} lies on {file_system}, which does not tell of all changes; following goes on by scanning, which is slower", path.display())]
    NoEvents {
        /// The root.
        path: PathBuf,
        /// The kind of the file system.
        file_system: &'static str,
    },
    /// Watching failed for another reason.
    #[error("not everything is watched; following goes on by scanning, which is slower")]
    NotWatched {
        /// What the watcher said.
        source: notify::Error,
    },
}

impl NotifierProblem {
    /// Names the problem for counting; the names are part of the telemetry contract.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::WatchLimit { .. } => "watch_limit",
            Self::InstanceLimit { .. } => "instance_limit",
            Self::NoEvents { .. } => "no_events",
            Self::NotWatched { .. } => "not_watched",
        }
    }

    /// Tells the limits of the system, which the user can raise, from everything else.
    pub(super) fn of(error: notify::Error) -> Self {
        let is_of_files = |code| matches!(code, Some(libc::EMFILE | libc::ENFILE));
        match &error.kind {
            notify::ErrorKind::MaxFilesWatch => {
                Self::WatchLimit { path: error.paths.into_iter().next().unwrap_or_default() }
            }
            notify::ErrorKind::Io(source) if is_of_files(source.raw_os_error()) => {
                Self::InstanceLimit { source: error }
            }
            _ => Self::NotWatched { source: error },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_limit_names_what_to_raise() {
        let limit = notify::Error::new(notify::ErrorKind::MaxFilesWatch).add_path("/p".into());
        let problem = NotifierProblem::of(limit);
        assert_eq!(problem.kind(), "watch_limit");
        let text = problem.to_string();
        assert!(text.contains("/p") && text.contains("fs.inotify.max_user_watches"), "{text}");
        for code in [libc::EMFILE, libc::ENFILE] {
            let problem = NotifierProblem::of(notify::Error::io(io::Error::from_raw_os_error(code)));
            assert_eq!(problem.kind(), "instance_limit");
            assert!(problem.to_string().contains("fs.inotify.max_user_instances"), "{problem}");
        }
        let other = NotifierProblem::of(notify::Error::io(io::Error::from_raw_os_error(libc::EACCES)));
        assert_eq!(other.kind(), "not_watched");
    }
}
