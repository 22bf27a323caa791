//! The findings for programs.

use serde_json::{Map, Value, json};

use super::finding::{Finding, Mark};

/// One document; `code` is what the command ends with.
pub(super) fn of(findings: &[Finding], code: u8) -> Value {
    let worst = findings.iter().map(Finding::mark).max().unwrap_or(Mark::Ok);
    let count = |mark: Mark| findings.iter().filter(|finding| finding.mark() == mark).count();
    let counts: Map<String, Value> =
        Mark::ALL.iter().map(|mark| (mark.name().to_owned(), count(*mark).into())).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "worst": worst.name(),
        "code": code,
        "counts": counts,
        "findings": findings.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(finding: &Finding) -> Value {
    json!({
        "id": finding.id.name(),
        "mark": finding.mark().name(),
        "group": finding.id.group().name(),
        "destination": finding.destination,
        "said": finding.said,
        "todo": finding.todo,
        "facts": finding.facts,
    })
}
