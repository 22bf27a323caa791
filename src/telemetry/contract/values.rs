//! Lists of values that attributes may have: closed ones, and what is known of an open one.

use crate::session::facts::{Join, RunOutcome, StartType, ToolOutcome, TurnOrigin};
use crate::session::timing::{Certainty, TimeSource};
use crate::telemetry::prices::CostSource;
use crate::telemetry::semconv as name;

use super::spans::LINKS;

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct ValueRow {
    /// The value.
    pub value: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How well a time with this value is known, where it is the source of one.
    pub certainty: Option<&'static str>,
}

/// The values of some attributes.
#[derive(Debug, Clone)]
pub struct ValueList {
    /// What they are.
    pub topic: &'static str,
    /// The attributes that have them.
    pub attributes: &'static [&'static str],
    /// Whether other values occur as well.
    pub is_open: bool,
    /// The values, in the order of the documentation.
    pub values: Vec<ValueRow>,
}

/// Rows of all variants by name. A variant that is added and left out here does not compile.
macro_rules! rows {
    ($kind:ident: $($variant:ident = $meaning:literal;)+) => {{
        let _ = |value: $kind| match value { $($kind::$variant => ()),+ };
        vec![$(plain($kind::$variant.name(), $meaning)),+]
    }};
}

const fn plain(value: &'static str, meaning: &'static str) -> ValueRow {
    ValueRow { value, meaning, certainty: None }
}

const fn closed(topic: &'static str, attributes: &'static [&'static str], values: Vec<ValueRow>) -> ValueList {
    ValueList { topic, attributes, is_open: false, values }
}

/// All lists, in the order of the documentation.
pub fn lists() -> Vec<ValueList> {
    vec![
        closed(
            "certainty",
            &[name::CLAUDE_OTEL_TIMING_START, name::CLAUDE_OTEL_TIMING_END, name::events::CLAUDE_OTEL_EVENT_TIME],
            certainties(),
        ),
        closed("source", &[name::CLAUDE_OTEL_TIMING_START_SOURCE, name::CLAUDE_OTEL_TIMING_END_SOURCE], sources()),
        closed("tool outcome", &[name::CLAUDE_CODE_TOOL_OUTCOME], tool_outcomes()),
        closed("run outcome", &[name::CLAUDE_CODE_TURN_OUTCOME, name::CLAUDE_CODE_AGENT_OUTCOME], run_outcomes()),
        closed("origin", &[name::CLAUDE_CODE_TURN_ORIGIN], origins()),
        closed("join", &[name::CLAUDE_OTEL_JOIN], joins()),
        closed("start type", &[name::CLAUDE_CODE_SESSION_START_TYPE, name::START_TYPE], start_types()),
        closed("cost source", &[name::CLAUDE_OTEL_COST_SOURCE], cost_sources()),
        closed("link", &[name::CLAUDE_OTEL_LINK], LINKS.iter().map(|link| plain(link.meaning, link.target)).collect()),
        ValueList { is_open: true, ..closed("error type", &[name::ERROR_TYPE], errors()) },
    ]
}

/// The list that an attribute's values are from.
pub fn list_of(attribute: &str) -> Option<ValueList> {
    lists().into_iter().find(|list| list.attributes.contains(&attribute))
}

fn certainties() -> Vec<ValueRow> {
    rows! { Certainty:
        Recorded = "a line says so";
        Bounded = "a neighbouring line bounds it; the true start is at that line or later";
        Estimated = "the best guess that the transcript allows";
    }
}

#[rustfmt::skip]
fn sources() -> Vec<ValueRow> {
    let rows = rows! { TimeSource:
        ApiRequest = "start of a call: the `api-request` record (2.1.300 and later), a few milliseconds after the request";
        RecordedDuration = "start, counted back from the end by the duration that a line records";
        FirstLine = "start of an agent run or session: its first line";
        LastLine = "end: the last line of the thing itself; for a call that is when its last block was complete";
        Dequeue = "start of a turn: a queued prompt was taken up";
        PromptLine = "start of a turn: the prompt's line";
        ResultLine = "end of a tool call: its result's line, written 10 to 50 ms after the true end";
        TaskNotification = "end of work in the background: the notification";
        BoundaryLine = "end of a compaction: its mark";
        CommandLine = "start of a manual compaction before durations were recorded: the command's line";
        PreviousInput = "start of a call: the latest prompt or result of the same agent before it; too early by 20 to 90 ms on a calm machine, by seconds with hooks that left no line";
        CompactionAgent = "start of a compaction without a recorded duration: the first line of the client's own agent that wrote its summary";
        HookLine = "start of a call: the line of a hook that ended before it; the request waits for hooks";
        FailedAttempt = "start of a call: the failure of the attempt before it, and the wait that it announces";
        UseLine = "start of a tool call: the line in which the model asked for it; waits for permission and hooks come before the true start";
        PreviousResult = "start of a tool call: the result of a call of the same message that had to end first";
        Progress = "start of a tool call: a progress record, counted back by the whole seconds that it says have passed";
        RecordBefore = "start or end of anything whose own record has no time, or an absurd one: the time of the record before it";
        TurnLastLine = "end of a tool call without a genuine result: the last genuine line of its turn";
        LaunchLine = "end of work in the background without a notification: the line that said it went on";
        OtherEnd = "nothing is known but the other end; the span has no length";
    };
    let with_certainty = |(row, source): (ValueRow, &TimeSource)| ValueRow { certainty: Some(source.certainty().name()), ..row };
    rows.into_iter().zip(TimeSource::ALL).map(with_certainty).collect()
}

fn tool_outcomes() -> Vec<ValueRow> {
    rows! { ToolOutcome:
        Success = "it did its work";
        Error = "it failed";
        Rejected = "a person did not want it";
        Denied = "a rule, a hook or a missing permission stopped it";
        Interrupted = "a person interrupted it while it ran, or stopped its work in the background";
        TimedOut = "it ran out of time";
        Orphaned = "it has no genuine result: the client was killed, or made one up on resume";
    }
}

fn run_outcomes() -> Vec<ValueRow> {
    rows! { RunOutcome:
        Completed = "it came to its end";
        Interrupted = "a person interrupted it";
        Error = "the API failed for good";
        Unfinished = "it has no end on record";
    }
}

fn origins() -> Vec<ValueRow> {
    rows! { TurnOrigin:
        Human = "a person typed a prompt; before 2.1.112, a prompt in a terminal or editor";
        Sdk = "a program gave a prompt; before 2.1.112, told by the way the client was started";
        TaskNotification = "the end of a background task started work by itself";
        Scheduled = "a schedule did";
        Peer = "another agent did";
        Command = "a command or shell line that led to a model call, or a manual compaction";
        Unknown = "the transcript does not say, as before 2.1.78";
    }
}

fn start_types() -> Vec<ValueRow> {
    rows! { StartType:
        Fresh = "from nothing";
        Resume = "a later segment of the session, or a new file into which an old client copied the history";
        Fork = "a copy of another session";
        Continue = "took over from another session";
    }
}

fn joins() -> Vec<ValueRow> {
    // Whoever adds a way to join has to say here whether it is a guess.
    let said = |join: Join| match join {
        Join::Meta | Join::Result | Join::Progress => "",
        Join::Text => "the call with the same prompt",
        Join::Time => "no call fits: the turn that was going on",
        Join::None => "nothing fits: a trace of its own",
    };
    [Join::Text, Join::Time, Join::None].iter().filter_map(|join| Some(plain(join.guess()?, said(*join)))).collect()
}

fn cost_sources() -> Vec<ValueRow> {
    rows! { CostSource:
        Recorded = "the client wrote it beside the call (up to 1.0.3)";
        PriceTable = "reckoned by a table of prices";
    }
}

fn errors() -> Vec<ValueRow> {
    vec![
        plain("tool_error", "a tool call with outcome `error`"),
        plain("timeout", "a tool call with outcome `timed_out`"),
        plain("hook_error", "a hook that failed or was cancelled"),
    ]
}
