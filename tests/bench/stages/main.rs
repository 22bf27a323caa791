//! Measures the stages one by one over generated lines that lie in memory, and two passes that any reader can be held
//! against: finding newlines, and making a `serde_json` `Value` of every line.
//!
//! Time is that of the processor, since others may use the machine meanwhile. After a whole run the stages are compared
//! with the two passes of the same run.
#![expect(clippy::print_stdout, reason = "it is for people, and for whoever reads its output")]

#[path = "../corpus/mod.rs"]
#[expect(dead_code, unused_imports, reason = "each bench uses a part of it")]
mod corpus;
#[path = "../measure/mod.rs"]
#[expect(dead_code, reason = "each bench uses a part of it")]
mod measure;

mod clock;
mod compared;
mod delivery;
mod lines;

use std::hint::black_box;
use std::process::ExitCode;

use claude_otel::session::builder::{MAIN, SessionBuilder};
use claude_otel::session::closing::ClosingOptions;
use claude_otel::session::facts::Session;
use claude_otel::session::ownership;
use claude_otel::source::LineReader;
use claude_otel::telemetry::mapper::map_session;
use claude_otel::telemetry::options::MapOptions;
use claude_otel::transcript::claude::{DecodeOptions, Sink, decode_line};
use claude_otel::transcript::entry::Entry;
use claude_otel::transcript::problem::Problem;
use clock::ProcessorTime;
use criterion::{Criterion, Throughput};
use lines::Lines;
use measure::options::Options;

/// The largest line that is read; all that are generated are shorter.
const LONGEST: usize = 16 * 1024 * 1024;
const DECODE: DecodeOptions = DecodeOptions { latest: i64::MAX, texts: false };
const CLOSING: ClosingOptions =
    ClosingOptions { session_idle: 30 * 60_000, max_open: 24 * 60 * 60_000, now: None, written: None };

fn main() -> ExitCode {
    let options = Options::given();
    if options.part().is_some() {
        return if measure::sink::serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let is_bench = options.is_bench();
    match lines::generated(if is_bench { 20_000_000 } else { 1_000_000 }) {
        Ok(lines) => {
            let mut criterion = Criterion::default().with_measurement(ProcessorTime).configure_from_args();
            stages(&mut criterion, &lines);
            criterion.final_summary();
            if is_bench {
                println!("\n{}", compared::table());
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Every stage takes what the one before it makes.
fn stages(criterion: &mut Criterion<ProcessorTime>, lines: &Lines) {
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(10).throughput(Throughput::Bytes(lines.bytes()));
    group.bench_function("newlines", |bencher| {
        bencher.iter(|| lines.files().map(|text| memchr::memchr_iter(b'\n', text).count()).sum::<usize>());
    });
    group.bench_function("value", |bencher| {
        bencher.iter(|| {
            for line in lines.all() {
                black_box(serde_json::from_slice::<serde_json::Value>(line).ok());
            }
        });
    });
    group.bench_function("1 cut", |bencher| {
        bencher.iter(|| {
            let cut = |text| {
                let mut reader = LineReader::new(text, 0, LONGEST);
                let mut count = 0;
                while let Ok(Some(_)) = reader.next_line() {
                    count += 1;
                }
                count
            };
            lines.files().map(cut).sum::<u64>()
        });
    });
    group.bench_function("2 decode", |bencher| {
        bencher.iter(|| {
            let mut counted = Counted::default();
            lines.all().for_each(|line| decode_line(line, DECODE, &mut counted));
            black_box(counted.entries)
        });
    });
    group.bench_function("2-3 decode and build", |bencher| {
        bencher.iter(|| lines.sessions().map(built).for_each(|builder| drop(black_box(builder))));
    });
    let builders: Vec<SessionBuilder> = lines.sessions().map(built).collect();
    group.bench_function("4 resolve", |bencher| {
        bencher.iter(|| builders.iter().for_each(|builder| drop(black_box(builder.resolve(CLOSING)))));
    });
    let mut sessions: Vec<Session> = builders.iter().map(|builder| builder.resolve(CLOSING)).collect();
    drop(builders);
    for session in &mut sessions {
        ownership::settle(std::slice::from_mut(session), &claude_otel::pipeline::ledger::OwnedIds::default());
    }
    let map = MapOptions::default();
    group.bench_function("5 map", |bencher| {
        bencher.iter(|| {
            for session in &sessions {
                map_session(session, &map, |_| true, |part| drop(black_box(part)));
            }
        });
    });
    delivery::bench(&mut group, &sessions, &map);
    group.finish();
}

/// Counts entries.
#[derive(Default)]
struct Counted {
    entries: u64,
}

impl Sink for Counted {
    fn entry(&mut self, entry: Entry<'_>) {
        self.entries += 1;
        black_box(&entry);
    }

    fn problem(&mut self, problem: Problem) {
        black_box(problem);
    }
}

/// Puts entries into a builder.
struct Building(SessionBuilder);

impl Sink for Building {
    fn entry(&mut self, entry: Entry<'_>) {
        self.0.push(MAIN, &entry);
    }

    fn problem(&mut self, problem: Problem) {
        self.0.problem(problem);
    }
}

fn built((id, text): (&str, &[u8])) -> SessionBuilder {
    let mut building = Building(SessionBuilder::new(id));
    lines::of(text).for_each(|line| decode_line(line, DECODE, &mut building));
    building.0
}
