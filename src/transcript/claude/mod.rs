//! Claude Code's transcripts: one JSON object a line, as `docs/transcript-format.md` describes them.
//!
//! What enters: a line's bytes. What leaves: [`Entry`] values and [`Problem`]s. The wire types are private; nothing
//! outside this folder knows how a fact is spelled on disk.
//!
//! **Invariant:** a line is read once, borrowed; no generic JSON value is built of it. **Invariant:** only what could
//! not be read at the first try takes the slow way through `salvage.rs`.

mod lenient;
mod text;
mod result_text;
mod content;
mod texts;
mod wire;
mod decode;
mod decode_user;
mod salvage;
pub mod agent_meta;

use super::entry::Entry;
use super::problem::Problem;
use super::time::Millis;

/// What decoding needs to know besides the bytes.
#[derive(Debug, Clone, Copy)]
pub struct DecodeOptions {
    /// The latest time that a record may bear: tomorrow, as the caller sees it.
    pub latest: Millis,
    /// Whether texts are wanted beside facts.
    pub texts: bool,
}

/// Where decoded entries and problems go.
pub trait Sink {
    /// Takes an entry.
    fn entry(&mut self, entry: Entry<'_>);
    /// Takes a problem.
    fn problem(&mut self, problem: Problem);
}

/// Decodes one line, which may hold no record, one, or several spliced together.
pub fn decode_line(line: &[u8], options: DecodeOptions, sink: &mut impl Sink) {
    if line.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return;
    }
    let mut record = wire::Line::default();
    match decode::read(line, &mut record) {
        Ok(()) => decode::emit(&record, line, options, sink),
        Err(error) => salvage::salvage(line, error, options, sink),
    }
}

/// Whether the bytes are one whole record: how the end of a file without a final newline is judged.
pub fn is_whole_record(line: &[u8]) -> bool {
    decode::parse(line).is_ok()
}
