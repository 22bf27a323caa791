//! The instruments through OpenTelemetry's SDK, told at regular times by a thread of the SDK's own.

use std::time::Duration;

use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource as SdkResource;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::table::{INSTRUMENTS, Instrument, Kind, Reading, SCOPE, Source};
use super::watched::Watched;
use crate::export::live::BOUNDS;
use crate::telemetry::semconv::health::SIGNAL;
use crate::telemetry::signal::Signal;
use crate::telemetry::span::{Resource, Value};

/// How long the last telling may take.
const LAST_WITHIN: Duration = Duration::from_secs(1);

/// Tells a watcher's health until it is ended.
#[derive(Debug)]
pub struct OwnTelemetry {
    provider: Option<SdkMeterProvider>,
}

impl OwnTelemetry {
    /// Tells from now on, every so often.
    pub fn start(watched: &Watched, exporter: impl PushMetricExporter, resource: &Resource, every: Duration) -> Self {
        let attributes = resource.attributes.iter().filter_map(|(key, value)| attribute(key, value));
        let resource = SdkResource::builder_empty().with_attributes(attributes).build();
        let reader = PeriodicReader::builder(exporter).with_interval(every).build();
        let provider = SdkMeterProvider::builder().with_resource(resource).with_reader(reader).build();
        let scope = InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION")).build();
        let meter = provider.meter_with_scope(scope);
        let durations = histogram(&meter);
        for instrument in &INSTRUMENTS {
            register(&meter, instrument, watched, durations.as_ref());
        }
        Self { provider: Some(provider) }
    }

    /// Tells once more, if the receiver takes it at once, and ends.
    pub async fn end(mut self) {
        let (done, is_done) = oneshot::channel();
        self.let_go(move || {
            // Nobody waits any more when it took too long.
            let _ = done.send(());
        });
        if timeout(LAST_WITHIN, is_done).await.is_err() {
            tracing::debug!("the receiver did not take the last of the program's own metrics in time");
        }
    }

    /// The SDK waits for its last request, which the caller's runtime has to carry meanwhile.
    fn let_go(&mut self, then: impl FnOnce() + Send + 'static) {
        let Some(provider) = self.provider.take() else { return };
        let end = move || {
            if let Err(error) = provider.shutdown() {
                tracing::debug!(%error, "the program's own metrics did not end well");
            }
            then();
        };
        if let Err(error) = std::thread::Builder::new().name("own-telemetry".to_owned()).spawn(end) {
            tracing::debug!(%error, "the program's own metrics were not ended");
        }
    }
}

impl Drop for OwnTelemetry {
    fn drop(&mut self) {
        self.let_go(|| ());
    }
}

/// The one instrument that cannot be read when it is told: the SDK has to be given each duration.
fn histogram(meter: &Meter) -> Option<Histogram<f64>> {
    let instrument = INSTRUMENTS.iter().find(|instrument| instrument.kind == Kind::Histogram)?;
    let builder = meter.f64_histogram(instrument.name).with_unit(instrument.unit);
    Some(builder.with_description(instrument.description).with_boundaries(BOUNDS.to_vec()).build())
}

fn register(meter: &Meter, instrument: &Instrument, watched: &Watched, durations: Option<&Histogram<f64>>) {
    let (name, unit, text) = (instrument.name, instrument.unit, instrument.description);
    let (label, source, watched) = (instrument.label, instrument.source, watched.clone());
    let durations = durations.filter(|_| label == Some(SIGNAL)).cloned();
    let read = move || -> Vec<Reading> {
        // The SDK asks all instruments before it adds anything up, so that what is recorded here is part of the same
        // telling, and requests need not wait for it.
        if let Some(durations) = &durations {
            for signal in Signal::ALL {
                for seconds in watched.live.of(signal).take_fresh() {
                    durations.record(seconds, &[KeyValue::new(SIGNAL, signal.name())]);
                }
            }
        }
        match source {
            Source::Watcher(read) => read(&watched),
            Source::Process(read) => read(),
            Source::Durations => Vec::new(),
        }
    };
    // What is measured in seconds has fractions; all else is counted.
    match (instrument.kind, unit) {
        (Kind::Counter, "s") => {
            let builder = meter.f64_observable_counter(name).with_unit(unit).with_description(text);
            builder.with_callback(move |observer| each(read(), label, |value, by| observer.observe(value, by))).build();
        }
        (Kind::Counter, _) => {
            let builder = meter.u64_observable_counter(name).with_unit(unit).with_description(text);
            builder
                .with_callback(move |observer| each(read(), label, |value, by| observer.observe(value as u64, by)))
                .build();
        }
        (Kind::Gauge, "s") => {
            let builder = meter.f64_observable_gauge(name).with_unit(unit).with_description(text);
            builder.with_callback(move |observer| each(read(), label, |value, by| observer.observe(value, by))).build();
        }
        (Kind::Gauge, _) => {
            let builder = meter.u64_observable_gauge(name).with_unit(unit).with_description(text);
            builder
                .with_callback(move |observer| each(read(), label, |value, by| observer.observe(value as u64, by)))
                .build();
        }
        (Kind::Histogram, _) => {}
    }
}

fn each(readings: Vec<Reading>, label: Option<&'static str>, mut observe: impl FnMut(f64, &[KeyValue])) {
    for reading in readings {
        match label.zip(reading.label) {
            Some((key, value)) => observe(reading.value, &[KeyValue::new(key, value)]),
            None => observe(reading.value, &[]),
        }
    }
}

/// An attribute of the resource as the SDK has it; lists are told as text, which resources of ours have none of.
fn attribute(key: &str, value: &Value) -> Option<KeyValue> {
    let key = key.to_owned();
    Some(match value {
        Value::Str(text) => KeyValue::new(key, text.to_string()),
        Value::Static(text) => KeyValue::new(key, *text),
        Value::Digits(number) => KeyValue::new(key, number.to_string()),
        Value::Int(number) => KeyValue::new(key, *number),
        Value::Double(number) => KeyValue::new(key, *number),
        Value::Bool(truth) => KeyValue::new(key, *truth),
        Value::List(_) | Value::Array(_) | Value::Map(_) => return None,
    })
}
