//! The three signals.

/// One of OpenTelemetry's signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Metrics.
    Metrics,
    /// Log records.
    Logs,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// Its name in flags, files and documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }
}

/// Some of the signals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Signals(u8);

impl Signals {
    /// All of them.
    pub const ALL: Self = Self(0b111);

    /// Whether a signal is among them.
    pub const fn has(self, signal: Signal) -> bool {
        self.0 & Self::bit(signal) != 0
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | Self::bit(signal))
    }

    /// These but one.
    #[must_use]
    pub const fn without(self, signal: Signal) -> Self {
        Self(self.0 & !Self::bit(signal))
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One after the other, in the order of [`Signal::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Signal> {
        Signal::ALL.into_iter().filter(move |signal| self.has(*signal))
    }

    /// Their names, as the flag takes them.
    pub fn names(self) -> String {
        self.iter().map(Signal::name).collect::<Vec<_>>().join(",")
    }

    const fn bit(signal: Signal) -> u8 {
        1 << signal as u8
    }
}

impl FromIterator<Signal> for Signals {
    fn from_iter<T: IntoIterator<Item = Signal>>(signals: T) -> Self {
        signals.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        assert_eq!(Signals::ALL, Signal::ALL.into_iter().collect());
        let without = Signals::ALL.without(Signal::Metrics);
        assert_eq!((without.names().as_str(), without.has(Signal::Metrics)), ("traces,logs", false));
        assert!(Signal::ALL.into_iter().fold(Signals::ALL, Signals::without).is_empty());
    }
}
