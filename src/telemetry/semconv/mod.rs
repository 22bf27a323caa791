//! The registry: every name that leaves, with its type, what it may be on, what it means, and where it comes from.
//!
//! Names come from the OpenTelemetry conventions (`GenAI` and core), then from Claude Code's own telemetry, then from us.
//! `claude_otel.*` says only how the reconstruction knows what it says. The tables of `docs/telemetry.md` and what
//! `claude-otel contract` prints are made of the rows here, and a test compares them with everything that the fixtures
//! make leave.
//!
//! To add an attribute: a row in the file of its topic, a line where its carrier is built, and
//! `UPDATE_DOCS=1 cargo test --test it docs`.

/// Makes a constant of every name, documented by its meaning, and the table of their rows. After the name stand its type
/// with its unit, what it may be on with a condition, its meaning, and where in the transcript it comes from.
macro_rules! attributes {
    ($table:ident;
     $($name:ident = $text:literal, $kind:ident $($unit:literal)?, [$($on:expr),+] $($when:literal)?, $meaning:literal, $source:literal;)+) => {
        $(#[doc = $meaning] pub const $name: &str = $text;)+

        /// The rows of the attributes above.
        pub const $table: &[$crate::telemetry::semconv::Attribute] = {
            use $crate::telemetry::semconv::{Attribute, Carrier::*, Kind};
            &[$(Attribute {
                name: $text,
                kind: Kind::$kind,
                unit: concat!($($unit)?),
                on: &[$($on),+],
                when: concat!($($when)?),
                meaning: $meaning,
                source: $source,
            },)+]
        };
    };
}

/// Makes a constant of every event on spans, and the table of their rows.
macro_rules! span_events {
    ($table:ident; $($name:ident = $text:literal, [$($on:ident),+], $meaning:literal;)+) => {
        $(#[doc = $meaning] pub const $name: &str = $text;)+

        /// The rows of the events above.
        pub const $table: &[$crate::telemetry::semconv::SpanEventRow] = {
            use $crate::telemetry::semconv::{Carrier, SpanEventRow};
            &[$(SpanEventRow { name: $text, on: &[$(Carrier::$on),+], meaning: $meaning },)+]
        };
    };
}

/// Makes a constant of every log event, and the table of their rows: the spans that it belongs to, in the code's words
/// and in a reader's, its time, and its severity.
macro_rules! log_events {
    ($table:ident; $($name:ident = $text:literal, [$($on:ident),+], $span:literal, $time:literal, $severity:literal;)+) => {
        $(#[doc = concat!("An event of this span: ", $span)] pub const $name: &str = $text;)+

        /// The rows of the events above.
        pub const $table: &[$crate::telemetry::semconv::LogEventRow] = {
            use $crate::telemetry::semconv::{Carrier, LogEventRow};
            &[$(LogEventRow {
                name: $text,
                on: &[$(Carrier::$on),+],
                span: $span,
                time: $time,
                severity: $severity,
            },)+]
        };
    };
}

mod calls;
mod every_span;
mod facts;
mod moments;
mod points;
mod row;
mod span_events;
mod texts;
mod tools;
mod work;
pub mod doctor;
pub mod events;
pub mod health;
pub mod openinference;
pub mod resource;
pub mod seed;

pub use calls::*;
pub use every_span::*;
pub use facts::*;
pub use moments::*;
pub use points::*;
pub use row::{Attribute, Carrier, Kind, LogEventRow, SpanEventRow, Table};
pub use span_events::*;
pub use texts::*;
pub use tools::*;
pub use work::*;

use super::options::Vocabulary;
use crate::privacy::options::ContentLevel;

/// All attributes, table by table, in the order of the documentation.
pub const TABLES: &[Table] = &[
    Table::new("every span", EVERY_SPAN),
    Table::new("model calls", CALLS),
    Table::new("tool calls", TOOLS),
    Table::new("turns, agent runs, sessions", WORK),
    Table { content: Some(ContentLevel::Summary), ..Table::new("content", TEXTS) },
    Table::new("compactions and hooks", FACTS),
    Table::new("events and links", MOMENTS),
    Table::new("log events", events::EVENT_ATTRIBUTES),
    Table::new("metrics", POINTS),
    Table::new("the agent's own health", health::ATTRIBUTES),
    Table::new("the test span of doctor", doctor::ATTRIBUTES),
    Table::new("resource", resource::ATTRIBUTES),
    Table { vocabulary: Some(Vocabulary::Seed), ..Table::new("seed", seed::ATTRIBUTES) },
    Table {
        vocabulary: Some(Vocabulary::Seed),
        content: Some(ContentLevel::Summary),
        ..Table::new("content, seed", seed::TEXTS)
    },
    Table { vocabulary: Some(Vocabulary::OpenInference), ..Table::new("openinference", openinference::ATTRIBUTES) },
    Table {
        vocabulary: Some(Vocabulary::OpenInference),
        content: Some(ContentLevel::Summary),
        ..Table::new("content, openinference", openinference::TEXTS)
    },
];

/// The agent's name on turns.
pub const AGENT_NAME: &str = "claude-code";
/// What stands for a name that may not leave as it is.
pub const OTHER: &str = "_OTHER";
