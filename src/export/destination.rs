//! Where telemetry goes: the options of this stage, already decided.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::endpoint::Endpoint;
use super::secret::Secret;

/// Where telemetry goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An OTLP receiver.
    Otlp(OtlpOptions),
    /// A folder of OTLP/JSON lines.
    File(FileOptions),
    /// Nowhere, because the user said so.
    Disabled {
        /// What said so, in words.
        reason: String,
    },
}

/// How to speak to an OTLP receiver.
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
    /// All `traces*.jsonl` together may not grow beyond this.
    pub max_total_bytes: u64,
    /// No `traces*.jsonl` may lie unread for longer than this.
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
            Self::Otlp(options) => format!("{} ({}{})", options.endpoint, options.protocol, options.compression),
            Self::File(options) => format!("OTLP/JSON files in {}", options.dir.display()),
            Self::Disabled { reason } => format!("nowhere: {reason}"),
        }
    }

    /// What makes it this destination and no other: scheme, host, port and path, or the folder. Headers, protocol and
    /// bounds may change without making it another, so state can be named after it.
    pub fn identity(&self) -> String {
        match self {
            Self::Otlp(options) => options.endpoint.to_string(),
            Self::File(options) => format!("file:{}", whole_path(&options.dir).display()),
            Self::Disabled { .. } => "disabled".to_owned(),
        }
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
