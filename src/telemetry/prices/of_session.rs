//! What the calls of a session cost, found once for all that ask.

use std::sync::Arc;

use super::name::{Area, ModelName};
use super::{CallCost, Found, PriceTable};
use crate::session::facts::{LlmCall, Session};

/// What the calls of a session cost, by their places; none for those that it does not own.
pub type Costs = Arc<[Option<CallCost>]>;

/// What is known of the models of one session by now: it has a few, and thousands of calls.
#[derive(Default)]
pub(super) struct Known<'t> {
    /// By place in memory, since a session holds each name once.
    models: Vec<(usize, Option<Found<'t>>)>,
    requested: Vec<(usize, Area)>,
}

impl PriceTable {
    /// What the session's own calls cost.
    pub fn costs(&self, session: &Session) -> Costs {
        let mut known = Known::default();
        let cost = |call: &LlmCall| if call.is_owned { self.cost_by(call, &mut known) } else { None };
        session.calls.iter().map(cost).collect()
    }

    /// What a call cost.
    pub(super) fn cost_by<'t>(&'t self, call: &LlmCall, known: &mut Known<'t>) -> Option<CallCost> {
        if let Some(recorded) = Self::recorded(call) {
            return Some(recorded);
        }
        let model = call.model.as_ref()?;
        let found = remembered(&mut known.models, model, || self.find(&ModelName::of(model)))?;
        found.cost(call, area(call, found, known))
    }
}

/// Where a call was made, as far as the price depends on it: by the model's name, else by the name that was asked for,
/// else by the message id, since clouds answer with the plain name.
fn area(call: &LlmCall, found: Found<'_>, known: &mut Known<'_>) -> Area {
    if found.is_of_place || found.area != Area::Named {
        return if found.is_of_place { Area::Named } else { found.area };
    }
    let requested = call.requested_model.as_ref();
    let requested = requested.map(|model| remembered(&mut known.requested, model, || ModelName::of(model).area));
    let is_of_cloud = || call.id.starts_with("msg_bdrk_") || call.id.starts_with("msg_vrtx_");
    match requested {
        Some(area) if area != Area::Named => area,
        _ if is_of_cloud() => Area::Unknown,
        _ => Area::Named,
    }
}

fn remembered<T: Copy>(known: &mut Vec<(usize, T)>, name: &Arc<str>, find: impl FnOnce() -> T) -> T {
    let place = Arc::as_ptr(name).addr();
    if let Some((_, value)) = known.iter().find(|(of, _)| *of == place) {
        return *value;
    }
    let value = find();
    known.push((place, value));
    value
}
