//! Runs of subagents.

use std::sync::Arc;

use super::turn::{ApiFailure, RunOutcome};
use crate::session::timing::Timing;

/// How an agent run was joined to what started it, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// The side file names the call.
    Meta,
    /// The call's result names the agent.
    Result,
    /// A progress record names both.
    Progress,
    /// The prompt's text is the same.
    Text,
    /// Only the time fits.
    Time,
    /// Nothing fits.
    None,
}

impl Join {
    /// Whether no record names both sides.
    pub const fn is_guess(self) -> bool {
        self.guess().is_some()
    }

    /// The attribute's value, present only where the parent was guessed.
    pub const fn guess(self) -> Option<&'static str> {
        match self {
            Self::Meta | Self::Result | Self::Progress => None,
            Self::Text => Some("text"),
            Self::Time => Some("time"),
            Self::None => Some("none"),
        }
    }
}

/// One run of a subagent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentRun {
    /// The agent's id: its identity.
    pub id: Arc<str>,
    /// The agent's type.
    pub agent_type: Option<Arc<str>>,
    /// The call that started it.
    pub tool: Option<usize>,
    /// The turn that it belongs to, at any depth.
    pub turn: Option<usize>,
    /// The agent that started it.
    pub parent_agent: Option<usize>,
    /// How deep it is nested, from 1.
    pub depth: u32,
    /// How it was joined.
    pub join: Join,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The final error.
    pub failure: Option<ApiFailure>,
    /// Whether it ran in the background.
    pub is_background: bool,
    /// Characters of its prompt.
    pub prompt_length: Option<u64>,
    /// Whether its result or notification stands in the turn before the turn's end.
    pub is_within_turn: bool,
    /// Whether it, and where it hangs, will not change any more.
    pub is_final: bool,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}
