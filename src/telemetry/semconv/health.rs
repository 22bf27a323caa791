//! Attributes of the metrics in which a watcher tells of itself.

attributes! { ATTRIBUTES;
    KIND = "kind", Text, [Health], "what was passed by, in the words of `status`", "";
    SIGNAL = "signal", Text, [Health], "`traces`, `metrics` or `logs`", "";
    RULE = "rule", Text, [Health], "the rule that found a secret, see [privacy](privacy.md#secrets)", "";
    DAYS_LEFT = "days_left", Text, [Health], "days before the client deletes the transcripts; `30` stands for more, too", "";
}
