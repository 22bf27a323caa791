//! The destination's flags.

use std::path::PathBuf;
use std::time::Duration;

/// What was said about the destination on the command line, as it was typed.
#[derive(Clone, Default)]
pub struct DestinationFlags {
    /// `--endpoint URL`
    pub endpoint: Option<String>,
    /// `--otlp-file DIR`
    pub otlp_file: Option<PathBuf>,
    /// `--protocol`
    pub protocol: Option<String>,
    /// the lines of `--headers-file`, as NAME=VALUE, each taken as it is, without percent-decoding
    pub headers: Vec<String>,
    /// `--compression`
    pub compression: Option<String>,
    /// `--timeout`
    pub timeout: Option<Duration>,
    /// `--signals`
    pub signals: Option<String>,
}

impl std::fmt::Debug for DestinationFlags {
    /// Headers and the address, which may hold a key, are left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DestinationFlags")
            .field("otlp_file", &self.otlp_file)
            .field("protocol", &self.protocol)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .field("signals", &self.signals)
            .finish_non_exhaustive()
    }
}
