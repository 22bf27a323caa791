//! What benches of whole processes share: child processes with what they cost, a receiver, and tables.

pub(crate) mod child;
pub(crate) mod options;
pub(crate) mod sink;
pub(crate) mod table;

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    at(last / 2).midpoint(at(last.div_ceil(2)))
}

/// The value below which this share of all lies.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * share) as usize;
    values.get(place.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}
