//! One session that can be read further: its builder, and how far each of its files was read.

use std::path::PathBuf;

use hashbrown::HashMap;

use super::delivered::Delivered;
use super::plan::SessionFiles;
use super::read::{ReadCounts, ReadOptions, Tail, feed, read_meta};
use crate::checkpoint::rows::{FileRow, SessionRow};
use crate::privacy::options::Keeping;
use crate::session::builder::{AgentFile, MAIN, SessionBuilder, StreamId};
use crate::session::closing::ClosingOptions;
use crate::session::facts::Session;
use crate::source::{Class, Consumed, SourceProblem, Standing, TranscriptFile, TranscriptReader};
use crate::transcript::problem::Problem;

/// A session as far as it was read.
#[derive(Debug)]
pub struct LiveSession {
    builder: SessionBuilder,
    files: HashMap<PathBuf, LiveFile>,
    /// What was read.
    pub counts: ReadCounts,
    /// The spans that were handed over.
    pub known: Delivered,
    /// What was told of it at the last look.
    pub told: Option<Session>,
    /// What was last remembered of it.
    row: Option<SessionRow>,
    /// How texts are kept.
    keeping: Option<Keeping>,
}

/// One file of it.
#[derive(Debug, Clone)]
pub struct LiveFile {
    stream: StreamId,
    /// The number of a main file, or of an agent's.
    pub number: usize,
    /// What was taken in.
    pub consumed: Consumed,
    tail: Tail,
    meta_mtime_unix_nano: Option<i64>,
    /// When it was last written to, as of that reading.
    pub mtime_unix_nano: i64,
    /// What was last remembered of it: offset, replay, size, times.
    saved: Option<[u64; 5]>,
}

/// Why a session had to be read from its beginning again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// A file is shorter than what was read of it.
    Shrunk,
    /// A file holds something else than what was read of it.
    Rewritten,
    /// Another file has taken its name.
    Replaced,
    /// A line that lacked its newline went on.
    Continued,
    /// Files share lines, so that they have to be read in order.
    Shared,
}

impl Again {
    /// The name of the problem, where it is one.
    pub const fn problem(self) -> Option<&'static str> {
        match self {
            Self::Shrunk => Some("shrunk"),
            Self::Rewritten => Some("rewritten"),
            Self::Replaced => Some("replaced"),
            Self::Continued | Self::Shared => None,
        }
    }
}

/// What catching up came to.
#[derive(Debug, Default)]
pub struct CaughtUp {
    /// Whether anything new was read.
    pub is_further: bool,
    /// Why everything was read again, if it was.
    pub again: Option<Again>,
    /// Files that could not be read to their ends.
    pub problems: Vec<SourceProblem>,
}

impl LiveSession {
    /// A session of which nothing was read.
    pub fn new(id: &str, known: Delivered) -> Self {
        Self {
            builder: SessionBuilder::new(id),
            files: HashMap::new(),
            counts: ReadCounts::default(),
            known,
            told: None,
            row: None,
            keeping: None,
        }
    }

    /// Keeps texts too, as far as they are wanted.
    #[must_use]
    pub fn keeping(mut self, keeping: Option<Keeping>) -> Self {
        self.builder = self.builder.keeping(keeping.clone());
        self.keeping = keeping;
        self
    }

    /// Reads all files of the session to their ends: the main file first, since agents find their calls in it.
    pub fn catch_up(&mut self, files: &SessionFiles, reader: &mut TranscriptReader, options: ReadOptions) -> CaughtUp {
        let mut caught_up = CaughtUp::default();
        let is_first = self.files.is_empty();
        self.follow_moves(files);
        let read = self.read_on(files, reader, options, &mut caught_up);
        let is_shared = caught_up.is_further && self.builder.depends_on_order() && !is_first;
        let again = match read {
            Err(again) => Some(again),
            Ok(()) if is_shared => Some(Again::Shared),
            Ok(()) => None,
        };
        if again.is_some() {
            self.builder = SessionBuilder::new(&files.id).keeping(self.keeping.clone());
            self.files.clear();
            self.counts = ReadCounts::default();
            caught_up = CaughtUp { again, ..CaughtUp::default() };
            // Nothing of it was read before, so nothing can have changed since.
            let _ = self.read_on(files, reader, options, &mut caught_up);
        }
        caught_up
    }

    /// The session as far as it was read.
    pub fn resolve(&self, options: ClosingOptions) -> Session {
        self.builder.resolve(options)
    }

    /// Where the session's files stand, as far as that has changed since the last time it was asked for.
    pub fn changed_rows(&mut self, session: &Session, files: &SessionFiles, now: i64) -> Vec<FileRow> {
        let mut rows = Vec::new();
        let mains = files.mains.iter().zip(files.heads.iter().map(Some));
        for (file, head) in mains.chain(files.agents.iter().map(|file| (file, None))) {
            let Some(live) = self.files.get_mut(&file.path) else { continue };
            let replay = replay(session, live, head.is_some());
            let Consumed { id, size, mtime_unix_nano, offset, head_print, tail_print, .. } = live.consumed;
            let meta = live.meta_mtime_unix_nano.unwrap_or_default();
            let saved = [offset, replay, size, mtime_unix_nano as u64, meta as u64];
            if live.saved.replace(saved) == Some(saved) {
                continue;
            }
            rows.push(FileRow {
                path: file.path.clone(),
                session: files.id.clone(),
                device: id.device,
                inode: id.inode,
                size,
                mtime_unix_nano,
                meta_mtime_unix_nano: live.meta_mtime_unix_nano,
                offset,
                replay,
                head_print,
                tail_print,
                head: head.cloned(),
                seen_unix_ms: now,
            });
        }
        rows
    }

    /// Whether the session stands elsewhere than when this was last asked.
    pub fn is_row_new(&mut self, row: &SessionRow) -> bool {
        let is_new = self.row.as_ref() != Some(row);
        if is_new {
            self.row = Some(row.clone());
        }
        is_new
    }

    /// When any of its files was last written to, in milliseconds since 1970.
    pub fn written(&self) -> Option<i64> {
        self.files.values().map(|file| file.mtime_unix_nano / 1_000_000).max()
    }

    /// Lets go of what was read, and keeps how far that was.
    pub fn forget_lines(&mut self) {
        self.builder = SessionBuilder::new("");
    }

    /// A file that was moved goes on under its new name.
    fn follow_moves(&mut self, files: &SessionFiles) {
        for file in files.mains.iter().chain(&files.agents) {
            if self.files.contains_key(&file.path) {
                continue;
            }
            let is_moved = |(path, known): &(&PathBuf, &LiveFile)| {
                known.consumed.id == file.id && !files.mains.iter().chain(&files.agents).any(|file| file.path == **path)
            };
            let old = self.files.iter().find(is_moved).map(|(path, _)| path.clone());
            if let Some(known) = old.and_then(|old| self.files.remove(&old)) {
                self.files.insert(file.path.clone(), known);
            }
        }
    }

    fn read_on(
        &mut self,
        files: &SessionFiles,
        reader: &mut TranscriptReader,
        options: ReadOptions,
        caught_up: &mut CaughtUp,
    ) -> Result<(), Again> {
        for (number, file) in files.mains.iter().enumerate() {
            self.read_file(file, number, |_| MAIN, reader, options, caught_up)?;
        }
        for (number, file) in files.agents.iter().enumerate() {
            let Class::Agent(agent) = &file.class else { continue };
            let agent_file =
                AgentFile { agent_id: agent.agent_id.clone(), is_internal: agent.internal.is_some(), meta: None };
            self.read_file(file, number, |builder| builder.open_agent(agent_file), reader, options, caught_up)?;
            self.read_meta(file, caught_up);
        }
        Ok(())
    }

    fn read_file(
        &mut self,
        file: &TranscriptFile,
        number: usize,
        stream: impl FnOnce(&mut SessionBuilder) -> StreamId,
        reader: &mut TranscriptReader,
        options: ReadOptions,
        caught_up: &mut CaughtUp,
    ) -> Result<(), Again> {
        let is_resting = options.is_resting(file.mtime_unix_nano);
        let known = self.files.get(&file.path);
        let opened = match known {
            None => reader.open(&file.path, 0).map(|_| true),
            Some(known) => match reader.resume(&file.path, &known.consumed) {
                // What was left of the last line is all there will be.
                Ok(Standing::Same) => Ok(known.tail == Tail::Waiting && is_resting),
                Ok(Standing::Continues | Standing::Replaced { continues: true }) if known.tail == Tail::Taken => {
                    return Err(Again::Continued);
                }
                Ok(Standing::Continues | Standing::Replaced { continues: true }) => Ok(true),
                Ok(Standing::Shrunk) => return Err(Again::Shrunk),
                Ok(Standing::Rewritten) => return Err(Again::Rewritten),
                Ok(Standing::Replaced { continues: false }) => return Err(Again::Replaced),
                Err(problem) => Err(problem),
            },
        };
        match opened {
            Ok(true) => {}
            Ok(false) => {
                if let Some(known) = self.files.get_mut(&file.path) {
                    known.mtime_unix_nano = file.mtime_unix_nano;
                }
                return Ok(());
            }
            Err(problem) => {
                // What was read of it before stands; the next look tries again.
                caught_up.problems.push(problem);
                return Ok(());
            }
        }
        let stream = match known {
            Some(known) => known.stream,
            None => stream(&mut self.builder),
        };
        self.counts.files += u64::from(known.is_none());
        let meta_mtime_unix_nano = known.and_then(|known| known.meta_mtime_unix_nano);
        let fed = feed(reader, &mut self.builder, (stream, number), (options, is_resting), &mut self.counts);
        caught_up.is_further = true;
        if let Some(problem) = fed.problem {
            caught_up.problems.push(problem);
        }
        // What changed while it was read is read from its beginning at the next look: it has another time then.
        let unread = Consumed {
            id: file.id,
            size: 0,
            mtime_unix_nano: 0,
            offset: 0,
            head_print: 0,
            tail_print: 0,
            skipping: None,
        };
        let consumed = fed.consumed.unwrap_or(unread);
        let saved = known.and_then(|known| known.saved);
        let mtime_unix_nano = file.mtime_unix_nano.max(consumed.mtime_unix_nano);
        let live = LiveFile { stream, number, consumed, tail: fed.tail, meta_mtime_unix_nano, mtime_unix_nano, saved };
        self.files.insert(file.path.clone(), live);
        Ok(())
    }

    /// Reads the description of an agent when it is new or was written again.
    fn read_meta(&mut self, file: &TranscriptFile, caught_up: &mut CaughtUp) {
        let Some(known) = self.files.get_mut(&file.path) else { return };
        if file.meta_mtime_unix_nano == known.meta_mtime_unix_nano {
            return;
        }
        known.meta_mtime_unix_nano = file.meta_mtime_unix_nano;
        let Some(path) = file.meta_path() else { return };
        caught_up.is_further = true;
        match read_meta(&path) {
            Ok(meta) => self.builder.describe_agent(known.stream, meta),
            Err(kind) => self.builder.problem(Problem::new(kind)),
        }
    }
}

/// The start of the earliest turn in a file with something still unsent.
fn replay(session: &Session, file: &LiveFile, is_main: bool) -> u64 {
    let end = file.consumed.offset;
    if session.is_settled() {
        return end;
    }
    if !is_main {
        return 0;
    }
    let open = session.turns.iter().filter(|turn| turn.is_open && turn.is_owned && turn.place.file == file.number);
    open.map(|turn| turn.place.offset).min().unwrap_or(end).min(end)
}
