//! What could not be understood, by kind. A problem is data: counted by name, never an error.

use std::borrow::Cow;

use crate::privacy::Sanitizer;

/// The kinds of problems that reading a transcript can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A line that is no JSON object, or one cut short.
    TornLine,
    /// Two records on one line that were separated; nothing is lost by it.
    SplicedLine,
    /// A line that began or ended with NUL bytes, which were removed.
    NulBytes,
    /// Bytes that are no UTF-8, replaced by U+FFFD.
    NotUtf8,
    /// Half of a UTF-16 surrogate pair, replaced by U+FFFD.
    LoneSurrogate,
    /// A line longer than the limit, skipped.
    OversizedLine,
    /// A number that no 64-bit integer or float holds.
    AbsurdNumber,
    /// A time that is no time, or lies outside 2020 to tomorrow; the record before lends its own.
    AbsurdTime,
    /// A record without any `type`.
    UntypedRecord,
    /// A record `type` that is not known by name.
    UnknownRecordType,
    /// A `system` subtype that is not known by name.
    UnknownSystemSubtype,
    /// An `attachment` type that is not known by name.
    UnknownAttachmentType,
    /// A `progress` type that is not known by name.
    UnknownProgressType,
    /// A content block type that is not known by name.
    UnknownBlockType,
    /// A `tool_result` whose `tool_use` is nowhere in the session.
    ResultWithoutUse,
    /// A `meta.json` that could not be read as one.
    BadAgentMeta,
    /// An agent run whose parent had to be guessed from text or time.
    GuessedAgentParent,
    /// A `cost-state` whose totals are below what the lines show.
    HiddenUsageUnclear,
    /// A file or folder that could not be read, or changed while it was read.
    UnreadableFile,
    /// A symbolic link that leads out of its root and was not followed.
    SymlinkOutside,
}

impl ProblemKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 20] = [
        Self::TornLine,
        Self::SplicedLine,
        Self::NulBytes,
        Self::NotUtf8,
        Self::LoneSurrogate,
        Self::OversizedLine,
        Self::AbsurdNumber,
        Self::AbsurdTime,
        Self::UntypedRecord,
        Self::UnknownRecordType,
        Self::UnknownSystemSubtype,
        Self::UnknownAttachmentType,
        Self::UnknownProgressType,
        Self::UnknownBlockType,
        Self::ResultWithoutUse,
        Self::BadAgentMeta,
        Self::GuessedAgentParent,
        Self::HiddenUsageUnclear,
        Self::UnreadableFile,
        Self::SymlinkOutside,
    ];

    /// The name under which the kind is counted and documented.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TornLine => "torn_line",
            Self::SplicedLine => "spliced_line",
            Self::NulBytes => "nul_bytes",
            Self::NotUtf8 => "not_utf8",
            Self::LoneSurrogate => "lone_surrogate",
            Self::OversizedLine => "oversized_line",
            Self::AbsurdNumber => "absurd_number",
            Self::AbsurdTime => "absurd_time",
            Self::UntypedRecord => "untyped_record",
            Self::UnknownRecordType => "unknown_record_type",
            Self::UnknownSystemSubtype => "unknown_system_subtype",
            Self::UnknownAttachmentType => "unknown_attachment_type",
            Self::UnknownProgressType => "unknown_progress_type",
            Self::UnknownBlockType => "unknown_block_type",
            Self::ResultWithoutUse => "result_without_use",
            Self::BadAgentMeta => "bad_agent_meta",
            Self::GuessedAgentParent => "guessed_agent_parent",
            Self::HiddenUsageUnclear => "hidden_usage_unclear",
            Self::UnreadableFile => "unreadable_file",
            Self::SymlinkOutside => "symlink_outside",
        }
    }

    /// Whether something of the transcript was lost or not understood, as against noticed and mended.
    pub const fn loses_data(self) -> bool {
        matches!(
            self,
            Self::TornLine
                | Self::OversizedLine
                | Self::AbsurdNumber
                | Self::UntypedRecord
                | Self::UnknownRecordType
                | Self::UnknownSystemSubtype
                | Self::UnknownAttachmentType
                | Self::UnknownProgressType
                | Self::UnknownBlockType
                | Self::BadAgentMeta
                | Self::UnreadableFile
        )
    }
}

/// One thing that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// The name that was not known, shortened and made safe to print; empty where there is none.
    pub subject: Cow<'static, str>,
    /// The client version on the line, empty where it is not known.
    pub client_version: Cow<'static, str>,
}

impl Problem {
    /// A problem without a subject.
    pub const fn new(kind: ProblemKind) -> Self {
        Self { kind, subject: Cow::Borrowed(""), client_version: Cow::Borrowed("") }
    }

    /// A problem about a name that the transcript gave; the name is data and is made safe to show.
    pub fn named(kind: ProblemKind, subject: &str, client_version: &str) -> Self {
        Self { kind, subject: printable(subject).into(), client_version: printable(client_version).into() }
    }
}

/// At most 48 characters out of the set that names are made of: a name is shown, free text is not.
fn printable(name: &str) -> String {
    // A secret that was cut short is not known any more, so it goes first.
    let name = Sanitizer::shown(name);
    let short = name.chars().take(48);
    short.map(|c| if c.is_ascii_alphanumeric() || "_-.:/@".contains(c) { c } else { '_' }).collect()
}
