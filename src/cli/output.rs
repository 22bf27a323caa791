//! Lines to standard output and standard error. A reader that went away (a closed pipe) is no fault to report.

use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many bytes are held back; what is written later is lost.
const MOST_HELD: usize = 16 * 1024;

/// What was to be written to standard error while something else is drawn on the terminal.
static HELD: Mutex<Option<Vec<u8>>> = Mutex::new(None);

tokio::task_local! {
    /// The destination that is spoken of, where there are several.
    pub(super) static SPEAKER: Option<String>;
}

/// The destination that is spoken of, for a task of its own.
pub(super) fn speaker() -> Option<String> {
    SPEAKER.try_with(Clone::clone).ok().flatten()
}

/// A text with the destination that it is about in front, where there are several.
pub(super) fn spoken(text: &str) -> String {
    speaker().map_or_else(|| text.to_owned(), |name| format!("{name}: {text}"))
}

/// Writes a line to standard output; false when it could not be written.
pub(super) fn line(text: &str) -> bool {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => true,
        Err(error) => {
            note(&format!("error: standard output cannot be written: {error}"));
            false
        }
    }
}

/// Writes a line to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(StandardError, "{}", spoken(text));
}

/// Standard error, unless what is written to it is held back.
#[derive(Debug, Clone, Copy)]
pub(super) struct StandardError;

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match held().as_mut() {
            Some(held) => {
                if held.len() < MOST_HELD {
                    held.extend_from_slice(bytes);
                }
                Ok(bytes.len())
            }
            None => io::stderr().lock().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

/// Holds back what is written to standard error, since it would tear what is drawn on the same terminal.
pub(super) fn hold_back() {
    held().get_or_insert_default();
}

/// Writes what was held back, and all that follows at once again.
pub(super) fn let_through() {
    if let Some(text) = held().take() {
        let _ = io::stderr().lock().write_all(&text);
    }
}

fn held() -> MutexGuard<'static, Option<Vec<u8>>> {
    // Bytes are whole whoever panicked.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}
