//! What rebuilding may be told.

use std::collections::HashSet;
use std::sync::Arc;

use crate::pipeline::delivered::Delivered;
use crate::pipeline::filter::Filter;
use crate::pipeline::measuring::Measuring;
use crate::pipeline::read::ReadOptions;
use crate::session::closing::ClosingOptions;
use crate::source;
use crate::telemetry::options::MapOptions;

/// What rebuilding may be told.
#[derive(Debug, Clone)]
pub struct RebuildOptions {
    /// How files are read.
    pub source: source::Options,
    /// How lines are read.
    pub read: ReadOptions,
    /// When turns and segments are over.
    pub closing: ClosingOptions,
    /// How facts become spans.
    pub map: MapOptions,
    /// What is sent.
    pub filter: Filter,
    /// Threads.
    pub threads: usize,
    /// Whether sessions are measured.
    pub measuring: Measuring,
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// Whether a file's last writing counts as a sign of life: a fresh copy of old files has new times.
    pub by_mtime: bool,
    /// What earlier runs delivered; none for runs that suppress and remember nothing.
    pub memory: Option<Arc<dyn Memory>>,
    /// Sessions that were delivered before, though nothing remembers it.
    pub assumed: HashSet<String>,
}

/// What is known from earlier runs.
pub trait Memory: std::fmt::Debug + Send + Sync {
    /// The spans of a session that were delivered.
    fn delivered(&self, session: &str) -> Delivered;
}

/// Remembers nothing from earlier runs, so that everything is sent again.
#[derive(Debug)]
pub struct NothingKnown;

impl Memory for NothingKnown {
    fn delivered(&self, _: &str) -> Delivered {
        Delivered::of(&[])
    }
}
