//! The face of this stage for what is told once: spans and log records in, counts out.

use std::path::PathBuf;
use std::sync::Arc;

pub use super::batch::BatchLimits;
use super::clock::{Clock, SystemClock};
use super::dead_letter;
use super::destination::Destination;
use super::error::ExportError;
use super::item::Item;
use super::lane::Lane;
use super::live::LiveTotals;
use super::message::OtlpMessage;
use super::open;
use super::order::{Items, Order};
use super::packing::{Load, Packing};
use super::retry::RetryPolicy;
use super::totals::DeliveryTotals;
use crate::telemetry::log::LogRecord;
use crate::telemetry::signal::Signal;
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
    /// Requests under way at once, of each signal; a file is written one line at a time whatever this says.
    pub in_flight: usize,
    /// How much one request carries; none takes what suits the destination.
    pub limits: Option<BatchLimits>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Where everything is counted as it happens.
    pub live: LiveTotals,
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
            live: LiveTotals::default(),
        }
    }
}

/// Delivers spans and log records in batches, each signal on its own way. After an error it is of no more use: what
/// [`Exporter::unacknowledged`] counts has to be given to a new one.
#[derive(Debug)]
pub struct Exporter {
    /// The destination, without secrets.
    name: Arc<str>,
    traces: Option<Lane<<Span as Item>::Message>>,
    logs: Option<Lane<<LogRecord as Item>::Message>>,
    order: Order,
    /// What there is to say of a signal that is switched off.
    nothing: DeliveryTotals,
    failed: bool,
}

impl Exporter {
    /// Reads certificates, opens files, and connects to nothing yet.
    pub async fn open(
        destination: Destination,
        resource: Resource,
        options: ExportOptions,
    ) -> Result<Self, ExportError> {
        Ok(Self {
            name: destination.describe().into(),
            traces: open::lane(&destination, &resource, &options).await?,
            logs: open::lane(&destination, &resource, &options).await?,
            order: Order::default(),
            nothing: DeliveryTotals::default(),
            failed: false,
        })
    }

    /// Takes spans and log records, and delivers as many full batches as they make. Returns once they are held here or
    /// under way, which waits for the destination when too much is under way already. Cancelling loses nothing. What is
    /// of a signal that is switched off is dropped, and counts as done with when its turn comes.
    pub async fn send(&mut self, telemetry: impl Into<Telemetry>) -> Result<(), ExportError> {
        match self.packing().pack(&telemetry.into()) {
            Ok(load) => self.send_load(load).await,
            Err(error) => self.check(Err(error)),
        }
    }

    /// The same for what was encoded by this exporter's [`Exporter::packing`].
    pub async fn send_load(&mut self, load: Load) -> Result<(), ExportError> {
        self.check_usable()?;
        self.order.forget(self.done());
        self.order.add(load.items);
        if let Some(traces) = &mut self.traces {
            traces.take(load.traces);
        }
        if let Some(logs) = &mut self.logs {
            logs.take(load.logs);
        }
        // Neither waits for the other; a failure of one drops the wait of the other, which loses nothing either.
        let result = tokio::try_join!(pack(self.traces.as_mut()), pack(self.logs.as_mut()));
        self.check(result.map(|_| ()))
    }

    /// How what is sent is encoded, so that others can do that beforehand.
    pub fn packing(&self) -> Packing {
        Packing {
            destination: Arc::clone(&self.name),
            traces: self.traces.as_ref().map(Lane::encoding),
            logs: self.logs.as_ref().map(Lane::encoding),
        }
    }

    /// Delivers everything that is held and waits for every answer.
    pub async fn flush(&mut self) -> Result<(), ExportError> {
        self.check_usable()?;
        let result = tokio::try_join!(flush(self.traces.as_mut()), flush(self.logs.as_mut()));
        self.check(result.map(|_| ()))
    }

    /// What became of the spans whose deliveries have ended.
    pub fn totals(&self) -> &DeliveryTotals {
        self.totals_of(Signal::Traces)
    }

    /// What became of that of a signal whose delivery has ended; metrics go another way and have totals of their own.
    pub fn totals_of(&self, signal: Signal) -> &DeliveryTotals {
        let totals = match signal {
            Signal::Traces => self.traces.as_ref().map(Lane::totals),
            Signal::Logs => self.logs.as_ref().map(Lane::totals),
            Signal::Metrics => None,
        };
        totals.unwrap_or(&self.nothing)
    }

    /// How many spans and log records are done with: taken, rejected or set aside. They count in the order of
    /// [`Exporter::send`], and those of one call spans first, so that everything before the last of them is done with
    /// too. The first of the others is the first that may have to be sent again.
    pub fn acknowledged(&self) -> u64 {
        self.order.done(self.done())
    }

    /// How many spans and log records were handed over and are not done with, also after an error.
    pub fn unacknowledged(&self) -> u64 {
        self.order.accepted() - self.acknowledged()
    }

    /// How many of them are spans.
    pub fn unacknowledged_spans(&self) -> u64 {
        // Spans that are not to be sent are done with.
        self.traces.as_ref().map_or(0, |lane| self.order.accepted_spans().saturating_sub(lane.acknowledged()))
    }

    /// Whether [`Exporter::send`] would not have to wait for the destination.
    pub fn has_room(&self) -> bool {
        self.traces.as_ref().is_none_or(Lane::has_room) && self.logs.as_ref().is_none_or(Lane::has_room)
    }

    fn done(&self) -> Items {
        Items { spans: done(self.traces.as_ref()), logs: done(self.logs.as_ref()) }
    }

    /// Stops everything under way after a failure; whether it arrives no longer matters, for it will be sent again with
    /// the same ids.
    fn check(&mut self, result: Result<(), ExportError>) -> Result<(), ExportError> {
        if result.is_err() {
            self.failed = true;
            self.traces.as_mut().map(Lane::clear);
            self.logs.as_mut().map(Lane::clear);
        }
        result
    }

    fn check_usable(&self) -> Result<(), ExportError> {
        if !self.failed {
            return Ok(());
        }
        let problem = "it was used again after a failure".to_owned();
        Err(ExportError::Internal { destination: self.name.to_string(), problem })
    }
}

async fn pack<M: OtlpMessage>(lane: Option<&mut Lane<M>>) -> Result<(), ExportError> {
    match lane {
        Some(lane) => lane.pack().await,
        None => Ok(()),
    }
}

async fn flush<M: OtlpMessage>(lane: Option<&mut Lane<M>>) -> Result<(), ExportError> {
    match lane {
        Some(lane) => lane.flush().await,
        None => Ok(()),
    }
}

/// How many items of a signal are done with; all of them when it is switched off.
fn done<M: OtlpMessage>(lane: Option<&Lane<M>>) -> u64 {
    lane.map_or(u64::MAX, Lane::acknowledged)
}
