//! When a thing began and ended, and how that is known.

use crate::transcript::time::Millis;

/// How well a time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// A line says so.
    Recorded,
    /// A neighbouring line bounds it.
    Bounded,
    /// It is the best guess that the transcript allows.
    Estimated,
}

impl Certainty {
    /// The attribute's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Bounded => "bounded",
            Self::Estimated => "estimated",
        }
    }
}

/// Makes the closed list of facts that a time can rest on.
macro_rules! sources {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $certainty:ident;)+) => {
        /// The fact that a time rests on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum TimeSource {
            $($(#[$doc])* $variant,)+
        }

        impl TimeSource {
            /// Every source, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The attribute's value.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How well a time from this source is known.
            pub const fn certainty(self) -> Certainty {
                match self { $(Self::$variant => Certainty::$certainty,)+ }
            }
        }
    };
}

sources! {
    /// The `api-request` record.
    ApiRequest = "api_request", Recorded;
    /// The duration that the line itself records, counted back from its end.
    RecordedDuration = "recorded_duration", Recorded;
    /// The first line of the thing itself.
    FirstLine = "first_line", Recorded;
    /// The last line of the thing itself.
    LastLine = "last_line", Recorded;
    /// The moment a queued prompt was taken up.
    Dequeue = "dequeue", Recorded;
    /// The prompt's line.
    PromptLine = "prompt_line", Recorded;
    /// The tool's result line.
    ResultLine = "result_line", Recorded;
    /// The notification that a background task ended.
    TaskNotification = "task_notification", Recorded;
    /// The compaction's mark.
    BoundaryLine = "boundary_line", Recorded;
    /// The command's line.
    CommandLine = "command_line", Recorded;
    /// The latest prompt or result of the same agent before it.
    PreviousInput = "previous_input", Bounded;
    /// The first line of the client's own agent that wrote a compaction's summary.
    CompactionAgent = "compaction_agent", Bounded;
    /// The line of a hook that ended before it.
    HookLine = "hook_line", Bounded;
    /// The failure of the attempt before it, and the wait that it announces.
    FailedAttempt = "failed_attempt", Bounded;
    /// The line in which the model asked for the tool.
    UseLine = "use_line", Bounded;
    /// The result of a call of the same message that had to end first.
    PreviousResult = "previous_result", Bounded;
    /// A progress record of the tool, counted back by the whole seconds that it says have passed.
    Progress = "progress", Bounded;
    /// The record before: the thing's own record has no time, or an absurd one.
    RecordBefore = "record_before", Estimated;
    /// The last genuine line of the turn.
    TurnLastLine = "turn_last_line", Estimated;
    /// The line that said the work went on in the background.
    LaunchLine = "launch_line", Estimated;
    /// Nothing but the other end of the span.
    OtherEnd = "other_end", Estimated;
}

/// A span of time with its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The start.
    pub start: Millis,
    /// The end, never before the start.
    pub end: Millis,
    /// What the start rests on.
    pub start_source: TimeSource,
    /// What the end rests on.
    pub end_source: TimeSource,
}

impl Timing {
    /// A span of time; an end before the start, which a jumping clock makes, is drawn up to the start.
    pub fn new(start: (Millis, TimeSource), end: (Millis, TimeSource)) -> Self {
        Self { start: start.0, end: end.0.max(start.0), start_source: start.1, end_source: end.1 }
    }

    /// Its length in milliseconds.
    pub const fn duration(&self) -> Millis {
        self.end - self.start
    }
}
