//! Which files make which session, and which sessions share history: decided before any file is read in full.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hashbrown::HashMap;

use super::fingerprint::{IdSpace, of_id};
use crate::checkpoint::rows::Head;
use crate::source::{Class, TranscriptFile};
use crate::transcript::time::Millis;

/// One session's files.
#[derive(Debug, Clone, Default)]
pub struct SessionFiles {
    /// The session's id.
    pub id: String,
    /// The main file; several when copies of it lie about.
    pub mains: Vec<Arc<TranscriptFile>>,
    /// What each main file's first lines say.
    pub heads: Vec<Head>,
    /// The agents' files.
    pub agents: Vec<Arc<TranscriptFile>>,
    /// The first time in the main file.
    pub first_time: Option<Millis>,
}

impl SessionFiles {
    /// Bytes in all files.
    pub fn size(&self) -> u64 {
        self.mains.iter().chain(&self.agents).map(|file| file.size).sum()
    }

    /// When any of them was last written to, in milliseconds since 1970.
    pub fn written(&self) -> i64 {
        let times = self.mains.iter().chain(&self.agents).map(|file| file.mtime_unix_nano / 1_000_000);
        times.max().unwrap_or_default()
    }
}

/// Sessions that share history and are rebuilt together.
#[derive(Debug, Clone, Default)]
pub struct Family {
    /// The sessions.
    pub sessions: Vec<SessionFiles>,
}

/// The work, in the order in which things come to be owned.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The families.
    pub families: Vec<Family>,
}

impl Plan {
    /// Bytes in all files.
    pub fn size(&self) -> u64 {
        self.families.iter().flat_map(|family| &family.sessions).map(SessionFiles::size).sum()
    }

    /// Groups files into sessions and sessions into families. Asks for the head of every main file, and of agents'
    /// files whose names do not say whose they are.
    pub fn of(
        files: impl IntoIterator<Item = Arc<TranscriptFile>>,
        mut head_of: impl FnMut(&TranscriptFile) -> Head,
    ) -> Self {
        let mut sessions: BTreeMap<String, (SessionFiles, Vec<u64>)> = BTreeMap::new();
        let mut id_of_folder: HashMap<PathBuf, String> = HashMap::new();
        let (mains, agents): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| matches!(file.class, Class::Main { .. }));
        for file in mains {
            let Class::Main { stem } = &file.class else { continue };
            let head = head_of(&file);
            let id = session_id(stem, &head);
            id_of_folder.insert(file.path.with_extension(""), id.clone());
            let (session, ties) = sessions.entry(id.clone()).or_default();
            session.id.clone_from(&id);
            session.first_time = match (session.first_time, head.first_time) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            session.mains.push(file);
            ties.extend(&head.ties);
            ties.push(of_id(IdSpace::Session, &id));
            session.heads.push(head);
        }
        for file in agents {
            let Class::Agent(agent) = &file.class else { continue };
            let folder = file.path.ancestors().find(|folder| {
                folder.file_name().is_some_and(|name| Some(name) == agent.session.as_deref().map(std::ffi::OsStr::new))
            });
            let known = folder.and_then(|folder| id_of_folder.get(folder)).cloned();
            let id = known
                .or_else(|| agent.session.clone())
                .or_else(|| head_of(&file).session_id)
                .unwrap_or_else(|| agent.agent_id.clone());
            let (session, _) = sessions.entry(id.clone()).or_default();
            session.id = id;
            session.agents.push(file);
        }
        Self { families: families(sessions.into_values().collect()) }
    }
}

/// The session that a main file is of: its name, unless somebody renamed it.
fn session_id(stem: &str, head: &Head) -> String {
    let is_uuid = |text: &str| {
        text.len() == 36
            && text.bytes().enumerate().all(|(place, byte)| {
                if matches!(place, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            })
    };
    if is_uuid(stem) {
        return stem.to_owned();
    }
    head.session_id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| stem.to_owned())
}

/// Sessions that are tied to each other are one family.
fn families(sessions: Vec<(SessionFiles, Vec<u64>)>) -> Vec<Family> {
    let mut leader: Vec<usize> = (0..sessions.len()).collect();
    let mut by_tie: HashMap<u64, usize> = HashMap::new();
    for (place, (_, ties)) in sessions.iter().enumerate() {
        for tie in ties {
            let first = *by_tie.entry(*tie).or_insert(place);
            let (a, b) = (find(&mut leader, first), find(&mut leader, place));
            leader[b.max(a)] = a.min(b);
        }
    }
    drop(by_tie);
    let leaders: Vec<usize> = (0..sessions.len()).map(|place| find(&mut leader, place)).collect();
    let mut families: BTreeMap<usize, Family> = BTreeMap::new();
    for ((session, _), leader) in sessions.into_iter().zip(leaders) {
        families.entry(leader).or_default().sessions.push(session);
    }
    let mut families: Vec<Family> = families.into_values().collect();
    let key = |session: &SessionFiles| (session.first_time.unwrap_or(Millis::MAX), session.id.clone());
    for family in &mut families {
        family.sessions.sort_by_cached_key(key);
    }
    families.sort_by_cached_key(|family| family.sessions.first().map(key));
    families
}

/// The first of the set that a session is in.
fn find(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}
