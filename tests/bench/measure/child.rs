//! Runs a process to its end and says what it took.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4;

/// What a process took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cost {
    /// Seconds of processors, in user mode and in the kernel.
    pub(crate) cpu: f64,
    pub(crate) wall: f64,
    /// The most memory that was resident, in bytes.
    pub(crate) rss: f64,
    /// What was written to files, in bytes; none where the system does not say.
    pub(crate) written: Option<f64>,
    pub(crate) output: String,
    pub(crate) has_succeeded: bool,
}

/// Runs it. The process that measures stays small, for a child begins with its parent's peak.
pub(crate) fn run(command: &mut Command) -> io::Result<Cost> {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut output = String::new();
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_string(&mut output)?;
    }
    let written = written_by(child.id());
    let used = child.wait4()?;
    Ok(Cost {
        cpu: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        wall: begun.elapsed().as_secs_f64(),
        rss: used.rusage.maxrss as f64,
        written,
        output,
        has_succeeded: used.status.success(),
    })
}

/// What a process that has ended, and that nobody has taken note of, wrote to disks.
fn written_by(id: u32) -> Option<f64> {
    let id = rustix::process::Pid::from_raw(i32::try_from(id).ok()?)?;
    // It stays in the table of processes until it is waited for; this looks without doing so.
    let options = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
    rustix::process::waitid(rustix::process::WaitId::Pid(id), options).ok()?;
    let told = fs::read_to_string(format!("/proc/{}/io", id.as_raw_nonzero())).ok()?;
    told.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok())
}

/// The program in surroundings of its own: no variable and no file of the person who runs the bench counts.
pub(crate) fn program(path: &Path, home: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear().env("HOME", home).env("XDG_STATE_HOME", home.join("state")).stderr(Stdio::null());
    // Else it is another one with every new state, and the same spans would be other bytes.
    command.env("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=bench");
    command
}

/// This program again, in another part.
pub(crate) fn part(name: &str, arguments: &[&Path]) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--part").arg(name).args(arguments);
    Ok(command)
}

/// Where generated trees and results are kept.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join("bench")
}
