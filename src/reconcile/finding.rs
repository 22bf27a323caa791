//! Differences, one by one.

use std::sync::Arc;

use super::reason::Reason;
use super::report::TokenKind;
use crate::transcript::time::Millis;

/// Makes the closed list of kinds.
macro_rules! differences {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// The kinds of differences.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Difference {
            $($(#[$doc])* $variant,)+
        }

        impl Difference {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name, for programs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

differences! {
    /// A session with model calls that the telemetry does not know.
    SessionOnlyInTranscripts = "session_only_in_transcripts";
    /// A session with model calls that has no transcript.
    SessionOnlyInTelemetry = "session_only_in_telemetry";
    /// A model call that the telemetry does not know.
    CallOnlyInTranscripts = "call_only_in_transcripts";
    /// An answered request that no line shows.
    CallOnlyInTelemetry = "call_only_in_telemetry";
    /// A request that has a span and no event, though its session has events.
    CallEventMissing = "call_event_missing";
    /// A request that was told of more than once, as different records.
    CallRepeated = "call_repeated";
    /// A request told of under another session's id.
    CallInOtherSession = "call_in_other_session";
    /// Another number of tokens.
    CallTokens = "call_tokens";
    /// Another model.
    CallModel = "call_model";
    /// Another time, by more than a minute.
    CallTime = "call_time";
    /// A tool call of which the telemetry has no result.
    ToolOnlyInTranscripts = "tool_only_in_transcripts";
    /// A tool call that no line shows.
    ToolOnlyInTelemetry = "tool_only_in_telemetry";
    /// A result that was told more than once.
    ToolRepeated = "tool_repeated";
    /// A failure here and a success there.
    ToolOutcome = "tool_outcome";
    /// Another time, by more than a minute.
    ToolTime = "tool_time";
    /// A failed request that the telemetry does not know.
    FailureOnlyInTranscripts = "failure_only_in_transcripts";
    /// A failed request that no line shows.
    FailureOnlyInTelemetry = "failure_only_in_telemetry";
    /// The token metric's sum is not that of the session's calls.
    MetricTokens = "metric_tokens";
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The session.
    pub session: Arc<str>,
    /// What differs.
    pub difference: Difference,
    /// The id of the request or tool call; a call without a request's id is named by its message id.
    pub id: Option<Arc<str>>,
    /// The model, tool, or source that it is about.
    pub name: Option<Arc<str>>,
    /// The kind of tokens.
    pub kind: Option<TokenKind>,
    /// The number that the transcripts have: tokens, model calls of a session, or milliseconds since 1970.
    pub transcripts: Option<u64>,
    /// The number that the telemetry has.
    pub telemetry: Option<u64>,
    /// When.
    pub time: Option<Millis>,
    /// How many of the client's numbered events did not arrive around that time.
    pub lost_events: u64,
    /// The rule that explains it.
    pub reason: Option<Reason>,
}

impl Finding {
    /// A difference that nothing explains yet.
    pub(super) fn new(session: &Arc<str>, difference: Difference) -> Self {
        Self {
            session: Arc::clone(session),
            difference,
            id: None,
            name: None,
            kind: None,
            transcripts: None,
            telemetry: None,
            time: None,
            lost_events: 0,
            reason: None,
        }
    }
}
