//! The program in a terminal of its own.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::support::program::Program;

/// So long is waited for something to appear.
const PATIENCE: Duration = Duration::from_secs(60);

/// The terminal, with the program in it.
pub(super) struct Pty {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// All that was written.
    pub(super) raw: Vec<u8>,
    /// How the terminal was set before the program began.
    before: String,
}

const fn size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Pty {
    /// Starts the program.
    pub(super) fn start(program: &Program, args: &[&str], columns_and_rows: (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size(columns_and_rows)).unwrap();
        let before = settings(&*pair.master);
        let child = pair.slave.spawn_command(command(program, args)).unwrap();
        drop(pair.slave);
        let (mut reader, keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let (columns, rows) = columns_and_rows;
        let screen = vt100::Parser::new(cells(rows), cells(columns), 0);
        Self { master: pair.master, child, keys, output, screen, raw: Vec::new(), before }
    }

    /// Waits until the screen is as it should be, and gives back what is on it.
    pub(super) fn until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let text = self.screen.screen().contents();
            if is_so(&text) {
                return text;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what} never came; this is what is there:\n{text}");
            if let Ok(bytes) = self.output.recv_timeout(left.min(Duration::from_secs(1))) {
                self.screen.process(&bytes);
                self.raw.extend(bytes);
            }
        }
    }

    pub(super) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub(super) fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.screen.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size((columns, rows))).unwrap();
    }

    pub(super) fn terminate(&self) {
        let id = rustix::process::Pid::from_raw(self.child.process_id().unwrap() as i32).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for the end: the exit code, and what is on the screen after it. The terminal must be as it was before.
    pub(super) fn end(mut self) -> (u32, String) {
        self.until("the summary", |text| text.contains(" seen"));
        let code = self.child.wait().unwrap().exit_code();
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.screen.process(&bytes);
            self.raw.extend(bytes);
        }
        assert_eq!(settings(&*self.master), self.before, "the terminal is not set as it was");
        assert!(!self.screen.screen().alternate_screen(), "the other screen was not left");
        assert!(!self.screen.screen().hide_cursor(), "the cursor stays hidden");
        (code, self.screen.screen().contents())
    }
}

/// Starts the program in a terminal that goes away once something was drawn, and says how the program ended.
#[expect(clippy::disallowed_methods, reason = "a test lets time pass, and nobody stops it meanwhile")]
pub(super) fn vanishing(program: &Program, args: &[&str]) -> u32 {
    let pair = native_pty_system().openpty(size((80, 24))).unwrap();
    let mut child = pair.slave.spawn_command(command(program, args)).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (mut bytes, mut drawn) = ([0; 4096], 0);
    while drawn < 200 {
        drawn += reader.read(&mut bytes).unwrap();
    }
    drop((reader, pair.master));
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().unwrap() {
            return status.exit_code();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    panic!("it goes on without its terminal");
}

fn command(program: &Program, args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_claude-otel"));
    command.args(args);
    command.env_clear();
    command.cwd(program.dir.path());
    command.env("TERM", "xterm-256color");
    command.env("HOME", program.path("home"));
    command.env("XDG_STATE_HOME", program.path("state"));
    command
}

/// No terminal is without a cell.
fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

/// How the terminal is set.
fn settings(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
