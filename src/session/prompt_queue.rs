//! The client's queue of prompts: when was the prompt of a turn taken up?

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::transcript::entry::{Queue, QueueOperation};
use crate::transcript::time::Millis;

/// The queue as its operations tell it.
#[derive(Debug, Default)]
pub(super) struct PromptQueue {
    waiting: VecDeque<Option<u64>>,
    /// The latest time that a prompt of this text was taken up.
    taken: HashMap<u64, Millis>,
}

/// Prompts that were taken up and whose lines never came; more than these are no queue but a stream of junk.
const MOST_WAITING: usize = 4096;

impl PromptQueue {
    /// Follows one operation.
    pub(super) fn follow(&mut self, queue: &Queue<'_>, time: Millis) {
        match queue.operation {
            QueueOperation::Enqueue => {
                self.waiting.push_back(queue.text_fingerprint);
                if self.waiting.len() > MOST_WAITING {
                    self.waiting.pop_front();
                }
            }
            QueueOperation::Dequeue => {
                if let Some(Some(text)) = self.waiting.pop_front() {
                    if self.taken.len() > MOST_WAITING {
                        self.taken.clear();
                    }
                    self.taken.insert(text, time);
                }
            }
            QueueOperation::Remove => {
                let place = self.waiting.iter().position(|text| *text == queue.text_fingerprint);
                self.waiting.remove(place.unwrap_or(0));
            }
            QueueOperation::PopAll => self.waiting.clear(),
            QueueOperation::Unknown => {}
        }
    }

    /// When the prompt of this text was taken up, if it came through the queue.
    pub(super) fn taken_up(&mut self, text: u64) -> Option<Millis> {
        self.taken.remove(&text)
    }
}
