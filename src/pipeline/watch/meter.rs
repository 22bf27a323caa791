//! Tells at regular times what everything counts to so far.
//!
//! It reads nothing but what was remembered together with what was delivered, so that no crash and no repetition makes
//! it count anything twice. What a receiver misses is in the next telling: totals say everything again, and differences
//! are told until they were taken.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::follower::Clock;
use super::shared::{Event, Shared};
use crate::checkpoint::error::StoreError;
use crate::checkpoint::rows::SeriesRow;
use crate::checkpoint::store::Store;
use crate::export::error::ExportError;
use crate::export::metric_exporter::MetricExporter;
use crate::pipeline::keeper::Keeper;
use crate::pipeline::measuring::table_of;
use crate::telemetry::measure::gauges;
use crate::telemetry::measure::table::TableOptions;
use crate::telemetry::metric::{Metric, Temporality};

/// How long the last telling may take.
const LAST_WITHIN: Duration = Duration::from_secs(3);

/// Opens a new exporter after the former one has failed.
pub type OpenMetricExporter =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Option<MetricExporter>, ExportError>> + Send>> + Send + Sync>;

/// What telling needs to know.
#[derive(Debug, Clone)]
pub struct MeterOptions {
    /// The time between two tellings.
    pub every: Duration,
    /// Names and shapes.
    pub table: TableOptions,
    /// What points count from.
    pub temporality: Temporality,
}

/// Tells what everything counts to.
pub struct Meter {
    keeper: Arc<Keeper>,
    open: OpenMetricExporter,
    exporter: Option<MetricExporter>,
    options: MeterOptions,
    clock: Clock,
    shared: Arc<Shared>,
    /// How often telling has failed in a row.
    failures: u32,
}

/// Why something was not told.
#[derive(Debug, thiserror::Error)]
enum MeterError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    State(#[from] StoreError),
}

impl Meter {
    /// Something that has not told anything yet.
    pub fn new(
        keeper: Arc<Keeper>,
        open: OpenMetricExporter,
        options: MeterOptions,
        (shared, clock): (Arc<Shared>, Clock),
    ) -> Self {
        Self { keeper, open, exporter: None, options, clock, shared, failures: 0 }
    }

    /// Tells until it is stopped; what goes wrong is said through `say`.
    pub async fn run(&mut self, stop: impl Future<Output = ()>, say: impl Fn(Event)) {
        tokio::pin!(stop);
        let mut tick = interval_at(Instant::now() + self.options.every, self.options.every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return,
                _ = tick.tick() => {}
            }
            // A receiver that does not answer must not hold up the end.
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = self.tell(&say) => {}
            }
        }
    }

    /// Tells once, and says when that begins to fail or to work again.
    pub async fn tell(&mut self, say: &impl Fn(Event)) {
        match self.try_to_tell().await {
            Ok(()) if self.failures > 0 => {
                self.failures = 0;
                say(Event::Recovered("the receiver of metrics".to_owned()));
            }
            Ok(()) => {}
            Err(error) => {
                self.failures += 1;
                self.exporter = None;
                if self.failures.is_power_of_two() {
                    say(Event::Problem(format!(
                        "metrics were not taken: {error}; nothing is lost, they are told again"
                    )));
                }
            }
        }
    }

    async fn try_to_tell(&mut self) -> Result<(), MeterError> {
        if self.exporter.is_none() {
            self.exporter = (self.open)().await?;
        }
        let Some(exporter) = &mut self.exporter else { return Ok(()) };
        let now = (self.clock)();
        let gauges = gauges::metrics(&self.shared.open_work(), now);
        match self.options.temporality {
            Temporality::Cumulative => {
                let rows = lasting(&self.keeper)?;
                let mut metrics = table_of(&rows, self.options.table.clone()).cumulative(now);
                metrics.extend(gauges);
                exporter.export(&metrics).await?;
            }
            Temporality::Delta => {
                let mut metrics = differences(&self.keeper, now, self.options.table.clone())?;
                metrics.extend(gauges);
                exporter.export(&metrics).await?;
                self.keeper.with(Store::end_telling)?;
            }
        }
        Ok(())
    }
}

/// What everything counts to, as no crash can undo it: what was told must not be less the next time.
pub fn lasting(keeper: &Keeper) -> Result<Vec<SeriesRow>, StoreError> {
    let rows = keeper.with(Store::series)?;
    keeper.flush()?;
    Ok(rows)
}

/// What has come on top since the last time, or what was begun to be told and not taken.
pub fn differences(keeper: &Keeper, now: i64, options: TableOptions) -> Result<Vec<Metric>, StoreError> {
    let difference = keeper.with(|store| store.begin_telling(now))?;
    keeper.flush()?;
    let rows: Vec<SeriesRow> = difference
        .growth
        .into_iter()
        .map(|part| SeriesRow {
            series: part.series,
            first: part.first,
            amount: part.amount,
            telling: None,
            told: None,
        })
        .collect();
    Ok(table_of(&rows, options).delta(difference.start, difference.end))
}

/// A meter that tells in the background.
#[derive(Debug)]
pub struct Metering {
    stop: Arc<Notify>,
    news: UnboundedSender<Event>,
    task: JoinHandle<Meter>,
}

impl Meter {
    /// Tells in the background from now on.
    pub fn follow(mut self, news: UnboundedSender<Event>) -> Metering {
        let stop = Arc::new(Notify::new());
        let (asked, said) = (Arc::clone(&stop), news.clone());
        let task = tokio::spawn(async move {
            self.run(asked.notified(), |event| drop(said.send(event))).await;
            self
        });
        Metering { stop, news, task }
    }
}

impl Metering {
    /// Ends it; with `is_last`, after everything was told once more, if the receiver takes it soon.
    pub async fn end(self, is_last: bool) {
        let Self { stop, news, task } = self;
        stop.notify_one();
        let Ok(mut meter) = task.await else { return };
        if is_last {
            let told = tokio::time::timeout(LAST_WITHIN, meter.tell(&|event| drop(news.send(event)))).await;
            if told.is_err() {
                tracing::warn!("the receiver of metrics did not take the last ones in time; the next start tells them");
            }
        }
    }
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").field("options", &self.options).finish_non_exhaustive()
    }
}
