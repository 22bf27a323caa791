//! What the registry says of a name.

use crate::privacy::options::ContentLevel;
use crate::telemetry::options::Vocabulary;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A list of texts.
    Texts,
    /// A whole number.
    Int,
    /// A fraction.
    Double,
    /// A truth value.
    Bool,
    /// A list of named values.
    Maps,
}

impl Kind {
    /// Its name in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Texts => "list of text",
            Self::Int => "int",
            Self::Double => "double",
            Self::Bool => "bool",
            Self::Maps => "list of named values",
        }
    }
}

/// What an attribute may be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// Every span.
    All,
    /// The spans that add up what they hold: turn, agent run, session.
    Sums,
    /// A turn.
    Turn,
    /// A model call.
    Chat,
    /// A tool call.
    Tool,
    /// An agent run.
    Agent,
    /// A compaction.
    Compaction,
    /// A hook.
    Hook,
    /// A segment of a session.
    Session,
    /// A link of any span.
    Link,
    /// An event of this name on a span.
    Event(&'static str),
    /// A log event of this name.
    Log(&'static str),
    /// Every log event.
    Logs,
    /// Metrics; which ones, their own table says.
    Metrics,
    /// Metrics in which a watcher tells of itself.
    Health,
    /// The span by which `doctor` tries a destination.
    Doctor,
    /// The resource.
    Resource,
}

impl Carrier {
    /// The kinds of spans.
    pub const SPANS: [Self; 7] =
        [Self::Turn, Self::Chat, Self::Tool, Self::Agent, Self::Compaction, Self::Hook, Self::Session];

    /// Whether this stands for the other, or is it.
    pub fn covers(self, other: Self) -> bool {
        match self {
            Self::All => Self::SPANS.contains(&other),
            Self::Sums => matches!(other, Self::Turn | Self::Agent | Self::Session),
            Self::Logs => matches!(other, Self::Log(_)),
            same => same == other,
        }
    }
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What is counted; empty where nothing is.
    pub unit: &'static str,
    /// What it may be on.
    pub on: &'static [Carrier],
    /// When it is there; empty where its meaning says so.
    pub when: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Where in the transcript it comes from; empty where it is no fact of its own.
    pub source: &'static str,
}

impl Attribute {
    /// Whether it may be on something.
    pub fn may_be_on(&self, carrier: Carrier) -> bool {
        self.on.iter().any(|on| on.covers(carrier))
    }
}

/// Some attributes that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// What they are about.
    pub topic: &'static str,
    /// The vocabulary that has to be switched on for them.
    pub vocabulary: Option<Vocabulary>,
    /// The lowest level of content at which they leave; none where they always do.
    pub content: Option<ContentLevel>,
    /// The attributes, in the order of the documentation.
    pub rows: &'static [Attribute],
}

impl Table {
    /// Attributes that leave with any options.
    pub(super) const fn new(topic: &'static str, rows: &'static [Attribute]) -> Self {
        Self { topic, vocabulary: None, content: None, rows }
    }
}

/// One kind of event on spans.
#[derive(Debug, Clone, Copy)]
pub struct SpanEventRow {
    /// Its name.
    pub name: &'static str,
    /// The spans that it is on.
    pub on: &'static [Carrier],
    /// What happened.
    pub meaning: &'static str,
}

/// One kind of log event.
#[derive(Debug, Clone, Copy)]
pub struct LogEventRow {
    /// Its name.
    pub name: &'static str,
    /// The kinds of spans that it belongs to.
    pub on: &'static [Carrier],
    /// The spans that have one, in a reader's words.
    pub span: &'static str,
    /// What its time is.
    pub time: &'static str,
    /// Its severity.
    pub severity: &'static str,
}
