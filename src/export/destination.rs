//! Where telemetry goes: the options of this stage, already decided.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::endpoint::Endpoint;
use super::secret::Secret;
use crate::telemetry::signal::{Signal, Signals};

/// Where telemetry goes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a run has a handful of them, and they are easier to take apart unboxed")]
pub enum Destination {
    /// An OTLP receiver, or one for each signal.
    Otlp(OtlpDestination),
    /// A folder of OTLP/JSON lines.
    File(FileOptions),
    /// Nowhere, because the user said so.
    Disabled {
        /// What said so, in words.
        reason: String,
    },
}

/// Where each signal goes; none is switched off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtlpDestination {
    /// Spans.
    pub traces: Option<OtlpOptions>,
    /// Metrics.
    pub metrics: Option<OtlpOptions>,
    /// Log records.
    pub logs: Option<OtlpOptions>,
}

/// How to speak to an OTLP receiver, of one signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpOptions {
    /// The address; for HTTP the whole one, with the signal's path.
    pub endpoint: Endpoint,
    /// The transport and encoding.
    pub protocol: Protocol,
    /// Sent with every request.
    pub headers: Vec<(String, Secret)>,
    /// How request bodies are compressed.
    pub compression: Compression,
    /// How long one request may take.
    pub timeout: Duration,
    /// Certificates.
    pub tls: TlsOptions,
}

/// The transport and encoding of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `grpc`
    Grpc,
    /// `http/protobuf`
    HttpProtobuf,
    /// `http/json`
    HttpJson,
}

/// How request bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, at its fastest over HTTP.
    Gzip,
    /// zstd.
    Zstd,
}

/// Files with certificates, in PEM form; read when the exporter is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// Trusted instead of the system's authorities.
    pub certificate: Option<PathBuf>,
    /// Who we are, for servers that ask.
    pub client: Option<ClientIdentity>,
}

/// The two files that prove who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A folder of OTLP/JSON lines and its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOptions {
    /// The folder; made when it is missing.
    pub dir: PathBuf,
    /// Whether nobody chose it, so that people can be told.
    pub defaulted: bool,
    /// What is written; the others are switched off.
    pub signals: Signals,
    /// All `traces*.jsonl`, `logs*.jsonl` and `metrics*.jsonl` together may not grow beyond this.
    pub max_total_bytes: u64,
    /// None of them may lie unread for longer than this.
    pub max_age: Duration,
    /// A file is set aside under a dated name before it would grow beyond this.
    pub rotate_bytes: u64,
}

impl FileOptions {
    /// The default bounds on all files together: 1 GiB.
    pub const MAX_TOTAL_BYTES: u64 = 1 << 30;
    /// The default bound on age: 30 days.
    pub const MAX_AGE: Duration = Duration::from_hours(720);
    /// The default size of one file: 64 MiB.
    pub const ROTATE_BYTES: u64 = 64 << 20;

    /// The chosen folder with the default bounds.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            defaulted: false,
            signals: Signals::ALL,
            max_total_bytes: Self::MAX_TOTAL_BYTES,
            max_age: Self::MAX_AGE,
            rotate_bytes: Self::ROTATE_BYTES,
        }
    }
}

impl Destination {
    /// What it is, for people; no secrets.
    pub fn describe(&self) -> String {
        match self {
            Self::Otlp(otlp) => otlp.describe(),
            Self::File(options) => format!("OTLP/JSON files in {}", options.dir.display()),
            Self::Disabled { reason } => format!("nowhere: {reason}"),
        }
    }

    /// Which signals it takes.
    pub fn signals(&self) -> Signals {
        match self {
            Self::Otlp(otlp) => otlp.signals(),
            Self::File(options) => options.signals,
            Self::Disabled { .. } => Signals::default(),
        }
    }

    /// What makes it this destination and no other: scheme, host, port and path, or the folder. Headers, protocol and
    /// bounds may change without making it another, so state can be named after it. Where signals go to different
    /// places it is the place of the spans, else of the log records, else of the metrics.
    pub fn identity(&self) -> String {
        match self {
            Self::Otlp(otlp) => otlp.first().map(|options| options.endpoint.to_string()).unwrap_or_default(),
            Self::File(options) => format!("file:{}", whole_path(&options.dir).display()),
            Self::Disabled { .. } => "disabled".to_owned(),
        }
    }
}

impl OtlpDestination {
    /// How to speak to the receiver of a signal, unless it is switched off.
    pub const fn of(&self, signal: Signal) -> Option<&OtlpOptions> {
        match signal {
            Signal::Traces => self.traces.as_ref(),
            Signal::Metrics => self.metrics.as_ref(),
            Signal::Logs => self.logs.as_ref(),
        }
    }

    /// The place of a signal's options.
    pub const fn slot(&mut self, signal: Signal) -> &mut Option<OtlpOptions> {
        match signal {
            Signal::Traces => &mut self.traces,
            Signal::Metrics => &mut self.metrics,
            Signal::Logs => &mut self.logs,
        }
    }

    /// The signals that are not switched off.
    pub fn signals(&self) -> Signals {
        Signal::ALL.into_iter().filter(|signal| self.of(*signal).is_some()).collect()
    }

    fn first(&self) -> Option<&OtlpOptions> {
        self.traces.as_ref().or(self.logs.as_ref()).or(self.metrics.as_ref())
    }

    /// One address where one receiver takes everything that is sent, else one for each signal.
    fn describe(&self) -> String {
        let Some(first) = self.first() else { return "nowhere".to_owned() };
        let signals = self.signals();
        if signals.iter().filter_map(|signal| self.of(signal)).all(|options| options.is_same_receiver(first)) {
            let only = if signals == Signals::ALL {
                String::new()
            } else {
                format!(", only {}", signals.names().replace(',', " and "))
            };
            return format!("{}{only}", first.describe());
        }
        let each = signals.iter().filter_map(|signal| {
            let options = self.of(signal)?;
            Some(format!("{} to {}", signal.name(), options.describe()))
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

impl OtlpOptions {
    /// The receiver, for people; no secrets.
    pub fn describe(&self) -> String {
        format!("{} ({}{})", self.endpoint, self.protocol, self.compression)
    }

    fn is_same_receiver(&self, other: &Self) -> bool {
        let how = |options: &Self| (options.endpoint.origin(), options.protocol, options.compression);
        how(self) == how(other)
    }
}

/// The one path of a folder, however it was typed and from wherever; the folder need not exist yet.
fn whole_path(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let real = whole.ancestors().find_map(|above| {
        let mut real = above.canonicalize().ok()?;
        // Part by part, for joining nothing would leave a slash at the end.
        real.extend(whole.strip_prefix(above).into_iter().flatten());
        Some(real)
    });
    real.unwrap_or(whole)
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "grpc",
            Self::HttpProtobuf => "http/protobuf",
            Self::HttpJson => "http/json",
        })
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "",
            Self::Gzip => ", gzip",
            Self::Zstd => ", zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_the_same_however_it_is_typed() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir(temp.path().join("there")).unwrap();
        std::os::unix::fs::symlink(temp.path().join("there"), temp.path().join("link")).unwrap();
        let identity = |dir: PathBuf| Destination::File(FileOptions::new(dir)).identity();
        let plain = identity(temp.path().join("there/out"));
        assert_eq!(identity(temp.path().join("link/out")), plain);
        assert_eq!(identity(temp.path().join("there/../there/out")), plain);
        std::fs::create_dir(temp.path().join("there/out")).unwrap();
        assert_eq!(identity(temp.path().join("link/out")), plain);
        assert_ne!(identity(PathBuf::from("out")), "file:out");
    }
}
