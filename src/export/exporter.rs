//! The face of this stage: spans in, counts out.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::{self, JoinHandle};

use super::batch::Batch;
pub use super::batch::BatchLimits;
use super::clock::{Clock, SystemClock};
use super::dead_letter::{self, DeadLetters};
use super::delivery::{Delivery, Transport};
use super::destination::{Destination, FileOptions, OtlpOptions, Protocol};
use super::encode::{Encoder, Encoding};
use super::error::ExportError;
use super::grpc::GrpcTransport;
use super::http::HttpTransport;
use super::json_lines::{Bounds, JsonLines};
use super::retry::RetryPolicy;
use super::signal::TRACES_FILE_STEM;
use super::tls::TlsMaterial;
use super::totals::DeliveryTotals;
use crate::telemetry::span::{Resource, Span, Telemetry};

/// How to deliver, apart from where.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// Where refused content is set aside. One folder per destination: two destinations refuse different things.
    pub dead_letter_dir: PathBuf,
    /// How much of it may lie there; when it is full, delivery stops rather than lose anything.
    pub dead_letter_max_bytes: u64,
    /// When to try again.
    pub retry: RetryPolicy,
    /// Requests under way at once; a file is written one line at a time whatever this says.
    pub in_flight: usize,
    /// How much one request carries; none takes what suits the destination.
    pub limits: Option<BatchLimits>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
}

impl ExportOptions {
    /// Four requests at once, given up after a minute without an answer.
    pub fn new(dead_letter_dir: impl Into<PathBuf>) -> Self {
        Self {
            dead_letter_dir: dead_letter_dir.into(),
            dead_letter_max_bytes: dead_letter::MAX_BYTES,
            retry: RetryPolicy::BOUNDED,
            in_flight: 4,
            limits: None,
            clock: Arc::new(SystemClock::start()),
        }
    }
}

/// Delivers spans in batches. After an error it is of no more use: what [`Exporter::unacknowledged`] counts has to be
/// given to a new one.
#[derive(Debug)]
pub struct Exporter {
    delivery: Arc<Delivery>,
    limits: BatchLimits,
    max_in_flight: usize,
    /// Taken from the caller and not encoded yet; empty between calls unless one of them was cancelled.
    waiting: VecDeque<Span>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    in_flight: VecDeque<InFlight>,
    totals: DeliveryTotals,
    accepted: u64,
    acknowledged: u64,
    failed: bool,
}

#[derive(Debug)]
struct InFlight {
    spans: u64,
    task: JoinHandle<(DeliveryTotals, Result<(), ExportError>)>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Exporter {
    /// Reads certificates, opens files, and connects to nothing yet.
    pub async fn open(
        destination: Destination,
        resource: Resource,
        options: ExportOptions,
    ) -> Result<Self, ExportError> {
        let name = destination.describe();
        let (transport, encoding, limits, max_in_flight) = match destination {
            Destination::Otlp(otlp) => {
                let (transport, encoding) = otlp_transport(otlp, &name).await?;
                (transport, encoding, BatchLimits::OTLP, options.in_flight.max(1))
            }
            // Lines of one file cannot overtake each other, so more at once would only wait for the lock.
            Destination::File(file) => {
                let lines = blocking(&name, move || open_lines(&file)).await??;
                (Transport::File(Arc::new(lines)), Encoding::Json, BatchLimits::FILE, 1)
            }
            Destination::Disabled { reason } => return Err(ExportError::Disabled { reason }),
        };
        let encoder = Encoder::new(encoding, &resource).map_err(|error| internal(&name, &error))?;
        let delivery = Delivery {
            destination: name,
            transport,
            encoder,
            dead_letters: Arc::new(DeadLetters::new(&options.dead_letter_dir, options.dead_letter_max_bytes)),
            retry: options.retry,
            clock: options.clock,
        };
        Ok(Self {
            delivery: Arc::new(delivery),
            limits: options.limits.unwrap_or(limits),
            max_in_flight,
            waiting: VecDeque::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
            in_flight: VecDeque::new(),
            totals: DeliveryTotals::default(),
            accepted: 0,
            acknowledged: 0,
            failed: false,
        })
    }

    /// Takes spans, and delivers as many full batches as they make. Returns once the spans are held here or under way,
    /// which waits for the destination when too much is under way already. Cancelling loses nothing.
    pub async fn send(&mut self, telemetry: impl Into<Telemetry>) -> Result<(), ExportError> {
        let telemetry = telemetry.into();
        self.check_usable()?;
        self.accepted += telemetry.spans.len() as u64;
        self.waiting.extend(telemetry.spans);
        self.pack().await
    }

    /// Delivers everything that is held and waits for every answer.
    pub async fn flush(&mut self) -> Result<(), ExportError> {
        self.check_usable()?;
        self.pack().await?;
        self.make_room().await?;
        self.dispatch(self.ends.len());
        while !self.in_flight.is_empty() {
            self.settle_oldest().await?;
        }
        Ok(())
    }

    /// What became of the spans whose deliveries have ended.
    pub fn totals(&self) -> &DeliveryTotals {
        &self.totals
    }

    /// How many spans, counted in the order of [`Exporter::send`], are done with: taken, rejected or set aside. The
    /// first of the others is the first that may have to be sent again.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// How many spans were handed over and are not done with, also after an error.
    pub fn unacknowledged(&self) -> u64 {
        self.accepted - self.acknowledged
    }

    /// Whether [`Exporter::send`] would not have to wait for the destination.
    pub fn has_room(&self) -> bool {
        self.waiting.is_empty() && (self.in_flight.len() < self.max_in_flight || self.full_batch().is_none())
    }

    async fn pack(&mut self) -> Result<(), ExportError> {
        loop {
            // Answers that have come are taken note of now, so that a failure is known early.
            while self.in_flight.front().is_some_and(|oldest| oldest.task.is_finished()) {
                self.settle_oldest().await?;
            }
            // Whatever is full goes before more is encoded; a cancelled wait resumes here.
            while let Some(full) = self.full_batch() {
                self.make_room().await?;
                self.dispatch(full);
            }
            let Some(span) = self.waiting.pop_front() else { return Ok(()) };
            let encoded = self.delivery.encoder.encode(span, &mut self.bytes);
            if let Err(error) = encoded {
                return Err(self.fail(internal(&self.delivery.destination, &error)));
            }
            self.ends.push(self.bytes.len());
        }
    }

    /// How many of the encoded spans make a full batch, if they do.
    fn full_batch(&self) -> Option<usize> {
        let count = self.ends.len();
        if self.delivery.encoder.request_len(self.bytes.len()) > self.limits.max_bytes && count > 0 {
            // All but the last, which made it too large; unless that one is too large by itself.
            Some((count - 1).max(1))
        } else {
            (count >= self.limits.max_spans.max(1)).then_some(count)
        }
    }

    /// Waits until another delivery may start.
    async fn make_room(&mut self) -> Result<(), ExportError> {
        while self.in_flight.len() >= self.max_in_flight {
            self.settle_oldest().await?;
        }
        Ok(())
    }

    /// Starts the delivery of the first `count` encoded spans.
    fn dispatch(&mut self, count: usize) {
        let Some(cut) = count.checked_sub(1).and_then(|last| self.ends.get(last).copied()) else { return };
        let rest_bytes = self.bytes.split_off(cut);
        let rest_ends = self.ends.split_off(count).into_iter().map(|end| end - cut).collect();
        let bytes = std::mem::replace(&mut self.bytes, rest_bytes);
        let ends = std::mem::replace(&mut self.ends, rest_ends);
        let delivery = Arc::clone(&self.delivery);
        let task = task::spawn(async move { delivery.deliver(Batch::new(bytes, ends)).await });
        self.in_flight.push_back(InFlight { spans: count as u64, task });
    }

    /// Waits for the oldest delivery, so that acknowledgements come in the order of sending.
    async fn settle_oldest(&mut self) -> Result<(), ExportError> {
        let Some(oldest) = self.in_flight.front_mut() else { return Ok(()) };
        // The entry leaves the queue only after its answer is here, for the sake of cancellation.
        let answer = (&mut oldest.task).await;
        let spans = oldest.spans;
        self.in_flight.pop_front();
        match answer {
            Ok((totals, result)) => {
                self.totals += totals;
                match result {
                    Ok(()) => {
                        self.acknowledged += spans;
                        Ok(())
                    }
                    Err(error) => Err(self.fail(error)),
                }
            }
            Err(error) => Err(self.fail(internal(&self.delivery.destination, &error))),
        }
    }

    /// Stops everything under way; whether it arrives no longer matters, for it will be sent again with the same ids.
    fn fail(&mut self, error: ExportError) -> ExportError {
        self.failed = true;
        self.in_flight.clear();
        self.waiting.clear();
        self.bytes.clear();
        self.ends.clear();
        error
    }

    fn check_usable(&self) -> Result<(), ExportError> {
        if !self.failed {
            return Ok(());
        }
        let problem = "it was used again after a failure".to_owned();
        Err(ExportError::Internal { destination: self.delivery.destination.clone(), problem })
    }
}

async fn otlp_transport(options: OtlpOptions, name: &str) -> Result<(Transport, Encoding), ExportError> {
    let setup = |problem| ExportError::Setup { destination: name.to_owned(), problem };
    let (tls_options, wanted) = (options.tls.clone(), options.endpoint.is_tls());
    let tls = blocking(name, move || TlsMaterial::load(&tls_options, wanted)).await?.map_err(setup)?;
    match options.protocol {
        Protocol::Grpc => {
            let transport = GrpcTransport::new(options, &tls).map_err(setup)?;
            Ok((Transport::Grpc(Box::new(transport)), Encoding::Protobuf))
        }
        Protocol::HttpProtobuf => {
            let transport = HttpTransport::new(options, Encoding::Protobuf, &tls).map_err(setup)?;
            Ok((Transport::Http(Box::new(transport)), Encoding::Protobuf))
        }
        Protocol::HttpJson => {
            let transport = HttpTransport::new(options, Encoding::Json, &tls).map_err(setup)?;
            Ok((Transport::Http(Box::new(transport)), Encoding::Json))
        }
    }
}

fn open_lines(options: &FileOptions) -> Result<JsonLines, ExportError> {
    let bounds = Bounds {
        total_bytes: options.max_total_bytes,
        age: options.max_age,
        file_bytes: options.rotate_bytes,
        raise: "CLAUDE_OTEL_OTLP_FILE_MAX_BYTES, CLAUDE_OTEL_OTLP_FILE_MAX_DAYS",
    };
    JsonLines::open(&options.dir, TRACES_FILE_STEM, bounds)
}

async fn blocking<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ExportError> {
    task::spawn_blocking(work).await.map_err(|error| internal(name, &error))
}

fn internal(destination: &str, error: &dyn std::error::Error) -> ExportError {
    ExportError::Internal { destination: destination.to_owned(), problem: error.to_string() }
}
