//! What workers hand over.

use crate::checkpoint::rows::Commit;
use crate::export::error::ExportError;
use crate::export::packing::{Load, Packing};
use crate::pipeline::totals::Totals;
use crate::telemetry::measure::base::Contribution;
use crate::telemetry::span::Telemetry;

/// A part of what one family came to; parts come in order.
#[derive(Debug)]
pub struct FamilyPart {
    /// The family's place in the plan.
    pub place: usize,
    /// How many spans and events are.
    pub items: usize,
    /// The same, encoded; none where nothing is sent.
    pub load: Option<Result<Load, ExportError>>,
    /// The same as it was made, where somebody wants to look at it.
    pub telemetry: Telemetry,
    /// On the last part: what the whole family came to.
    pub end: Option<FamilyEnd>,
}

/// What becomes of what is made.
#[derive(Debug, Clone, Default)]
pub struct Handing {
    /// How it is encoded, where it is sent.
    pub packing: Option<Packing>,
    /// Whether it is handed on as it was made, too.
    pub is_shown: bool,
}

impl Handing {
    /// Whether nobody takes anything.
    pub(super) const fn is_nothing(&self) -> bool {
        self.packing.is_none() && !self.is_shown
    }
}

/// What a whole family came to.
#[derive(Debug)]
pub struct FamilyEnd {
    /// Its counts.
    pub totals: Totals,
    /// Bytes in its files, for the progress bar.
    pub bytes: u64,
    /// What is remembered once all its spans are acknowledged.
    pub commit: Commit,
    /// Spans that were handed over before and say something else now.
    pub corrected: u64,
    /// By session, what it adds to series, where stretches of time are told apart.
    pub history: Vec<(String, Vec<Contribution>)>,
}

impl FamilyPart {
    /// How many bytes it holds encoded.
    pub(super) fn bytes(&self) -> usize {
        self.load.as_ref().and_then(|load| load.as_ref().ok()).map_or(0, Load::bytes)
    }
}
