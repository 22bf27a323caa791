//! The answer to an export, which has the same shape for every signal.

use prost::Message;

/// What a receiver answers when it takes a request.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Answer {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    /// Spans, log records or data points.
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

impl Answer {
    /// How much was not kept, and what the receiver says; mostly nothing.
    pub(super) fn partial_success(self) -> (u64, String) {
        let partial = self.partial_success.unwrap_or_default();
        (u64::try_from(partial.rejected).unwrap_or(0), partial.error_message)
    }

    /// The same from OTLP/JSON, where the count has another name for each signal.
    pub(super) fn partial_success_in_json(body: &[u8], rejected: &str) -> (u64, String) {
        let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let partial = answer.get("partialSuccess");
        let field = |name| partial.and_then(|partial| partial.get(name));
        let rejected = match field(rejected) {
            // 64-bit numbers are texts in OTLP/JSON, and servers exist that write them as numbers.
            Some(serde_json::Value::String(text)) => text.parse().unwrap_or(0),
            number => number.and_then(serde_json::Value::as_u64).unwrap_or(0),
        };
        (rejected, field("errorMessage").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
    }
}
