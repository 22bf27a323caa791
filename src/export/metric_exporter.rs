//! The face of this stage for what is told again and again: metrics.

use super::destination::Destination;
use super::error::ExportError;
use super::exporter::ExportOptions;
use super::item::Item;
use super::lane::Lane;
use super::open;
use super::packing::Packed;
use super::totals::DeliveryTotals;
use crate::telemetry::metric::{Metric, Points};
use crate::telemetry::span::Resource;

/// Points of one metric that travel together, so that no item is too large for a request.
const POINTS_OF_AN_ITEM: usize = 64;

/// Delivers metrics in batches. It can be used again after an error: the totals that a point tells are told once more
/// by the next.
#[derive(Debug)]
pub struct MetricExporter {
    lane: Lane<<Metric as Item>::Message>,
}

impl MetricExporter {
    /// Reads certificates, opens files, and connects to nothing yet. None when metrics are switched off.
    pub async fn open(
        destination: &Destination,
        resource: &Resource,
        options: &ExportOptions,
    ) -> Result<Option<Self>, ExportError> {
        Ok(open::lane(destination, resource, options).await?.map(|lane| Self { lane }))
    }

    /// Delivers metrics and waits for every answer. After an error, or when it is cancelled, some of the points may have
    /// arrived: cumulative ones are simply sent again, of deltas the caller has to know that they may count twice.
    pub async fn export(&mut self, metrics: &[Metric]) -> Result<(), ExportError> {
        // What an earlier call that was cancelled left behind is out of date.
        self.lane.clear();
        let mut packed = Packed::default();
        for metric in metrics.iter().flat_map(split) {
            packed.add(&metric, self.lane.encoding()).map_err(|error| self.lane.internal(&error))?;
        }
        self.lane.take(packed);
        let result = self.lane.flush().await;
        if result.is_err() {
            self.lane.clear();
        }
        result
    }

    /// What became of the data points.
    pub fn totals(&self) -> &DeliveryTotals {
        self.lane.totals()
    }

    /// Where they go, without secrets.
    pub fn destination(&self) -> &str {
        self.lane.destination()
    }
}

/// A metric as one of few points each; one without any is left out.
fn split(metric: &Metric) -> impl Iterator<Item = Metric> {
    let parts: Vec<Points> = match &metric.points {
        Points::Sum(temporality, points) => chunks(points, |points| Points::Sum(*temporality, points)),
        Points::Gauge(points) => chunks(points, Points::Gauge),
        Points::Histogram(temporality, points) => chunks(points, |points| Points::Histogram(*temporality, points)),
        Points::Exponential(temporality, points) => chunks(points, |points| Points::Exponential(*temporality, points)),
    };
    let (name, unit, description) = (metric.name, metric.unit, metric.description);
    parts.into_iter().map(move |points| Metric { name, unit, description, points })
}

fn chunks<T: Clone>(points: &[T], make: impl Fn(Vec<T>) -> Points) -> Vec<Points> {
    points.chunks(POINTS_OF_AN_ITEM).map(|points| make(points.to_vec())).collect()
}
