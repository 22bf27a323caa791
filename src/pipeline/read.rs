//! Reads a session's files into a builder.

use super::plan::SessionFiles;
use crate::session::builder::{AgentFile, MAIN, SessionBuilder, StreamId};
use crate::source::{Class, Item, SourceProblem, TranscriptFile, TranscriptReader};
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

/// Reads all files of a session: the main file first, since agents find their calls in it.
pub fn read_session(
    files: &SessionFiles,
    reader: &mut TranscriptReader,
    options: ReadOptions,
) -> (SessionBuilder, ReadCounts) {
    let mut builder = SessionBuilder::new(&files.id);
    let mut counts = ReadCounts::default();
    for file in &files.mains {
        read_file(file, MAIN, &mut builder, reader, options, &mut counts);
    }
    for file in &files.agents {
        let Class::Agent(agent) = &file.class else { continue };
        let meta = file.meta_path().and_then(|path| match read_meta(&path) {
            Ok(meta) => Some(meta),
            Err(kind) => {
                builder.problem(Problem::new(kind));
                None
            }
        });
        let stream = builder.open_agent(AgentFile {
            agent_id: agent.agent_id.clone(),
            is_internal: agent.internal.is_some(),
            meta,
        });
        read_file(file, stream, &mut builder, reader, options, &mut counts);
    }
    (builder, counts)
}

fn read_meta(path: &std::path::Path) -> Result<agent_meta::AgentMeta, ProblemKind> {
    use std::io::Read;
    let opened = crate::source::open(path).map_err(|_| ProblemKind::UnreadableFile)?;
    let mut bytes = Vec::new();
    opened.file.take(LONGEST_META).read_to_end(&mut bytes).map_err(|_| ProblemKind::UnreadableFile)?;
    agent_meta::decode(&bytes).ok_or(ProblemKind::BadAgentMeta)
}

fn read_file(
    file: &TranscriptFile,
    stream: StreamId,
    builder: &mut SessionBuilder,
    reader: &mut TranscriptReader,
    options: ReadOptions,
    counts: &mut ReadCounts,
) {
    counts.files += 1;
    if let Err(problem) = reader.open(&file.path, 0) {
        return note(builder, &problem);
    }
    let is_resting = options.resting_since.is_none_or(|since| file.mtime_unix_nano <= since);
    let mut sink = BuilderSink { builder, stream, records: 0 };
    loop {
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
                } else {
                    decode_line(line.bytes, options.decode, &mut sink);
                }
            }
            Ok(Some(Item::Oversized(line))) => {
                counts.bytes += line.len;
                counts.lines += 1;
                sink.problem(Problem::new(ProblemKind::OversizedLine));
            }
            Ok(None) => break,
            Err(problem) => {
                note(sink.builder, &problem);
                break;
            }
        }
    }
    counts.records += sink.records;
    reader.close();
}

fn note(builder: &mut SessionBuilder, problem: &SourceProblem) {
    tracing::warn!(problem = %problem, "a file was not read to its end");
    builder.problem(Problem::new(ProblemKind::UnreadableFile));
}
