//! Reads the lines of one file into a session's builder.

use crate::session::builder::{SessionBuilder, StreamId};
use crate::session::facts::LinePlace;
use crate::source::{Consumed, Item, LastLine, SourceProblem, TranscriptReader};
use crate::transcript::claude::{DecodeOptions, Sink, agent_meta, decode_line, is_whole_record};
use crate::transcript::entry::Entry;
use crate::transcript::problem::{Problem, ProblemKind};

/// A side file is a few hundred bytes; what is longer than this is none.
const LONGEST_META: u64 = 1024 * 1024;

/// How lines are read.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// What decoding needs to know.
    pub decode: DecodeOptions,
    /// Files not written to since this time (nanoseconds since 1970) are at rest: a last line without a newline is
    /// the last there will be. Without a time, all files are.
    pub resting_since: Option<i64>,
}

impl ReadOptions {
    /// Whether a file last written to at this time is at rest.
    pub fn is_resting(&self, mtime_unix_nano: i64) -> bool {
        self.resting_since.is_none_or(|since| mtime_unix_nano <= since)
    }
}

/// What reading counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadCounts {
    /// Files read.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Records decoded, known and unknown.
    pub records: u64,
    /// Last lines left for later, since their file may still grow.
    pub waiting_lines: u64,
}

impl ReadCounts {
    /// Adds another count.
    pub const fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.records += other.records;
        self.waiting_lines += other.waiting_lines;
    }
}

/// Where the reading of one file came to an end.
#[derive(Debug)]
pub struct Fed {
    /// What was taken in: whole lines. None when the file changed meanwhile and has to be read again.
    pub consumed: Option<Consumed>,
    /// How the last line is, should it lack its newline.
    pub tail: Tail,
    /// Why it ended before the file did.
    pub problem: Option<SourceProblem>,
}

/// The last line of a file, as far as it lacks its newline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// There is none.
    Whole,
    /// It may still be half written, and was left for later.
    Waiting,
    /// It was taken in. Should the file grow, only a new reading tells what the line has become.
    Taken,
}

/// Feeds entries of one file to the builder.
struct BuilderSink<'a> {
    builder: &'a mut SessionBuilder,
    stream: StreamId,
    records: u64,
}

impl Sink for BuilderSink<'_> {
    fn entry(&mut self, entry: Entry<'_>) {
        self.records += 1;
        self.builder.push(self.stream, &entry);
    }

    fn problem(&mut self, problem: Problem) {
        self.builder.problem(problem);
    }
}

/// Reads the open file from where it stands to its end. `number` tells main files of one session apart.
pub fn feed(
    reader: &mut TranscriptReader,
    builder: &mut SessionBuilder,
    (stream, number): (StreamId, usize),
    (options, is_resting): (ReadOptions, bool),
    counts: &mut ReadCounts,
) -> Fed {
    let mut sink = BuilderSink { builder, stream, records: 0 };
    let mut tail = Tail::Whole;
    let problem = loop {
        match reader.next_line() {
            Ok(Some(Item::Line(line))) => {
                counts.bytes += line.len;
                counts.lines += 1;
                if line.nul_bytes > 0 {
                    sink.problem(Problem::new(ProblemKind::NulBytes));
                }
                // Half a line may still become a whole one; a whole one only lacks its newline.
                if !line.terminated && !is_resting && !is_whole_record(line.bytes) {
                    counts.waiting_lines += 1;
                    tail = Tail::Waiting;
                } else {
                    if !line.terminated {
                        tail = Tail::Taken;
                    }
                    sink.builder.stand_at(LinePlace { file: number, offset: line.offset });
                    decode_line(line.bytes, options.decode, &mut sink);
                }
            }
            Ok(Some(Item::Oversized(line))) => {
                counts.bytes += line.len;
                counts.lines += 1;
                // An unterminated one is counted once it is over.
                if line.terminated || is_resting {
                    sink.problem(Problem::new(ProblemKind::OversizedLine));
                } else {
                    tail = Tail::Waiting;
                }
            }
            Ok(None) => break None,
            Err(problem) => break Some(problem),
        }
    };
    counts.records += sink.records;
    let (consumed, problem) = match (reader.consumed(LastLine::Left), problem) {
        (Ok(consumed), problem) => (consumed, problem),
        // It changed while it was read: what was taken in is not what it holds.
        (Err(changed), problem) => (None, problem.or(Some(changed))),
    };
    reader.close();
    Fed { consumed, tail, problem }
}

/// What the description beside an agent's file says.
pub fn read_meta(path: &std::path::Path) -> Result<agent_meta::AgentMeta, ProblemKind> {
    use std::io::Read;
    let opened = crate::source::open(path).map_err(|_| ProblemKind::UnreadableFile)?;
    let mut bytes = Vec::new();
    opened.file.take(LONGEST_META).read_to_end(&mut bytes).map_err(|_| ProblemKind::UnreadableFile)?;
    agent_meta::decode(&bytes).ok_or(ProblemKind::BadAgentMeta)
}
