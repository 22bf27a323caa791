//! Who owns what, over all families: a few bytes for every response and tool call seen.

use std::sync::Arc;

use hashbrown::HashMap;
use hashbrown::hash_table::{Entry, HashTable};

use super::fingerprint::{IdSpace, of_id};
use crate::session::facts::Session;
use crate::session::ownership::Ledger;

/// The owner of something: twelve bytes, since a year of work has a million of them.
#[derive(Debug, Clone, Copy)]
struct Owned {
    /// The fingerprint in two halves, which need not stand at a multiple of eight.
    print: [u32; 2],
    /// The session's place.
    session: u32,
}

impl Owned {
    const fn new(print: u64, session: u32) -> Self {
        Self { print: [(print >> 32) as u32, print as u32], session }
    }

    /// The fingerprint, which is its own hash.
    const fn print(self) -> u64 {
        (self.print[0] as u64) << 32 | self.print[1] as u64
    }
}

/// Tables that the owners are spread over. One table of all would double now and then, take room twice meanwhile, and
/// leave a large hole.
const TABLES: usize = 32;

/// The owners of all that is owned, by fingerprint.
#[derive(Debug, Default)]
pub struct OwnedIds {
    owners: [HashTable<Owned>; TABLES],
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
            let table = &mut self.owners[table_of(print)];
            if let Entry::Vacant(free) = table.entry(print, |known| known.print() == print, |known| known.print()) {
                free.insert(Owned::new(print, own));
                new.push(print);
            }
        }
        new
    }

    fn owner(&self, print: u64) -> Option<&str> {
        let owned = self.owners[table_of(print)].find(print, |known| known.print() == print)?;
        self.sessions.get(owned.session as usize).map(|id| &**id)
    }
}

/// Bits from the middle: a table goes by those at either end.
const fn table_of(print: u64) -> usize {
    (print >> 32) as usize % TABLES
}

impl Ledger for OwnedIds {
    fn owner_of_call(&self, message_id: &str) -> Option<&str> {
        self.owner(of_id(IdSpace::Call, message_id))
    }

    fn owner_of_tool(&self, tool_use_id: &str) -> Option<&str> {
        self.owner(of_id(IdSpace::Tool, tool_use_id))
    }
}
