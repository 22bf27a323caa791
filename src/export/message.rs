//! The messages of each signal, and what can be done when one of them is too large.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::telemetry::signal::Signal;

/// What a message too large to be taken whole keeps of each long text.
const CUT_TO_BYTES: usize = 1024;

/// One span, log record or metric on the wire.
pub(super) trait OtlpMessage: Message + Default + Serialize + DeserializeOwned + 'static {
    /// Whose message it is.
    const SIGNAL: Signal;
    /// What people call it.
    const NAME: &'static str;
    /// Fields that are often absent, as OTLP/JSON names them; none of them is the first of its message.
    const OPTIONAL_FIELDS: &'static [&'static str];

    /// What it counts for in partial success.
    fn count(&self) -> u64 {
        1
    }

    /// Cuts long texts; false when there are none.
    fn cut(&mut self) -> bool;

    /// Takes it apart into two of about the same size, where that is possible.
    fn split(self) -> Option<(Self, Self)> {
        None
    }
}

impl OtlpMessage for Span {
    const SIGNAL: Signal = Signal::Traces;
    const NAME: &'static str = "span";
    const OPTIONAL_FIELDS: &'static [&'static str] = &[];

    fn cut(&mut self) -> bool {
        let mut cut = cut_attributes(&mut self.attributes);
        for event in &mut self.events {
            cut |= cut_attributes(&mut event.attributes);
        }
        for link in &mut self.links {
            cut |= cut_attributes(&mut link.attributes);
        }
        cut
    }
}

impl OtlpMessage for LogRecord {
    const SIGNAL: Signal = Signal::Logs;
    const NAME: &'static str = "log record";
    const OPTIONAL_FIELDS: &'static [&'static str] = &["body"];

    fn cut(&mut self) -> bool {
        cut_attributes(&mut self.attributes)
    }
}

impl OtlpMessage for Metric {
    const SIGNAL: Signal = Signal::Metrics;
    const NAME: &'static str = "metric";
    const OPTIONAL_FIELDS: &'static [&'static str] = &["sum", "min", "max", "positive", "negative"];

    fn count(&self) -> u64 {
        let points = match &self.data {
            Some(Data::Gauge(gauge)) => gauge.data_points.len(),
            Some(Data::Sum(sum)) => sum.data_points.len(),
            Some(Data::Histogram(histogram)) => histogram.data_points.len(),
            Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
            Some(Data::Summary(summary)) => summary.data_points.len(),
            None => 0,
        };
        points as u64
    }

    fn cut(&mut self) -> bool {
        // The attributes of a point say which series it is of: cut, two series could become one.
        false
    }

    fn split(mut self) -> Option<(Self, Self)> {
        let mut second = self.clone();
        match (&mut self.data, &mut second.data) {
            (Some(Data::Gauge(first)), Some(Data::Gauge(second))) => {
                part(&mut first.data_points, &mut second.data_points);
            }
            (Some(Data::Sum(first)), Some(Data::Sum(second))) => {
                part(&mut first.data_points, &mut second.data_points);
            }
            (Some(Data::Histogram(first)), Some(Data::Histogram(second))) => {
                part(&mut first.data_points, &mut second.data_points);
            }
            (Some(Data::ExponentialHistogram(first)), Some(Data::ExponentialHistogram(second))) => {
                part(&mut first.data_points, &mut second.data_points);
            }
            _ => return None,
        }
        (self.count() > 0).then_some((self, second))
    }
}

/// Leaves the first half of two equal lists in one, and the second in the other.
fn part<T>(first: &mut Vec<T>, second: &mut Vec<T>) {
    let half = first.len() / 2;
    first.truncate(half);
    second.drain(..half);
}

fn cut_attributes(attributes: &mut [KeyValue]) -> bool {
    cut_values(attributes.iter_mut().filter_map(|attribute| attribute.value.as_mut()))
}

fn cut_values<'a>(values: impl Iterator<Item = &'a mut AnyValue>) -> bool {
    values.fold(false, |cut, value| cut_value(value) | cut)
}

fn cut_value(value: &mut AnyValue) -> bool {
    match &mut value.value {
        Some(any_value::Value::StringValue(text)) if text.len() > CUT_TO_BYTES => {
            let end = (0..=CUT_TO_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
            text.truncate(end);
            true
        }
        Some(any_value::Value::ArrayValue(array)) => cut_values(array.values.iter_mut()),
        Some(any_value::Value::KvlistValue(list)) => cut_attributes(&mut list.values),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::metrics::v1::{ExponentialHistogram, Gauge, Histogram, Sum, Summary};

    use super::*;

    fn metric(data: Data) -> Metric {
        Metric { name: "m".to_owned(), data: Some(data), ..Metric::default() }
    }

    fn points<T: Clone + Default>(count: usize) -> Vec<T> {
        vec![T::default(); count]
    }

    /// Metrics of every kind with so many points each.
    fn metrics(count: usize) -> [Metric; 4] {
        [
            metric(Data::Gauge(Gauge { data_points: points(count) })),
            metric(Data::Sum(Sum { data_points: points(count), ..Sum::default() })),
            metric(Data::Histogram(Histogram { data_points: points(count), ..Histogram::default() })),
            metric(Data::ExponentialHistogram(ExponentialHistogram {
                data_points: points(count),
                ..ExponentialHistogram::default()
            })),
        ]
    }

    #[test]
    fn a_metric_of_any_kind_is_taken_apart_by_its_points() {
        for metric in metrics(5) {
            assert_eq!(metric.count(), 5);
            let (first, second) = metric.split().unwrap();
            assert_eq!((first.count(), second.count()), (2, 3), "{first:?}");
            assert_eq!((first.name.as_str(), second.name.as_str()), ("m", "m"));
        }
    }

    #[test]
    fn a_metric_of_one_point_cannot_be_taken_apart() {
        assert!(metrics(1).into_iter().all(|metric| metric.split().is_none()));
        assert!(metric(Data::Summary(Summary::default())).split().is_none());
    }

    #[test]
    fn texts_are_cut_between_characters_however_deep_they_lie() {
        let text = AnyValue { value: Some(any_value::Value::StringValue("é".repeat(CUT_TO_BYTES))) };
        let mut record = LogRecord {
            attributes: vec![KeyValue { key: "a".to_owned(), value: Some(text), ..KeyValue::default() }],
            ..LogRecord::default()
        };
        assert!(record.cut());
        let Some(any_value::Value::StringValue(text)) = record.attributes[0].value.as_ref().unwrap().value.clone()
        else {
            panic!("no text");
        };
        assert_eq!(text, "é".repeat(CUT_TO_BYTES / 2));
        assert!(!record.cut(), "nothing is left to be cut");
    }
}
