//! Events on spans. All stand on turns.

span_events! { EVENTS;
    EVENT_API_ERROR = "claude_code.api_error", [Turn], "an attempt of a request failed";
    EVENT_INTERRUPT = "claude_code.interrupt", [Turn], "a person interrupted the turn";
    EVENT_MODEL_CHANGE = "claude_code.model_change", [Turn], "the client fell back to another model";
    EVENT_QUEUED_PROMPT = "claude_code.queued_prompt", [Turn], "a queued prompt or notification joined the running turn";
    EVENT_MICROCOMPACTION = "claude_code.microcompaction", [Turn], "old tool results were pruned without a model call";
}
