//! What the client's own telemetry says, by session.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::sequence::Gap;
use crate::transcript::time::Millis;

/// Everything that was read.
#[derive(Debug, Clone, Default)]
pub struct ClientReport {
    /// By session id.
    pub sessions: BTreeMap<Arc<str>, ClientSession>,
    /// What was counted on the way.
    pub counts: ReportCounts,
    /// The earliest time of anything in it, and the latest.
    pub reach: Option<(Millis, Millis)>,
}

/// What was counted while it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReportCounts {
    /// Lines.
    pub lines: u64,
    /// Lines that are no OTLP/JSON.
    pub broken_lines: u64,
    /// Log events of the client.
    pub events: u64,
    /// Spans of the client.
    pub spans: u64,
    /// Data points of the client.
    pub points: u64,
    /// Records that stood there before, word for word: something on the way delivered them again.
    pub repeated: u64,
    /// Records of other programs, this one included.
    pub of_others: u64,
    /// Records of the client that name no session.
    pub without_session: u64,
}

/// What one session told.
#[derive(Debug, Clone, Default)]
pub struct ClientSession {
    /// Answered requests.
    pub requests: Vec<ClientRequest>,
    /// Tool calls.
    pub tools: Vec<ClientTool>,
    /// Requests that failed for good.
    pub failures: Vec<ClientFailure>,
    /// Sums of the token metric by model.
    pub tokens: BTreeMap<Arc<str>, MetricTokens>,
    /// The cost metric's sum in US dollars, where there is one.
    pub metric_cost: Option<f64>,
    /// Places in the client's own numbering of its events where some did not arrive.
    pub gaps: Vec<Gap>,
    /// Times of everything it told, in order.
    pub times: Vec<Millis>,
    /// Times at which a process began to number its events, in order.
    pub starts: Vec<Millis>,
    /// Whether it was started without a terminal, as with `-p` or the SDK.
    pub is_headless: bool,
    /// Whether there are log events.
    pub has_events: bool,
    /// Whether there are spans.
    pub has_spans: bool,
    /// Requests by id.
    pub(super) by_request: HashMap<Arc<str>, usize>,
    /// Tool calls by id.
    pub(super) by_tool: HashMap<Arc<str>, usize>,
}

/// The kinds of tokens, in the client's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// Input that no cache held.
    Input,
    /// Output.
    Output,
    /// Input read from the cache.
    CacheRead,
    /// Input written to the cache.
    CacheCreation,
}

impl TokenKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Input, Self::Output, Self::CacheRead, Self::CacheCreation];

    /// The kind as the client's metric names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cacheRead",
            Self::CacheCreation => "cacheCreation",
        }
    }

    /// The kind in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache read",
            Self::CacheCreation => "cache write",
        }
    }
}

/// Tokens by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens([u64; 4]);

impl Tokens {
    /// Of one kind.
    pub const fn of(&self, kind: TokenKind) -> u64 {
        let [input, output, cache_read, cache_creation] = self.0;
        match kind {
            TokenKind::Input => input,
            TokenKind::Output => output,
            TokenKind::CacheRead => cache_read,
            TokenKind::CacheCreation => cache_creation,
        }
    }

    /// Adds some of one kind.
    pub fn add(&mut self, kind: TokenKind, count: u64) {
        let [input, output, cache_read, cache_creation] = &mut self.0;
        let slot = match kind {
            TokenKind::Input => input,
            TokenKind::Output => output,
            TokenKind::CacheRead => cache_read,
            TokenKind::CacheCreation => cache_creation,
        };
        *slot = slot.saturating_add(count);
    }

    /// Adds all kinds of another.
    pub fn add_all(&mut self, other: &Self) {
        for kind in TokenKind::ALL {
            self.add(kind, other.of(kind));
        }
    }

    /// Everything that goes into a model.
    pub fn all_input(&self) -> u64 {
        let parts = [TokenKind::Input, TokenKind::CacheRead, TokenKind::CacheCreation];
        parts.into_iter().fold(0, |sum, kind| sum.saturating_add(self.of(kind)))
    }

    /// Whether it has at least as many of each kind.
    pub fn covers(&self, other: &Self) -> bool {
        TokenKind::ALL.into_iter().all(|kind| self.of(kind) >= other.of(kind))
    }

    /// Takes away what another has, kind by kind, down to nothing.
    pub fn take(&mut self, other: &Self) {
        for (slot, kind) in self.0.iter_mut().zip(TokenKind::ALL) {
            *slot = slot.saturating_sub(other.of(kind));
        }
    }
}

/// What the token metric says of one model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MetricTokens {
    /// Everything.
    pub all: Tokens,
    /// Of it, what the client calls auxiliary.
    pub auxiliary: Tokens,
}

/// An answered request, from its event, its span or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientRequest {
    /// The request's id; clients of old wrote none.
    pub id: Option<Arc<str>>,
    /// The model.
    pub model: Option<Arc<str>>,
    /// What it was for, in the client's words.
    pub source: Option<Arc<str>>,
    /// Tokens.
    pub tokens: Tokens,
    /// Cost in US dollars, as the client reckons it.
    pub cost_usd: Option<f64>,
    /// When it began.
    pub start: Option<Millis>,
    /// When it ended.
    pub end: Millis,
    /// How many log events there are of it.
    pub events: u32,
    /// How many spans there are of it.
    pub spans: u32,
    /// Whether a call on record was found for it.
    pub is_matched: bool,
}

/// A tool call, from its events, its span or all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientTool {
    /// The call's id; clients of old wrote none.
    pub id: Option<Arc<str>>,
    /// The tool.
    pub name: Option<Arc<str>>,
    /// The request that asked for it.
    pub request: Option<Arc<str>>,
    /// `accept` or `reject`, where it was decided.
    pub decision: Option<Arc<str>>,
    /// Whether it succeeded, where its result was told.
    pub success: Option<bool>,
    /// When it began.
    pub start: Option<Millis>,
    /// When it ended.
    pub end: Option<Millis>,
    /// How many results were told.
    pub results: u32,
    /// How many spans there are of it.
    pub spans: u32,
    /// Whether a call on record was found for it.
    pub is_matched: bool,
}

/// A request that failed for good.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientFailure {
    /// The request's id.
    pub id: Option<Arc<str>>,
    /// The HTTP status.
    pub status: Option<i64>,
    /// What it was for, in the client's words.
    pub source: Option<Arc<str>>,
    /// When.
    pub time: Millis,
    /// Whether a failure on record was found for it.
    pub is_matched: bool,
}

impl ClientSession {
    /// The request of this id, as a place in the list.
    pub fn request(&self, id: &str) -> Option<usize> {
        self.by_request.get(id).copied()
    }

    /// The tool call of this id, as a place in the list.
    pub fn tool(&self, id: &str) -> Option<usize> {
        self.by_tool.get(id).copied()
    }

    /// Whether anything was told at this time or later, but before that one.
    pub fn told_within(&self, from: Millis, until: Millis) -> bool {
        let first = self.times.partition_point(|time| *time < from);
        self.times.get(first).is_some_and(|time| *time < until)
    }

    /// Events that the client numbered, and that did not arrive, around this stretch of time.
    pub fn lost_around(&self, from: Millis, until: Millis) -> u64 {
        self.gaps.iter().filter(|gap| gap.before <= until && gap.after >= from).map(|gap| gap.missing).sum()
    }

    /// When the next process after this time began to tell.
    pub fn started_after(&self, time: Millis) -> Option<Millis> {
        self.starts.get(self.starts.partition_point(|start| *start <= time)).copied()
    }

    /// Whether it told of requests or tools one by one, and not in sums alone.
    pub const fn has_records(&self) -> bool {
        self.has_events || self.has_spans
    }
}
