//! Opens the way of one signal to a destination.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use tokio::task;

use super::batch::BatchLimits;
use super::dead_letter::DeadLetters;
use super::delivery::{Delivery, Transport};
use super::destination::{Destination, FileOptions, OtlpOptions, Protocol};
use super::encode::{Encoder, Encoding};
use super::error::ExportError;
use super::exporter::ExportOptions;
use super::grpc::GrpcTransport;
use super::http::HttpTransport;
use super::json_lines::{Bounds, JsonLines};
use super::lane::Lane;
use super::message::OtlpMessage;
use super::signal::{FILE_STEMS, wire};
use super::tls::TlsMaterial;
use crate::telemetry::signal::Signal;
use crate::telemetry::span::Resource;

/// The lane of the signal of `M`, or none when it is switched off. Reads certificates, opens files, and connects to nothing
/// yet.
pub(super) async fn lane<M: OtlpMessage>(
    destination: &Destination,
    resource: &Resource,
    options: &ExportOptions,
) -> Result<Option<Lane<M>>, ExportError> {
    let signal = M::SIGNAL;
    let name;
    let (transport, encoding, limits, max_in_flight) = match destination {
        Destination::Otlp(otlp) => {
            let Some(otlp) = otlp.of(signal) else { return Ok(None) };
            name = otlp.describe();
            let (transport, encoding) = otlp_transport(signal, otlp.clone(), &name).await?;
            (transport, encoding, BatchLimits::OTLP, options.in_flight.max(1))
        }
        Destination::File(file) => {
            if !file.signals.has(signal) {
                return Ok(None);
            }
            name = destination.describe();
            let file = file.clone();
            let lines = blocking(&name, move || open_lines(signal, &file)).await??;
            // Lines of one file cannot overtake each other, so more at once would only wait for the lock.
            (Transport::File(Arc::new(lines)), Encoding::Json, BatchLimits::FILE, 1)
        }
        Destination::Disabled { reason } => return Err(ExportError::Disabled { reason: reason.clone() }),
    };
    let encoder = Encoder::new(encoding, resource).map_err(|error| internal(&name, &error))?;
    let dead_letters = DeadLetters::new(&options.dead_letter_dir, signal, options.dead_letter_max_bytes);
    let delivery = Delivery {
        destination: name,
        signals: destination.signals(),
        transport,
        encoder,
        dead_letters: Arc::new(dead_letters),
        retry: options.retry,
        clock: Arc::clone(&options.clock),
        live: Arc::clone(options.live.of(signal)),
        told_tries: AtomicU32::new(0),
    };
    Ok(Some(Lane::new(delivery, options.limits.unwrap_or(limits), max_in_flight)))
}

/// The way to the receiver of a signal, and how what goes there is encoded. Reads certificates, and connects to nothing yet.
pub(super) async fn otlp_transport(
    signal: Signal,
    options: OtlpOptions,
    name: &str,
) -> Result<(Transport, Encoding), ExportError> {
    let setup = |problem| ExportError::Setup { destination: name.to_owned(), problem };
    let (tls_options, wanted) = (options.tls.clone(), options.endpoint.is_tls());
    let tls = blocking(name, move || TlsMaterial::load(&tls_options, wanted)).await?.map_err(setup)?;
    let encoding = match options.protocol {
        Protocol::Grpc => {
            let transport = GrpcTransport::new(signal, options, &tls).map_err(setup)?;
            return Ok((Transport::Grpc(Box::new(transport)), Encoding::Protobuf));
        }
        Protocol::HttpProtobuf => Encoding::Protobuf,
        Protocol::HttpJson => Encoding::Json,
    };
    let transport = HttpTransport::new(signal, options, encoding, &tls).map_err(setup)?;
    Ok((Transport::Http(Box::new(transport)), encoding))
}

fn open_lines(signal: Signal, options: &FileOptions) -> Result<JsonLines, ExportError> {
    let bounds = Bounds {
        stems: &FILE_STEMS,
        total_bytes: options.max_total_bytes,
        age: options.max_age,
        file_bytes: options.rotate_bytes,
        raise: "CLAUDE_OTEL_OTLP_FILE_MAX_BYTES, CLAUDE_OTEL_OTLP_FILE_MAX_DAYS",
    };
    JsonLines::open(&options.dir, wire(signal).file_stem, bounds)
}

async fn blocking<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ExportError> {
    task::spawn_blocking(work).await.map_err(|error| internal(name, &error))
}

fn internal(destination: &str, error: &dyn std::error::Error) -> ExportError {
    ExportError::Internal { destination: destination.to_owned(), problem: error.to_string() }
}
