//! `claude-otel contract`: every name that may leave, for people and for machines.

use clap::Args;

use super::{ExitCode, output};
use crate::telemetry::contract::{json, markdown, metrics::metrics};

/// How the contract is told.
#[derive(Debug, Args)]
pub struct ContractArgs {
    /// One JSON document for programs
    #[arg(long)]
    json: bool,
}

/// Prints the contract.
pub(super) fn run(args: &ContractArgs) -> ExitCode {
    let text = if args.json {
        format!("{:#}", json::document(&metrics()))
    } else {
        let section = |section: markdown::Section| format!("## {}\n\n{}", section.name, section.text);
        markdown::sections().into_iter().map(section).collect::<Vec<_>>().join("\n")
    };
    if output::line(text.trim_end()) { ExitCode::Done } else { ExitCode::Internal }
}
