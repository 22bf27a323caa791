//! After the state was lost: what its mirror proves to have been delivered is not sent again.

use std::collections::HashSet;
use std::path::Path;

use hashbrown::HashMap;

use super::plan::{Family, SessionFiles};
use crate::checkpoint::mirror::{Mirror, MirrorFile};
use crate::source::{Consumed, FileId, Standing, TranscriptReader};

/// The sessions of which everything was delivered and nothing has changed since, by their fingerprints. The others
/// are sent again, under the same ids.
pub fn delivered_sessions(mirror: &Mirror, families: &[Family], reader: &mut TranscriptReader) -> HashSet<String> {
    let files: HashMap<&Path, &MirrorFile> = mirror.files.iter().map(|file| (file.path.as_path(), file)).collect();
    let unfinished: HashSet<&str> = mirror
        .sessions
        .iter()
        .filter(|session| session.row.due.is_some() || session.row.is_left_out || session.row.open_turns > 0)
        .map(|session| session.id.as_str())
        .collect();
    let mut is_delivered = |session: &&SessionFiles| {
        !unfinished.contains(session.id.as_str())
            && session.mains.iter().chain(&session.agents).all(|file| {
                files
                    .get(file.path.as_path())
                    .is_some_and(|known| known.replay == known.offset && is_as_it_was(known, reader))
            })
    };
    let sessions = families.iter().flat_map(|family| &family.sessions);
    sessions.filter(|session| is_delivered(session)).map(|session| session.id.clone()).collect()
}

fn is_as_it_was(known: &MirrorFile, reader: &mut TranscriptReader) -> bool {
    let consumed = Consumed {
        id: FileId { device: known.device, inode: known.inode },
        size: known.size,
        mtime_unix_nano: known.mtime_unix_nano,
        offset: known.offset,
        head_print: known.head_print,
        tail_print: known.tail_print,
        skipping: None,
    };
    let standing = reader.resume(&known.path, &consumed);
    reader.close();
    matches!(standing, Ok(Standing::Same))
}
