//! A watcher that runs, and what the system says of it.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::measure::child;

/// A watcher that has caught up.
#[derive(Debug)]
pub(crate) struct Watcher {
    child: Child,
    /// From its start until it follows.
    pub(crate) start: Duration,
}

/// What it has taken so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Taken {
    /// Seconds of processors.
    pub(crate) cpu: f64,
    /// How often a thread has stopped waiting.
    pub(crate) wakeups: f64,
    /// Memory that is resident now, and the most that was, in megabytes.
    pub(crate) rss: f64,
    pub(crate) peak: f64,
    /// Pages that were touched for the first time: what allocates again and again shows here.
    pub(crate) faults: f64,
    pub(crate) written: f64,
}

impl Watcher {
    /// Starts it over a root and waits until it follows.
    pub(crate) fn start(program: &Path, home: &Path, root: &Path, address: &str) -> Result<Self, Box<dyn Error>> {
        let begun = Instant::now();
        let mut command = child::program(program, home);
        command.args(["watch", "--backfill", "all", "--signals", "traces,logs", "--send-every", "0s"]);
        command.args(["--destination", "bench", "--endpoint", address, "--root"]).arg(root);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let stderr = child.stderr.take().ok_or("the watcher has no output")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut told = Vec::new();
        for line in lines.by_ref() {
            let line = line?;
            if line.contains("caught up") {
                let start = begun.elapsed();
                // Its output is read on, lest it wait for somebody to do so.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { child, start });
            }
            told.push(line);
        }
        Err(format!("the watcher has ended: {}", told.join(" / ")).into())
    }

    /// What it has taken so far.
    pub(crate) fn taken(&self) -> Result<Taken, Box<dyn Error>> {
        let process = Path::new("/proc").join(self.child.id().to_string());
        let mut taken = Taken::default();
        for task in fs::read_dir(process.join("task"))? {
            let task = task?.path();
            // Nanoseconds, where other places tell hundredths of seconds.
            let told = fs::read_to_string(task.join("schedstat"))?;
            taken.cpu += told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9;
            taken.wakeups += field(&fs::read_to_string(task.join("status"))?, "voluntary_ctxt_switches:");
        }
        let status = fs::read_to_string(process.join("status"))?;
        (taken.rss, taken.peak) = (field(&status, "VmRSS:") * 1024.0 / 1e6, field(&status, "VmHWM:") * 1024.0 / 1e6);
        let stat = fs::read_to_string(process.join("stat"))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        taken.faults = after_name.split_whitespace().nth(7).and_then(|count| count.parse().ok()).unwrap_or_default();
        taken.written = field(&fs::read_to_string(process.join("io"))?, "write_bytes:") / 1e6;
        Ok(taken)
    }

    /// Asks it to end, and waits.
    pub(crate) fn end(mut self) -> Result<(), Box<dyn Error>> {
        if let Some(id) = rustix::process::Pid::from_raw(i32::try_from(self.child.id())?) {
            rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        }
        self.child.wait()?;
        Ok(())
    }
}

fn field(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
