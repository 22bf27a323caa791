//! A watcher among many files that nobody writes to.

use std::error::Error;

use serde_json::{Value, json};

use crate::Setting;
use crate::measure::child;
use crate::measure::table::{Table, number};
use crate::receiver::Arrivals;
use crate::transcripts;
use crate::watcher::Watcher;

/// Measures the start and the rest.
pub(crate) fn measure(setting: &Setting) -> Result<Value, Box<dyn Error>> {
    std::fs::create_dir_all(child::folder())?;
    let home = tempfile::tempdir_in(child::folder())?;
    let root = home.path().join("projects");
    transcripts::old(&root, setting.files)?;
    let address = Arrivals::default().receive()?;
    // The first start delivers everything; those after it know it.
    Watcher::start(&setting.program, home.path(), &root, &address)?.end()?;
    let mut starts = Vec::new();
    for _ in 0..4 {
        let watcher = Watcher::start(&setting.program, home.path(), &root, &address)?;
        starts.push(watcher.start.as_secs_f64());
        watcher.end()?;
    }
    let watcher = Watcher::start(&setting.program, home.path(), &root, &address)?;
    starts.push(watcher.start.as_secs_f64());
    let start = watcher.taken()?;
    // What is done a moment after the start belongs to the start.
    std::thread::sleep(setting.idle / 10);
    let before = watcher.taken()?;
    std::thread::sleep(setting.idle);
    let after = watcher.taken()?;
    watcher.end()?;
    let seconds = setting.idle.as_secs_f64();
    let rate = |of: fn(&crate::watcher::Taken) -> f64| (of(&after) - of(&before)) / seconds;
    let until_following = crate::measure::median(starts);
    let mut table = Table::new(&["", ""]);
    let mut row = |name: &str, value: String| table.row(vec![name.to_owned(), value]);
    row("files known", setting.files.to_string());
    row("from start to following, s", number(until_following));
    row("processor time of the start, s", number(start.cpu));
    row("peak memory, MB", number(after.peak));
    row("memory at rest, MB", number(after.rss));
    row("idle, % of one core", number(rate(|taken| taken.cpu) * 100.0));
    row("wakeups per second", number(rate(|taken| taken.wakeups)));
    row("new pages per second", number(rate(|taken| taken.faults)));
    println!("{table}");
    Ok(json!({
        "files": setting.files, "start_s": until_following, "start_cpu_s": start.cpu, "peak_mb": after.peak, "rest_mb": after.rss,
        "idle_percent": rate(|taken| taken.cpu) * 100.0, "wakeups_per_s": rate(|taken| taken.wakeups),
        "new_pages_per_s": rate(|taken| taken.faults), "idle_s": seconds,
    }))
}
