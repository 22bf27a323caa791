//! Attributes of compactions and hooks.

attributes! { FACTS;
    CLAUDE_CODE_COMPACTION_TRIGGER = "claude_code.compaction.trigger", Text, [Compaction, Metrics], "`manual` or `auto`", "`compactMetadata`";
    CLAUDE_CODE_COMPACTION_PRE_TOKENS = "claude_code.compaction.pre_tokens", Int "tokens", [Compaction], "context before", "`compactMetadata`";
    CLAUDE_CODE_COMPACTION_POST_TOKENS = "claude_code.compaction.post_tokens", Int "tokens", [Compaction], "context after", "`compactMetadata`";
    CLAUDE_CODE_HOOK_EVENT = "claude_code.hook.event", Text, [Hook], "`UserPromptSubmit`, `Stop`, ...", "hook line";
}
