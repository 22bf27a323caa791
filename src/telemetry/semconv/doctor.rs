//! What is on the span by which `doctor` tries a destination.

attributes! { ATTRIBUTES;
    CLAUDE_OTEL_DOCTOR = "claude_otel.doctor", Bool, [Doctor], "always true: this span tells of no session, but tries whether spans arrive; leave it out of what you count", "";
}

/// The name of that span.
pub const SPAN_NAME: &str = "claude-otel doctor";
