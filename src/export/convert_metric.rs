//! Our metrics as OTLP messages.

use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint,
    Metric as ProtoMetric, NumberDataPoint, Sum,
};

use super::convert::attributes;
use crate::telemetry::metric::{ExponentialPoint, HistogramPoint, Metric, Number, NumberPoint, Points, Temporality};

/// One metric with all of its points.
pub(super) fn metric(metric: &Metric) -> ProtoMetric {
    let data = match &metric.points {
        Points::Sum(temporality, points) => Data::Sum(Sum {
            data_points: points.iter().map(number).collect(),
            aggregation_temporality: aggregation(*temporality),
            is_monotonic: true,
        }),
        Points::Gauge(points) => Data::Gauge(Gauge { data_points: points.iter().map(number).collect() }),
        Points::Histogram(temporality, points) => Data::Histogram(Histogram {
            data_points: points.iter().map(histogram).collect(),
            aggregation_temporality: aggregation(*temporality),
        }),
        Points::Exponential(temporality, points) => Data::ExponentialHistogram(ExponentialHistogram {
            data_points: points.iter().map(exponential).collect(),
            aggregation_temporality: aggregation(*temporality),
        }),
    };
    ProtoMetric {
        name: metric.name.to_owned(),
        description: metric.description.to_owned(),
        unit: metric.unit.to_owned(),
        data: Some(data),
        ..ProtoMetric::default()
    }
}

fn aggregation(temporality: Temporality) -> i32 {
    match temporality {
        Temporality::Cumulative => AggregationTemporality::Cumulative as i32,
        Temporality::Delta => AggregationTemporality::Delta as i32,
    }
}

fn number(point: &NumberPoint) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes(&point.attributes),
        start_time_unix_nano: point.period.start_unix_nano,
        time_unix_nano: point.period.time_unix_nano,
        value: Some(match point.value {
            Number::Int(number) => Value::AsInt(number),
            Number::Double(number) => Value::AsDouble(number),
        }),
        ..NumberDataPoint::default()
    }
}

fn histogram(point: &HistogramPoint) -> HistogramDataPoint {
    HistogramDataPoint {
        attributes: attributes(&point.attributes),
        start_time_unix_nano: point.period.start_unix_nano,
        time_unix_nano: point.period.time_unix_nano,
        // The protocol wants it to be the sum of the buckets.
        count: point.counts.iter().sum(),
        sum: Some(point.sum),
        bucket_counts: point.counts.clone(),
        explicit_bounds: point.bounds.to_vec(),
        min: point.min,
        max: point.max,
        ..HistogramDataPoint::default()
    }
}

fn exponential(point: &ExponentialPoint) -> ExponentialHistogramDataPoint {
    ExponentialHistogramDataPoint {
        attributes: attributes(&point.attributes),
        start_time_unix_nano: point.period.start_unix_nano,
        time_unix_nano: point.period.time_unix_nano,
        count: point.zero_count + point.counts.iter().sum::<u64>(),
        sum: Some(point.sum),
        scale: point.scale,
        zero_count: point.zero_count,
        positive: Some(Buckets { offset: point.offset, bucket_counts: point.counts.clone() }),
        min: point.min,
        max: point.max,
        ..ExponentialHistogramDataPoint::default()
    }
}
