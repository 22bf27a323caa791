//! What the system grants to those who watch folders, and how much of it is taken.

use std::fs;
use std::path::Path;

/// Bounds of the user, and what the user's processes hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) struct InotifySeen {
    /// How many folders may be watched.
    pub max_watches: u64,
    /// How many watchers there may be.
    pub max_instances: u64,
    /// How many folders are watched.
    pub watches: u64,
    /// How many watchers there are.
    pub instances: u64,
}

/// Looks below `/proc`; none where the system has nothing like it.
pub(in crate::cli::doctor) fn look(proc: &Path) -> Option<InotifySeen> {
    let limit = |name: &str| {
        let text = fs::read_to_string(proc.join("sys/fs/inotify").join(name)).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let mut seen = InotifySeen {
        max_watches: limit("max_user_watches")?,
        max_instances: limit("max_user_instances")?,
        ..InotifySeen::default()
    };
    // The bounds are the user's; processes whose files cannot be listed are others'.
    let processes = proc.read_dir().into_iter().flatten().flatten();
    for process in processes.map(|entry| entry.path()) {
        for file in process.join("fd").read_dir().into_iter().flatten().flatten() {
            if fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == "anon_inode:inotify") {
                seen.instances += 1;
                let told = fs::read_to_string(process.join("fdinfo").join(file.file_name())).unwrap_or_default();
                seen.watches += told.lines().filter(|line| line.starts_with("inotify wd:")).count() as u64;
            }
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_processes_hold_is_added_up() {
        let temp = tempfile::tempdir().unwrap();
        let proc = temp.path();
        assert_eq!(look(proc), None);
        fs::create_dir_all(proc.join("sys/fs/inotify")).unwrap();
        fs::write(proc.join("sys/fs/inotify/max_user_watches"), "8192\n").unwrap();
        fs::write(proc.join("sys/fs/inotify/max_user_instances"), "128\n").unwrap();
        for (process, watches) in [("12", 2), ("13", 1)] {
            fs::create_dir_all(proc.join(process).join("fd")).unwrap();
            fs::create_dir_all(proc.join(process).join("fdinfo")).unwrap();
            std::os::unix::fs::symlink("anon_inode:inotify", proc.join(process).join("fd/5")).unwrap();
            std::os::unix::fs::symlink("/dev/null", proc.join(process).join("fd/0")).unwrap();
            let text = format!("pos:\t0\nflags:\t00\n{}", "inotify wd:1 ino:2 sdev:3\n".repeat(watches));
            fs::write(proc.join(process).join("fdinfo/5"), text).unwrap();
        }
        let expected = InotifySeen { max_watches: 8192, max_instances: 128, watches: 3, instances: 2 };
        assert_eq!(look(proc), Some(expected));
    }
}
