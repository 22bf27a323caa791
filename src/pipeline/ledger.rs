//! Who owns what, over all families: a few bytes for every response and tool call seen.

use std::hash::{DefaultHasher, Hash, Hasher};

use hashbrown::HashSet;

use crate::session::facts::Session;
use crate::session::ownership::Ledger;

/// The fingerprints of all that is owned. Eight bytes tell a billion ids apart but for one chance in forty.
#[derive(Debug, Default)]
pub struct OwnedIds {
    calls: HashSet<u64>,
    tools: HashSet<u64>,
}

impl OwnedIds {
    /// Notes what the sessions of a family own.
    pub fn add(&mut self, sessions: &[Session]) {
        for session in sessions {
            self.calls.extend(session.calls.iter().filter(|call| call.is_owned).map(|call| fingerprint(&call.id)));
            self.tools.extend(session.tools.iter().filter(|tool| tool.is_owned).map(|tool| fingerprint(&tool.id)));
        }
    }
}

impl Ledger for OwnedIds {
    fn has_call(&self, message_id: &str) -> bool {
        self.calls.contains(&fingerprint(message_id))
    }

    fn has_tool(&self, tool_use_id: &str) -> bool {
        self.tools.contains(&fingerprint(tool_use_id))
    }
}

fn fingerprint(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
