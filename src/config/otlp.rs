//! Where telemetry goes, decided from flags and environment, each setting for each signal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::env::{self, Environment};
pub use super::error::ConfigError;
pub use super::flags::DestinationFlags;
use super::names::{
    CERTIFICATE, CLIENT_CERTIFICATE, CLIENT_KEY, COMPRESSION, Chosen, ENDPOINT, HEADERS, INSECURE, Names, PROTOCOL,
    TIMEOUT,
};
use super::pairs;
use super::signals::Wanted;
use crate::export::destination::{
    ClientIdentity, Compression, Destination, FileOptions, OtlpDestination, OtlpOptions, Protocol, TlsOptions,
};
use crate::export::endpoint::Endpoint;
use crate::export::secret::Secret;
use crate::export::signal::http_path;
use crate::telemetry::signal::{Signal, Signals};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Under the state directory.
const DEFAULT_FOLDER: &str = "otlp";

/// Decides where telemetry goes. Precedence, for each setting of each signal: flag, `CLAUDE_OTEL_*`,
/// `OTEL_EXPORTER_OTLP_<SIGNAL>_*`, `OTEL_EXPORTER_OTLP_*`, default. The switches that turn telemetry off beat
/// everything, since whoever sets them means that nothing leaves the machine.
pub fn resolve_destination(
    flags: &DestinationFlags,
    env: &Environment<'_>,
    state_dir: &Path,
) -> Result<Destination, ConfigError> {
    let wanted = Wanted::of(flags, env)?;
    if let Some(reason) = wanted.nothing() {
        return Ok(Destination::Disabled { reason });
    }
    let signals = wanted.signals;
    let chosen = |signal| ENDPOINT.get_after(flags.endpoint.as_ref(), "--endpoint", signal, env);
    let endpoints: Vec<_> = signals.iter().filter_map(|signal| Some((signal, chosen(signal)?))).collect();
    let first = endpoints.iter().map(|(_, endpoint)| endpoint).min_by_key(|endpoint| endpoint.rank);
    match (first, chosen_folder(flags, env)) {
        (Some(endpoint), Some(folder)) if endpoint.rank == folder.rank => {
            Err(ConfigError::Conflict { one: endpoint.origin, other: folder.origin })
        }
        (Some(endpoint), Some(folder)) if folder.rank < endpoint.rank => file(folder.value, false, signals, env),
        (None, Some(folder)) => file(folder.value, false, signals, env),
        (None, None) => file(state_dir.join(DEFAULT_FOLDER), true, signals, env),
        (Some(_), _) => {
            // A signal without an address has no place to go to: no receiver is ever guessed.
            let mut otlp = OtlpDestination::default();
            for (signal, endpoint) in &endpoints {
                *otlp.slot(*signal) = Some(options(*signal, endpoint, flags, env)?);
            }
            Ok(Destination::Otlp(otlp))
        }
    }
}

fn chosen_folder(flags: &DestinationFlags, env: &Environment<'_>) -> Option<Chosen<PathBuf>> {
    let flag = flags.otlp_file.clone().map(|value| Chosen { value, origin: "--otlp-file", rank: 0 });
    let own = || env::get(env, env::CLAUDE_OTEL_OTLP_FILE);
    flag.or_else(|| Some(Chosen { value: own()?.into(), origin: env::CLAUDE_OTEL_OTLP_FILE, rank: 1 }))
}

fn file(dir: PathBuf, defaulted: bool, signals: Signals, env: &Environment<'_>) -> Result<Destination, ConfigError> {
    let mut options = FileOptions { defaulted, signals, ..FileOptions::new(dir) };
    if let Some(bytes) = number(env::CLAUDE_OTEL_OTLP_FILE_MAX_BYTES, "bytes", env)? {
        options.max_total_bytes = bytes;
    }
    if let Some(days) = number(env::CLAUDE_OTEL_OTLP_FILE_MAX_DAYS, "days", env)? {
        options.max_age = Duration::from_secs(days.saturating_mul(86_400));
    }
    Ok(Destination::File(options))
}

fn options(
    signal: Signal,
    endpoint: &Chosen<String>,
    flags: &DestinationFlags,
    env: &Environment<'_>,
) -> Result<OtlpOptions, ConfigError> {
    let protocol = protocol(signal, flags, env)?;
    Ok(OtlpOptions {
        endpoint: parse_endpoint(signal, endpoint, protocol, env)?,
        protocol,
        headers: headers(signal, flags, env)?,
        compression: compression(signal, flags, env)?,
        timeout: timeout(signal, flags, env)?,
        tls: tls(signal, env)?,
    })
}

fn protocol(signal: Signal, flags: &DestinationFlags, env: &Environment<'_>) -> Result<Protocol, ConfigError> {
    let chosen = PROTOCOL.get_after(flags.protocol.as_ref(), "--protocol", signal, env);
    let Some(Chosen { value, origin, .. }) = chosen else { return Ok(Protocol::HttpProtobuf) };
    match value.as_str() {
        "grpc" => Ok(Protocol::Grpc),
        "http/protobuf" => Ok(Protocol::HttpProtobuf),
        "http/json" => Ok(Protocol::HttpJson),
        _ => Err(ConfigError::Choice { origin, value, choices: "grpc, http/protobuf, http/json" }),
    }
}

fn parse_endpoint(
    signal: Signal,
    chosen: &Chosen<String>,
    protocol: Protocol,
    env: &Environment<'_>,
) -> Result<Endpoint, ConfigError> {
    let origin = chosen.origin;
    let bad = |problem| ConfigError::Endpoint { origin, problem };
    if protocol == Protocol::Grpc {
        if chosen.value.contains("://") {
            return Endpoint::parse(&chosen.value).map_err(bad);
        }
        // gRPC addresses are often written without a scheme; a variable then says whether they are encrypted.
        let is_insecure = INSECURE.get(signal, env).is_some_and(|chosen| chosen.value.eq_ignore_ascii_case("true"));
        let scheme = if is_insecure { "http" } else { "https" };
        return Endpoint::parse(&format!("{scheme}://{}", chosen.value)).map_err(bad);
    }
    let endpoint = Endpoint::parse(&chosen.value).map_err(bad)?;
    let is_whole = origin == ENDPOINT.of(signal);
    Ok(if is_whole { endpoint } else { endpoint.join_path(http_path(signal)) })
}

fn headers(
    signal: Signal,
    flags: &DestinationFlags,
    env: &Environment<'_>,
) -> Result<Vec<(String, Secret)>, ConfigError> {
    let (origin, read) = if flags.headers.is_empty() {
        let Some(chosen) = HEADERS.get(signal, env) else { return Ok(Vec::new()) };
        (chosen.origin, pairs::decode(&chosen.value))
    } else {
        ("--headers-file", flags.headers.iter().map(|header| pairs::split(header)).collect())
    };
    let bad = |problem| ConfigError::Pairs { origin, problem };
    let mut headers = Vec::new();
    for (name, value) in read.map_err(bad)? {
        pairs::check_header(&name, &value).map_err(bad)?;
        headers.push((name.to_ascii_lowercase(), Secret::new(value)));
    }
    Ok(headers)
}

fn compression(signal: Signal, flags: &DestinationFlags, env: &Environment<'_>) -> Result<Compression, ConfigError> {
    let chosen = COMPRESSION.get_after(flags.compression.as_ref(), "--compression", signal, env);
    let Some(Chosen { value, origin, .. }) = chosen else { return Ok(Compression::None) };
    match value.as_str() {
        "none" => Ok(Compression::None),
        "gzip" => Ok(Compression::Gzip),
        "zstd" => Ok(Compression::Zstd),
        _ => Err(ConfigError::Choice { origin, value, choices: "none, gzip, zstd" }),
    }
}

fn timeout(signal: Signal, flags: &DestinationFlags, env: &Environment<'_>) -> Result<Duration, ConfigError> {
    if let Some(timeout) = flags.timeout {
        let ok = Some(timeout).filter(|timeout| !timeout.is_zero());
        return ok.ok_or(ConfigError::Number { origin: "--timeout", unit: "milliseconds" });
    }
    let Some(chosen) = TIMEOUT.get(signal, env) else { return Ok(DEFAULT_TIMEOUT) };
    let millis = number(chosen.origin, "milliseconds", env)?;
    Ok(millis.map_or(DEFAULT_TIMEOUT, Duration::from_millis))
}

fn tls(signal: Signal, env: &Environment<'_>) -> Result<TlsOptions, ConfigError> {
    let path = |names: &Names| names.get(signal, env).map(|chosen| PathBuf::from(chosen.value));
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
