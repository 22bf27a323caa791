//! What workers hand over, family by family in the order of the plan.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::order::Order;
use super::parts::FamilyPart;

/// The results of all families, in order.
#[derive(Debug)]
pub struct Results {
    receiver: mpsc::Receiver<FamilyPart>,
    early: BTreeMap<usize, VecDeque<FamilyPart>>,
    next: usize,
    order: Arc<Order>,
}

impl Results {
    /// Results that come through `receiver`.
    pub(super) fn new(receiver: mpsc::Receiver<FamilyPart>, order: Arc<Order>) -> Self {
        Self { receiver, early: BTreeMap::new(), next: 0, order }
    }

    /// The next part, family by family; none when all are done or the work was stopped.
    pub async fn next(&mut self) -> Option<FamilyPart> {
        loop {
            if let Some(part) = self.early.get_mut(&self.next).and_then(VecDeque::pop_front) {
                let is_last = part.end.is_some();
                if is_last {
                    self.early.remove(&self.next);
                    self.next += 1;
                }
                let (taken, bytes) = (self.next, part.bytes());
                if is_last || bytes > 0 {
                    self.order.took(taken, bytes);
                }
                return Some(part);
            }
            let part = self.receiver.recv().await?;
            self.early.entry(part.place).or_default().push_back(part);
        }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        self.receiver.close();
        // A worker in the middle of a large session is not waited for: nobody will read what it makes.
        self.order.stop();
    }
}
