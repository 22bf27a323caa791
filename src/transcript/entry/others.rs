//! What the other records say.

use std::borrow::Cow;

use super::assistant::LineUsage;
use super::user::Notification;
use crate::transcript::time::Millis;

/// A compaction's mark.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompactBoundary<'a> {
    /// `manual` or `auto`.
    pub trigger: Option<Cow<'a, str>>,
    /// Tokens of context before.
    pub pre_tokens: Option<u64>,
    /// Tokens of context after.
    pub post_tokens: Option<u64>,
    /// How long the summary took, in milliseconds.
    pub duration: Option<Millis>,
}

/// One failed attempt of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApiError<'a> {
    /// The HTTP status.
    pub status: Option<i64>,
    /// The attempt's number.
    pub attempt: Option<u64>,
    /// The wait before the next attempt, in milliseconds.
    pub retry_in: Option<Millis>,
    /// The connection's error code.
    pub code: Option<Cow<'a, str>>,
}

/// A hook that ran.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hook<'a> {
    /// `UserPromptSubmit`, `Stop`, ...
    pub event: Option<Cow<'a, str>>,
    /// Its duration in milliseconds.
    pub duration: Option<Millis>,
    /// Whether it failed or was cancelled.
    pub failed: bool,
}

/// The operations on the queue of prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOperation {
    /// A prompt was put in.
    Enqueue,
    /// The first prompt was taken out to start a turn.
    Dequeue,
    /// A prompt was taken out to join the running turn.
    Remove,
    /// All prompts went back to the input box.
    PopAll,
    /// An operation without a known name.
    Unknown,
}

/// A `queue-operation` record.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue<'a> {
    /// What was done.
    pub operation: QueueOperation,
    /// A fingerprint of the prompt.
    pub text_fingerprint: Option<u64>,
    /// The background task that it tells of.
    pub notification: Option<Notification<'a>>,
}

/// An `api-request` record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ApiRequest<'a> {
    /// Its id, named by `requestRef` on assistant lines.
    pub id: Option<Cow<'a, str>>,
    /// What asked: `sdk`, `repl_main_thread`, `agent:builtin:...`.
    pub query_source: Option<Cow<'a, str>>,
    /// The model asked for.
    pub model: Option<Cow<'a, str>>,
    /// The limit of output tokens.
    pub max_tokens: Option<u64>,
}

/// The session's totals as the client knows them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CostState<'a> {
    /// When the counting began.
    pub start_time: Option<Millis>,
    /// How long it counts, in milliseconds.
    pub total_duration: Option<Millis>,
    /// The cost of everything in US dollars.
    pub total_cost: Option<f64>,
    /// Whether the client had no price for some model, so that its costs are too low.
    pub has_unknown_cost: bool,
    /// Lines added to files.
    pub lines_added: Option<u64>,
    /// Lines removed from files.
    pub lines_removed: Option<u64>,
    /// Usage and cost per model.
    pub models: Vec<CountedModel<'a>>,
}

/// What the client counted of one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CountedModel<'a> {
    /// The model.
    pub name: Cow<'a, str>,
    /// The tokens.
    pub usage: LineUsage,
    /// The cost in US dollars.
    pub cost: Option<f64>,
}
