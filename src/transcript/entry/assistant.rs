//! `assistant` records: blocks of responses.

use std::borrow::Cow;

use crate::transcript::time::Millis;

/// The usage of one response, as one line records it. Absent is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineUsage {
    /// Uncached input tokens.
    pub input: Option<u64>,
    /// Output tokens, thinking included.
    pub output: Option<u64>,
    /// Tokens read from the cache.
    pub cache_read: Option<u64>,
    /// Tokens written to the cache, of any lifetime.
    pub cache_creation: Option<u64>,
    /// Of these, tokens kept five minutes.
    pub cache_creation_5m: Option<u64>,
    /// Of these, tokens kept an hour.
    pub cache_creation_1h: Option<u64>,
    /// Of the output, tokens of thinking.
    pub thinking: Option<u64>,
    /// Web searches that the server made.
    pub web_searches: Option<u64>,
}

/// An `assistant` record: one block of a response, or the whole of it in the oldest versions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assistant<'a> {
    /// The response's id, the same on all of its lines.
    pub message_id: Option<Cow<'a, str>>,
    /// The model that answered.
    pub model: Option<Cow<'a, str>>,
    /// Why the response ended; absent on lines written before it did.
    pub stop_reason: Option<Cow<'a, str>>,
    /// The usage as far as the line knows it.
    pub usage: LineUsage,
    /// `standard` or `fast`.
    pub speed: Option<Cow<'a, str>>,
    /// The service tier.
    pub service_tier: Option<Cow<'a, str>>,
    /// Why the cache missed.
    pub cache_miss_reason: Option<Cow<'a, str>>,
    /// The id of the HTTP request.
    pub request_id: Option<Cow<'a, str>>,
    /// The `api-request` record.
    pub request_ref: Option<Cow<'a, str>>,
    /// The model that was asked for.
    pub requested_model: Option<Cow<'a, str>>,
    /// The effort asked for.
    pub effort: Option<Cow<'a, str>>,
    /// How long the thinking block streamed, in milliseconds.
    pub thinking_duration: Option<Millis>,
    /// The whole call's duration, in the oldest versions.
    pub duration: Option<Millis>,
    /// The cost in US dollars, in the oldest versions.
    pub cost_usd: Option<f64>,
    /// Whether the stream was cut.
    pub is_aborted: bool,
    /// Whether the line is an error shown to the person, no model's answer.
    pub is_api_error: bool,
    /// The error's class: `rate_limit`, `server_error`, ...
    pub error: Option<Cow<'a, str>>,
    /// The error's HTTP status.
    pub error_status: Option<i64>,
    /// The agent type that the client charges the call to.
    pub attribution_agent: Option<Cow<'a, str>>,
    /// The calls in it.
    pub tool_uses: Vec<ToolUse<'a>>,
}

/// One `tool_use` block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolUse<'a> {
    /// The call's id.
    pub id: Option<Cow<'a, str>>,
    /// The tool's name.
    pub name: Option<Cow<'a, str>>,
    /// Bytes of the input as it stands on disk.
    pub input_size: u64,
    /// The program that a shell command runs, when it runs just one.
    pub program: Option<String>,
    /// The extension of the file that it works on.
    pub file_extension: Option<String>,
    /// The agent type that it starts.
    pub agent_type: Option<Cow<'a, str>>,
    /// The skill that it starts.
    pub skill: Option<Cow<'a, str>>,
    /// A fingerprint of the prompt that it gives an agent.
    pub prompt_fingerprint: Option<u64>,
    /// Whether it asks to run in the background.
    pub run_in_background: bool,
}
