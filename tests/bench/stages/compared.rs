//! The stages of a run against its two passes that do nothing else.

use std::fs;

use serde_json::Value;

use crate::measure::table::{Table, number, perhaps};

const STAGES: [&str; 8] =
    ["newlines", "value", "1 cut", "2 decode", "2-3 decode and build", "4 resolve", "5 map", "6 encode and send"];

/// A row for every stage: its speed, and its time as shares of the passes'.
pub(crate) fn table() -> Table {
    let mut table = Table::new(&["stage", "GB/s", "of newlines", "of Value"]);
    let (newlines, value) = (estimate("newlines"), estimate("value"));
    for stage in STAGES {
        let found = estimate(stage);
        let share = |of: Option<(f64, f64)>| Some(found?.0 / of?.0);
        let speed = found.map(|(nanos, bytes)| bytes / nanos);
        table.row(vec![
            stage.to_owned(),
            perhaps(speed),
            share(newlines).map_or_else(String::new, number),
            perhaps(share(value)),
        ]);
    }
    table
}

/// The nanoseconds that a stage took, and the bytes that it took them for.
fn estimate(stage: &str) -> Option<(f64, f64)> {
    let home = std::env::var_os("CRITERION_HOME").map(std::path::PathBuf::from);
    let home = home.unwrap_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/criterion"));
    let folder = home.join("stages").join(stage).join("new");
    let read = |name: &str| serde_json::from_str::<Value>(&fs::read_to_string(folder.join(name)).ok()?).ok();
    Some((
        read("estimates.json")?["median"]["point_estimate"].as_f64()?,
        read("benchmark.json")?["throughput"]["Bytes"].as_f64()?,
    ))
}
