//! Every session of a plan, rebuilt and settled, for those who look at sessions and send nothing.

use super::delivered::Delivered;
use super::ledger::OwnedIds;
use super::live::LiveSession;
use super::plan::{Family, Plan, SessionFiles};
use super::workers::RebuildOptions;
use crate::session::closing::ClosingOptions;
use crate::session::facts::Session;
use crate::session::ownership;
use crate::source::{SourceProblem, TranscriptReader};

/// Hands every session that the filter takes to `take`, in the order in which things come to be owned, until that says
/// no. What could not be read to its end comes back.
pub fn rebuilt(
    plan: &Plan,
    options: &RebuildOptions,
    mut take: impl FnMut(&SessionFiles, Session) -> bool,
) -> Vec<SourceProblem> {
    let mut reader = TranscriptReader::new(&options.source);
    let mut owned = OwnedIds::default();
    let mut problems = Vec::new();
    for family in &plan.families {
        let sessions = family_rebuilt(family, &mut owned, options, &mut reader, &mut problems);
        for session in sessions.into_iter().filter(|session| options.filter.takes_session(session)) {
            let files = family.sessions.iter().find(|files| files.id == *session.id);
            if files.is_some_and(|files| !take(files, session)) {
                return problems;
            }
        }
    }
    problems
}

fn family_rebuilt(
    family: &Family,
    owned: &mut OwnedIds,
    options: &RebuildOptions,
    reader: &mut TranscriptReader,
    problems: &mut Vec<SourceProblem>,
) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::with_capacity(family.sessions.len());
    for files in &family.sessions {
        let mut live = LiveSession::new(&files.id, Delivered::unknown()).keeping(options.map.keeping());
        problems.append(&mut live.catch_up(files, reader, options.read).problems);
        let written = if options.by_mtime { live.written() } else { None };
        sessions.push(live.resolve(ClosingOptions { written, ..options.closing }));
    }
    ownership::owner_order(&mut sessions);
    ownership::settle(&mut sessions, owned);
    owned.add(&sessions);
    sessions
}

impl Plan {
    /// The families with a session whose id begins so: copies of history are only known beside what they were copied
    /// from.
    #[must_use]
    pub fn of_sessions(mut self, prefixes: &[String]) -> Self {
        let is_wanted = |files: &SessionFiles| prefixes.iter().any(|prefix| files.id.starts_with(&**prefix));
        if !prefixes.is_empty() {
            self.families.retain(|family| family.sessions.iter().any(is_wanted));
        }
        self
    }

    /// The families of which a file was written to at this time, in milliseconds since 1970, or later.
    #[must_use]
    pub fn written_since(mut self, since: i64) -> Self {
        self.families.retain(|family| family.sessions.iter().any(|files| files.written() >= since));
        self
    }

    /// The session whose files were written to last.
    pub fn latest(&self) -> Option<&SessionFiles> {
        let sessions = self.families.iter().flat_map(|family| &family.sessions);
        sessions.filter(|files| !files.mains.is_empty()).max_by_key(|files| files.written())
    }
}
