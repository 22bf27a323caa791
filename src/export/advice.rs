//! What a person can do about a destination that refuses.

use super::signal::http_path;
use crate::telemetry::signal::{Signal, Signals};

/// What has to change before anything passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    /// A key or token.
    Credentials,
    /// The address, or the signal has no place there.
    Address,
    /// The compression, the address, or the signal has no place there.
    Service,
    /// The compression or the address.
    Compression,
    /// The compression or the encoding: it was tried that the receiver takes neither.
    Encoding,
    /// Certificates.
    Certificates,
    /// The receiver itself.
    Server,
}

impl Advice {
    /// The advice in words, for a signal of a destination that takes `all` of these.
    pub(super) fn words(self, signal: Signal, all: Signals) -> String {
        let words = match self {
            Self::Credentials => "check the key or token in the headers (--headers-file, OTEL_EXPORTER_OTLP_HEADERS)",
            Self::Address => {
                return format!(
                    "check endpoint and protocol: HTTP receivers mostly listen on port 4318 under /{}, gRPC ones on 4317{}",
                    http_path(signal),
                    leave_out(signal, all)
                );
            }
            Self::Service => return format!("{COMPRESSION_OR_ADDRESS}{}", leave_out(signal, all)),
            Self::Compression => COMPRESSION_OR_ADDRESS,
            Self::Encoding => {
                "this receiver reads plain protobuf, but not what is sent: set the compression to none \
                 (--compression none) and the protocol to http/protobuf (--protocol http/protobuf)"
            }
            Self::Certificates => {
                "check OTEL_EXPORTER_OTLP_CERTIFICATE, CLIENT_CERTIFICATE and CLIENT_KEY, and that the endpoint's host \
                 is the one in its certificate"
            }
            Self::Server => "look into the receiver's own log, then run again",
        };
        words.to_owned()
    }
}

const COMPRESSION_OR_ADDRESS: &str =
    "check endpoint and protocol; if the receiver lacks the compression, set it to none";

/// Not every receiver has a place for every signal. What it has none for is not skipped by itself, for then nobody
/// would miss it.
fn leave_out(signal: Signal, all: Signals) -> String {
    let rest = all.without(signal);
    if rest.is_empty() {
        return String::new();
    }
    format!("; if this receiver takes no {}, leave them out with --signals {}", signal.name(), rest.names())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_without_a_place_for_a_signal_is_known_by_words() {
        let words = Advice::Address.words(Signal::Logs, Signals::ALL);
        assert!(words.contains("/v1/logs"), "{words}");
        assert!(words.ends_with("takes no logs, leave them out with --signals traces,metrics"), "{words}");
        let words = Advice::Service.words(Signal::Metrics, Signals::ALL.without(Signal::Logs));
        assert!(words.ends_with("takes no metrics, leave them out with --signals traces"), "{words}");
    }

    #[test]
    fn the_only_signal_is_not_left_out() {
        let words = Advice::Address.words(Signal::Traces, Signals::default().with(Signal::Traces));
        assert!(!words.contains("--signals"), "{words}");
    }
}
