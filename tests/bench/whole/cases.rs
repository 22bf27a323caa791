//! The cases of the table: the baselines, a dry run, deliveries with one thread and more, and what follows them.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::figures::Runs;
use crate::measure::child::{self, Cost};
use crate::measure::sink::{self, Arrived, Sink};
use crate::measure::table::{Table, number, perhaps};
use crate::{Setting, baselines, corpus, tree};

/// Measures all cases in rounds, one after the other, so that whatever else the machine does meets all of them.
pub(crate) fn measure(setting: &Setting, bytes: u64) -> Result<(Value, bool), Box<dyn Error>> {
    let (root, truth) = tree(setting, bytes)?;
    let (small_root, small_truth) = tree(setting, bytes / 10)?;
    let (bytes, small_bytes) = (written(&truth), written(&small_truth));
    let home = tempfile::tempdir_in(child::folder())?;
    let home = home.path();

    let mut read = Runs::new("read and find newlines", bytes);
    let mut value = Runs::new("serde_json Value of every line", bytes);
    let mut dry = Runs::new("dry run, 1 thread", bytes);
    let mut small = Runs::new(&format!("end to end, 1 thread, {} MB", small_bytes / 1_000_000), small_bytes);
    let mut ends: Vec<Runs> = setting
        .threads
        .iter()
        .map(|threads| {
            Runs::new(&format!("end to end, {threads} thread{}", if threads == "1" { "" } else { "s" }), bytes)
        })
        .collect();
    let mut again = Runs::new("again, nothing new", bytes);
    let mut digests: Vec<Vec<Arrived>> = vec![Vec::new(); ends.len()];
    let mut wrong = Vec::new();

    for round in 0..setting.runs {
        read.costs.push(child::run(&mut child::part(baselines::READ, &[&root])?)?);
        value.costs.push(child::run(&mut child::part(baselines::VALUE, &[&root])?)?);
        let cost = rebuild(setting, home, &root)?;
        let summary: Value = serde_json::from_str(&cost.output)?;
        dry.spans = spans(&summary);
        wrong.extend(corpus::differences(&truth, &summary));
        dry.costs.push(cost);
        let (cost, _) = deliver(setting, home, (&small_root, "1"), true)?;
        small.spans = spans(&serde_json::from_str(&cost.output)?);
        small.costs.push(cost);
        for ((threads, runs), digests) in setting.threads.iter().zip(&mut ends).zip(&mut digests) {
            let (cost, arrived) = deliver(setting, home, (&root, threads), true)?;
            let summary: Value = serde_json::from_str(&cost.output)?;
            runs.spans = spans(&summary);
            wrong.extend(corpus::differences(&truth, &summary));
            runs.costs.push(cost);
            digests.push(arrived);
        }
        let (cost, arrived) = deliver(setting, home, (&root, "1"), false)?;
        if arrived.requests > 0 {
            wrong.push(format!("{} requests were sent again", arrived.requests));
        }
        again.costs.push(cost);
        println!("round {} of {}", round + 1, setting.runs);
    }

    let first = digests.first().and_then(|runs| runs.first()).copied().unwrap_or_default();
    let is_same = digests.iter().flatten().all(|arrived| *arrived == first);
    if !is_same {
        wrong.push("not all runs sent the same bytes".to_owned());
    }
    let all: Vec<&Runs> = [&read, &value, &dry].into_iter().chain(&ends).chain([&again, &small]).collect();
    println!("\n{}", table(&all, &read, &value));
    println!(
        "the bytes sent, by every run and number of threads: {}",
        if is_same { "the same" } else { "NOT the same" }
    );
    wrong.sort();
    wrong.dedup();
    for difference in &wrong {
        println!("wrong: {difference}");
    }
    let figures: Vec<Value> = all
        .iter()
        .map(|runs| {
            let mut figures = runs.to_json();
            figures["against_read"] = runs.against(&read).into();
            figures["against_value"] = runs.against(&value).into();
            figures
        })
        .collect();
    let sent = json!({"requests": first.requests, "bytes": first.bytes});
    let shape = json!({"truth": truth["totals"], "line_bytes": truth["line_bytes"]});
    Ok((json!({"runs": figures, "sent": sent, "is_same": is_same, "wrong": wrong, "corpus": shape}), wrong.is_empty()))
}

fn table(all: &[&Runs], read: &Runs, value: &Runs) -> Table {
    let heads = ["", "CPU s", "wall s", "MB/s/core", "peak MB", "written MB", "spans/s", "of reading", "of Value"];
    let mut table = Table::new(&heads);
    for runs in all {
        let cpu = runs.cpu().max(0.001);
        let rate = (runs.spans > 0).then(|| runs.spans as f64 / cpu);
        table.row(vec![
            runs.name.clone(),
            number(runs.cpu()),
            number(runs.median_of(|cost| cost.wall)),
            number(runs.bytes as f64 / 1e6 / cpu),
            number(runs.median_of(|cost| cost.rss) / 1e6),
            perhaps(runs.written()),
            perhaps(rate),
            number(runs.against(read)),
            number(runs.against(value)),
        ]);
    }
    table
}

/// A run that sends nothing.
pub(crate) fn rebuild(setting: &Setting, home: &Path, root: &Path) -> Result<Cost, Box<dyn Error>> {
    let mut command = child::program(&setting.program, home);
    command.args(["backfill", "--dry-run", "--json", "--threads", "1", "--root"]).arg(root);
    sound(child::run(&mut command)?)
}

/// A run that sends to a receiver of its own; `is_first` when nothing is remembered of an earlier one.
pub(crate) fn deliver(
    setting: &Setting,
    home: &Path,
    (root, threads): (&Path, &str),
    is_first: bool,
) -> Result<(Cost, Arrived), Box<dyn Error>> {
    let state = home.join("state");
    if is_first && state.exists() {
        fs::remove_dir_all(&state)?;
    }
    let receiver = Sink::start(child::part(sink::PART, &[])?)?;
    let mut command = child::program(&setting.program, home);
    // Whatever the address, the state is the same.
    command.args(["backfill", "--json", "--threads", threads, "--signals", &setting.signals, "--destination", "bench"]);
    command.args(["--endpoint", &receiver.address, "--root"]).arg(root);
    let cost = sound(child::run(&mut command)?)?;
    Ok((cost, receiver.end()?))
}

fn sound(cost: Cost) -> Result<Cost, Box<dyn Error>> {
    if cost.has_succeeded { Ok(cost) } else { Err(format!("the program has failed: {}", cost.output).into()) }
}

fn spans(summary: &Value) -> u64 {
    summary["spans"]["made"].as_u64().unwrap_or_default()
}

fn written(truth: &Value) -> u64 {
    truth["totals"]["bytes"].as_u64().unwrap_or_default()
}
