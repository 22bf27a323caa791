//! The instruments in Prometheus' text format, version 0.0.4.
//!
//! It is written here, from the same table, since the format is forty lines and the crates for it would keep a second
//! set of the same numbers.

use std::fmt::Write;

use super::table::{INSTRUMENTS, Instrument, Kind, Reading, Source};
use super::watched::Watched;
use crate::export::live::{BOUNDS, Durations};
use crate::telemetry::semconv::health::SIGNAL;
use crate::telemetry::signal::Signal;

/// What the format is called in HTTP.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All instruments of all watchers.
pub fn text(watched: &[Watched]) -> String {
    let mut text = String::new();
    for instrument in &INSTRUMENTS {
        let name = name(instrument);
        let kind = match instrument.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a string never fails.
        let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", instrument.description);
        match instrument.source {
            Source::Process(read) => write(&mut text, &name, instrument.label, None, &read()),
            Source::Watcher(read) => {
                for one in watched {
                    write(&mut text, &name, instrument.label, Some(&one.name), &read(one));
                }
            }
            Source::Durations => {
                for one in watched {
                    for signal in Signal::ALL {
                        write_durations(&mut text, &name, (&one.name, signal), &one.live.of(signal).durations());
                    }
                }
            }
        }
    }
    text
}

/// The name with its unit and, on what only grows, `_total`, as OpenTelemetry translates names for Prometheus.
pub fn name(instrument: &Instrument) -> String {
    let mut name = instrument.name.replace('.', "_");
    name.push_str(match instrument.unit {
        "By" => "_bytes",
        "s" => "_seconds",
        _ => "",
    });
    if instrument.kind == Kind::Counter {
        name.push_str("_total");
    }
    name
}

fn write(text: &mut String, name: &str, label: Option<&str>, destination: Option<&str>, readings: &[Reading]) {
    for reading in readings {
        let destination = destination.map(|value| ("destination", value));
        let own = label.zip(reading.label.as_deref());
        let labels: Vec<String> =
            destination.into_iter().chain(own).map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
        let _ = match labels.as_slice() {
            [] => writeln!(text, "{name} {}", reading.value),
            labels => writeln!(text, "{name}{{{}}} {}", labels.join(","), reading.value),
        };
    }
}

fn write_durations(text: &mut String, name: &str, (destination, signal): (&str, Signal), durations: &Durations) {
    let labels = format!("destination=\"{}\",{SIGNAL}=\"{}\"", escaped(destination), signal.name());
    let mut count = 0;
    let bounds = BOUNDS.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
    for (bound, bucket) in bounds.zip(durations.buckets) {
        count += bucket;
        let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
    }
    let _ = writeln!(text, "{name}_sum{{{labels}}} {}\n{name}_count{{{labels}}} {count}", durations.sum);
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
