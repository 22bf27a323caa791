//! The runs of one case, and what they say.

use serde_json::{Value, json};

use crate::measure::child::Cost;
use crate::measure::median;

/// One way to run something, with what each round took.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    pub(crate) name: String,
    pub(crate) costs: Vec<Cost>,
    pub(crate) bytes: u64,
    /// Spans that were made, where spans are made.
    pub(crate) spans: u64,
}

impl Runs {
    pub(crate) fn new(name: &str, bytes: u64) -> Self {
        Self { name: name.to_owned(), bytes, ..Self::default() }
    }

    pub(crate) fn median_of(&self, of: impl Fn(&Cost) -> f64) -> f64 {
        median(self.costs.iter().map(of).collect())
    }

    pub(crate) fn cpu(&self) -> f64 {
        self.median_of(|cost| cost.cpu)
    }

    /// Its share of what another case took in the same round.
    pub(crate) fn against(&self, other: &Runs) -> f64 {
        median(self.costs.iter().zip(&other.costs).map(|(own, other)| own.cpu / other.cpu.max(0.001)).collect())
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "cpu_s": self.cpu(),
            "cpu_s_all": self.costs.iter().map(|cost| cost.cpu).collect::<Vec<_>>(),
            "wall_s": self.median_of(|cost| cost.wall),
            "megabytes_per_cpu_s": self.bytes as f64 / 1e6 / self.cpu().max(0.001),
            "peak_rss_mb": self.median_of(|cost| cost.rss) / 1e6,
            "written_mb": self.written(),
            "spans": self.spans,
            "spans_per_cpu_s": self.spans as f64 / self.cpu().max(0.001),
        })
    }

    pub(crate) fn written(&self) -> Option<f64> {
        let known: Option<Vec<f64>> = self.costs.iter().map(|cost| cost.written).collect();
        known.map(|bytes| median(bytes) / 1e6)
    }
}
