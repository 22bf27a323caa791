//! Opens a transcript so that neither a link nor a pipe in its place can mislead or block the reader.

use super::problem::SourceProblem;
use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId {
    /// The device.
    pub device: u64,
    /// The inode on it; file systems give the number of a deleted file to a new one.
    pub inode: u64,
}

impl FileId {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// A regular file open for reading, with what is true of exactly this descriptor.
#[derive(Debug)]
pub struct OpenedFile {
    /// The descriptor, at the file's start.
    pub file: File,
    /// Which file it is.
    pub id: FileId,
    /// Its size when it was opened.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub mtime_unix_nano: i64,
}

/// Opens a regular file for reading.
pub fn open(path: &Path) -> Result<OpenedFile, SourceProblem> {
    let file = OpenOptions::new()
        .read(true)
        // Without O_NONBLOCK the opening of a pipe waits for a writer, perhaps for ever; on regular files it means nothing.
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(|source| match source.raw_os_error() {
            // A link (ELOOP) or a socket (ENXIO) stands where a file was found before.
            Some(libc::ELOOP | libc::ENXIO) => SourceProblem::NotRegular { path: path.to_path_buf() },
            _ => SourceProblem::of_file(path, source),
        })?;
    let metadata = file.metadata().map_err(|source| SourceProblem::of_file(path, source))?;
    if !metadata.is_file() {
        return Err(SourceProblem::NotRegular { path: path.to_path_buf() });
    }
    Ok(OpenedFile {
        id: FileId::of(&metadata),
        size: metadata.len(),
        mtime_unix_nano: mtime_unix_nano(&metadata),
        file,
    })
}

pub(crate) fn mtime_unix_nano(metadata: &Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_regular_file_is_opened_with_its_identity() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a.jsonl");
        fs::write(&path, "{}\n").unwrap();
        let time = UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        let mut opened = open(&path).unwrap();
        assert_eq!((opened.size, opened.mtime_unix_nano), (3, 1_700_000_000_123_456_789));
        assert_eq!(opened.id, FileId::of(&fs::metadata(&path).unwrap()));
        let mut text = String::new();
        opened.file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "{}\n");
    }

    #[test]
    fn a_link_a_pipe_a_socket_and_a_directory_are_no_transcripts() {
        let temp = tempfile::tempdir().unwrap();
        let place = |name: &str| temp.path().join(name);
        fs::write(place("file"), "x").unwrap();
        symlink(place("file"), place("link")).unwrap();
        assert!(Command::new("mkfifo").arg(place("pipe")).status().unwrap().success());
        let _socket = UnixListener::bind(place("socket")).unwrap();
        fs::create_dir(place("directory")).unwrap();
        for name in ["link", "pipe", "socket", "directory"] {
            let problem = open(&place(name)).unwrap_err();
            assert!(matches!(&problem, SourceProblem::NotRegular { path } if *path == place(name)), "{problem:?}");
        }
    }

    #[test]
    fn a_missing_file_has_vanished() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(open(&temp.path().join("gone.jsonl")).unwrap_err().kind(), "vanished");
    }
}
