//! Holds the page to the table of instruments.

use std::fs;
use std::path::Path;

use claude_otel::health::exposition;
use claude_otel::health::table::{INSTRUMENTS, Kind};

#[test]
fn every_instrument_has_its_row_in_order() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/telemetry.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("\n## The agent's own health\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| `claude_otel."))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    let expected: Vec<Vec<String>> = INSTRUMENTS
        .iter()
        .map(|instrument| {
            let kind = match instrument.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            let label = instrument.label.unwrap_or("");
            [instrument.name, instrument.unit, kind, label, &exposition::name(instrument), instrument.description]
                .map(str::to_owned)
                .to_vec()
        })
        .collect();
    assert_eq!(rows, expected);
}
