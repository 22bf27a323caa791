//! Reads the files of the client's telemetry.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::reconcile::Collector;
use crate::source::{Item, LineReader};

/// One line is one batch; a Collector's are a few megabytes.
const LONGEST_LINE: usize = 64 * 1024 * 1024;
/// What files in a folder are called; each may end in `.gz`.
const EXTENSIONS: [&str; 3] = ["json", "jsonl", "ndjson"];

/// What reading came to.
#[derive(Debug, Default)]
pub(super) struct ReadFiles {
    /// Files read.
    pub files: u64,
    /// Bytes of them, decompressed.
    pub bytes: u64,
    /// Files that could not be read to their ends, with why.
    pub problems: Vec<(PathBuf, io::Error)>,
    /// Files with lines that are no OTLP/JSON, with how many.
    pub broken: Vec<(PathBuf, u64)>,
}

/// Telemetry that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilesError {
    #[error("{} cannot be read: {problem}; name files, or folders of files, that a Collector's file exporter wrote", path.display())]
    Unreadable { path: PathBuf, problem: io::Error },
    #[error("{} holds no file that ends in .json, .jsonl or .ndjson, with or without .gz; name the file itself", path.display())]
    Empty { path: PathBuf },
}

/// All files that the paths name, each once, in the order of their names.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, FilesError> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |problem| FilesError::Unreadable { path: path.clone(), problem };
        if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            let before = files.len();
            collect(path, &mut files).map_err(unreadable)?;
            if files.len() == before {
                return Err(FilesError::Empty { path: path.clone() });
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    // The same file may be named twice, by itself and by its folder.
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    Ok(files)
}

/// Files below a folder that are called as telemetry is. Links are not followed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file() && is_named_as_telemetry(&entry.path()) {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

fn is_named_as_telemetry(path: &Path) -> bool {
    let inner = if is_compressed(path) { path.with_extension("") } else { path.to_path_buf() };
    inner.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
}

/// Reads all files into the collector. What cannot be read is told and left out.
pub(super) fn read(files: &[PathBuf], collector: &mut Collector) -> ReadFiles {
    let mut outcome = ReadFiles::default();
    for path in files {
        let broken_before = collector.broken_lines();
        let opened = File::open(path);
        let read = opened.and_then(|file| {
            let source: Box<dyn Read> =
                if is_compressed(path) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
            lines(source, collector, &mut outcome.bytes)
        });
        match read {
            Ok(()) => outcome.files += 1,
            Err(problem) => outcome.problems.push((path.clone(), problem)),
        }
        let broken = collector.broken_lines() - broken_before;
        if broken > 0 {
            outcome.broken.push((path.clone(), broken));
        }
    }
    outcome
}

fn lines(source: impl Read, collector: &mut Collector, bytes: &mut u64) -> io::Result<()> {
    let mut reader = LineReader::new(source, 0, LONGEST_LINE);
    while let Some(item) = reader.next_line()? {
        match item {
            Item::Line(line) => {
                *bytes += line.len;
                collector.line(line.bytes);
            }
            Item::Oversized(line) => {
                *bytes += line.len;
                collector.skipped_line();
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn folders_are_searched_and_every_file_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("b")).unwrap();
        for name in ["a.jsonl", "b/c.json", "b/d.ndjson.gz", "notes.txt", "e.gz"] {
            std::fs::write(path(name), "").unwrap();
        }
        let found = files(&[folder.path().to_path_buf(), path("a.jsonl"), path("notes.txt")]).unwrap();
        assert_eq!(found, ["a.jsonl", "b/c.json", "b/d.ndjson.gz", "notes.txt"].map(path));
        assert!(matches!(files(&[path("absent")]), Err(FilesError::Unreadable { .. })));
        std::fs::create_dir(path("empty")).unwrap();
        assert!(matches!(files(&[path("empty")]), Err(FilesError::Empty { .. })));
    }

    #[test]
    fn compressed_files_are_read_and_cut_ones_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl.gz");
        let mut encoder = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        encoder.write_all(b"{\"resourceLogs\":[]}\n{broken\n").unwrap();
        encoder.finish().unwrap();
        let mut collector = Collector::default();
        let outcome = read(std::slice::from_ref(&path), &mut collector);
        assert_eq!((outcome.files, outcome.bytes, &outcome.broken[..]), (1, 28, &[(path.clone(), 1)][..]));
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 12]).unwrap();
        assert_eq!(read(std::slice::from_ref(&path), &mut Collector::default()).problems.len(), 1);
    }
}
