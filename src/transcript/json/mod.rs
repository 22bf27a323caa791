//! JSON as transcripts need it: one pass over a line, borrowed, with what is of no interest stepped over at the speed
//! of memory.
//!
//! What enters: a line of text. What leaves: the fields that a reader asks for. Two thirds of a transcript's bytes are
//! texts of which only a length or the first words matter, so a text is not taken out of its line: a [`Quoted`] says
//! where it stands and how long it is, and is read when somebody wants it.
//!
//! **Invariant:** a line is taken if and only if `serde_json` takes it, and says the same: `tests.rs` compares the two
//! over made-up and damaged lines. **Invariant:** nesting costs a bit a level and no stack.

mod block;
mod cursor;
mod names;
mod number;
mod quoted;
mod skip;

pub(super) use cursor::Cursor;
pub(super) use names::Names;
pub(super) use quoted::Quoted;

/// Why a line is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonError {
    /// The bytes are no UTF-8.
    NotUtf8,
    /// It is no JSON: cut short, spliced, or no record at all.
    Torn,
    /// A text that is wanted holds half of a surrogate pair.
    LoneSurrogate,
    /// A number is too great for any type.
    AbsurdNumber,
}

#[cfg(test)]
mod tests;
