//! Holds the tree to the map in `docs/architecture.md`: who may name whom, and what each stage must not touch.

mod rules;
mod scan;

use rules::breaches;
use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_tree_keeps_to_the_map() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> = ["src", "tests"].iter().flat_map(|folder| rust_files(&package.join(folder))).collect();
    assert!(files.len() > 10, "the scan finds no files");
    let found: Vec<_> = files
        .iter()
        .flat_map(|file| {
            breaches(file.strip_prefix(package).unwrap().to_str().unwrap(), &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_stage_is_declared_in_the_order_of_the_arrow() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared: Vec<_> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let expected = [
        "privacy",
        "source",
        "transcript",
        "amount",
        "session",
        "telemetry",
        "view",
        "reconcile",
        "export",
        "checkpoint",
        "pipeline",
        "health",
        "config",
        "cli",
    ];
    assert_eq!(declared, expected);
}

#[track_caller]
fn breaks(path: &str, text: &str, expected: &str) {
    let found = breaches(path, text);
    assert!(found.iter().any(|breach| breach.contains(expected)), "{text}\ngave {found:?}");
}

#[track_caller]
fn keeps(path: &str, text: &str) {
    assert_eq!(breaches(path, text), Vec::<String>::new(), "{text}");
}

#[test]
fn an_arrow_against_the_flow_is_seen_however_it_is_written() {
    for text in [
        "use crate::telemetry::Span;",
        "use crate::{transcript::Entry, telemetry::{Span, Link}};",
        "fn f() { crate::telemetry::ids::turn(); }",
        "use super::super::telemetry::Span;",
        "use super::super::{telemetry::Span};",
        "use ::claude_otel::telemetry;",
        "use crate::{\n    // why\n    telemetry,\n};",
    ] {
        breaks("src/session/turn.rs", text, "session points at telemetry");
    }
    breaks("src/session/mod.rs", "use super::telemetry::Span;", "session points at telemetry");
    breaks("src/session/mod.rs", "use crate::*;", "the crate itself is named");
    breaks("src/session/mod.rs", "use crate::Span;", "session points at Span");
}

#[test]
fn every_forbidden_arrow_is_seen() {
    for (from, to) in [
        ("source", "transcript"),
        ("source", "config"),
        ("transcript", "source"),
        ("transcript", "session"),
        ("session", "export"),
        ("telemetry", "export"),
        ("telemetry", "source"),
        ("export", "session"),
        ("export", "pipeline"),
        ("checkpoint", "pipeline"),
        ("checkpoint", "source"),
        ("export", "config"),
        ("pipeline", "config"),
        ("pipeline", "cli"),
        ("config", "transcript"),
        ("config", "pipeline"),
        ("config", "cli"),
    ] {
        breaks(&format!("src/{from}/a.rs"), &format!("use crate::{to}::Options;"), &format!("{from} points at {to}"));
    }
    breaks("src/main.rs", "use claude_otel::pipeline;", "main points at pipeline");
    breaks("src/stray/mod.rs", "", "stray is no stage");
    breaks("src/stray.rs", "", "stray is no stage");
}

#[test]
fn the_configuration_knows_options_alone() {
    keeps("src/config/mod.rs", "use crate::source::Options; use crate::export::{options::Protocol, OtlpOptions};");
    keeps("src/config/mod.rs", "use crate::export::{destination::{Destination, Protocol}, secret::Secret};");
    breaks(
        "src/config/mod.rs",
        "use crate::export::delivery::Delivery;",
        "export::delivery::Delivery, which is no Options",
    );
    breaks("src/config/mod.rs", "use crate::source::destination::Destination;", "which is no Options");
    breaks("src/config/mod.rs", "use crate::source::{Options, discover};", "source::discover, which is no Options");
    breaks("src/config/mod.rs", "use crate::source::*;", "which is no Options");
}

#[test]
fn a_pure_stage_touches_nothing() {
    for text in [
        "use std::fs;",
        "use std::{io, fs::File};",
        "use std::{collections::{HashMap}, env};",
        "use ::std::net::TcpStream;",
        "fn f() { std::thread::yield_now(); }",
        "use std::time::SystemTime;",
        "use std::time::{Duration, Instant};",
        "use tokio::sync::mpsc;",
        "async fn f() { tokio::task::yield_now().await; }",
        "fn f() { chrono::Utc::now(); }",
        "fn f() { let at = Utc::now; }",
        "fn f(clock: Clock) { clock.now(); }",
    ] {
        for stage in ["transcript", "session", "telemetry"] {
            breaks(&format!("src/{stage}/a.rs"), text, "a pure stage");
        }
        keeps("src/source/a.rs", text);
    }
    keeps("src/session/a.rs", "use std::time::Duration; fn f(now: u64) { finish(now); }");
}

#[test]
fn output_and_arguments_belong_to_cli() {
    for text in [
        "fn f() { println!(); }",
        "fn f() { std::eprintln!(); }",
        "fn f() { std::process::exit(1) }",
        "use std::process; fn f() { process::exit(1) }",
        "#[derive(clap::Args)] struct A;",
        "use clap::Parser;",
    ] {
        for file in ["src/pipeline/a.rs", "src/config/a.rs", "src/main.rs"] {
            breaks(file, text, "belongs to cli");
        }
        keeps("src/cli/a.rs", text);
    }
}

#[test]
fn the_wire_belongs_to_export() {
    for text in ["use opentelemetry_proto::tonic;", "fn f(e: tonic::Status) {}", "use reqwest::{Client, Url};"] {
        for file in ["src/pipeline/a.rs", "src/telemetry/a.rs", "src/cli/a.rs"] {
            breaks(file, text, "belongs to export");
        }
        keeps("src/export/a.rs", text);
    }
    keeps("src/telemetry/a.rs", "use opentelemetry::trace::SpanId;");
}

#[test]
fn a_long_file_is_seen() {
    breaks("src/session/a.rs", &"\n".repeat(401), "401 lines");
    keeps("src/session/a.rs", &"\n".repeat(400));
    let tests = |lines: usize| format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(400), "\n".repeat(lines));
    keeps("src/session/a.rs", &tests(97));
    breaks("src/session/a.rs", &tests(98), "501 lines");
    breaks("tests/it/a.rs", &"\n".repeat(501), "501 lines");
    keeps("tests/it/a.rs", &"\n".repeat(500));
}

#[test]
fn what_is_only_spoken_of_is_no_breach() {
    for text in [
        "/// See [`crate::pipeline`] and std::fs.\nfn f() {}",
        "/* crate::cli /* nested */ std::fs */ fn f() {}",
        "const A: &str = \"crate::cli \\\" std::fs\";",
        "const A: &str = r#\"crate::cli \" std::fs\"#; const B: &[u8] = br\"std::fs\";",
        "fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' || c == '\\u{1f}' } fn g<'a>() {}",
        "fn f(r#type: u8) -> u8 { r#type }",
    ] {
        keeps("src/session/a.rs", text);
    }
    breaks("src/session/a.rs", "const A: char = '\"'; use std::fs; const B: char = '\"';", "std::fs");
    breaks("src/session/a.rs", "const A: &str = r\"\\\"; use std::fs;", "std::fs");
}

#[test]
fn tests_may_do_what_their_stage_may_not_and_nothing_else_is_excused() {
    let tests = "#[cfg(test)]\nmod tests {\n    use std::fs;\n    const A: &str = \"\n}\n\";\n    use crate::cli;\n}\n";
    keeps("src/session/a.rs", tests);
    keeps("src/session/a_tests.rs", "use std::fs;");
    keeps("src/session/a.rs", "#[cfg(test)]\n#[path = \"a_tests.rs\"]\nmod tests;\n");
    breaks("src/session/a.rs", &format!("{tests}use std::env;\n"), "std::env");
    breaks("src/session/a.rs", "#[cfg(test)]\nmod tests;\nuse std::fs;\n", "std::fs");
    breaks("src/session/a.rs", "#[cfg(test)]\nuse std::fs;\n", "std::fs");
}
