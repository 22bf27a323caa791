//! Which signals are sent.

use super::env::{self, Environment};
use super::error::ConfigError;
use super::flags::DestinationFlags;
use crate::telemetry::signal::{Signal, Signals};

const CHOICES: &str = "traces, metrics, logs";

/// The signals that are wanted, and why the others are not.
pub(super) struct Wanted {
    pub(super) signals: Signals,
    reasons: Vec<String>,
}

impl Wanted {
    /// By flag or variable, all where neither says anything; less what the switches of OpenTelemetry turn off.
    pub(super) fn of(flags: &DestinationFlags, env: &Environment<'_>) -> Result<Self, ConfigError> {
        if env::is_on(env, env::OTEL_SDK_DISABLED) {
            return Ok(Self {
                signals: Signals::default(),
                reasons: vec![format!("{} is true", env::OTEL_SDK_DISABLED)],
            });
        }
        let chosen = match &flags.signals {
            Some(text) => Some(("--signals", text.clone())),
            None => env::get(env, env::CLAUDE_OTEL_SIGNALS).map(|text| (env::CLAUDE_OTEL_SIGNALS, text)),
        };
        let mut reasons = Vec::new();
        let mut signals = Signals::ALL;
        for signal in Signal::ALL {
            let origin = switch_of(signal);
            if is_switched_off(origin, env)? {
                signals = signals.without(signal);
                reasons.push(format!("{origin} is none"));
            }
        }
        if let Some((origin, text)) = chosen {
            let named = read(origin, &text)?;
            signals = signals.iter().filter(|signal| named.has(*signal)).collect();
            if named != Signals::ALL {
                reasons.push(format!("{origin} is {}", named.names()));
            }
        }
        Ok(Self { signals, reasons })
    }

    /// Why nothing is sent, where nothing is.
    pub(super) fn nothing(&self) -> Option<String> {
        self.signals.is_empty().then(|| self.reasons.join(", "))
    }
}

const fn switch_of(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => env::OTEL_TRACES_EXPORTER,
        Signal::Metrics => env::OTEL_METRICS_EXPORTER,
        Signal::Logs => env::OTEL_LOGS_EXPORTER,
    }
}

fn is_switched_off(origin: &'static str, env: &Environment<'_>) -> Result<bool, ConfigError> {
    let Some(value) = env::get(env, origin) else { return Ok(false) };
    let mut exporters = value.split(',').map(str::trim);
    if exporters.clone().any(|exporter| exporter == "otlp") {
        return Ok(false);
    }
    if exporters.all(|exporter| exporter == "none") {
        return Ok(true);
    }
    Err(ConfigError::Choice { origin, value, choices: "otlp, none" })
}

fn read(origin: &'static str, text: &str) -> Result<Signals, ConfigError> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let signals: Option<Signals> =
        names.map(|name| Signal::ALL.into_iter().find(|signal| signal.name() == name)).collect();
    let bad = || ConfigError::Choice { origin, value: text.to_owned(), choices: CHOICES };
    signals.filter(|signals| !signals.is_empty()).ok_or_else(bad)
}
