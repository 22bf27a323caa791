//! What can be wrong with the choice of destinations.

use std::path::PathBuf;

use super::headers::HeaderError;
use super::otlp::ConfigError;
use super::presets::PresetError;

/// Why it is not known where telemetry goes; values that may be secret are not repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A flag or a variable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A value of the file or of a preset, in the words for a variable.
    #[error("{0}")]
    Given(String),
    /// A preset.
    #[error(transparent)]
    Preset(#[from] PresetError),
    /// A file with headers that cannot be read.
    #[error("the headers in {} (from {origin}) cannot be read: {problem}", path.display())]
    HeadersUnreadable {
        /// The file.
        path: PathBuf,
        /// What names it.
        origin: String,
        /// Why not.
        problem: String,
    },
    /// A file with something else than headers.
    #[error("the headers in {} (from {origin}) cannot be read: {problem}", path.display())]
    Headers {
        /// The file.
        path: PathBuf,
        /// What names it.
        origin: String,
        /// What is wrong with it.
        problem: HeaderError,
    },
    /// A variable with headers that is absent.
    #[error("{origin} names {variable} for the headers, which is not set")]
    NoHeaders {
        /// The variable.
        variable: String,
        /// What names it.
        origin: String,
    },
    /// A length of time that is none.
    #[error("{origin} is no length of time: {problem}; write it like 30m, 24h or 7d")]
    Duration {
        /// What holds it.
        origin: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A value that is none of those possible.
    #[error("{origin} is {value:?}, which is none of {choices}; correct it or leave it out")]
    Choice {
        /// What holds it.
        origin: String,
        /// The value.
        value: String,
        /// What it may be.
        choices: &'static str,
    },
    /// A destination in the file that goes nowhere.
    #[error("the destination {0} names no place; give it an endpoint, an otlp_file or a preset")]
    NoPlace(String),
    /// A destination in the file that goes to two places.
    #[error("{0} has an otlp_file and an endpoint or preset; leave one of them out, or make two destinations of it")]
    TwoPlaces(String),
    /// A name that is not in the file.
    #[error("there is no destination {name}; the configuration file has {possible}")]
    NoSuch {
        /// The name.
        name: String,
        /// Those that are there.
        possible: String,
    },
    /// One destination is meant, and there are several.
    #[error("the configuration file has the destinations {possible}; choose one with --destination NAME")]
    Several {
        /// Their names.
        possible: String,
    },
}
