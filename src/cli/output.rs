//! Lines to standard output and standard error. A reader that went away (a closed pipe) is no fault to report.

use std::io::Write;

/// Writes a line to standard output.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes a line to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
