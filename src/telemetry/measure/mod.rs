//! What is measured of sessions, and how that becomes metrics.
//!
//! ```text
//! Session -gather-> contributions to series of a few base measures -kept and summed elsewhere-> views -> metrics
//! ```
//!
//! What is kept are base measures with all their attributes; names, vocabularies and temporality are decided only when
//! metrics are made of them, so that switching a vocabulary on later loses nothing.
//!
//! To add a metric: a row in [`views`], a row in `docs/telemetry.md`; a new base measure in [`base`] only if no other
//! one holds it.

pub mod base;
pub mod gather;
pub mod gauges;
mod groups;
mod languages;
pub mod views;
pub mod table;
