//! Sessions, their segments, and what is counted of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::agent_run::AgentRun;
use super::client_totals::{ClientTotals, HiddenUsage};
use super::inside::{Compaction, HookRun};
use super::llm_call::LlmCall;
use super::place::Context;
use super::tool_call::ToolCall;
use super::turn::Turn;
use crate::session::content::SessionContent;
use crate::session::timing::Timing;
use crate::transcript::problem::Problem;
use crate::transcript::time::Millis;

/// A stretch of a session's turns.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its number in the session, from 1.
    pub index: u64,
    /// Its turns: places in the session's list.
    pub turns: Vec<usize>,
    /// When.
    pub timing: Timing,
    /// Whether it may still grow.
    pub is_open: bool,
}

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartType {
    /// From nothing.
    Fresh,
    /// By going on after a pause.
    Resume,
    /// As a copy of another session.
    Fork,
    /// By taking over from another session.
    Continue,
}

impl StartType {
    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Resume => "resume",
            Self::Fork => "fork",
            Self::Continue => "continue",
        }
    }
}

/// Where a session came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// The other session.
    pub id: Arc<str>,
    /// How this one began.
    pub start: StartType,
    /// The other's turn that this one goes on after, and the first turn of its segment, by their keys.
    pub turn: Option<(Arc<str>, Arc<str>)>,
}

/// A fact that is counted and is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The id of its line as a number: the same in every copy that keeps ids.
    pub line: u128,
    /// The place of its line among the session's lines.
    pub position: usize,
    /// What it is.
    pub kind: CountedKind,
}

/// The kinds of counted facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedKind {
    /// A failed attempt of a request.
    ApiRetry,
    /// An API error for good.
    ApiError,
    /// An interrupt by a person.
    Interrupt,
    /// A built-in command.
    LocalCommand,
    /// A turn measured by the client, in milliseconds.
    MeasuredTurn(Millis),
    /// Images in a prompt.
    PromptImages(u32),
    /// A pull request linked to the session, at a time in milliseconds since 1970.
    PullRequest(Millis),
}

/// Everything that is known of one session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    /// The session's id.
    pub id: Arc<str>,
    /// The session that this one was copied from or took over from.
    pub previous: Option<Previous>,
    /// The time of its first timestamped line in file order.
    pub first_time: Option<Millis>,
    /// Where the client ran, as often as that changed.
    pub contexts: Vec<Context>,
    /// Turns in the order of their first lines.
    pub turns: Vec<Turn>,
    /// Responses in the order of their first lines.
    pub calls: Vec<LlmCall>,
    /// Tool calls in the order of their lines.
    pub tools: Vec<ToolCall>,
    /// Agent runs.
    pub agents: Vec<AgentRun>,
    /// Compactions.
    pub compactions: Vec<Compaction>,
    /// Hooks with recorded durations.
    pub hooks: Vec<HookRun>,
    /// Segments.
    pub segments: Vec<Segment>,
    /// Hidden usage by model.
    pub hidden: Vec<HiddenUsage>,
    /// The client's own totals, record by record. A client that ends in the terminal writes the same one twice: it
    /// stands here once.
    pub client_totals: Vec<ClientTotals>,
    /// Facts that are no spans.
    pub counted: Vec<Counted>,
    /// The time of its latest line.
    pub last_time: Option<Millis>,
    /// When quiet alone will close something that is open now, in milliseconds since 1970; none when nothing is open.
    pub due: Option<Millis>,
    /// The session that the conversation went on in.
    pub continued_in: Option<Arc<str>>,
    /// What people, models and tools wrote, if that is wanted.
    pub content: Option<SessionContent>,
    /// What was not understood, and how often.
    pub problems: BTreeMap<Problem, u64>,
}
