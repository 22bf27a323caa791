//! Metrics as commands tell them: at the end of a pass, or again and again while a watcher follows.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::Surroundings;
use crate::checkpoint::error::StoreError;
use crate::checkpoint::store::Store;
use crate::config::ConfigError;
use crate::config::metrics::{MetricOptions, resolve_metrics};
use crate::export::destination::Destination;
use crate::export::error::ExportError;
use crate::export::exporter::ExportOptions;
use crate::export::live::LiveTotals;
use crate::export::metric_exporter::MetricExporter;
use crate::pipeline::filter::Filter;
use crate::pipeline::history::{History, HistoryOptions};
use crate::pipeline::keeper::Keeper;
use crate::pipeline::measuring::{Measuring, table_of};
use crate::pipeline::watch::{Clock, Meter, MeterOptions, OpenMetricExporter, Shared, differences, lasting};
use crate::telemetry::measure::table::TableOptions;
use crate::telemetry::metric::Temporality;
use crate::telemetry::options::{HistogramKind, MapOptions};
use crate::telemetry::span::Resource;

/// How metrics are shaped.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct HistogramArgs {
    /// Buckets of histograms: those that the conventions name, or ones that grow by a factor [default: explicit]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "explicit|exponential",
        help_heading = "What is sent"
    )]
    histogram: Option<Histogram>,
}

/// What a pass over the past tells of metrics.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct PastArgs {
    /// Metrics of what is read: none, historical (points at their original times) or now (added to the running totals) [default: none]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "none|historical|now",
        help_heading = "What is sent"
    )]
    metrics: Option<Past>,
}

impl PastArgs {
    pub(super) fn past(self) -> Past {
        self.metrics.unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Histogram {
    Explicit,
    Exponential,
}

/// What a pass tells of metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Past {
    /// Nothing
    #[default]
    None,
    /// Points at their original times
    Historical,
    /// The running totals, with what was read added to them
    Now,
}

/// Everything about metrics that a command needs to know.
#[derive(Debug, Clone)]
pub(super) struct MetricPlan {
    pub past: Past,
    pub options: MetricOptions,
    pub table: TableOptions,
}

impl MetricPlan {
    pub(super) fn new(
        past: Past,
        histogram: HistogramArgs,
        map: &MapOptions,
        surroundings: &Surroundings,
    ) -> Result<Self, ConfigError> {
        let kind = histogram.histogram.map(|histogram| match histogram {
            Histogram::Explicit => HistogramKind::Explicit,
            Histogram::Exponential => HistogramKind::Exponential,
        });
        let options = resolve_metrics(kind, &|name: &str| surroundings.variable(name))?;
        let table = TableOptions {
            vocabularies: map.vocab,
            semconv: map.genai_semconv,
            histograms: options.histograms,
            privacy: Arc::clone(&map.privacy),
        };
        Ok(Self { past, options, table })
    }

    /// What has to be measured for it. Without a state, everything is counted from the beginning.
    pub(super) fn measuring(&self, has_state: bool) -> Measuring {
        match self.past {
            Past::None => Measuring::Off,
            Past::Historical => Measuring::History { every: self.every_ms(), is_whole: !has_state },
            Past::Now => Measuring::Totals,
        }
    }

    fn every_ms(&self) -> i64 {
        i64::try_from(self.options.every.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    /// What tells the metrics of a watcher.
    pub(super) fn meter(
        self,
        keeper: &Arc<Keeper>,
        (destination, resource, dead_letters, live): (Destination, Resource, PathBuf, LiveTotals),
        parts: (Arc<Shared>, Clock),
    ) -> Meter {
        let open: OpenMetricExporter = Box::new(move || {
            let (destination, resource) = (destination.clone(), resource.clone());
            let options = ExportOptions { live: live.clone(), ..ExportOptions::new(&dead_letters) };
            Box::pin(async move { MetricExporter::open(&destination, &resource, &options).await })
        });
        let options =
            MeterOptions { every: self.options.every, table: self.table, temporality: self.options.temporality };
        Meter::new(Arc::clone(keeper), open, options, parts)
    }
}

/// Why metrics of the past were not told.
#[derive(Debug, thiserror::Error)]
pub(super) enum PastError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    State(#[from] StoreError),
}

/// Tells the metrics of a pass that has delivered all else.
pub(super) async fn tell(
    plan: MetricPlan,
    history: &mut History,
    keeper: Option<&Keeper>,
    exporter: &mut MetricExporter,
    (is_again, now): (bool, i64),
    filter: &Filter,
) -> Result<(), PastError> {
    match (plan.past, keeper) {
        (Past::None, _) | (Past::Now, None) => {}
        (Past::Now, Some(keeper)) => match plan.options.temporality {
            Temporality::Cumulative => {
                let rows = lasting(keeper)?;
                exporter.export(&table_of(&rows, plan.table).cumulative(now)).await?;
            }
            Temporality::Delta => {
                exporter.export(&differences(keeper, now, plan.table)?).await?;
                keeper.with(Store::end_telling)?;
            }
        },
        (Past::Historical, keeper) => {
            let temporality = plan.options.temporality;
            let every = plan.every_ms();
            // Beside a state, what is left out is not counted either, and goes on being new.
            let period = if keeper.is_some() { (None, None) } else { (filter.since, filter.until) };
            let options = HistoryOptions { table: plan.table, temporality, every, period };
            let before = match keeper.filter(|_| !is_again) {
                Some(keeper) => keeper.with(Store::series)?,
                None => Vec::new(),
            };
            for part in history.metrics(&before, options) {
                exporter.export(&part).await?;
            }
            // Only now is it remembered, so that whoever is cut off before tells everything again.
            if let Some(keeper) = keeper {
                let sessions = history.take_sessions();
                keeper.with(|store| store.set_measured(&sessions))?;
                if temporality == Temporality::Delta {
                    // A watcher of the same state must not tell it once more.
                    keeper.with(|store| store.begin_telling(now))?;
                    keeper.with(Store::end_telling)?;
                }
                keeper.flush()?;
            }
        }
    }
    Ok(())
}
