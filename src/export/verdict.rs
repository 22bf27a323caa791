//! What an answer means, pure.

use std::time::Duration;

use tonic::Code;

use super::advice::Advice;

/// What an answer other than success means for the batch and for the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same again later.
    Retry {
        /// The wait that the server asked for.
        after: Option<Duration>,
    },
    /// Smaller pieces may pass.
    TooLarge,
    /// This content will never pass; other content may.
    BadContent,
    /// Nothing passes until somebody changes something.
    BadDestination {
        /// What to change.
        advice: Advice,
    },
}

/// A success that a web server or a login page claims.
pub(super) const fn of_web_page() -> Verdict {
    Verdict::BadDestination { advice: Advice::Address }
}

/// Judges an HTTP answer other than 2xx. The specification allows to repeat four of them and no others.
pub(super) fn of_http(status: u16, retry_after: Option<Duration>, said: &str) -> Verdict {
    match status {
        429 | 502 | 503 | 504 => Verdict::Retry { after: retry_after },
        413 => Verdict::TooLarge,
        400 if is_about_size(said) => Verdict::TooLarge,
        400 | 422 => Verdict::BadContent,
        401 | 403 | 407 => Verdict::BadDestination { advice: Advice::Credentials },
        406 | 415 => Verdict::BadDestination { advice: Advice::Compression },
        404 | 405 | 300..=399 => Verdict::BadDestination { advice: Advice::Address },
        _ => Verdict::BadDestination { advice: Advice::Server },
    }
}

/// Judges a gRPC answer other than OK.
pub(super) fn of_grpc(code: Code, retry_info: Option<Duration>, said: &str) -> Verdict {
    match code {
        Code::OutOfRange | Code::ResourceExhausted | Code::InvalidArgument if is_about_size(said) => Verdict::TooLarge,
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Verdict::Retry { after: retry_info },
        Code::ResourceExhausted if retry_info.is_some() => Verdict::Retry { after: retry_info },
        Code::InvalidArgument => Verdict::BadContent,
        Code::Unauthenticated | Code::PermissionDenied => Verdict::BadDestination { advice: Advice::Credentials },
        Code::Unimplemented => Verdict::BadDestination { advice: Advice::Service },
        Code::NotFound => Verdict::BadDestination { advice: Advice::Address },
        _ => Verdict::BadDestination { advice: Advice::Server },
    }
}

/// Whether a text complains about size: "received message larger than max" (Go), "decoded message length too large"
/// (Rust), "exceeds maximum size" (Java), "request body too large" (Go over HTTP).
fn is_about_size(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    [
        "too large",
        "too big",
        "larger than",
        "exceeds maximum",
        "exceeds the maximum",
        "exceeds limit",
        "exceeds the limit",
    ]
    .iter()
    .any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Option<Duration> = Some(Duration::from_secs(7));

    fn refuses(verdict: Verdict) -> bool {
        matches!(verdict, Verdict::BadDestination { .. })
    }

    #[test]
    fn http_repeats_four_statuses_and_no_others() {
        for status in 300..600 {
            let retried = of_http(status, AFTER, "") == Verdict::Retry { after: AFTER };
            assert_eq!(retried, matches!(status, 429 | 502 | 503 | 504), "{status}");
        }
    }

    #[test]
    fn http_tells_content_from_destination_from_size() {
        assert_eq!(of_http(400, None, "bad span id"), Verdict::BadContent);
        assert_eq!(of_http(400, None, "http: request body too large"), Verdict::TooLarge);
        assert_eq!(of_http(413, None, ""), Verdict::TooLarge);
        for status in [301, 307, 401, 403, 404, 405, 500, 501] {
            assert!(refuses(of_http(status, AFTER, "too large")), "{status}");
        }
    }

    #[test]
    fn grpc_repeats_what_the_specification_lists() {
        for code in [Code::Cancelled, Code::DeadlineExceeded, Code::Aborted, Code::OutOfRange, Code::Unavailable] {
            assert_eq!(of_grpc(code, None, ""), Verdict::Retry { after: None }, "{code:?}");
        }
        assert_eq!(of_grpc(Code::DataLoss, AFTER, ""), Verdict::Retry { after: AFTER });
        assert_eq!(of_grpc(Code::ResourceExhausted, AFTER, "quota"), Verdict::Retry { after: AFTER });
    }

    #[test]
    fn grpc_exhaustion_without_retry_info_is_not_repeated() {
        assert!(refuses(of_grpc(Code::ResourceExhausted, None, "quota")));
    }

    #[test]
    fn grpc_size_is_known_by_its_words() {
        for (code, said) in [
            (Code::ResourceExhausted, "grpc: received message larger than max (5000000 vs. 4194304)"),
            (Code::ResourceExhausted, "gRPC message exceeds maximum size 4194304: 5000000"),
            (Code::OutOfRange, "Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304"),
        ] {
            assert_eq!(of_grpc(code, AFTER, said), Verdict::TooLarge, "{said}");
        }
    }

    #[test]
    fn grpc_tells_content_from_destination() {
        assert_eq!(of_grpc(Code::InvalidArgument, None, "bad span id"), Verdict::BadContent);
        for code in [
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::NotFound,
            Code::Unimplemented,
            Code::Internal,
            Code::Unknown,
            Code::FailedPrecondition,
        ] {
            assert!(refuses(of_grpc(code, AFTER, "too large")), "{code:?}");
        }
    }
}
