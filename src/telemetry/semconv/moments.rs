//! Attributes of events on spans, and links.

use super::events::API_RETRY;
use super::span_events::EVENT_API_ERROR;

attributes! { MOMENTS;
    HTTP_RESPONSE_STATUS_CODE = "http.response.status_code", Int, [Event(EVENT_API_ERROR), Metrics], "HTTP status of the failed attempt", "`api_error` line";
    CLAUDE_CODE_ATTEMPT = "claude_code.attempt", Int, [Event(EVENT_API_ERROR)], "number of the attempt", "`retryAttempt`";
    CLAUDE_CODE_RETRY_IN_MS = "claude_code.retry_in_ms", Int "ms", [Event(EVENT_API_ERROR), Log(API_RETRY)], "wait before the next one", "`retryInMs`";
    CLAUDE_OTEL_LINK = "claude_otel.link", Text, [Link], "what the link means, see [links](#links)", "";
}
