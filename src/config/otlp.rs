//! Where telemetry goes, decided from flags and environment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::env::{self, Environment};
use super::pairs;
use crate::export::destination::{
    ClientIdentity, Compression, Destination, FileOptions, OtlpOptions, Protocol, TlsOptions,
};
use crate::export::endpoint::{Endpoint, EndpointError};
use crate::export::secret::Secret;
use crate::export::signal::TRACES_HTTP_PATH;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Under the state directory.
const DEFAULT_FOLDER: &str = "otlp";

/// What was said about the destination on the command line, as it was typed.
#[derive(Clone, Default)]
pub struct DestinationFlags {
    /// `--endpoint URL`
    pub endpoint: Option<String>,
    /// `--otlp-file DIR`
    pub otlp_file: Option<PathBuf>,
    /// `--protocol`
    pub protocol: Option<String>,
    /// `--header NAME=VALUE`, each taken as it is, without percent-decoding
    pub headers: Vec<String>,
    /// `--compression`
    pub compression: Option<String>,
    /// `--timeout`
    pub timeout: Option<Duration>,
}

/// What is wrong with the configuration; values that may be secret are not repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A value that is none of those possible.
    #[error("{origin} is {value:?}, which is none of {choices}; correct it or leave it out")]
    Choice {
        /// The flag or variable.
        origin: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        choices: &'static str,
    },
    /// An endpoint that is none.
    #[error("{origin} {problem}")]
    Endpoint {
        /// The flag or variable.
        origin: &'static str,
        /// What is wrong with it.
        problem: EndpointError,
    },
    /// Headers or attributes that cannot be read.
    #[error("{origin} cannot be read: {problem}; it needs name=value pairs")]
    Pairs {
        /// The flag or variable.
        origin: &'static str,
        /// What is wrong with it.
        problem: pairs::PairError,
    },
    /// A number that is none.
    #[error("{origin} must be a whole number of {unit} above 0")]
    Number {
        /// The flag or variable.
        origin: &'static str,
        /// What it counts.
        unit: &'static str,
    },
    /// Two values of the same rank that exclude each other.
    #[error("{one} and {other} exclude each other; leave one of them out")]
    Conflict {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// One half of a client certificate.
    #[error("a client certificate needs both its certificate and its key; only the {present} is configured")]
    HalfIdentity {
        /// The half that is there.
        present: &'static str,
    },
}

/// Decides where telemetry goes. Precedence: flag, `CLAUDE_OTEL_*`, `OTEL_EXPORTER_OTLP_TRACES_*`,
/// `OTEL_EXPORTER_OTLP_*`, default. The switches that turn telemetry off beat everything, since whoever sets them means
/// that nothing leaves the machine.
pub fn resolve_destination(
    flags: &DestinationFlags,
    env: &Environment<'_>,
    state_dir: &Path,
) -> Result<Destination, ConfigError> {
    if let Some(reason) = switched_off(env)? {
        return Ok(Destination::Disabled { reason });
    }
    let endpoint = chosen_endpoint(flags, env);
    let folder = chosen_folder(flags, env);
    match (endpoint, folder) {
        (Some(endpoint), Some(folder)) if endpoint.rank == folder.rank => {
            Err(ConfigError::Conflict { one: endpoint.origin, other: folder.origin })
        }
        (Some(endpoint), Some(folder)) if folder.rank < endpoint.rank => file(folder.value, false, env),
        (None, Some(folder)) => file(folder.value, false, env),
        (Some(endpoint), _) => otlp(&endpoint, flags, env),
        (None, None) => file(state_dir.join(DEFAULT_FOLDER), true, env),
    }
}

/// A value, where it is from, and how early that comes in the order of precedence.
struct Chosen<T> {
    value: T,
    origin: &'static str,
    rank: u8,
}

/// One setting under each of its names.
struct Names {
    own: &'static str,
    traces: &'static str,
    general: &'static str,
}

macro_rules! names {
    ($own:ident, $traces:ident, $general:ident) => {
        Names { own: env::$own, traces: env::$traces, general: env::$general }
    };
}

const ENDPOINT: Names = names!(CLAUDE_OTEL_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT);
const PROTOCOL: Names = names!(CLAUDE_OTEL_PROTOCOL, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL);
const HEADERS: Names = names!(CLAUDE_OTEL_HEADERS, OTEL_EXPORTER_OTLP_TRACES_HEADERS, OTEL_EXPORTER_OTLP_HEADERS);
const COMPRESSION: Names =
    names!(CLAUDE_OTEL_COMPRESSION, OTEL_EXPORTER_OTLP_TRACES_COMPRESSION, OTEL_EXPORTER_OTLP_COMPRESSION);
const TIMEOUT: Names = names!(CLAUDE_OTEL_TIMEOUT, OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT);
const CERTIFICATE: Names =
    names!(CLAUDE_OTEL_CERTIFICATE, OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE, OTEL_EXPORTER_OTLP_CERTIFICATE);
const CLIENT_KEY: Names =
    names!(CLAUDE_OTEL_CLIENT_KEY, OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY, OTEL_EXPORTER_OTLP_CLIENT_KEY);
const CLIENT_CERTIFICATE: Names = names!(
    CLAUDE_OTEL_CLIENT_CERTIFICATE,
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE
);

impl Names {
    fn get(&self, env: &Environment<'_>) -> Option<Chosen<String>> {
        (1..)
            .zip([self.own, self.traces, self.general])
            .find_map(|(rank, origin)| Some(Chosen { value: env::get(env, origin)?, origin, rank }))
    }

    fn get_after(&self, flag: Option<&String>, origin: &'static str, env: &Environment<'_>) -> Option<Chosen<String>> {
        flag.map(|value| Chosen { value: value.clone(), origin, rank: 0 }).or_else(|| self.get(env))
    }
}

fn switched_off(env: &Environment<'_>) -> Result<Option<String>, ConfigError> {
    if env::is_on(env, env::OTEL_SDK_DISABLED) {
        return Ok(Some(format!("{} is true", env::OTEL_SDK_DISABLED)));
    }
    let origin = env::OTEL_TRACES_EXPORTER;
    let Some(value) = env::get(env, origin) else { return Ok(None) };
    let mut exporters = value.split(',').map(str::trim);
    if exporters.clone().any(|exporter| exporter == "otlp") {
        return Ok(None);
    }
    if exporters.all(|exporter| exporter == "none") {
        return Ok(Some(format!("{origin} is none")));
    }
    Err(ConfigError::Choice { origin, value, choices: "otlp, none" })
}

fn chosen_endpoint(flags: &DestinationFlags, env: &Environment<'_>) -> Option<Chosen<String>> {
    ENDPOINT.get_after(flags.endpoint.as_ref(), "--endpoint", env)
}

fn chosen_folder(flags: &DestinationFlags, env: &Environment<'_>) -> Option<Chosen<PathBuf>> {
    let flag = flags.otlp_file.clone().map(|value| Chosen { value, origin: "--otlp-file", rank: 0 });
    let own = || env::get(env, env::CLAUDE_OTEL_OTLP_FILE);
    flag.or_else(|| Some(Chosen { value: own()?.into(), origin: env::CLAUDE_OTEL_OTLP_FILE, rank: 1 }))
}

fn file(dir: PathBuf, defaulted: bool, env: &Environment<'_>) -> Result<Destination, ConfigError> {
    let mut options = FileOptions { defaulted, ..FileOptions::new(dir) };
    if let Some(bytes) = number(env::CLAUDE_OTEL_OTLP_FILE_MAX_BYTES, "bytes", env)? {
        options.max_total_bytes = bytes;
    }
    if let Some(days) = number(env::CLAUDE_OTEL_OTLP_FILE_MAX_DAYS, "days", env)? {
        options.max_age = Duration::from_secs(days.saturating_mul(86_400));
    }
    Ok(Destination::File(options))
}

fn otlp(
    endpoint: &Chosen<String>,
    flags: &DestinationFlags,
    env: &Environment<'_>,
) -> Result<Destination, ConfigError> {
    let protocol = protocol(flags, env)?;
    Ok(Destination::Otlp(OtlpOptions {
        endpoint: parse_endpoint(endpoint, protocol, env)?,
        protocol,
        headers: headers(flags, env)?,
        compression: compression(flags, env)?,
        timeout: timeout(flags, env)?,
        tls: tls(env)?,
    }))
}

fn protocol(flags: &DestinationFlags, env: &Environment<'_>) -> Result<Protocol, ConfigError> {
    let Some(Chosen { value, origin, .. }) = PROTOCOL.get_after(flags.protocol.as_ref(), "--protocol", env) else {
        return Ok(Protocol::HttpProtobuf);
    };
    match value.as_str() {
        "grpc" => Ok(Protocol::Grpc),
        "http/protobuf" => Ok(Protocol::HttpProtobuf),
        "http/json" => Ok(Protocol::HttpJson),
        _ => Err(ConfigError::Choice { origin, value, choices: "grpc, http/protobuf, http/json" }),
    }
}

fn parse_endpoint(chosen: &Chosen<String>, protocol: Protocol, env: &Environment<'_>) -> Result<Endpoint, ConfigError> {
    let origin = chosen.origin;
    let bad = |problem| ConfigError::Endpoint { origin, problem };
    if protocol == Protocol::Grpc {
        if chosen.value.contains("://") {
            return Endpoint::parse(&chosen.value).map_err(bad);
        }
        // gRPC addresses are often written without a scheme; a variable then says whether they are encrypted.
        let scheme = if is_insecure(env) { "http" } else { "https" };
        return Endpoint::parse(&format!("{scheme}://{}", chosen.value)).map_err(bad);
    }
    let endpoint = Endpoint::parse(&chosen.value).map_err(bad)?;
    if origin == env::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT {
        Ok(endpoint)
    } else {
        Ok(endpoint.join_path(TRACES_HTTP_PATH))
    }
}

fn is_insecure(env: &Environment<'_>) -> bool {
    let special = env::OTEL_EXPORTER_OTLP_TRACES_INSECURE;
    let name = if env::get(env, special).is_some() { special } else { env::OTEL_EXPORTER_OTLP_INSECURE };
    env::is_on(env, name)
}

fn headers(flags: &DestinationFlags, env: &Environment<'_>) -> Result<Vec<(String, Secret)>, ConfigError> {
    let (origin, read) = if flags.headers.is_empty() {
        let Some(chosen) = HEADERS.get(env) else { return Ok(Vec::new()) };
        (chosen.origin, pairs::decode(&chosen.value))
    } else {
        ("--header", flags.headers.iter().map(|header| pairs::split(header)).collect())
    };
    let bad = |problem| ConfigError::Pairs { origin, problem };
    let mut headers = Vec::new();
    for (name, value) in read.map_err(bad)? {
        pairs::check_header(&name, &value).map_err(bad)?;
        headers.push((name.to_ascii_lowercase(), Secret::new(value)));
    }
    Ok(headers)
}

fn compression(flags: &DestinationFlags, env: &Environment<'_>) -> Result<Compression, ConfigError> {
    let chosen = COMPRESSION.get_after(flags.compression.as_ref(), "--compression", env);
    let Some(Chosen { value, origin, .. }) = chosen else { return Ok(Compression::None) };
    match value.as_str() {
        "none" => Ok(Compression::None),
        "gzip" => Ok(Compression::Gzip),
        "zstd" => Ok(Compression::Zstd),
        _ => Err(ConfigError::Choice { origin, value, choices: "none, gzip, zstd" }),
    }
}

fn timeout(flags: &DestinationFlags, env: &Environment<'_>) -> Result<Duration, ConfigError> {
    if let Some(timeout) = flags.timeout {
        let ok = Some(timeout).filter(|timeout| !timeout.is_zero());
        return ok.ok_or(ConfigError::Number { origin: "--timeout", unit: "milliseconds" });
    }
    let Some(chosen) = TIMEOUT.get(env) else { return Ok(DEFAULT_TIMEOUT) };
    let millis = number(chosen.origin, "milliseconds", env)?;
    Ok(millis.map_or(DEFAULT_TIMEOUT, Duration::from_millis))
}

fn tls(env: &Environment<'_>) -> Result<TlsOptions, ConfigError> {
    let path = |names: &Names| names.get(env).map(|chosen| PathBuf::from(chosen.value));
    let client = match (path(&CLIENT_CERTIFICATE), path(&CLIENT_KEY)) {
        (Some(certificate), Some(key)) => Some(ClientIdentity { certificate, key }),
        (None, None) => None,
        (Some(_), None) => return Err(ConfigError::HalfIdentity { present: "certificate" }),
        (None, Some(_)) => return Err(ConfigError::HalfIdentity { present: "key" }),
    };
    Ok(TlsOptions { certificate: path(&CERTIFICATE), client })
}

fn number(origin: &'static str, unit: &'static str, env: &Environment<'_>) -> Result<Option<u64>, ConfigError> {
    let Some(value) = env::get(env, origin) else { return Ok(None) };
    let number = value.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or(ConfigError::Number { origin, unit })
}

impl std::fmt::Debug for DestinationFlags {
    /// Headers and the address, which may hold a key, are left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DestinationFlags")
            .field("otlp_file", &self.otlp_file)
            .field("protocol", &self.protocol)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
