//! What can be wrong with the configuration.

use super::pairs;
use crate::export::endpoint::EndpointError;

/// What is wrong with the configuration; values that may be secret are not repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A value that is none of those possible.
    #[error("{origin} is {value:?}, which is none of {choices}; correct it or leave it out")]
    Choice {
        /// The flag or variable.
        origin: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        choices: &'static str,
    },
    /// An endpoint that is none.
    #[error("{origin} {problem}")]
    Endpoint {
        /// The flag or variable.
        origin: &'static str,
        /// What is wrong with it.
        problem: EndpointError,
    },
    /// Headers or attributes that cannot be read.
    #[error("{origin} cannot be read: {problem}; it needs name=value pairs")]
    Pairs {
        /// The flag or variable.
        origin: &'static str,
        /// What is wrong with it.
        problem: pairs::PairError,
    },
    /// A number that is none.
    #[error("{origin} must be a whole number of {unit} above 0")]
    Number {
        /// The flag or variable.
        origin: &'static str,
        /// What it counts.
        unit: &'static str,
    },
    /// Two values of the same rank that exclude each other.
    #[error("{one} and {other} exclude each other; leave one of them out")]
    Conflict {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// One half of a client certificate.
    #[error("a client certificate needs both its certificate and its key; only the {present} is configured")]
    HalfIdentity {
        /// The half that is there.
        present: &'static str,
    },
}
