//! What the program's exit codes mean.

use std::process;

/// The exit codes, as `docs/cli.md` explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done.
    Done,
    /// A fault of this program.
    Internal,
    /// The command line was not understood.
    Usage,
    /// The configuration cannot work.
    Configuration,
    /// The destination could not be reached, or refused. Nothing is lost.
    Destination,
    /// Done, with problems, under `--strict`.
    Problems,
    /// Another process holds the state.
    Busy,
    /// Ended by Ctrl-C.
    Interrupted,
    /// Ended by a request to terminate.
    Terminated,
}

impl ExitCode {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Internal,
        Self::Usage,
        Self::Configuration,
        Self::Destination,
        Self::Problems,
        Self::Busy,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Destination => 4,
            Self::Problems => 5,
            Self::Busy => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.number().into()
    }
}
