//! The rules of the house, each one a function from a file's text to what breaks it.

use super::scan::{Named, blanked, named_paths, without_tests};

/// Who may point at whom; a folder that is not listed here is a breach by itself.
const ARROWS: [(&str, &[&str]); 16] = [
    ("privacy", &[]),
    ("amount", &[]),
    ("source", &[]),
    ("transcript", &["privacy"]),
    ("session", &["transcript", "privacy"]),
    ("telemetry", &["session", "transcript", "privacy", "amount"]),
    ("view", &["telemetry", "session", "transcript", "privacy"]),
    ("reconcile", &["session", "transcript"]),
    ("export", &["telemetry"]),
    ("checkpoint", &["amount"]),
    ("pipeline", &["source", "transcript", "session", "telemetry", "export", "checkpoint", "amount", "privacy"]),
    ("health", &["pipeline", "export", "telemetry"]),
    ("config", &["source", "session", "telemetry", "export", "privacy"]),
    (
        "cli",
        &[
            "source",
            "transcript",
            "session",
            "telemetry",
            "view",
            "export",
            "checkpoint",
            "pipeline",
            "reconcile",
            "health",
            "config",
            "privacy",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];
/// Modules of values that options are made of, which the configuration may therefore name beside `Options` itself.
const SETTINGS: [&str; 6] = [
    "export::destination",
    "export::endpoint",
    "export::secret",
    "export::signal",
    "telemetry::signal",
    "telemetry::metric",
];
const PURE: [&str; 7] = ["privacy", "amount", "transcript", "session", "telemetry", "view", "reconcile"];
const IMPURE_STD: [&str; 5] = ["fs", "env", "net", "thread", "process"];
const PRINTING: [&str; 5] = ["println", "eprintln", "print", "eprint", "dbg"];
const ONLY_IN_EXPORT: [&str; 3] = ["opentelemetry_proto", "tonic", "reqwest"];
const MOST_LINES: usize = 400;
const MOST_LINES_WITH_TESTS: usize = 500;

/// Lists what the file at `path` (below the package, with slashes) breaks.
pub(super) fn breaches(path: &str, text: &str) -> Vec<String> {
    let code = without_tests(&blanked(text));
    let mut found = length(path, text, &code);
    if let Some(inside) = path.strip_prefix("src/").filter(|_| !is_test(path)) {
        let stage = inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs");
        let names = named_paths(&code);
        found.extend(arrows(stage, module_depth(inside), &names));
        found.extend(names.iter().filter_map(|name| forbidden(stage, name)));
    }
    found.iter().map(|breach| format!("{path}: {breach}")).collect()
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("tests.rs") || path.contains("/tests/")
}

/// How many `super` lead from the file's module to the crate.
fn module_depth(inside: &str) -> usize {
    let parts: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    parts.len() - usize::from(matches!(parts.last(), Some(&("mod" | "lib" | "main"))))
}

fn length(path: &str, text: &str, code: &str) -> Vec<String> {
    let (lines, code_lines) = (text.lines().count(), code.lines().count());
    if lines > MOST_LINES_WITH_TESTS {
        return vec![format!("{lines} lines, at most {MOST_LINES_WITH_TESTS} with tests")];
    }
    if code_lines > MOST_LINES && !is_test(path) {
        return vec![format!("{code_lines} lines, at most {MOST_LINES} without tests")];
    }
    Vec::new()
}

fn arrows(stage: &str, depth: usize, names: &[Named]) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == stage) else {
        return vec![format!("{stage} is no stage; give it a place among the arrows")];
    };
    let mut found = Vec::new();
    for name in names {
        let Some(path) = from_the_crate(depth, &name.segments) else { continue };
        let Some(target) = path.first().map(String::as_str) else {
            // `pub(crate)` points at nobody.
            if name.follows == Some(')') {
                continue;
            }
            found.push("the crate itself is named; name a stage".to_owned());
            continue;
        };
        let is_macro = path.len() == 1 && name.follows == Some('!');
        if target == stage || is_macro {
            continue;
        }
        if !allowed.contains(&target) {
            found.push(format!("{stage} points at {target}"));
        } else if stage == "config" && !is_setting(path) {
            found.push(format!("config points at {}, which is no Options", path.join("::")));
        }
    }
    found
}

fn is_setting(path: &[String]) -> bool {
    let is_options = |segment: &String| segment == "options" || segment.ends_with("Options");
    path.iter().any(is_options) || path.get(..2).is_some_and(|module| SETTINGS.contains(&module.join("::").as_str()))
}

/// The part of a path behind the crate's own name, if that is where the path begins.
fn from_the_crate(depth: usize, segments: &[String]) -> Option<&[String]> {
    let (first, rest) = segments.split_first()?;
    if first == "crate" || first == "claude_otel" {
        return Some(rest);
    }
    let segments = if first == "self" { rest } else { segments };
    let supers = segments.iter().take_while(|segment| *segment == "super").count();
    (supers > 0 && supers >= depth).then(|| &segments[supers..])
}

fn forbidden(stage: &str, name: &Named) -> Option<String> {
    let segments: Vec<&str> = name.segments.iter().map(String::as_str).collect();
    let path = segments.join("::");
    let (first, last) = (*segments.first()?, *segments.last()?);
    let is_pure = PURE.contains(&stage);
    let touches_the_world = match segments[..] {
        ["std", module, ..] => IMPURE_STD.contains(&module),
        _ => first == "tokio",
    };
    if is_pure && (touches_the_world || segments.contains(&"SystemTime") || segments.contains(&"Instant")) {
        return Some(format!("a pure stage names {path}"));
    }
    if is_pure && last == "now" && (name.follows == Some('(') || segments.len() > 1) {
        return Some(format!("a pure stage asks for the time with {path}"));
    }
    let prints = name.follows == Some('!') && PRINTING.contains(&last);
    if stage != "cli" && (prints || path == "std::process::exit" || path == "process::exit" || first == "clap") {
        return Some(format!("{path} belongs to cli"));
    }
    if stage != "export" && ONLY_IN_EXPORT.contains(&first) {
        return Some(format!("{path} belongs to export"));
    }
    None
}
