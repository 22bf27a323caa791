//! The `claude-otel` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    claude_otel::cli::main().into()
}
