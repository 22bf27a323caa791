//! Measures the watcher: how it starts, rests and follows.
//!
//! `cargo bench --bench watch` prints tables; `--json FILE` writes the figures too. `--files`, `--seconds`, `--growing
//! 1,10,100` choose how much; `--program PATH` measures another build. Times never make it fail.
#![expect(clippy::print_stdout, reason = "it is for people, and for whoever reads its output")]
#![expect(clippy::disallowed_methods, reason = "it lets time pass, and nobody stops it meanwhile")]

#[path = "../measure/mod.rs"]
#[expect(dead_code, reason = "each bench uses a part of it")]
mod measure;

mod growing;
mod known;
mod queue;
mod receiver;
mod transcripts;
mod watcher;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use measure::options::Options;
use serde_json::json;

/// What is measured, and how.
#[derive(Debug)]
pub(crate) struct Setting {
    program: PathBuf,
    files: u64,
    idle: Duration,
    growing: Vec<usize>,
    seconds: u64,
}

fn main() -> ExitCode {
    bench(&Options::given()).unwrap_or_else(|error| {
        println!("error: {error}");
        ExitCode::FAILURE
    })
}

fn bench(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let is_bench = options.is_bench();
    let growing = options.list("--growing", if is_bench { "1,10,100,500,2000" } else { "1,5" });
    let setting = Setting {
        program: PathBuf::from(options.value("--program").unwrap_or(env!("CARGO_BIN_EXE_claude-otel"))),
        files: options.number("--files", if is_bench { 10_000 } else { 40 }),
        idle: Duration::from_secs(options.number("--idle", if is_bench { 95 } else { 2 })),
        growing: growing.iter().filter_map(|count| count.parse().ok()).collect(),
        seconds: options.number("--seconds", if is_bench { 20 } else { 2 }),
    };
    let queued = queue::measure(if is_bench { 400 } else { 5 })?;
    let known = known::measure(&setting)?;
    let growing = growing::measure(&setting)?;
    if let Some(path) = options.value("--json") {
        let told = json!({"queued": queued, "known": known, "growing": growing});
        fs::write(path, serde_json::to_string_pretty(&told)?)?;
    }
    Ok(ExitCode::SUCCESS)
}
