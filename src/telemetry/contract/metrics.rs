//! The metrics as whoever reads them needs to know them: views of one name are one metric.

use crate::telemetry::measure::base::Measure;
use crate::telemetry::measure::gauges::GAUGES;
use crate::telemetry::measure::views::{Family, VIEWS, View};

/// The scope of everything that transcripts tell.
pub const SCOPE: &str = "claude_otel";

/// One metric.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricRow {
    /// Its name.
    pub name: &'static str,
    /// The scope that it is sent under.
    pub scope: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub instrument: &'static str,
    /// Its unit, in UCUM; empty where it has none.
    pub unit: &'static str,
    /// What it says.
    pub description: &'static str,
    /// The flag that its name needs; empty where it is always sent.
    pub needs: &'static str,
    /// What tells its points apart.
    pub attributes: Vec<&'static str>,
    /// Attributes that all points of one part of it bear, with their values.
    pub fixed: Vec<(&'static str, &'static str)>,
    /// The upper bounds of a histogram's fixed buckets, in its unit.
    pub bounds: Vec<f64>,
}

/// All metrics of what transcripts tell, in the order of the documentation.
pub fn metrics() -> Vec<MetricRow> {
    let mut rows: Vec<MetricRow> = Vec::new();
    for view in VIEWS {
        match rows.iter_mut().find(|row| row.name == view.name) {
            Some(row) => add(row, view),
            None => rows.push(first(view)),
        }
    }
    rows.extend(GAUGES.iter().map(|gauge| MetricRow {
        name: gauge.name,
        scope: SCOPE,
        instrument: "gauge",
        unit: gauge.unit,
        description: gauge.description,
        needs: "",
        attributes: gauge.attribute.into_iter().collect(),
        fixed: Vec::new(),
        bounds: Vec::new(),
    }));
    rows
}

fn first(view: &View) -> MetricRow {
    let bounds = bounds(view.measure, view.unit);
    let mut row = MetricRow {
        name: view.name,
        scope: SCOPE,
        instrument: if bounds.is_empty() { "counter" } else { "histogram" },
        unit: view.unit,
        description: view.description,
        needs: needs(view.family),
        attributes: Vec::new(),
        fixed: Vec::new(),
        bounds,
    };
    add(&mut row, view);
    row
}

fn add(row: &mut MetricRow, view: &View) {
    for (_, name) in view.attributes {
        if !row.attributes.contains(name) {
            row.attributes.push(name);
        }
    }
    for pair in view.fixed {
        if !row.fixed.contains(pair) {
            row.fixed.push(*pair);
        }
    }
}

/// The bounds in a view's unit.
fn bounds(measure: Measure, unit: &str) -> Vec<f64> {
    let factor = if unit == "ms" { 1000.0 } else { 1.0 };
    measure.scale().map(|scale| scale.bounds.iter().map(|bound| bound * factor).collect()).unwrap_or_default()
}

const fn needs(family: Family) -> &'static str {
    match family {
        Family::GenAi | Family::Own => "",
        Family::GenAi141 => "`--genai-semconv 1.41` or `both`",
        Family::GenAiLatest => "`--genai-semconv latest` or `both`",
        Family::Client => "`--vocab claude_code`",
        Family::Seed => "`--vocab seed`",
    }
}
