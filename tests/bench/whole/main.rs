//! Measures the program as people run it: whole processes over a generated tree, against passes that do nothing but
//! read, in the same minutes.
//!
//! `cargo bench --bench whole -- --bytes 1G --runs 5` prints a table; `--json FILE` writes the figures too, `--growth
//! 10M,100M,1G` measures how they grow. Times never make it fail; output that differs from what was written does.
//! Without `--bench`, as `cargo test` runs it, a small tree shows that everything still works.
#![expect(clippy::print_stdout, reason = "it is for people, and for whoever reads its output")]

#[path = "../corpus/mod.rs"]
mod corpus;
#[path = "../measure/mod.rs"]
#[expect(dead_code, reason = "each bench uses a part of it")]
mod measure;

mod baselines;
mod cases;
mod figures;
mod growth;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use corpus::Wanted;
use measure::options::Options;
use measure::{child, sink};
use serde_json::{Value, json};

/// What is measured, and how.
#[derive(Debug)]
pub(crate) struct Setting {
    program: PathBuf,
    runs: u64,
    signals: String,
    threads: Vec<String>,
    seed: u64,
}

fn main() -> ExitCode {
    let options = Options::given();
    let done = match options.part() {
        Some((part, arguments)) => play(part, arguments),
        None => bench(&options),
    };
    done.unwrap_or_else(|error| {
        println!("error: {error}");
        ExitCode::FAILURE
    })
}

/// Parts that this program plays as its own child, so that each is a process of its own.
fn play(part: &str, arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let place = arguments.first().map_or(Path::new(""), Path::new);
    match part {
        sink::PART => sink::serve()?,
        "tree" => {
            let number = |place: usize| arguments.get(place).and_then(|text| text.parse().ok()).unwrap_or_default();
            corpus::tree(place, Wanted { bytes: number(1), seed: number(2) })?;
        }
        baselines::READ => println!("{}", baselines::read(place)?),
        baselines::VALUE => println!("{}", baselines::value(place)?),
        _ => return Err(format!("nobody plays {part}").into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn bench(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let is_bench = options.is_bench();
    let bytes =
        options.value("--bytes").and_then(corpus::size).unwrap_or(if is_bench { 1_000_000_000 } else { 2_000_000 });
    let program = options.value("--program").unwrap_or(env!("CARGO_BIN_EXE_claude-otel"));
    let setting = Setting {
        program: PathBuf::from(program),
        runs: options.number("--runs", if is_bench { 5 } else { 1 }),
        signals: options.value("--signals").unwrap_or("traces,logs").to_owned(),
        threads: options.list("--threads", "1,2"),
        seed: options.number("--seed", 1),
    };
    let growth = options.list("--growth", if is_bench { "" } else { "1M,2M" });
    let mut told = json!({"bytes": bytes, "runs": setting.runs, "signals": setting.signals});
    let mut is_right = true;
    if growth.is_empty() || !is_bench {
        let (figures, is_as_written) = cases::measure(&setting, bytes)?;
        told["cases"] = figures;
        is_right = is_as_written;
    }
    if !growth.is_empty() {
        let sizes: Vec<u64> = growth.iter().filter_map(|size| corpus::size(size)).collect();
        told["growth"] = growth::measure(&setting, &sizes)?;
    }
    if let Some(path) = options.value("--json") {
        fs::write(path, serde_json::to_string_pretty(&told)?)?;
    }
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A tree of this size, made by another process so that this one stays small.
fn tree(setting: &Setting, bytes: u64) -> Result<(PathBuf, Value), Box<dyn Error>> {
    let folder = child::folder();
    fs::create_dir_all(&folder)?;
    let mut command = child::part("tree", &[&folder])?;
    let made = command.arg(bytes.to_string()).arg(setting.seed.to_string()).status()?;
    if !made.success() {
        return Err("the tree could not be written".into());
    }
    Ok(corpus::tree(&folder, Wanted { bytes, seed: setting.seed })?)
}
