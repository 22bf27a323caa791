//! Cuts bytes into lines, whatever the sizes of the pieces in which they arrive.
//!
//! Lines end at byte 0x0A only: clients write U+2028 and U+2029 unescaped inside of strings, and a newline never.

use std::io::{self, Read};

/// How much is asked for at once.
const BLOCK_BYTES: usize = 128 * 1024;
/// How much is asked for at first, and twice as much each time: of many files only the first lines are wanted.
const FIRST_BYTES: usize = 16 * 1024;

/// One line or what is known of it, borrowed from the reader's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A line that fitted.
    Line(RawLine<'a>),
    /// A line that did not.
    Oversized(Oversized),
}

impl Item<'_> {
    /// Says where the line begins in the file.
    pub const fn offset(&self) -> u64 {
        match self {
            Self::Line(line) => line.offset,
            Self::Oversized(line) => line.offset,
        }
    }

    /// Says where the next line begins in the file.
    pub const fn end(&self) -> u64 {
        match self {
            Self::Line(line) => line.offset + line.len,
            Self::Oversized(line) => line.offset + line.len,
        }
    }

    /// Says whether a newline ended the line; without one it may still be half written.
    pub const fn terminated(&self) -> bool {
        match self {
            Self::Line(line) => line.terminated,
            Self::Oversized(line) => line.terminated,
        }
    }
}

/// One line as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawLine<'a> {
    /// Where the line begins in the file.
    pub offset: u64,
    /// How many bytes of the file it takes, its newline and all that was stripped included.
    pub len: u64,
    /// The line without its newline, a carriage return before it, and NUL bytes at either end; may be empty.
    pub bytes: &'a [u8],
    /// How many NUL bytes were stripped; a crash of the machine leaves them where data never reached the disk.
    pub nul_bytes: usize,
    /// Whether a newline ended the line; without one it may still be half written.
    pub terminated: bool,
}

/// A line that was longer than the limit and was skipped while streaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oversized {
    /// Where the line begins in the file.
    pub offset: u64,
    /// How many bytes of the file it takes, its newline included.
    pub len: u64,
    /// Whether a newline ended the line.
    pub terminated: bool,
}

/// Reads lines from any source of bytes, with one buffer for all of them.
///
/// ```
/// use claude_otel::source::{Item, LineReader};
///
/// let mut reader = LineReader::new(&b"one\ntwo"[..], 0, 1024);
/// let mut seen = Vec::new();
/// while let Some(item) = reader.next_line()? {
///     if let Item::Line(line) = item {
///         seen.push((line.offset, line.bytes.to_vec(), line.terminated));
///     }
/// }
/// assert_eq!(seen, [(0, b"one".to_vec(), true), (4, b"two".to_vec(), false)]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct LineReader<R> {
    source: R,
    max_line_bytes: usize,
    /// Bytes `start..end` were read and not yet given out; those before `scanned` hold no newline.
    buffer: Vec<u8>,
    start: usize,
    scanned: usize,
    end: usize,
    /// Where in the file the current line begins.
    offset: u64,
    /// How many bytes of the current line were thrown away already, as it is longer than the limit.
    skipped: u64,
    /// How much is asked for next.
    asked: usize,
    at_end: bool,
}

impl<R: Read> LineReader<R> {
    /// Reads from `source`, whose next byte stands at `offset` of the file.
    ///
    /// Lines of more than `max_line_bytes`, their newline not counted, are skipped.
    pub fn new(source: R, offset: u64, max_line_bytes: usize) -> Self {
        Self::with_buffer(source, offset, max_line_bytes, Vec::new())
    }

    /// Reads as [`LineReader::new`] does, with the buffer of a reader that is done.
    pub fn with_buffer(source: R, offset: u64, max_line_bytes: usize, buffer: Vec<u8>) -> Self {
        Self {
            source,
            max_line_bytes,
            buffer,
            start: 0,
            scanned: 0,
            end: 0,
            offset,
            skipped: 0,
            asked: FIRST_BYTES,
            at_end: false,
        }
    }

    /// Begins inside of a line that is too long, of which so many bytes were skipped before the source's next one.
    pub(super) fn inside_oversized(self, skipped: u64) -> Self {
        Self { skipped, ..self }
    }

    /// Looks at the source.
    pub(super) const fn source(&self) -> &R {
        &self.source
    }

    /// Lets go of the source and keeps the buffer, unless one long line has blown it up.
    pub fn into_buffer(self) -> Vec<u8> {
        if self.buffer.len() > 8 * BLOCK_BYTES { Vec::new() } else { self.buffer }
    }

    /// Says where in the file the next line begins.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the next line, or none at the end of the source.
    ///
    /// A last line without a newline is returned too. After an error the call can be repeated; nothing is lost.
    pub fn next_line(&mut self) -> io::Result<Option<Item<'_>>> {
        Ok(self.advance()?.map(|cut| self.item(cut)))
    }

    /// Steps over the next line and says where it is, so that a caller can still use the reader before borrowing it.
    pub(super) fn advance(&mut self) -> io::Result<Option<Cut>> {
        let terminated = loop {
            if let Some(found) = memchr::memchr(b'\n', &self.buffer[self.scanned..self.end]) {
                self.scanned += found;
                break true;
            }
            self.scanned = self.end;
            if self.at_end {
                if self.start == self.end && self.skipped == 0 {
                    return Ok(None);
                }
                break false;
            }
            if self.skipped > 0 || self.end - self.start > self.max_line_bytes {
                self.skipped += (self.end - self.start) as u64;
                (self.start, self.scanned, self.end) = (0, 0, 0);
            }
            self.fill()?;
        };
        let (start, end) = (self.start, self.scanned);
        let len = self.skipped + (end - start) as u64 + u64::from(terminated);
        let is_oversized = self.skipped > 0 || end - start > self.max_line_bytes;
        let cut = Cut { offset: self.offset, len, start, end, is_oversized, terminated };
        self.start = end + usize::from(terminated);
        self.scanned = self.start;
        self.offset += len;
        self.skipped = 0;
        Ok(Some(cut))
    }

    /// Looks at the line that was stepped over last.
    pub(super) fn item(&self, cut: Cut) -> Item<'_> {
        let Cut { offset, len, terminated, .. } = cut;
        if cut.is_oversized {
            return Item::Oversized(Oversized { offset, len, terminated });
        }
        let (bytes, nul_bytes) = strip(&self.buffer[cut.start..cut.end]);
        Item::Line(RawLine { offset, len, bytes, nul_bytes, terminated })
    }

    /// Reads one more piece behind what is there, all of it scanned, making room first.
    fn fill(&mut self) -> io::Result<()> {
        if self.start == self.end {
            (self.start, self.scanned, self.end) = (0, 0, 0);
        }
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                (self.start, self.scanned) = (0, self.end);
            }
            // Moved bytes that still fill half of the buffer are one long line, so that it has to grow.
            if self.end * 2 >= self.buffer.len() {
                let most = self.max_line_bytes.saturating_add(BLOCK_BYTES);
                let wanted = (self.buffer.len() * 2).clamp(BLOCK_BYTES, most.max(BLOCK_BYTES));
                self.buffer.resize(wanted.max(self.end + 1), 0);
            }
        }
        let to = self.end.saturating_add(self.asked).min(self.buffer.len());
        self.asked = (self.asked * 2).min(BLOCK_BYTES);
        loop {
            match self.source.read(&mut self.buffer[self.end..to]) {
                Ok(0) => self.at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }
}

/// Where the line is that was stepped over last; good until the next step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    offset: u64,
    len: u64,
    start: usize,
    end: usize,
    is_oversized: bool,
    terminated: bool,
}

/// Takes NUL bytes off both ends and a carriage return off the end; counts the NUL bytes.
fn strip(line: &[u8]) -> (&[u8], usize) {
    let without_nul = trim_nul(line);
    let text = without_nul.strip_suffix(b"\r").map_or(without_nul, trim_nul);
    let carriage_return = usize::from(text.len() != without_nul.len());
    (text, line.len() - text.len() - carriage_return)
}

fn trim_nul(line: &[u8]) -> &[u8] {
    let Some(first) = line.iter().position(|byte| *byte != 0) else { return &[] };
    let last = line.iter().rposition(|byte| *byte != 0).unwrap_or(first);
    &line[first..=last]
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
