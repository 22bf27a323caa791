//! What a worker does with one family.

use super::options::RebuildOptions;
use super::parts::FamilyEnd;
use super::sender::Sender;
use crate::pipeline::delivered::Delivered;
use crate::pipeline::family::{EmitOptions, FamilyOutcome, emit_family};
use crate::pipeline::live::LiveSession;
use crate::pipeline::plan::{Family, SessionFiles};
use crate::session::closing::ClosingOptions;
use crate::session::facts::Session;
use crate::session::ownership;
use crate::source::{SourceProblem, TranscriptReader};
use crate::transcript::problem::{Problem, ProblemKind};

/// A family that was read.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct ReadFamily {
    lives: Vec<LiveSession>,
    /// In the order in which they come to own things; they do not yet know what they own.
    pub(in crate::pipeline) sessions: Vec<Session>,
    /// Files that were not read to their ends.
    pub(in crate::pipeline) problems: Vec<SourceProblem>,
}

/// Reads a family.
pub(in crate::pipeline) fn read(
    family: &Family,
    options: &RebuildOptions,
    reader: &mut TranscriptReader,
) -> ReadFamily {
    let mut read = ReadFamily::default();
    for files in &family.sessions {
        let known = options.memory.as_ref().map_or_else(Delivered::unknown, |memory| memory.delivered(&files.id));
        let mut live = LiveSession::new(&files.id, known).keeping(options.map.keeping());
        let mut caught_up = live.catch_up(files, reader, options.read);
        read.problems.append(&mut caught_up.problems);
        let written = if options.by_mtime { live.written() } else { None };
        read.sessions.push(live.resolve(ClosingOptions { written, ..options.closing }));
        live.forget_lines();
        read.lives.push(live);
    }
    ownership::owner_order(&mut read.sessions);
    read
}

/// Hands over what is new of a family; none when nobody takes it any more.
pub(super) fn emit(
    (place, family): (usize, &Family),
    read: ReadFamily,
    owned: Vec<Vec<u64>>,
    options: &RebuildOptions,
    sender: &mut Sender,
) -> Option<()> {
    let ReadFamily { mut lives, sessions, problems } = read;
    let emit_options = EmitOptions {
        map: &options.map,
        filter: &options.filter,
        assumed: &options.assumed,
        measuring: options.measuring,
        is_counting: sender.is_counting(),
        now: options.now,
    };
    let mut is_taken = true;
    let FamilyOutcome { commit, mut totals, corrected, history, .. } =
        emit_family(family, &sessions, owned, &mut lives, emit_options, |telemetry| {
            is_taken = is_taken && sender.send(place, telemetry).is_some();
        });
    for problem in problems {
        tracing::warn!(%problem, "a file was not read to its end");
        totals.add_problem(Problem::new(ProblemKind::UnreadableFile));
    }
    let bytes = family.sessions.iter().map(SessionFiles::size).sum();
    sender.end(place, FamilyEnd { totals, bytes, commit, corrected, history }).filter(|()| is_taken)
}
