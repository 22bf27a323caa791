//! `claude-otel contract`: every name that may leave, for people and for machines.

use clap::Args;

use super::{ExitCode, output};
use crate::export::live::BOUNDS;
use crate::health::table::{INSTRUMENTS, Instrument, Kind, SCOPE};
use crate::telemetry::contract::metrics::{MetricRow, metrics};
use crate::telemetry::contract::{json, markdown};

/// How the contract is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-otel contract
  claude-otel contract --json")]
pub struct ContractArgs {
    /// One JSON document for programs
    #[arg(long)]
    json: bool,
}

/// Prints the contract.
pub(super) fn run(args: &ContractArgs) -> ExitCode {
    let own: Vec<MetricRow> = INSTRUMENTS.iter().map(row).collect();
    let text = if args.json {
        format!("{:#}", json::document(&[metrics(), own].concat()))
    } else {
        let section = |(name, text): (&str, &str)| format!("## {name}\n\n{text}");
        let sections = markdown::sections();
        let own = markdown::metric_table(&own);
        let named = sections.iter().map(|section| (&*section.name, &*section.text));
        named.chain([("metrics: the agent's own health", &*own)]).map(section).collect::<Vec<_>>().join("\n")
    };
    if output::line(text.trim_end()) { ExitCode::Done } else { ExitCode::Internal }
}

/// What a watcher tells of itself, as a metric among the others.
fn row(instrument: &Instrument) -> MetricRow {
    MetricRow {
        name: instrument.name,
        scope: SCOPE,
        instrument: match instrument.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        },
        unit: instrument.unit,
        description: instrument.description,
        needs: "`watch`, `--self-telemetry on`",
        attributes: instrument.label.into_iter().collect(),
        fixed: Vec::new(),
        bounds: if instrument.kind == Kind::Histogram { BOUNDS.to_vec() } else { Vec::new() },
    }
}
