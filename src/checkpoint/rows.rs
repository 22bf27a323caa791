//! What is remembered of files and sessions between two runs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;

/// Where one transcript stands.
///
/// The place of a file is a help and no truth: a session is rebuilt from its files' beginnings whenever it grows, and
/// what was delivered is known by its ids. A wrong place costs time, never data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRow {
    /// Where it was last seen.
    #[serde(skip)]
    pub path: PathBuf,
    /// The session that its lines belong to.
    pub session: String,
    /// Its device.
    pub device: u64,
    /// Its inode; file systems give the number of a deleted file to a new one.
    pub inode: u64,
    /// Its size when it was last read.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970, as of that reading.
    pub mtime_unix_nano: i64,
    /// When the description beside an agent's file was last written, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_mtime_unix_nano: Option<i64>,
    /// The end of the last whole line taken in; everything final before it was acknowledged.
    pub offset: u64,
    /// The start of the earliest turn with something still unsent; equal to `offset` when there is none.
    pub replay: u64,
    /// The fingerprint of the file's first bytes, as many as [`FileRow::HEAD_BYTES`] or `offset` allow.
    pub head_print: u64,
    /// The fingerprint of the last bytes before `offset`, as many as [`FileRow::TAIL_BYTES`] or `offset` allow.
    pub tail_print: u64,
    /// What ties the session of a main file to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// When the file was last seen on disk, in milliseconds since 1970.
    pub seen_unix_ms: i64,
}

impl FileRow {
    /// How much of a file's beginning its fingerprint covers.
    pub const HEAD_BYTES: u64 = 1024;
    /// How much of what stands before the offset its fingerprint covers.
    pub const TAIL_BYTES: u64 = 256;
}

/// What the first lines of a main file say about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The session that it says it is.
    pub session_id: Option<String>,
    /// The first time in it, in milliseconds since 1970.
    pub first_time: Option<i64>,
    /// Fingerprints of what copies of its history share with it.
    pub ties: Vec<u64>,
    /// Whether more lines could say more.
    pub is_complete: bool,
}

/// Where one session stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionRow {
    /// The session's id.
    #[serde(skip)]
    pub id: String,
    /// The time of its latest line, in milliseconds since 1970.
    pub last_activity: i64,
    /// Turns that may still grow.
    pub open_turns: u64,
    /// When quiet alone will close something of it, in milliseconds since 1970; none when nothing is open.
    pub due: Option<i64>,
    /// Whether something final was left unsent on purpose: it began before the first start's horizon, or a filter
    /// did not take it.
    pub is_left_out: bool,
    /// Whether what it adds to series is remembered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_measured: bool,
    /// What was delivered of it, by name; each is a count that only grows.
    pub totals: BTreeMap<String, u64>,
    /// What was not understood of it, by kind.
    pub problems: BTreeMap<String, u64>,
}

/// A span that was delivered: its id, and the fingerprint of what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveredSpan {
    /// The span's id.
    pub span_id: u64,
    /// The fingerprint of its content.
    pub print: u64,
}

/// What tells one series from another.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesName {
    /// What is measured.
    pub measure: Cow<'static, str>,
    /// Of what, sorted by name.
    pub attributes: Vec<(Cow<'static, str>, String)>,
}

/// What a session adds to a series: all of it, whenever it was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The series.
    pub series: SeriesName,
    /// The fingerprint of what it has in common with the series that its parts may move to.
    pub kin: u64,
    /// When the first of it happened, in milliseconds since 1970.
    pub first: i64,
    /// How much.
    pub amount: Amount,
}

/// What a series counts to, over all sessions, forgotten ones included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRow {
    /// The series.
    pub series: SeriesName,
    /// When the first of it happened, in milliseconds since 1970.
    pub first: i64,
    /// How much.
    pub amount: Amount,
    /// How much of it is about to be told as a difference; none when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telling: Option<Amount>,
    /// How much of it was told as differences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Amount>,
}

/// What one acknowledged batch changes: all of it is kept, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Files that were read further.
    pub files: Vec<FileRow>,
    /// Files that are no longer under this name.
    pub gone: Vec<PathBuf>,
    /// Sessions of which something was delivered, or which were looked at in vain.
    pub sessions: Vec<SessionCommit>,
}

/// What one session's part of an acknowledged batch changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionCommit {
    /// Where the session stands now. Totals and problems are merged by the larger value, so that nothing ever
    /// counts backwards.
    pub row: SessionRow,
    /// Fingerprints of responses and tool calls that it has come to own.
    pub owned: Vec<u64>,
    /// Spans that were delivered, for the first time or with new content.
    pub delivered: Vec<DeliveredSpan>,
    /// What it adds to series. Series grow by what is new of it, so that nothing is counted twice or backwards;
    /// when nothing is named, all stay as they are.
    pub measured: Vec<Measured>,
}
