//! Responses of models.

use std::sync::Arc;

use super::place::Parent;
use crate::session::timing::Timing;
use crate::session::usage::TokenUsage;
use crate::transcript::time::Millis;

/// One response of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmCall {
    /// The message id: its identity.
    pub id: Arc<str>,
    /// What it is a part of.
    pub parent: Parent,
    /// Where the client ran.
    pub context: usize,
    /// When.
    pub timing: Timing,
    /// The model that answered.
    pub model: Option<Arc<str>>,
    /// The model asked for.
    pub requested_model: Option<Arc<str>>,
    /// The HTTP request's id.
    pub request_id: Option<Arc<str>>,
    /// The limit of output tokens that the request set.
    pub max_tokens: Option<u64>,
    /// What asked for it, in the client's words.
    pub query_source: Option<Arc<str>>,
    /// The tokens.
    pub usage: TokenUsage,
    /// Why it ended; absent when no line says so, and then the output tokens are a lower bound.
    pub stop_reason: Option<Arc<str>>,
    /// The effort asked for.
    pub effort: Option<Arc<str>>,
    /// `standard` or `fast`.
    pub speed: Option<Arc<str>>,
    /// The service tier.
    pub service_tier: Option<Arc<str>>,
    /// Why the cache missed.
    pub cache_miss_reason: Option<Arc<str>>,
    /// Milliseconds of thinking.
    pub thinking_duration: Option<Millis>,
    /// The cost in US dollars, where the client recorded it: up to 1.0.3.
    pub cost_usd: Option<f64>,
    /// Requests made for it, failed ones included, where they are on record.
    pub attempts: Option<u64>,
    /// Whether the stream was cut.
    pub is_aborted: bool,
    /// Whether a compaction came before it.
    pub is_compacted: bool,
    /// The place of its last line among the session's lines, where that is the main file.
    pub last_main_position: Option<usize>,
    /// Whether it is work of the client itself: compaction, suggestions.
    pub is_auxiliary: bool,
    /// The session that its line says it was copied from.
    pub copied_from: Option<Arc<str>>,
    /// Whether it, and where it hangs, will not change any more.
    pub is_final: bool,
    /// Whether this session owns it, or has it as a copy.
    pub is_owned: bool,
}
