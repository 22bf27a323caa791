//! Where the reading of one file stands, and whether it may go on from there.
//!
//! Neither a name nor an inode says that bytes are those that were read: clients rewrite files in place, and file
//! systems give inodes out again. So a file is known by fingerprints of its beginning and of what stood before the
//! place where reading ended. Both are taken from the open descriptor, never from whatever has the name by now.

use super::open::{FileId, OpenedFile};
use super::problem::SourceProblem;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// Where the reading of one file ended, and how to know the file again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consumed {
    /// Which file it was.
    pub id: FileId,
    /// Its size when it was opened; it may have been read further.
    pub size: u64,
    /// When it had last been written when it was opened, in nanoseconds since 1970.
    pub mtime_unix_nano: i64,
    /// The end of the last line that was taken, which is where the next one begins.
    pub offset: u64,
    /// The fingerprint of the file's first bytes, as many as [`Consumed::HEAD_BYTES`] or `offset` allow.
    pub head_print: u64,
    /// The fingerprint of the last bytes before `offset`, as many as [`Consumed::TAIL_BYTES`] or `offset` allow.
    pub tail_print: u64,
    /// Set when the line at `offset` has no end yet and is too long to be kept. It is good while the program runs;
    /// without it, the line is skipped once more from its beginning.
    pub skipping: Option<Skipping>,
}

/// How far a line that is too long was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipping {
    /// The end of what was skipped.
    pub to: u64,
    /// The fingerprint of the last bytes before it.
    pub print: u64,
}

impl Consumed {
    /// How much of a file's beginning its fingerprint covers.
    pub const HEAD_BYTES: u64 = 1024;
    /// How much of what stands before the offset its fingerprint covers.
    pub const TAIL_BYTES: u64 = 256;
}

/// What became of a file that was read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is as it was. The reader stands at the offset, so that a last line without a newline can still be taken.
    Same,
    /// What was read is still there, and more or less may follow it. The reader stands at the offset.
    Continues,
    /// It is shorter than what was read of it. No file is open.
    Shrunk,
    /// What was read is not there any more, or bytes changed and nobody can say which. No file is open.
    Rewritten,
    /// It is another file.
    Replaced {
        /// Whether it holds what was read of the former one, as a copy does. The reader then stands at the offset;
        /// else no file is open.
        continues: bool,
    },
}

impl Standing {
    /// Says whether reading goes on at the offset; else the file has to be read from its start.
    pub const fn continues(self) -> bool {
        matches!(self, Self::Same | Self::Continues | Self::Replaced { continues: true })
    }
}

/// What the caller did with a last line that no newline ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastLine {
    /// It waits for its end and is to be given out again.
    Left,
    /// It was taken, and what follows it is a line of its own. A line that is too long is not taken by this.
    Taken,
}

/// Compares an open file with what was read of it.
pub(super) fn standing(opened: &OpenedFile, path: &Path, before: &Consumed) -> Result<Standing, SourceProblem> {
    let unreadable = |source| SourceProblem::of_file(path, source);
    let prints = head(&opened.file).and_then(|head| prints(&opened.file, &head, before.offset)).map_err(unreadable)?;
    let continues = opened.size >= before.offset && prints == Some((before.head_print, before.tail_print));
    if opened.id != before.id {
        return Ok(Standing::Replaced { continues });
    }
    if opened.size < before.offset {
        return Ok(Standing::Shrunk);
    }
    if !continues {
        return Ok(Standing::Rewritten);
    }
    if opened.size != before.size {
        return Ok(Standing::Continues);
    }
    if opened.mtime_unix_nano == before.mtime_unix_nano {
        return Ok(Standing::Same);
    }
    // The system sets the time before the size when somebody appends, which may be happening right now.
    let is_growing = opened.file.metadata().map_err(unreadable)?.len() > before.size;
    Ok(if is_growing { Standing::Continues } else { Standing::Rewritten })
}

/// Says how much of the line at the offset need not be skipped again.
pub(super) fn skipped(file: &File, before: &Consumed) -> u64 {
    let is_there = |skipping: &Skipping| {
        skipping.to >= before.offset
            && matches!(tail_print(file, skipping.to), Ok(Some(print)) if print == skipping.print)
    };
    before.skipping.filter(is_there).map_or(0, |skipping| skipping.to - before.offset)
}

/// Reads the first bytes, as many as their fingerprint covers.
pub(super) fn head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = vec![0; Consumed::HEAD_BYTES as usize];
    let mut count = 0;
    while let Some(rest) = head.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, count as u64) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(count);
    Ok(head)
}

/// Takes the fingerprints of the head and of what stands before `offset`; none when the file ends before it.
pub(super) fn prints(file: &File, head: &[u8], offset: u64) -> io::Result<Option<(u64, u64)>> {
    let Some(head) = head.get(..offset.min(Consumed::HEAD_BYTES) as usize) else { return Ok(None) };
    Ok(tail_print(file, offset)?.map(|tail| (xxh3_64(head), tail)))
}

/// Takes the fingerprint of what stands before `offset`; none when the file ends before it.
pub(super) fn tail_print(file: &File, offset: u64) -> io::Result<Option<u64>> {
    let mut tail = [0; Consumed::TAIL_BYTES as usize];
    let count = offset.min(Consumed::TAIL_BYTES);
    let Some(tail) = tail.get_mut(..count as usize) else { return Ok(None) };
    match file.read_exact_at(tail, offset - count) {
        Ok(()) => Ok(Some(xxh3_64(tail))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
