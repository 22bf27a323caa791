//! One batch to its end: sent, sent again, halved, cut, or set aside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use prost::bytes::Bytes;
use tokio::task;

use super::advice::Advice;
use super::batch::Batch;
use super::clock::Clock;
use super::dead_letter::DeadLetters;
use super::encode::Encoder;
use super::error::ExportError;
use super::grpc::GrpcTransport;
use super::http::HttpTransport;
use super::json_lines::JsonLines;
use super::live::LiveSignal;
use super::message::OtlpMessage;
use super::retry::RetryPolicy;
use super::totals::DeliveryTotals;
use super::verdict::Verdict;
use crate::telemetry::signal::Signals;

/// How we introduce ourselves.
pub(super) const USER_AGENT: &str = concat!("claude-otel/", env!("CARGO_PKG_VERSION"));

/// What came of one attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The destination took it, perhaps without a few items.
    Accepted {
        /// Spans, log records or data points that it did not keep.
        rejected: u64,
        /// What it said, fit to be shown; often nothing.
        note: String,
    },
    /// It did not.
    Refused {
        /// What that means.
        verdict: Verdict,
        /// What it said, fit to be shown.
        said: String,
    },
}

/// What came of one attempt, and what else it shows of the destination.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) reply: Reply,
    /// Whether the destination itself spoke, as opposed to the network or our own patience.
    pub(super) is_answered: bool,
    /// The time of day at the destination, where it says so.
    pub(super) server_time: Option<SystemTime>,
}

/// The way to the destination.
#[derive(Debug)]
pub(super) enum Transport {
    /// OTLP over HTTP.
    Http(Box<HttpTransport>),
    /// OTLP over gRPC.
    Grpc(Box<GrpcTransport>),
    /// OTLP/JSON lines.
    File(Arc<JsonLines>),
}

/// Everything that a delivery of one signal needs; shared by those in flight.
#[derive(Debug)]
pub(super) struct Delivery<M> {
    pub(super) destination: String,
    /// All signals of the destination, for advice.
    pub(super) signals: Signals,
    pub(super) transport: Transport,
    pub(super) encoder: Encoder<M>,
    pub(super) dead_letters: Arc<DeadLetters>,
    pub(super) retry: RetryPolicy,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) live: Arc<LiveSignal>,
    /// How many tries of one request were told of since the destination took anything.
    pub(super) told_tries: AtomicU32,
}

/// A part of a batch that still has to go.
struct Piece {
    batch: Batch,
    /// What it was before its texts were cut.
    uncut: Option<Batch>,
}

/// Why a piece did not go through, though the destination is fine.
enum Obstacle {
    TooLarge { said: String },
    BadContent { said: String },
}

impl<M: OtlpMessage> Delivery<M> {
    /// Delivers a batch. The totals count what was done even when it fails in the end.
    pub(super) async fn deliver(&self, batch: Batch) -> (DeliveryTotals, Result<(), ExportError>) {
        let mut totals = DeliveryTotals::default();
        let result = self.deliver_pieces(batch, &mut totals).await;
        (totals, result)
    }

    async fn deliver_pieces(&self, batch: Batch, totals: &mut DeliveryTotals) -> Result<(), ExportError> {
        let mut pieces = vec![Piece { batch, uncut: None }];
        while let Some(piece) = pieces.pop() {
            let body = self.encoder.request(&piece.batch);
            totals.bytes += body.len() as u64;
            let count = piece.batch.count();
            match self.push(body, totals).await? {
                Ok((rejected, note)) => {
                    let rejected = rejected.min(count);
                    if rejected > 0 || !note.is_empty() {
                        let signal = M::SIGNAL.name();
                        tracing::warn!(
                            signal,
                            rejected,
                            of = count,
                            note,
                            "the destination did not take everything as it was"
                        );
                    }
                    totals.rejected += rejected;
                    totals.delivered += count - rejected;
                    self.live.accepted(count - rejected, rejected);
                    totals.cut += u64::from(piece.uncut.is_some());
                }
                Err(Obstacle::TooLarge { said }) => match self.halve(&piece.batch)? {
                    Some((first, second)) => {
                        tracing::debug!(count, said, "a request was too large and is halved");
                        pieces.push(Piece { batch: second, uncut: None });
                        pieces.push(Piece { batch: first, uncut: None });
                    }
                    None => pieces.extend(self.cut_or_set_aside(piece, &said, totals).await?),
                },
                Err(Obstacle::BadContent { said }) => self.set_aside(&piece, &said, totals).await?,
            }
        }
        Ok(())
    }

    /// Two smaller batches; a lone metric is taken apart by its points.
    fn halve(&self, batch: &Batch) -> Result<Option<(Batch, Batch)>, ExportError> {
        match batch.halve() {
            Some(halves) => Ok(Some(halves)),
            None => self.encoder.split(batch).map_err(|error| self.internal(&error)),
        }
    }

    /// Repeats a request until the destination takes it, or will not, or the policy gives up.
    async fn push(
        &self,
        body: Bytes,
        totals: &mut DeliveryTotals,
    ) -> Result<Result<(u64, String), Obstacle>, ExportError> {
        let body = self.prepare(body)?;
        let started = self.clock.elapsed();
        let mut tries = 0;
        loop {
            tries += 1;
            totals.requests += 1;
            let sent = self.clock.elapsed();
            let reply = self.attempt(body.clone()).await?;
            let is_refused =
                matches!(reply, Reply::Refused { verdict: Verdict::Retry { .. } | Verdict::BadDestination { .. }, .. });
            self.live.attempted(self.clock.elapsed().saturating_sub(sent), is_refused);
            let (verdict, said) = match reply {
                Reply::Accepted { rejected, note } => {
                    self.told_tries.store(0, Ordering::Relaxed);
                    return Ok(Ok((rejected, note)));
                }
                Reply::Refused { verdict, said } => (verdict, said),
            };
            let after = match verdict {
                Verdict::Retry { after } => after,
                Verdict::TooLarge => return Ok(Err(Obstacle::TooLarge { said })),
                Verdict::BadContent if self.is_unreadable().await => return Err(self.refused(said, Advice::Encoding)),
                Verdict::BadContent => return Ok(Err(Obstacle::BadContent { said })),
                Verdict::BadDestination { advice } => return Err(self.refused(said, advice)),
            };
            let waited = self.clock.elapsed().saturating_sub(started);
            let Some(wait) = self.retry.wait(tries, waited, after, self.clock.jitter()) else {
                return Err(self.unreachable(with_wish(said, after), tries, waited));
            };
            let wait_ms = wait.as_millis() as u64;
            // Loud, but ever more seldom while nothing changes, and once for all requests that are under way.
            if tries.is_power_of_two() && self.told_tries.fetch_max(tries, Ordering::Relaxed) < tries {
                tracing::warn!(destination = self.destination, said, tries, wait_ms, "will send again");
            } else {
                tracing::debug!(said, tries, wait_ms, "will send again");
            }
            totals.retries += 1;
            self.live.retried();
            self.clock.sleep(wait).await;
        }
    }

    /// Whether nothing that is encoded like this will ever be taken.
    async fn is_unreadable(&self) -> bool {
        match &self.transport {
            Transport::Http(http) => http.is_unreadable().await,
            Transport::Grpc(_) | Transport::File(_) => false,
        }
    }

    fn refused(&self, said: String, advice: Advice) -> ExportError {
        let advice = advice.words(M::SIGNAL, self.signals);
        ExportError::Refused { destination: self.destination.clone(), said, advice }
    }

    fn unreachable(&self, said: String, tries: u32, waited: Duration) -> ExportError {
        let advice = "check that the receiver is running and that endpoint and protocol are right";
        ExportError::Unreachable { destination: self.destination.clone(), said, tries, waited, advice }
    }

    fn prepare(&self, body: Bytes) -> Result<Bytes, ExportError> {
        match &self.transport {
            Transport::Http(http) => http.prepare(body).map_err(|error| self.internal(&error)),
            Transport::Grpc(_) | Transport::File(_) => Ok(body),
        }
    }

    async fn attempt(&self, body: Bytes) -> Result<Reply, ExportError> {
        match &self.transport {
            Transport::Http(http) => Ok(http.attempt(body, self.clock.now()).await),
            Transport::Grpc(grpc) => Ok(grpc.attempt(body).await),
            Transport::File(lines) => {
                let (lines, now) = (Arc::clone(lines), self.clock.now());
                self.blocking(move || lines.append(&body, now)).await?;
                Ok(Reply::Accepted { rejected: 0, note: String::new() })
            }
        }
    }

    async fn cut_or_set_aside(
        &self,
        piece: Piece,
        said: &str,
        totals: &mut DeliveryTotals,
    ) -> Result<Option<Piece>, ExportError> {
        if piece.uncut.is_none()
            && let Some(batch) = self.encoder.cut(&piece.batch).map_err(|error| self.internal(&error))?
        {
            tracing::warn!(said, "a {} was too large; its long texts are cut", M::NAME);
            return Ok(Some(Piece { batch, uncut: Some(piece.batch) }));
        }
        self.set_aside(&piece, said, totals).await?;
        Ok(None)
    }

    async fn set_aside(&self, piece: &Piece, said: &str, totals: &mut DeliveryTotals) -> Result<(), ExportError> {
        let batch = piece.uncut.as_ref().unwrap_or(&piece.batch);
        let line = self.encoder.json_line(batch).map_err(|error| self.internal(&error))?;
        let (dead_letters, now) = (Arc::clone(&self.dead_letters), self.clock.now());
        self.blocking(move || dead_letters.set_aside(&line, now)).await?;
        totals.dead_lettered += batch.count();
        self.live.dead_lettered(batch.count());
        let (signal, count) = (M::SIGNAL.name(), batch.count());
        tracing::warn!(signal, count, said, "the destination refused content, which was set aside");
        Ok(())
    }

    /// Files are written beside the async threads, which are few.
    async fn blocking(
        &self,
        write: impl FnOnce() -> Result<(), ExportError> + Send + 'static,
    ) -> Result<(), ExportError> {
        task::spawn_blocking(write).await.map_err(|error| self.internal(&error))?
    }

    fn internal(&self, error: &dyn std::error::Error) -> ExportError {
        ExportError::Internal { destination: self.destination.clone(), problem: error.to_string() }
    }
}

/// A wish that is too long to be granted explains why so few tries were made.
fn with_wish(said: String, after: Option<Duration>) -> String {
    match after {
        Some(after) if !after.is_zero() => format!("{said} (it asks to wait for {} s)", after.as_secs()),
        _ => said,
    }
}
