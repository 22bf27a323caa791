//! What sessions are sorted by.

use std::cmp::Ordering;

use clap::ValueEnum;

use super::Listed;

/// What sessions are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Key {
    /// When it began
    Start,
    /// Its latest activity
    End,
    /// Time in turns
    Busy,
    /// Cost
    Cost,
    /// Tokens of all kinds
    Tokens,
    /// Turns
    Turns,
    /// Calls of tools
    Tools,
    /// Calls of tools that failed
    Errors,
    /// The project's name
    Project,
}

impl Key {
    /// Sorts, the greatest last; what is the same by the key, by its start.
    pub(super) fn sort(self, sessions: &mut [Listed]) {
        sessions.sort_by(|Listed { card: a, .. }, Listed { card: b, .. }| {
            let by_key = match self {
                Self::Start => Ordering::Equal,
                Self::End => a.end_unix_ms.cmp(&b.end_unix_ms),
                Self::Busy => a.busy_ms.cmp(&b.busy_ms),
                Self::Cost => a.cost.amount.cmp(&b.cost.amount),
                Self::Tokens => a.tokens.total().cmp(&b.tokens.total()),
                Self::Turns => a.turns.cmp(&b.turns),
                Self::Tools => a.tool_calls.cmp(&b.tool_calls),
                Self::Errors => a.tool_errors.cmp(&b.tool_errors),
                Self::Project => a.project.cmp(&b.project),
            };
            by_key.then_with(|| a.start_unix_ms.cmp(&b.start_unix_ms)).then_with(|| a.id.cmp(&b.id))
        });
    }
}
