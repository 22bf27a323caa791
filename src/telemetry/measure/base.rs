//! The base measures: what is counted, in whole numbers, and by which attributes.

use std::sync::Arc;

use crate::amount::{Amount, Scale};

/// Buckets of durations, in seconds, as the conventions for generative AI want them.
const SECONDS: &[f64] = &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Buckets of longer work: turns and agent runs last up to a day, tools up to hours.
const LONG_SECONDS: &[f64] =
    &[0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6, 819.2, 3276.8, 13107.2];
/// Buckets of tokens, as the conventions want them.
const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Makes the closed list of measures.
macro_rules! measures {
    (@scale) => { None };
    (@scale $per_unit:literal, $bounds:ident) => { Some(Scale { per_unit: $per_unit, bounds: $bounds }) };
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(, $per_unit:literal, $bounds:ident)?;)+) => {
        /// What is measured.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Measure {
            $($(#[$doc])* $variant,)+
        }

        impl Measure {
            /// Every measure.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in the state, which must never change.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How its observations are spread; none for sums.
            pub const fn scale(self) -> Option<Scale> {
                match self { $(Self::$variant => measures!(@scale $($per_unit, $bounds)?),)+ }
            }
        }
    };
}

measures! {
    /// Responses.
    Calls = "calls";
    /// Input tokens that no cache held.
    Input = "input";
    /// Output tokens.
    Output = "output";
    /// Input tokens read from the cache.
    CacheRead = "cache_read";
    /// Input tokens written to the cache.
    CacheCreation = "cache_creation";
    /// Of these, the ones kept five minutes.
    CacheCreation5m = "cache_creation_5m";
    /// Of these, the ones kept an hour.
    CacheCreation1h = "cache_creation_1h";
    /// Of these, the ones of which no line says for how long.
    CacheCreationUntold = "cache_creation_untold";
    /// Output tokens of thinking, where a line says so.
    Reasoning = "reasoning";
    /// Picodollars.
    Cost = "cost";
    /// Responses without a price.
    Unpriced = "unpriced";
    /// Responses that read from the cache.
    CacheHits = "cache_hits";
    /// Responses that did not.
    CacheMisses = "cache_misses";
    /// Responses that wrote to the cache.
    CacheWrites = "cache_writes";
    /// How long responses took, in milliseconds.
    CallDuration = "call_duration", 1000, SECONDS;
    /// All input tokens of a response.
    CallInput = "call_input", 1, TOKENS;
    /// Output tokens of a response.
    CallOutput = "call_output", 1, TOKENS;
    /// Calls of tools.
    ToolCalls = "tool_calls";
    /// Of these, the ones whose result is flagged as an error.
    ToolErrors = "tool_errors";
    /// How long tools took, in milliseconds.
    ToolDuration = "tool_duration", 1000, SECONDS;
    /// Lines of files added or removed.
    Lines = "lines";
    /// Decisions on edits of files.
    EditDecisions = "edit_decisions";
    /// Turns that are over.
    Turns = "turns";
    /// How long they took, in milliseconds.
    TurnDuration = "turn_duration", 1000, LONG_SECONDS;
    /// Agent runs.
    AgentRuns = "agent_runs";
    /// How long they took, in milliseconds.
    AgentDuration = "agent_duration", 1000, LONG_SECONDS;
    /// Segments of sessions.
    Sessions = "sessions";
    /// Compactions.
    Compactions = "compactions";
    /// Requests that failed, attempts that were repeated included.
    ApiErrors = "api_errors";
    /// Pull requests that the client has linked to a session.
    PullRequests = "pull_requests";
}

impl Measure {
    /// The measure of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|measure| measure.name() == name)
    }
}

/// One series: a measure, and the values of its attributes by their names here, sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// What is measured.
    pub measure: Measure,
    /// Of what.
    pub attributes: Vec<(&'static str, Arc<str>)>,
}

/// What one session adds to a series, in one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// The series.
    pub series: Series,
    /// The number of the stretch since 1970; 0 where time is not told apart.
    pub stretch: i64,
    /// When the first of it happened, in milliseconds since 1970.
    pub first: i64,
    /// How much.
    pub amount: Amount,
}

/// The names of attributes here, which the views give their names in the world.
pub mod attribute {
    /// `anthropic`, `aws.bedrock`, `gcp.vertex_ai`.
    pub const PROVIDER: &str = "provider";
    /// The model that answered.
    pub const MODEL: &str = "model";
    /// The model asked for.
    pub const REQUESTED: &str = "requested";
    /// `main`, `subagent` or `auxiliary`.
    pub const SOURCE: &str = "source";
    /// The agent type.
    pub const AGENT: &str = "agent";
    /// The effort asked for.
    pub const EFFORT: &str = "effort";
    /// `standard` or `fast`.
    pub const SPEED: &str = "speed";
    /// `true` where output tokens, and so the cost, are a lower bound.
    pub const LOWER_BOUND: &str = "lower_bound";
    /// `true` for usage that no line shows.
    pub const HIDDEN: &str = "hidden";
    /// The tool.
    pub const TOOL: &str = "tool";
    /// How it ended.
    pub const OUTCOME: &str = "outcome";
    /// The class of a failure.
    pub const ERROR: &str = "error";
    /// `added` or `removed`.
    pub const TYPE: &str = "type";
    /// `accept` or `reject`.
    pub const DECISION: &str = "decision";
    /// What decided.
    pub const DECIDED_BY: &str = "decided_by";
    /// The language of a file.
    pub const LANGUAGE: &str = "language";
    /// How a turn came about.
    pub const ORIGIN: &str = "origin";
    /// How a session began.
    pub const START: &str = "start";
    /// `manual` or `auto`.
    pub const TRIGGER: &str = "trigger";
    /// An HTTP status.
    pub const STATUS: &str = "status";
    /// `true` for the last attempt of a request.
    pub const FINAL: &str = "final";

    /// Those that may turn out otherwise after something was counted: a turn that seemed to be over goes on, a call gets
    /// its result after all.
    pub const PROVISIONAL: &[&str] = &[OUTCOME, ERROR, FINAL, LOWER_BOUND, AGENT, MODEL, DECISION, DECIDED_BY, START];

    /// All of them.
    pub const ALL: &[&str] = &[
        PROVIDER,
        MODEL,
        REQUESTED,
        SOURCE,
        AGENT,
        EFFORT,
        SPEED,
        LOWER_BOUND,
        HIDDEN,
        TOOL,
        OUTCOME,
        ERROR,
        TYPE,
        DECISION,
        DECIDED_BY,
        LANGUAGE,
        ORIGIN,
        START,
        TRIGGER,
        STATUS,
        FINAL,
    ];
}
