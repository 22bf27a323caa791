//! The head of a file: when it begins, which session it says it is, and its first response.

use super::fingerprint::{IdSpace, of_id};
use crate::checkpoint::rows::Head;
use crate::source::{Item, TranscriptFile, TranscriptReader};
use crate::transcript::claude::{DecodeOptions, Sink, decode_line};
use crate::transcript::entry::{Body, Entry};
use crate::transcript::problem::Problem;
use crate::transcript::time::Millis;

/// How far a head is read: past the prompt and the client's own bookkeeping before the first response.
const LONGEST_HEAD: u64 = 4 * 1024 * 1024;

/// Ids of the API are longer than this and unique; shorter ones, which gateways and tests make up, may recur anywhere.
const SHORTEST_UNIQUE_ID: usize = 16;
/// How many made-up ids are noted.
const MOST_SHORT_IDS: usize = 32;

/// What a file's head says.
#[derive(Debug, Clone, Default)]
struct Peek {
    /// The first time in it.
    first_time: Option<Millis>,
    /// The session it says it is.
    session_id: Option<String>,
    /// The id of its first line that has one: copies keep it, but for the oldest clients' resumes.
    first_line: Option<String>,
    /// The session that its first copied line says it was copied from.
    copied_from: Option<String>,
    /// The id of its first response; several where they are too short to be unique.
    first_messages: Vec<String>,
}

impl Peek {
    fn is_complete(&self) -> bool {
        let has_messages = match &self.first_messages[..] {
            [] => false,
            messages => messages.len() >= MOST_SHORT_IDS || messages.iter().any(|id| id.len() >= SHORTEST_UNIQUE_ID),
        };
        self.first_time.is_some() && self.session_id.is_some() && has_messages
    }

    fn head(&self, is_complete: bool) -> Head {
        let calls = self.first_messages.iter().map(|id| of_id(IdSpace::FirstCall, id));
        let line = self.first_line.iter().map(|id| of_id(IdSpace::FirstLine, id));
        let origin = self.copied_from.iter().map(|id| of_id(IdSpace::Session, id));
        Head {
            session_id: self.session_id.clone(),
            first_time: self.first_time,
            ties: calls.chain(line).chain(origin).collect(),
            is_complete,
        }
    }
}

impl Sink for Peek {
    fn entry(&mut self, entry: Entry<'_>) {
        self.first_time = self.first_time.or(entry.head.timestamp);
        if self.session_id.is_none() {
            self.session_id = entry.head.session_id.map(std::borrow::Cow::into_owned);
        }
        if self.first_line.is_none() {
            self.first_line = entry.head.uuid.map(std::borrow::Cow::into_owned);
        }
        if self.copied_from.is_none() {
            self.copied_from = entry.head.copied_from.map(std::borrow::Cow::into_owned);
        }
        if let Body::Assistant(assistant) = entry.body
            && !self.is_complete()
            && assistant.model.as_deref() != Some("<synthetic>")
        {
            self.first_messages.extend(assistant.message_id.map(std::borrow::Cow::into_owned));
        }
    }

    fn problem(&mut self, _: Problem) {
        // The full read meets and counts it.
    }
}

/// Reads heads with one buffer.
#[derive(Debug)]
pub struct Peeker {
    reader: TranscriptReader,
    options: DecodeOptions,
}

impl Peeker {
    /// A reader of heads.
    pub const fn new(reader: TranscriptReader, options: DecodeOptions) -> Self {
        Self { reader, options }
    }

    /// The head of a file; nothing where it cannot be read, which the full read will report.
    pub fn peek(&mut self, file: &TranscriptFile) -> Head {
        let mut peek = Peek::default();
        if self.reader.open(&file.path, 0).is_err() {
            return peek.head(false);
        }
        let mut is_read_far = false;
        while let Ok(Some(item)) = self.reader.next_line() {
            if let Item::Line(line) = &item {
                decode_line(line.bytes, self.options, &mut peek);
            }
            is_read_far = item.end() > LONGEST_HEAD;
            if peek.is_complete() || is_read_far {
                break;
            }
        }
        self.reader.close();
        peek.head(peek.is_complete() || is_read_far)
    }
}
