//! Metrics against those of the client itself, in recorded runs that have both: `CLAUDE_OTEL_LAB=DIR` names a folder of
//! `VERSION/RUN/{transcripts,otel}`.
//!
//! What may differ is what no transcript shows. Clients before 2.1.280 leave no totals of what they did in the dark, so
//! theirs is at least ours; a run that writes no transcript is unknown here; and a client counts each of its starts,
//! which a transcript does not show.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use claude_otel::telemetry::measure::table::TableOptions;
use claude_otel::telemetry::metric::{Number, Points};
use claude_otel::telemetry::span::Value as Attribute;
use serde_json::Value;

use crate::golden::{options, rebuild};
use crate::metrics::metrics;

/// The first client that leaves its totals.
const WITH_TOTALS: [u64; 3] = [2, 1, 280];

type Sums = BTreeMap<(String, Vec<String>), f64>;

/// The attributes by which a metric is compared.
fn compared_by(metric: &str) -> Option<&'static [&'static str]> {
    Some(match metric {
        "claude_code.token.usage" => &["model", "type"],
        "claude_code.cost.usage" => &["model"],
        "claude_code.lines_of_code.count" => &["type"],
        "claude_code.code_edit_tool.decision" => &["tool_name", "decision"],
        "claude_code.session.count" => &[],
        _ => return None,
    })
}

/// What the client told, difference by difference.
fn native(path: &Path) -> Sums {
    let mut sums = Sums::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
        let resources = list(&line["body"], "resourceMetrics").into_iter();
        let scopes = resources.flat_map(|resource| list(&resource, "scopeMetrics"));
        for metric in scopes.flat_map(|scope| list(&scope, "metrics")) {
            let name = metric["name"].as_str().unwrap();
            let Some(by) = compared_by(name) else { continue };
            for point in list(&metric["sum"], "dataPoints") {
                let attributes = list(&point, "attributes");
                let of = |name: &&str| {
                    let pair = attributes.iter().find(|pair| pair["key"] == **name);
                    pair.and_then(|pair| pair["value"]["stringValue"].as_str()).unwrap_or_default().to_owned()
                };
                let value = point["asDouble"].as_f64().or_else(|| point["asInt"].as_str()?.parse().ok());
                *sums.entry((name.to_owned(), by.iter().map(of).collect())).or_default() += value.unwrap();
            }
        }
    }
    sums
}

fn ours(run: &Path) -> Sums {
    let mut rebuild_options = options(run, 1);
    rebuild_options.source.roots = vec![run.join("transcripts")];
    let rebuilt = rebuild(run, rebuild_options);
    let mut sums = Sums::new();
    for metric in metrics(&rebuilt, TableOptions::default()) {
        let (Some(by), Points::Sum(_, points)) = (compared_by(metric.name), &metric.points) else { continue };
        for point in points {
            let of = |name: &&str| match point.attributes.iter().find(|(key, _)| key == name) {
                Some((_, Attribute::Str(text))) => text.to_string(),
                _ => String::new(),
            };
            let value = match point.value {
                Number::Int(value) => value as f64,
                Number::Double(value) => value,
            };
            *sums.entry((metric.name.to_owned(), by.iter().map(of).collect())).or_default() += value;
        }
    }
    sums
}

fn sorted(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn metrics_are_the_clients_own_wherever_a_transcript_can_know_them() {
    let Some(lab) = std::env::var_os("CLAUDE_OTEL_LAB") else { return };
    let (mut equal, mut faults) = (0, Vec::new());
    let runs =
        sorted(Path::new(&lab)).into_iter().filter(|version| version.is_dir()).flat_map(|version| sorted(&version));
    for run in runs.filter(|run| run.join("otel/metrics.jsonl").exists()) {
        let version = run.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        let numbers: Vec<u64> = version.split('.').map(|number| number.parse().unwrap()).collect();
        let has_totals = numbers.as_slice() >= WITH_TOTALS.as_slice();
        if !run.join("transcripts").is_dir() {
            continue;
        }
        let (theirs, ours) = (native(&run.join("otel/metrics.jsonl")), ours(&run));
        for key in theirs.keys().chain(ours.keys()).collect::<std::collections::BTreeSet<_>>() {
            let of = |sums: &Sums| sums.get(key).copied().unwrap_or(0.0);
            let (theirs, ours) = (of(&theirs), of(&ours));
            let is_equal = (theirs - ours).abs() <= 1e-9 * theirs.abs().max(1.0);
            let is_right = match key.0.as_str() {
                // A start without a pause leaves no trace, and `/clear` begins a session without a start.
                "claude_code.session.count" => ours >= 1.0 && theirs >= 1.0,
                // Before it told lifetimes apart, the client priced all cache writes alike.
                "claude_code.cost.usage" if !has_totals => true,
                _ if !has_totals => ours <= theirs,
                _ => is_equal,
            };
            equal += u64::from(is_equal);
            if !is_right {
                faults.push(format!("{}: {key:?}: {ours} instead of {theirs}", run.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(equal > 300, "only {equal} figures are equal");
}
