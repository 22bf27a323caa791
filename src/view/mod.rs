//! STAGE 4 for people, pure: what happened becomes what a person looks at.
//!
//! What enters: [`crate::session::facts::Session`] values, as the exporter maps them to spans. What leaves:
//! [`story::Story`] and [`report::Report`] values, which the terminal, the pages and programs (`--json`) show.
//!
//! **Invariant:** every name and text passes the gates of the telemetry stage ([`crate::telemetry::shown`]), so that a
//! view shows nothing that a span would not. **Invariant:** what is unknown is absent, and what is open says so.

pub mod amounts;
pub mod item;
pub mod card;
mod details;
mod tree;
pub mod page;
pub mod story;
mod pulse;
pub mod live;
pub mod report;
