//! What the client itself counted, and what of it no line shows.

use std::sync::Arc;

use crate::session::money::Picodollars;
use crate::session::usage::TokenUsage;
use crate::transcript::time::Millis;

/// Usage that the client's own totals prove and that no line shows.
#[derive(Debug, Clone, PartialEq)]
pub struct HiddenUsage {
    /// The model.
    pub model: Arc<str>,
    /// The tokens.
    pub usage: TokenUsage,
    /// What the client charged for all that it counted of the model, the calls on record included; absent where it
    /// does not say so for each of its counts.
    pub client_cost: Option<Picodollars>,
    /// The calls on record that the same counts hold: places in the session's list.
    pub visible_calls: Vec<usize>,
}

/// The client's own totals, as one `cost-state` record has them. A count goes on over clean resumes, each of which ends
/// with a record of its own, and begins anew after a crash: what the session came to is the sum of the records that are
/// not superseded.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientTotals {
    /// When the count began.
    pub start_time: Option<Millis>,
    /// When the record was written: the count's beginning and its duration, or the line before the record if
    /// that is later.
    pub time: Millis,
    /// The cost of everything.
    pub cost: Option<Picodollars>,
    /// Whether the client had no price for some model, so that its costs are too low.
    pub has_unknown_cost: bool,
    /// Lines added to files.
    pub lines_added: Option<u64>,
    /// Lines removed from files.
    pub lines_removed: Option<u64>,
    /// By model, in the order of the record.
    pub models: Vec<ClientModel>,
    /// Whether a later record of the same count is there, which holds all of this one.
    pub is_superseded: bool,
    /// The calls on record that the count holds: places in the session's list. Absent where that is unclear, and where
    /// the record is superseded.
    pub visible_calls: Option<Vec<usize>>,
}

/// What the client counted of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientModel {
    /// The model.
    pub name: Arc<str>,
    /// The tokens.
    pub usage: TokenUsage,
    /// Whether the record tells the lifetimes of cache writes apart; the first clients with such records did not.
    pub has_lifetimes: bool,
    /// The cost.
    pub cost: Option<Picodollars>,
}
