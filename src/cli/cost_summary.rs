//! What a run's calls cost, for its summary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::words::{grouped, shown};
use crate::pipeline::totals::{ModelTotals, Totals};
use crate::session::money::Picodollars;

/// A line with the sum, one for each model, and what is not in the sum.
pub(super) fn text(totals: &Totals, table: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut by_model: Vec<(Cow<'_, str>, Picodollars)> =
        totals.models.iter().filter_map(|(name, model)| Some((shown(name), model.cost?))).collect();
    by_model.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    if let Some(cost) = totals.cost() {
        let is_lower_bound = totals.models.values().any(|model| model.calls_unpriced + model.calls_not_final > 0);
        let least = if is_lower_bound { "at least " } else { "" };
        lines.push(format!("cost       {least}{} by {table}", dollars(cost)));
        if by_model.len() > 1 {
            lines.extend(by_model.iter().map(|(name, cost)| format!("           {} {name}", dollars(*cost))));
        }
    }
    let unpriced: Vec<String> =
        unpriced(totals).map(|(name, model)| format!("{name} ({} calls)", grouped(model.calls_unpriced))).collect();
    if !unpriced.is_empty() {
        lines.push(format!("unpriced   {}; --prices FILE names their prices", unpriced.join(", ")));
    }
    let hidden: Picodollars = totals.hidden_costs.values().copied().sum();
    if hidden > Picodollars::ZERO {
        lines.push(format!("           {} more that the client counted and no line shows", dollars(hidden)));
    }
    if let Some(compared) = totals.compared.filter(|compared| dollars(compared.client) != dollars(compared.ours)) {
        lines.push(format!(
            "           where the client says what sessions cost, it says {}; the same comes to {} by these prices",
            dollars(compared.client),
            dollars(compared.ours)
        ));
    }
    lines
}

/// The same for programs.
pub(super) fn json(totals: &Totals, table: &str) -> Value {
    let by_model: BTreeMap<Cow<'_, str>, f64> =
        totals.models.iter().filter_map(|(name, model)| Some((shown(name), model.cost?.dollars()))).collect();
    let unpriced: BTreeMap<Cow<'_, str>, u64> =
        unpriced(totals).map(|(name, model)| (name, model.calls_unpriced)).collect();
    let hidden: BTreeMap<Cow<'_, str>, f64> =
        totals.hidden_costs.iter().map(|(name, cost)| (shown(name), cost.dollars())).collect();
    json!({
        "usd": totals.cost().map(Picodollars::dollars),
        "models": by_model,
        "unpriced_calls": unpriced,
        "hidden_usd": hidden,
        "client_usd": totals.compared.map(|compared| compared.client.dollars()),
        "client_usd_by_table": totals.compared.map(|compared| compared.ours.dollars()),
        "table": table,
    })
}

fn unpriced(totals: &Totals) -> impl Iterator<Item = (Cow<'_, str>, &ModelTotals)> {
    let has_any = |(_, model): &(&std::sync::Arc<str>, &ModelTotals)| model.calls_unpriced > 0;
    totals.models.iter().filter(has_any).map(|(name, model)| {
        let name = if name.is_empty() { Cow::Borrowed("(no model on record)") } else { shown(name) };
        (name, model)
    })
}

/// To the hundredth of a cent, since many calls cost less than one.
fn dollars(cost: Picodollars) -> String {
    format!("${:.4}", cost.dollars())
}
