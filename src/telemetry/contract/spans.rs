//! The kinds of spans, and what links between them mean.

use crate::telemetry::semconv::Carrier;

/// One kind of span.
#[derive(Debug, Clone, Copy)]
pub struct SpanRow {
    /// What it is, among the things that carry attributes.
    pub carrier: Carrier,
    /// The kind's name, which is a part of its ids.
    pub kind: &'static str,
    /// Its name, with what varies in braces.
    pub name: &'static str,
    /// The OTLP kind of span.
    pub span_kind: &'static str,
    /// What its parent is.
    pub parent: &'static str,
    /// What it tells of.
    pub meaning: &'static str,
    /// What its id is made of, beside kind and session.
    pub key: &'static str,
}

/// All kinds of spans, in the order of the documentation.
#[rustfmt::skip]
pub const SPANS: [SpanRow; 7] = [
    SpanRow {
        carrier: Carrier::Turn, kind: "turn", name: "invoke_agent claude-code", span_kind: "internal",
        parent: "none, or the session under `--trace-scope session`",
        meaning: "a turn: one thing that was asked, and all that came of it",
        key: "uuid of its first line",
    },
    SpanRow {
        carrier: Carrier::Chat, kind: "llm", name: "chat {model}", span_kind: "client",
        parent: "the turn or agent run that it is a part of",
        meaning: "one response of a model: all lines with one message id; `chat` alone where no line names the model",
        key: "message id",
    },
    SpanRow {
        carrier: Carrier::Tool, kind: "tool", name: "execute_tool {tool}", span_kind: "internal",
        parent: "the turn or agent run whose response asked for it",
        meaning: "one call of a tool, from the request to its result",
        key: "`tool_use` id",
    },
    SpanRow {
        carrier: Carrier::Agent, kind: "agent", name: "invoke_agent {agent type}", span_kind: "internal",
        parent: "the `execute_tool` that started it, at any depth; the turn where only the time fits; none where nothing fits",
        meaning: "one run of a subagent, also when it outlives its call; `agent` where no line names the type",
        key: "agent id",
    },
    SpanRow {
        carrier: Carrier::Compaction, kind: "compaction", name: "compaction", span_kind: "internal",
        parent: "the turn",
        meaning: "the client replaced a long conversation by a summary",
        key: "uuid of its line",
    },
    SpanRow {
        carrier: Carrier::Hook, kind: "hook", name: "hook {event}", span_kind: "internal",
        parent: "the turn",
        meaning: "a hook whose duration the client recorded",
        key: "uuid of its line, `/`, its number on that line",
    },
    SpanRow {
        carrier: Carrier::Session, kind: "session", name: "session", span_kind: "internal",
        parent: "none",
        meaning: "a segment: a stretch of one session's turns without a pause longer than `--session-idle`",
        key: "the key of the segment's first turn",
    },
];

/// What a kind of span is called in a sentence.
pub(super) const fn spoken(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::All => "all",
        Carrier::Sums => "sums",
        Carrier::Turn => "turn",
        Carrier::Chat => "`chat`",
        Carrier::Tool => "`execute_tool`",
        Carrier::Agent => "agent run",
        Carrier::Compaction => "`compaction`",
        Carrier::Hook => "`hook`",
        Carrier::Session => "`session`",
        Carrier::Link => "links",
        Carrier::Metrics | Carrier::Health => "metrics",
        Carrier::Doctor => "`claude-otel doctor`",
        Carrier::Resource => "resource",
        Carrier::Logs => "all log events",
        Carrier::Event(name) | Carrier::Log(name) => name,
    }
}

/// One meaning of a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkRow {
    /// The value of `claude_otel.link`.
    pub meaning: &'static str,
    /// The spans that have such links.
    pub on: &'static str,
    /// What they point to.
    pub target: &'static str,
}

/// All meanings of links.
#[rustfmt::skip]
pub const LINKS: [LinkRow; 3] = [
    LinkRow { meaning: "previous_turn", on: "turn", target: "the turn before it in the same session" },
    LinkRow {
        meaning: "session", on: "turn under `--trace-scope turn`; agent run without a turn",
        target: "the session's span, which is sent once its segment is over",
    },
    LinkRow {
        meaning: "copied_from", on: "first own turn of a copy or hand-over, its session",
        target: "in the session that owns the history: the turn that it goes on after, and that turn's session span",
    },
];
