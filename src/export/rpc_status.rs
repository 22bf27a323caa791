//! `google.rpc.Status`, in which OTLP servers explain themselves on both transports.

use std::time::Duration;

use prost::Message;

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// The status of a failed call.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<ProtoDuration>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoDuration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// The wait that a status asks for; zero when it only says that trying again makes sense, none when it says nothing.
pub(super) fn retry_info(details: &[u8]) -> Option<Duration> {
    let status = RpcStatus::decode(details).ok()?;
    let any = status.details.iter().find(|any| any.type_url == RETRY_INFO)?;
    let delay = RetryInfo::decode(any.value.as_slice()).ok()?.retry_delay.unwrap_or_default();
    Some(Duration::new(u64::try_from(delay.seconds).unwrap_or(0), u32::try_from(delay.nanos).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(type_url: &str, retry_delay: Option<ProtoDuration>) -> Vec<u8> {
        let value = RetryInfo { retry_delay }.encode_to_vec();
        let details = vec![Any { type_url: type_url.to_owned(), value }];
        RpcStatus { code: 8, message: "slow down".to_owned(), details }.encode_to_vec()
    }

    #[test]
    fn the_delay_is_found_among_the_details() {
        let delay = ProtoDuration { seconds: 3, nanos: 500_000_000 };
        assert_eq!(retry_info(&status(RETRY_INFO, Some(delay))), Some(Duration::from_millis(3500)));
        assert_eq!(retry_info(&status(RETRY_INFO, None)), Some(Duration::ZERO));
    }

    #[test]
    fn other_details_and_nonsense_say_nothing() {
        assert_eq!(retry_info(&status("type.googleapis.com/google.rpc.Help", None)), None);
        assert_eq!(retry_info(b"\xff\xff"), None);
        assert_eq!(retry_info(b""), None);
        let negative = ProtoDuration { seconds: -3, nanos: -1 };
        assert_eq!(retry_info(&status(RETRY_INFO, Some(negative))), Some(Duration::ZERO));
    }
}
