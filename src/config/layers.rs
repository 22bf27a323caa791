//! An environment above or below which there is more: what a file and a preset say is looked up like variables.

use super::env::{self, Environment};

/// Which variables of the process are left out of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// None.
    Nothing,
    /// Those that describe the one receiver of the OpenTelemetry variables: a preset brings an address and keys of its
    /// own, and neither may go with the other's.
    Otel,
    /// Those that describe any one destination: a destination with a name stands in the file as a whole.
    All,
}

/// The process's variables, and what answers for them where they are absent.
pub(super) struct Layers<'a> {
    env: &'a Environment<'a>,
    hidden: Hidden,
    given: Vec<Given>,
}

/// A value that stands for a variable.
struct Given {
    variable: &'static str,
    value: String,
    origin: String,
}

impl<'a> Layers<'a> {
    pub(super) fn new(env: &'a Environment<'a>, hidden: Hidden) -> Self {
        Self { env, hidden, given: Vec::new() }
    }

    /// Adds a value below all that are there.
    pub(super) fn give(&mut self, variable: &'static str, value: impl Into<String>, origin: impl Into<String>) {
        self.given.push(Given { variable, value: value.into(), origin: origin.into() });
    }

    /// A variable's value, unless it is absent or empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.find(name).map(|(value, _)| value)
    }

    /// A variable's value and where it is from.
    pub(super) fn find(&self, name: &str) -> Option<(String, String)> {
        let own = || env::get(self.env, name).filter(|_| !self.hides(name));
        own().map(|value| (value, name.to_owned())).or_else(|| {
            let given = self.given(name)?;
            Some((given.value.clone(), given.origin.clone()))
        })
    }

    /// A text in which variables are named that the process does not have, with what stands for them instead.
    pub(super) fn explain(&self, text: &str) -> String {
        let named = self.given.iter().filter(|given| text.contains(given.variable));
        let longest = named.max_by_key(|given| given.variable.len());
        match longest.and_then(|given| Some((given.variable, self.find(given.variable)?.1))) {
            Some((variable, origin)) => text.replace(variable, &origin),
            None => text.to_owned(),
        }
    }

    fn given(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.variable == name)
    }

    fn hides(&self, name: &str) -> bool {
        // How metrics are counted is a matter of taste, and no matter of address.
        let is_otel =
            name.starts_with("OTEL_EXPORTER_OTLP_") && !name.starts_with("OTEL_EXPORTER_OTLP_METRICS_DEFAULT");
        let is_otel = is_otel && !name.ends_with("_TEMPORALITY_PREFERENCE");
        let is_own = || {
            let mut settings = super::settings::ALL.iter();
            settings
                .any(|setting| setting.part == super::settings::Part::Destination && setting.variables.contains(&name))
        };
        match self.hidden {
            Hidden::Nothing => false,
            Hidden::Otel => is_otel,
            Hidden::All => is_otel || is_own(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_process_says_beats_what_is_given_and_what_is_hidden_does_not() {
        let env = |name: &str| {
            let is_there = ["OTEL_EXPORTER_OTLP_ENDPOINT", "CLAUDE_OTEL_TIMEOUT", "OTEL_SDK_DISABLED"].contains(&name);
            is_there.then(|| "process".to_owned())
        };
        let seen = |hidden| {
            let mut layers = Layers::new(&env, hidden);
            for variable in ["OTEL_EXPORTER_OTLP_ENDPOINT", "CLAUDE_OTEL_TIMEOUT"] {
                layers.give(variable, "file", "config.toml:1");
                layers.give(variable, "preset", "preset");
            }
            ["OTEL_EXPORTER_OTLP_ENDPOINT", "CLAUDE_OTEL_TIMEOUT", "OTEL_SDK_DISABLED"]
                .map(|name| layers.get(name).unwrap())
        };
        assert_eq!(seen(Hidden::Nothing), ["process", "process", "process"]);
        assert_eq!(seen(Hidden::Otel), ["file", "process", "process"]);
        assert_eq!(seen(Hidden::All), ["file", "file", "process"]);
    }

    #[test]
    fn errors_name_what_stands_for_a_variable() {
        let env = |_: &str| None;
        let mut layers = Layers::new(&env, Hidden::Nothing);
        layers.give(env::OTEL_EXPORTER_OTLP_TIMEOUT, "x", "config.toml:7 (timeout)");
        assert_eq!(layers.explain("OTEL_EXPORTER_OTLP_TIMEOUT must be"), "config.toml:7 (timeout) must be");
        assert_eq!(layers.explain("CLAUDE_OTEL_TIMEOUT must be"), "CLAUDE_OTEL_TIMEOUT must be");
    }
}
