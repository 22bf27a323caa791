//! Lines to standard output and standard error. A reader that went away (a closed pipe) is no fault to report.

use std::io::{ErrorKind, Write};

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
    let mut out = std::io::stdout().lock();
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
    let _ = writeln!(std::io::stderr().lock(), "{}", spoken(text));
}
