//! What a check found, for people and for programs.

use std::path::Path;

use serde_json::{Value, json};

use crate::checkpoint::check::Report;
use crate::cli::words::{counted, size, utc};

/// A few lines for people.
pub(super) fn text(dir: &Path, report: &Report) -> String {
    let dir = dir.display();
    let mut lines = Vec::new();
    match (report.exists, report.is_sound()) {
        (false, true) => lines.push(format!("nothing is remembered in {dir} yet")),
        (_, true) => lines.push(format!("the state in {dir} is sound")),
        (_, false) => {
            lines.push(format!("the state in {dir} is damaged; `claude-otel state repair` saves what can be read"));
        }
    }
    if let Some(about) = &report.about {
        let made =
            if about.created_unix_ms > 0 { format!(", made {}", utc(about.created_unix_ms)) } else { String::new() };
        lines.push(format!(
            "  format {}, ids of scheme {}{made}, last opened by version {}",
            report.schema.unwrap_or_default(),
            about.id_scheme,
            about.app_version
        ));
    }
    for tree in &report.trees {
        let unreadable = match tree.unreadable {
            0 => String::new(),
            rows => format!(", {} unreadable", counted(rows, "row")),
        };
        lines.push(format!(
            "  {:<10}{:>12}  {:>7}{unreadable}",
            tree.name,
            counted(tree.rows, "row"),
            size(tree.bytes)
        ));
    }
    lines.extend(report.damage.iter().map(|damage| format!("  damaged: {damage}")));
    if report.exists {
        lines.push(format!("  {} on disk", size(report.bytes_on_disk)));
    }
    let aside = report.set_aside.iter();
    lines.extend(aside.map(|(path, bytes)| format!("  set aside: {} ({})", path.display(), size(*bytes))));
    lines.join("\n")
}

/// What is wrong, in words.
pub(super) fn causes(report: &Report) -> String {
    let unreadable: u64 = report.trees.iter().map(|tree| tree.unreadable).sum();
    let mut causes = report.damage.clone();
    if unreadable > 0 {
        causes.push(format!("{} unreadable", counted(unreadable, "row")));
    }
    causes.join("; ")
}

/// Everything as one object.
pub(super) fn json(dir: &Path, report: &Report) -> Value {
    let trees = report
        .trees
        .iter()
        .map(|tree| json!({"name": tree.name, "rows": tree.rows, "bytes": tree.bytes, "unreadable": tree.unreadable}));
    let set_aside =
        report.set_aside.iter().map(|(path, bytes)| json!({"path": path.display().to_string(), "bytes": bytes}));
    json!({
        "dir": dir.display().to_string(),
        "exists": report.exists,
        "is_sound": report.is_sound(),
        "schema": report.schema,
        "id_scheme": report.about.as_ref().map(|about| about.id_scheme),
        "app_version": report.about.as_ref().map(|about| &about.app_version),
        "created_unix_ms": report.about.as_ref().map(|about| about.created_unix_ms),
        "writes": report.writes,
        "trees": trees.collect::<Vec<_>>(),
        "damage": report.damage,
        "bytes_on_disk": report.bytes_on_disk,
        "set_aside": set_aside.collect::<Vec<_>>(),
        "mirror": report.mirror.map(|(written, writes)| json!({"written_unix_ms": written, "writes": writes})),
    })
}
