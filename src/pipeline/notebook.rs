//! Remembers what was delivered, as the acknowledgements come in: deliver, then acknowledge, then one commit.

use super::keeper::Keeper;
use super::pending::{Pending, merge};
use crate::checkpoint::error::StoreError;
use crate::checkpoint::rows::Commit;

/// How many bytes of transcripts are dealt with before what was delivered is made to outlive a crash of the machine.
const BYTES_PER_FLUSH: u64 = 64 * 1024 * 1024;

/// How many spans may be acknowledged and not remembered: then a watcher reads no more until the state can be written
/// again, and a run over old transcripts ends.
pub const MOST_UNREMEMBERED: u64 = 100_000;

/// What waits for its acknowledgement, and what could not be remembered yet.
#[derive(Debug)]
pub struct Notebook<'a> {
    keeper: Option<&'a Keeper>,
    /// What waits for acknowledgements.
    pub pending: Pending,
    /// What could not be remembered yet, and how many commits are told of as remembered once it is.
    unsaved: Option<(Commit, usize)>,
    /// What was committed and may be lost with the open state, should that fail before it is flushed.
    unflushed: Commit,
    flushed_at: u64,
}

impl<'a> Notebook<'a> {
    /// Without a state, nothing is remembered.
    pub fn new(keeper: Option<&'a Keeper>) -> Self {
        Self { keeper, pending: Pending::default(), unsaved: None, unflushed: Commit::default(), flushed_at: 0 }
    }

    /// Remembers what so many acknowledged spans stand for. What cannot be remembered now is kept and tried again
    /// with the next call. Returns how many commits that were handed in are remembered by now.
    pub fn remember(&mut self, acknowledged: u64) -> Result<usize, StoreError> {
        let mut done = 0;
        while self.unsaved.is_some() || self.pending.has_ready(acknowledged) {
            let (old, before) = self.unsaved.take().unwrap_or_default();
            let (new, count) = self.pending.take(acknowledged).unwrap_or_default();
            let count = before + count;
            let Some(keeper) = self.keeper else {
                done += count;
                continue;
            };
            let all = merge([old, new].into_iter());
            let committed = if all == Commit::default() { Ok(()) } else { keeper.commit(&all) };
            let all = merge([std::mem::take(&mut self.unflushed), all].into_iter());
            match committed {
                Ok(()) => {
                    self.unflushed = all;
                    done += count;
                }
                Err(error) => {
                    self.unsaved = Some((all, done + count));
                    return Err(error);
                }
            }
        }
        Ok(done)
    }

    /// Whether something could not be remembered yet.
    pub const fn has_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// How many spans and events were acknowledged and could not be remembered yet.
    pub fn unremembered(&self) -> u64 {
        let sessions = self.unsaved.iter().flat_map(|(commit, _)| &commit.sessions);
        sessions.map(|session| session.delivered.len() as u64).sum()
    }

    /// Makes what was remembered outlive a crash of the machine, now and then: `bytes` were dealt with so far.
    pub fn flush_sometimes(&mut self, bytes: u64) -> Result<(), StoreError> {
        if bytes.saturating_sub(self.flushed_at) < BYTES_PER_FLUSH {
            return Ok(());
        }
        self.flushed_at = bytes;
        self.flush()
    }

    /// Makes what was remembered outlive a crash of the machine.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        let flushed = self.keeper.map_or(Ok(()), Keeper::flush);
        let unflushed = std::mem::take(&mut self.unflushed);
        if flushed.is_err() && unflushed != Commit::default() {
            let (later, count) = self.unsaved.take().unwrap_or_default();
            self.unsaved = Some((merge([unflushed, later].into_iter()), count));
        }
        flushed
    }
}
