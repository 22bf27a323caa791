//! Reads one transcript after the other, with one buffer for all of them.

use super::Options;
use super::follow::{self, Consumed, LastLine, Skipping, Standing, head, prints, skipped, standing};
use super::lines::{Item, LineReader};
use super::open::{FileId, OpenedFile, open};
use super::problem::SourceProblem;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Reads the lines of one transcript at a time.
///
/// ```
/// use claude_otel::source::{Options, TranscriptReader};
///
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("session.jsonl");
/// std::fs::write(&path, "{\"type\":\"user\"}\n")?;
///
/// let mut reader = TranscriptReader::new(&Options::default());
/// reader.open(&path, 0)?;
/// let mut lines = 0;
/// while let Some(_item) = reader.next_line()? {
///     lines += 1;
/// }
/// assert_eq!(lines, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TranscriptReader {
    max_line_bytes: usize,
    current: Option<Current>,
    /// The buffer while no file is open.
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Current {
    path: PathBuf,
    id: FileId,
    /// The size when the file was opened.
    size: u64,
    /// When it had been written last when it was opened.
    mtime_unix_nano: i64,
    /// The first bytes as they were then.
    head: Vec<u8>,
    lines: LineReader<File>,
    /// The line at the end without a newline, once it was given out.
    rest: Option<Rest>,
    has_ended: bool,
}

/// Where the last line is that no newline ended.
#[derive(Debug, Clone, Copy)]
struct Rest {
    start: u64,
    end: u64,
    is_oversized: bool,
}

impl TranscriptReader {
    /// Prepares to read; nothing is opened yet.
    pub fn new(options: &Options) -> Self {
        Self { max_line_bytes: options.max_line_bytes, current: None, buffer: Vec::new() }
    }

    /// Leaves the file before and opens another one at `offset`, which has to be the beginning of a line.
    ///
    /// Returns which file it is, told by the open descriptor: the one that was found under this path earlier may
    /// have been replaced since.
    pub fn open(&mut self, path: &Path, offset: u64) -> Result<FileId, SourceProblem> {
        self.close();
        let opened = open(path)?;
        let id = opened.id;
        if offset > opened.size {
            return Err(SourceProblem::Shrunk { path: path.to_path_buf(), expected: offset, found: opened.size });
        }
        self.begin(path, opened, offset, 0)?;
        Ok(id)
    }

    /// Leaves the file before, opens one that was read before, and says whether reading may go on.
    ///
    /// When it may, the next line is the one at the offset; else no file is open, and the file has to be read from
    /// its start.
    pub fn resume(&mut self, path: &Path, before: &Consumed) -> Result<Standing, SourceProblem> {
        self.close();
        let opened = open(path)?;
        let standing = standing(&opened, path, before)?;
        if standing.continues() {
            let skipped = skipped(&opened.file, before);
            self.begin(path, opened, before.offset, skipped)?;
        }
        Ok(standing)
    }

    fn begin(&mut self, path: &Path, opened: OpenedFile, offset: u64, skipped: u64) -> Result<(), SourceProblem> {
        let unreadable = |source| SourceProblem::of_file(path, source);
        let OpenedFile { mut file, id, size, mtime_unix_nano } = opened;
        // Bytes that cannot be read are a problem of the line in which they stand.
        let head = head(&file).unwrap_or_default();
        file.seek(SeekFrom::Start(offset + skipped)).map_err(unreadable)?;
        let buffer = std::mem::take(&mut self.buffer);
        let lines = LineReader::with_buffer(file, offset, self.max_line_bytes, buffer).inside_oversized(skipped);
        let path = path.to_path_buf();
        self.current = Some(Current { path, id, size, mtime_unix_nano, head, lines, rest: None, has_ended: false });
        Ok(())
    }

    /// Returns the next line, or none at the file's end and when no file is open.
    ///
    /// Everything that stood in the file when it was opened is returned, and perhaps more when it grows meanwhile.
    /// After a problem there are no more lines; those before it are good.
    pub fn next_line(&mut self) -> Result<Option<Item<'_>>, SourceProblem> {
        let Some(current) = self.current.as_mut().filter(|current| !current.has_ended) else { return Ok(None) };
        let problem = match current.lines.advance() {
            Ok(Some(cut)) => {
                let item = current.lines.item(cut);
                if !item.terminated() {
                    let is_oversized = matches!(item, Item::Oversized(_));
                    current.rest = Some(Rest { start: item.offset(), end: item.end(), is_oversized });
                }
                return Ok(Some(item));
            }
            Ok(None) if current.lines.offset() < current.size => {
                let (expected, found) = (current.size, current.lines.offset());
                Some(SourceProblem::Shrunk { path: current.path.clone(), expected, found })
            }
            Ok(None) => None,
            Err(source) => Some(SourceProblem::of_file(&current.path, source)),
        };
        current.has_ended = true;
        problem.map_or(Ok(None), Err)
    }

    /// Says where reading stands after the lines that were given out, or none when no file is open.
    ///
    /// A line without a newline counts as `last_line` says, unless it is too long, and is then skipped on as it grows.
    pub fn consumed(&self, last_line: LastLine) -> Result<Option<Consumed>, SourceProblem> {
        let Some(current) = &self.current else { return Ok(None) };
        let path = &current.path;
        let unreadable = |source| SourceProblem::of_file(path, source);
        let file = current.lines.source();
        let rest = current.rest.filter(|rest| rest.is_oversized || last_line == LastLine::Left);
        let offset = rest.map_or(current.lines.offset(), |rest| rest.start);
        let now = head(file).map_err(unreadable)?;
        let is_as_opened = current.head.iter().zip(&now).all(|(before, now)| before == now);
        let prints = prints(file, &now, offset).map_err(unreadable)?.filter(|_| is_as_opened);
        let Some((head_print, tail_print)) = prints else {
            return Err(SourceProblem::Rewritten { path: path.clone() });
        };
        let skipping = match rest.filter(|rest| rest.is_oversized) {
            Some(Rest { end: to, .. }) => {
                follow::tail_print(file, to).map_err(unreadable)?.map(|print| Skipping { to, print })
            }
            None => None,
        };
        let Current { id, size, mtime_unix_nano, .. } = *current;
        Ok(Some(Consumed { id, size, mtime_unix_nano, offset, head_print, tail_print, skipping }))
    }

    /// Lets go of the file, if one is open.
    pub fn close(&mut self) {
        if let Some(current) = self.current.take() {
            self.buffer = current.lines.into_buffer();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(reader: &mut TranscriptReader) -> (Vec<String>, Option<SourceProblem>) {
        let mut lines = Vec::new();
        loop {
            match reader.next_line() {
                Ok(Some(Item::Line(line))) => lines.push(String::from_utf8(line.bytes.to_vec()).unwrap()),
                Ok(Some(Item::Oversized(line))) => lines.push(format!("{} bytes", line.len)),
                Ok(None) => return (lines, None),
                Err(problem) => return (lines, Some(problem)),
            }
        }
    }

    fn file(text: &str) -> (tempfile::TempDir, PathBuf, TranscriptReader) {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("S.jsonl");
        fs::write(&path, text).unwrap();
        (temp, path, TranscriptReader::new(&Options { max_line_bytes: 8, ..Options::default() }))
    }

    #[test]
    fn a_file_is_read_from_an_offset_and_then_another_one() {
        let (_temp, path, mut reader) = file("one\ntwo\nfar too long\nthree");
        let id = reader.open(&path, 4).unwrap();
        assert_eq!(id, FileId::of(&fs::metadata(&path).unwrap()));
        let (lines, problem) = read(&mut reader);
        assert_eq!(lines, ["two", "13 bytes", "three"]);
        assert!(problem.is_none());
        assert!(matches!(reader.next_line(), Ok(None)));
        reader.open(&path, 0).unwrap();
        assert!(matches!(reader.next_line(), Ok(Some(Item::Line(line))) if line.bytes == b"one"));
        reader.open(&path, 0).unwrap();
        assert!(matches!(reader.next_line(), Ok(Some(Item::Line(line))) if line.bytes == b"one"));
    }

    #[test]
    fn a_file_that_is_shorter_than_its_offset_has_shrunk() {
        let (_temp, path, mut reader) = file("one\n");
        reader.open(&path, 4).unwrap();
        assert_eq!(read(&mut reader).0.len(), 0);
        let problem = reader.open(&path, 5).unwrap_err();
        assert!(matches!(problem, SourceProblem::Shrunk { expected: 5, found: 4, .. }), "{problem:?}");
        assert!(matches!(reader.next_line(), Ok(None)));
    }

    #[test]
    fn a_file_that_shrinks_while_it_is_read_is_a_problem_and_what_was_read_is_kept() {
        let line = format!("{}\n", "x".repeat(7));
        let (_temp, path, mut reader) = file(&line.repeat(100_000));
        reader.open(&path, 0).unwrap();
        assert!(matches!(reader.next_line(), Ok(Some(_))));
        File::options().write(true).open(&path).unwrap().set_len(16).unwrap();
        let (lines, problem) = read(&mut reader);
        // What had been buffered before the cut is still given out.
        assert!(lines.len() > 1 && lines.len() < 99_999, "{}", lines.len());
        let found = (lines.len() as u64 + 1) * 8;
        assert!(
            matches!(&problem, Some(SourceProblem::Shrunk { expected: 800_000, found: at, .. }) if *at == found),
            "{problem:?}"
        );
    }

    #[test]
    fn a_file_that_is_deleted_while_it_is_read_is_read_to_its_end_and_has_vanished_then() {
        let line = format!("{}\n", "x".repeat(7));
        let (_temp, path, mut reader) = file(&line.repeat(100_000));
        reader.open(&path, 0).unwrap();
        fs::remove_file(&path).unwrap();
        let (lines, problem) = read(&mut reader);
        assert_eq!((lines.len(), problem.is_none()), (100_000, true));
        assert_eq!(reader.open(&path, 0).unwrap_err().kind(), "vanished");
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_no_problem() {
        let (_temp, path, mut reader) = file("one\n");
        reader.open(&path, 0).unwrap();
        fs::write(&path, "one\ntwo\n").unwrap();
        let (lines, problem) = read(&mut reader);
        assert_eq!((lines, problem.is_none()), (vec!["one".to_owned(), "two".to_owned()], true));
    }

    /// Reading a process's memory at address 0 is the one read of a regular file that fails for everybody.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_whose_bytes_cannot_be_read_is_a_problem() {
        let mut reader = TranscriptReader::new(&Options::default());
        reader.open(Path::new("/proc/self/mem"), 0).unwrap();
        let problem = reader.next_line().unwrap_err();
        assert_eq!(problem.kind(), "file_unreadable");
        assert!(matches!(reader.next_line(), Ok(None)), "the file was not closed");
    }
}
