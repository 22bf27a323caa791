//! The few arguments that the benches take.

use std::env;

/// The arguments as they were given.
#[derive(Debug)]
pub(crate) struct Options(Vec<String>);

impl Options {
    pub(crate) fn given() -> Self {
        Self(env::args().skip(1).collect())
    }

    /// Whether it is a bench, and not a test of whether it works at all: `cargo bench` says so.
    pub(crate) fn is_bench(&self) -> bool {
        self.has("--bench") && !self.has("--test")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|argument| argument == name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let place = self.0.iter().position(|argument| argument == name)?;
        self.0.get(place + 1).map(String::as_str)
    }

    /// A number, or what it is unless it is given.
    pub(crate) fn number(&self, name: &str, otherwise: u64) -> u64 {
        self.value(name).and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }

    /// Several values with commas between them.
    pub(crate) fn list(&self, name: &str, otherwise: &str) -> Vec<String> {
        self.value(name).unwrap_or(otherwise).split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// The part that this process plays, with what follows it.
    pub(crate) fn part(&self) -> Option<(&str, &[String])> {
        let place = self.0.iter().position(|argument| argument == "--part")?;
        Some((self.0.get(place + 1)?, self.0.get(place + 2..).unwrap_or_default()))
    }
}
