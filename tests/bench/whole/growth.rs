//! How cost grows with what there is to read.

use std::error::Error;

use serde_json::{Value, json};

use crate::figures::Runs;
use crate::measure::child;
use crate::measure::table::{Table, number};
use crate::{Setting, baselines, cases, tree};

/// Measures trees of several sizes.
pub(crate) fn measure(setting: &Setting, sizes: &[u64]) -> Result<Value, Box<dyn Error>> {
    let home = tempfile::tempdir_in(child::folder())?;
    let home = home.path();
    let mut table = Table::new(&["MB", "reading, CPU s", "dry run, CPU s", "end to end, CPU s", "peak MB", "state MB"]);
    let mut points = Vec::new();
    for size in sizes {
        let (root, truth) = tree(setting, *size)?;
        let bytes = truth["totals"]["bytes"].as_u64().unwrap_or_default();
        let mut kinds = ["read", "dry", "sent"].map(|name| Runs::new(name, bytes));
        for _ in 0..setting.runs {
            let [read, dry, sent] = &mut kinds;
            read.costs.push(child::run(&mut child::part(baselines::READ, &[&root])?)?);
            dry.costs.push(cases::rebuild(setting, home, &root)?);
            sent.costs.push(cases::deliver(setting, home, (&root, "1"), true)?.0);
        }
        let [read, dry, sent] = &kinds;
        let (peak, state) = (sent.median_of(|cost| cost.rss) / 1e6, size_of(&home.join("state")) as f64 / 1e6);
        table.row([bytes as f64 / 1e6, read.cpu(), dry.cpu(), sent.cpu(), peak, state].map(number).to_vec());
        points.push(json!({
            "megabytes": bytes as f64 / 1e6, "read_cpu_s": read.cpu(), "dry_cpu_s": dry.cpu(), "sent_cpu_s": sent.cpu(),
            "peak_rss_mb": peak, "dry_peak_rss_mb": dry.median_of(|cost| cost.rss) / 1e6, "state_mb": state,
        }));
    }
    println!("\n{table}");
    Ok(points.into())
}

fn size_of(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(facts) if facts.is_dir() => size_of(&entry.path()),
        Ok(facts) => facts.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
