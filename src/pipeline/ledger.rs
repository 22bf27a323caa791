//! Who owns what, over all families: a few bytes for every response and tool call seen.

use std::sync::Arc;

use hashbrown::HashMap;

use super::fingerprint::{IdSpace, of_id};
use crate::session::facts::Session;
use crate::session::ownership::Ledger;

/// Tables that the owners are spread over. One table of all would double now and then, and take room twice meanwhile.
const TABLES: usize = 32;

/// The owners of all that is owned, by fingerprint.
#[derive(Debug, Default)]
pub struct OwnedIds {
    owners: [HashMap<u64, u32>; TABLES],
    sessions: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl OwnedIds {
    /// Notes what the sessions of a family own, and returns what is new of each, in their order.
    pub fn add(&mut self, sessions: &[Session]) -> Vec<Vec<u64>> {
        let add = |session: &Session| {
            let calls = session.calls.iter().filter(|call| call.is_owned).map(|call| of_id(IdSpace::Call, &call.id));
            let tools = session.tools.iter().filter(|tool| tool.is_owned).map(|tool| of_id(IdSpace::Tool, &tool.id));
            self.add_prints(&session.id, calls.chain(tools))
        };
        sessions.iter().map(add).collect()
    }

    /// Notes that a session owns what has these fingerprints, and returns those that nobody owned before.
    pub fn add_prints(&mut self, session: &str, prints: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut number = self.numbers.get(session).copied();
        let mut new = Vec::new();
        for print in prints {
            let own = *number.get_or_insert_with(|| {
                let id: Arc<str> = session.into();
                self.sessions.push(Arc::clone(&id));
                let number = self.sessions.len() as u32 - 1;
                self.numbers.insert(id, number);
                number
            });
            self.owners[table_of(print)].entry(print).or_insert_with(|| {
                new.push(print);
                own
            });
        }
        new
    }

    fn owner(&self, print: u64) -> Option<&str> {
        self.owners[table_of(print)].get(&print).and_then(|number| self.sessions.get(*number as usize)).map(|id| &**id)
    }
}

/// The highest bits, for a table goes by the others.
const fn table_of(print: u64) -> usize {
    (print >> (u64::BITS - TABLES.trailing_zeros())) as usize
}

impl Ledger for OwnedIds {
    fn owner_of_call(&self, message_id: &str) -> Option<&str> {
        self.owner(of_id(IdSpace::Call, message_id))
    }

    fn owner_of_tool(&self, tool_use_id: &str) -> Option<&str> {
        self.owner(of_id(IdSpace::Tool, tool_use_id))
    }
}
