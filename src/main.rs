//! The `claude-otel` program.
fn main() {}
