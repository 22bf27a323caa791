//! Sessions that grow at the same time: each gets a call of a tool and its result every two seconds.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Setting;
use crate::measure::table::{Table, number};
use crate::measure::{child, quantile};
use crate::receiver::Arrivals;
use crate::transcripts::Session;
use crate::watcher::Watcher;

/// How long each session is left alone between two appends.
const PERIOD: Duration = Duration::from_secs(2);

/// Measures one number of sessions after the other.
pub(crate) fn measure(setting: &Setting) -> Result<Value, Box<dyn Error>> {
    let mut table = Table::new(&[
        "sessions",
        "lines/s",
        "CPU ms/line",
        "% of a core",
        "peak MB",
        "sent p50 ms",
        "p99 ms",
        "missing",
    ]);
    let mut points = Vec::new();
    for count in &setting.growing {
        let point = grow(setting, *count)?;
        let cell = |name: &str| point[name].as_f64().map(number).unwrap_or_default();
        let names = ["lines_per_s", "cpu_ms_per_line", "percent", "peak_mb", "p50_ms", "p99_ms", "missing"];
        table.row([count.to_string()].into_iter().chain(names.map(cell)).collect());
        points.push(point);
    }
    println!("{table}");
    Ok(points.into())
}

fn grow(setting: &Setting, count: usize) -> Result<Value, Box<dyn Error>> {
    let home = tempfile::tempdir_in(child::folder())?;
    let root = home.path().join("projects");
    let mut sessions: Vec<Session> =
        (0..count).map(|number| Session::begin(&root, number)).collect::<Result<_, _>>()?;
    let arrivals = Arrivals::default();
    let watcher = Watcher::start(&setting.program, home.path(), &root, &arrivals.receive()?)?;
    std::thread::sleep(Duration::from_millis(500));

    let rounds = (setting.seconds / PERIOD.as_secs()).max(1);
    let before = watcher.taken()?;
    let begun = Instant::now();
    let mut written: Vec<(u64, Instant)> = Vec::new();
    for round in 0..rounds {
        for (place, session) in sessions.iter_mut().enumerate() {
            // Evenly over the period, as people who know nothing of each other would.
            let due = PERIOD * round as u32 + PERIOD.mul_f64(place as f64 / count as f64);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            let call = written.len() as u64;
            let text = session.call(call);
            let mut file = File::options().append(true).open(&session.path)?;
            written.push((call, Instant::now()));
            file.write_all(text.as_bytes())?;
        }
    }
    let took = begun.elapsed().as_secs_f64();
    // Until the last of it has left.
    let patience = Instant::now() + Duration::from_secs(20);
    while written.iter().any(|(call, _)| arrivals.of(*call).is_none()) && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(50));
    }
    let after = watcher.taken()?;
    watcher.end()?;
    let arrived =
        |(call, at): &(u64, Instant)| Some(arrivals.of(*call)?.saturating_duration_since(*at).as_secs_f64() * 1e3);
    let mut waits: Vec<f64> = written.iter().filter_map(arrived).collect();
    let lines = 2.0 * written.len() as f64;
    let cpu = after.cpu - before.cpu;
    Ok(json!({
        "sessions": count, "lines_per_s": lines / took, "cpu_ms_per_line": cpu * 1e3 / lines,
        "percent": cpu / took * 100.0, "peak_mb": after.peak, "written_mb": after.written - before.written,
        "p50_ms": quantile(&mut waits, 0.5), "p99_ms": quantile(&mut waits, 0.99),
        "missing": written.len() - waits.len(),
    }))
}
