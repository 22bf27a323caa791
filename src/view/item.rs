//! One line of a session's waterfall: a turn, a model call, a tool call, an agent run, a compaction or a hook.

use serde::Serialize;

use super::amounts::{Cost, Tokens, is_false};
use crate::privacy::Sanitized;
use crate::session::timing::{Certainty, TimeSource, Timing};
use crate::transcript::time::Millis;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A prompt and all that came of it.
    Turn,
    /// A response of a model.
    LlmCall,
    /// A call of a tool.
    Tool,
    /// A run of a subagent.
    Agent,
    /// A compaction.
    Compaction,
    /// A hook.
    Hook,
}

/// How an item stands, in the few words that decide how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is going on, as far as the transcript tells.
    Running,
    /// It came to its end.
    Done,
    /// It failed.
    Failed,
    /// A person or a rule stopped it.
    Stopped,
    /// Nothing on record says how it ended.
    Unknown,
}

/// When an item was, and how that is known. Times are milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Times {
    /// The start.
    pub start_unix_ms: Millis,
    /// The end, or the latest sign of life of what is still running.
    pub end_unix_ms: Millis,
    /// The fact that the start rests on.
    pub start_source: &'static str,
    /// The fact that the end rests on.
    pub end_source: &'static str,
    /// Whether no line of its own says when it began.
    #[serde(skip_serializing_if = "is_false")]
    pub is_start_inexact: bool,
    /// Whether no line of its own says when it ended.
    #[serde(skip_serializing_if = "is_false")]
    pub is_end_inexact: bool,
}

impl Times {
    /// How long it took, in milliseconds.
    pub const fn duration(&self) -> Millis {
        self.end_unix_ms - self.start_unix_ms
    }

    /// The same, unless one end is known by nothing but the other.
    pub fn known_duration(&self) -> Option<Millis> {
        let other_end = TimeSource::OtherEnd.name();
        (self.start_source != other_end && self.end_source != other_end).then(|| self.duration())
    }
}

impl From<&Timing> for Times {
    fn from(timing: &Timing) -> Self {
        let is_inexact = |certainty: Certainty| certainty != Certainty::Recorded;
        Self {
            start_unix_ms: timing.start,
            end_unix_ms: timing.end,
            start_source: timing.start_source.name(),
            end_source: timing.end_source.name(),
            is_start_inexact: is_inexact(timing.start_source.certainty()),
            is_end_inexact: is_inexact(timing.end_source.certainty()),
        }
    }
}

/// A fact about an item: its name in `--json`, and its value.
pub type Fact = (&'static str, FactValue);

/// The value of a fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FactValue {
    /// A number.
    Number(i64),
    /// A truth value.
    Flag(bool),
    /// A name that passed the gate.
    Name(Sanitized),
}

/// Texts of an item, as far as the content level goes. All of them are without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Texts {
    /// What was asked: a prompt, a tool's input, an agent's task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Sanitized>,
    /// What came of it: an answer, a tool's result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Sanitized>,
    /// What its final error said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Sanitized>,
}

impl Texts {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.input.is_none() && self.output.is_none() && self.error.is_none()
    }
}

/// One line of the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its own id: of a line, a message, a tool call, an agent.
    pub id: Sanitized,
    /// The place of the item that it belongs to, in the same list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<usize>,
    /// How deep it stands, from 0.
    pub depth: u32,
    /// The number of its turn, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    /// Its name: a model, a tool, an agent's type, where a turn came from.
    pub name: Sanitized,
    /// What it is about, on one line: only names at content level `none`, the beginning of a command or prompt above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Sanitized>,
    /// When.
    #[serde(flatten)]
    pub times: Times,
    /// How it stands.
    pub standing: Standing,
    /// How it ended, in the words of the attributes; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The tokens: a call's own, or all that a turn or an agent holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// The cost of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// Further facts.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub facts: Vec<Fact>,
    /// What was written, as far as the content level goes.
    #[serde(skip_serializing_if = "Texts::is_empty")]
    pub texts: Texts,
}

impl Item {
    /// Whether it is going on.
    pub fn is_running(&self) -> bool {
        self.standing == Standing::Running
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&FactValue> {
        self.facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

fn as_map<S: serde::Serializer>(facts: &[Fact], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(facts.iter().map(|(name, value)| (*name, value)))
}
