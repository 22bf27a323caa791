//! Every name of the transcript format that is known, so that an unknown one can be told and counted.

/// Makes an enum out of a list of names as they stand on disk, and the way from a name to its variant.
macro_rules! names {
    ($(#[$doc:meta])* $enum:ident { $($variant:ident = $name:literal => $use:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl $enum {
            /// Every variant, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The variant of a name, `None` when the name is not known.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The name as it stands on disk.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What becomes of it.
            pub const fn reading(self) -> Reading {
                match self {
                    $(Self::$variant => Reading::$use,)+
                }
            }
        }
    };
}

/// What the decoder does with something that it knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Its facts become entries.
    Decoded,
    /// It holds nothing that the reconstruction needs.
    Ignored,
}

impl Reading {
    /// The word of the documentation.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Decoded => "decoded",
            Self::Ignored => "known, ignored",
        }
    }
}

names! {
    /// The `type` of a record.
    RecordType {
        User = "user" => Decoded,
        Assistant = "assistant" => Decoded,
        System = "system" => Decoded,
        Attachment = "attachment" => Decoded,
        Progress = "progress" => Decoded,
        QueueOperation = "queue-operation" => Decoded,
        ApiRequest = "api-request" => Decoded,
        CostState = "cost-state" => Decoded,
        ContinuedIn = "continued-in" => Decoded,
        AiTitle = "ai-title" => Ignored,
        CustomTitle = "custom-title" => Ignored,
        PermissionMode = "permission-mode" => Ignored,
        Relocated = "relocated" => Ignored,
        WorktreeState = "worktree-state" => Ignored,
        Summary = "summary" => Ignored,
        AgentName = "agent-name" => Ignored,
        ApiRequestBlob = "api-request-blob" => Ignored,
        ApiRequestShape = "api-request-shape" => Ignored,
        FileHistorySnapshot = "file-history-snapshot" => Ignored,
        FileHistoryDelta = "file-history-delta" => Ignored,
        LastPrompt = "last-prompt" => Ignored,
        Mode = "mode" => Ignored,
        Tag = "tag" => Ignored,
        PrLink = "pr-link" => Decoded,
        ContentReplacement = "content-replacement" => Ignored,
        ForkContextRef = "fork-context-ref" => Ignored,
        ToolsUsed = "tools-used" => Ignored,
        AtisLatch = "atis-latch" => Ignored,
        BridgeSession = "bridge-session" => Ignored,
        FrameLink = "frame-link" => Ignored,
        ArtifactAutoreactLedger = "artifact-autoreact-ledger" => Ignored,
        ArtifactCommentMonitor = "artifact-comment-monitor" => Ignored,
        AgentMetadata = "agent_metadata" => Ignored,
        TaskSummary = "task-summary" => Ignored,
        AgentColor = "agent-color" => Ignored,
        AgentSetting = "agent-setting" => Ignored,
        AttributionSnapshot = "attribution-snapshot" => Ignored,
        SpeculationAccept = "speculation-accept" => Ignored,
        MarbleOrigamiCommit = "marble-origami-commit" => Ignored,
        MarbleOrigamiSnapshot = "marble-origami-snapshot" => Ignored,
        MarbleOrigamiReset = "marble-origami-reset" => Ignored,
        IsolationLatch = "isolation-latch" => Ignored,
        EndedByModel = "ended-by-model" => Ignored,
        HistorySuppression = "history-suppression" => Ignored,
        ObserverRef = "observer-ref" => Ignored,
        SavedHookContext = "saved_hook_context" => Ignored,
    }
}

names! {
    /// The `subtype` of a `system` record.
    SystemSubtype {
        TurnDuration = "turn_duration" => Decoded,
        StopHookSummary = "stop_hook_summary" => Decoded,
        CompactBoundary = "compact_boundary" => Decoded,
        MicrocompactBoundary = "microcompact_boundary" => Decoded,
        ApiError = "api_error" => Decoded,
        LocalCommand = "local_command" => Decoded,
        ModelFallback = "model_fallback" => Decoded,
        Informational = "informational" => Ignored,
        AwaySummary = "away_summary" => Ignored,
        BridgeStatus = "bridge_status" => Ignored,
        ScheduledTaskFire = "scheduled_task_fire" => Ignored,
        ModelRefusalFallback = "model_refusal_fallback" => Ignored,
        ModelRefusalNotice = "model_refusal_notice" => Ignored,
    }
}

names! {
    /// The `attachment.type` of an `attachment` record.
    AttachmentType {
        HookSuccess = "hook_success" => Decoded,
        HookNonBlockingError = "hook_non_blocking_error" => Decoded,
        HookCancelled = "hook_cancelled" => Decoded,
        QueuedCommand = "queued_command" => Decoded,
        Model = "model" => Ignored,
        HookAdditionalContext = "hook_additional_context" => Ignored,
        HookSystemMessage = "hook_system_message" => Ignored,
        TaskReminder = "task_reminder" => Ignored,
        TodoReminder = "todo_reminder" => Ignored,
        SkillListing = "skill_listing" => Ignored,
        InvokedSkills = "invoked_skills" => Ignored,
        DeferredToolsDelta = "deferred_tools_delta" => Ignored,
        AgentListingDelta = "agent_listing_delta" => Ignored,
        McpInstructionsDelta = "mcp_instructions_delta" => Ignored,
        CommandPermissions = "command_permissions" => Ignored,
        File = "file" => Ignored,
        CompactFileReference = "compact_file_reference" => Ignored,
        EditedTextFile = "edited_text_file" => Ignored,
        SelectedLinesInIde = "selected_lines_in_ide" => Ignored,
        OpenedFileInIde = "opened_file_in_ide" => Ignored,
        Date = "date" => Ignored,
        DateChange = "date_change" => Ignored,
        Environment = "environment" => Ignored,
        SessionContext = "session_context" => Ignored,
        PromptSnapshot = "prompt_snapshot" => Ignored,
        RemoteSessionChange = "remote_session_change" => Ignored,
        PlanMode = "plan_mode" => Ignored,
        PlanModeExit = "plan_mode_exit" => Ignored,
        TotalTokensReminder = "total_tokens_reminder" => Ignored,
        SilentTurnReminder = "silent_turn_reminder" => Ignored,
        StructuredOutput = "structured_output" => Ignored,
        AutoMode = "auto_mode" => Ignored,
        ReadTruncationNotice = "read_truncation_notice" => Ignored,
        TaskStatus = "task_status" => Ignored,
        Instructions = "instructions" => Ignored,
    }
}

names! {
    /// The `data.type` of a `progress` record.
    ProgressType {
        AgentProgress = "agent_progress" => Decoded,
        McpProgress = "mcp_progress" => Decoded,
        HookProgress = "hook_progress" => Ignored,
        BashProgress = "bash_progress" => Decoded,
        QueryUpdate = "query_update" => Ignored,
        SearchResultsReceived = "search_results_received" => Ignored,
        WaitingForTask = "waiting_for_task" => Ignored,
    }
}

names! {
    /// The `type` of a block in a message's content.
    BlockType {
        Text = "text" => Decoded,
        Thinking = "thinking" => Ignored,
        RedactedThinking = "redacted_thinking" => Ignored,
        ToolUse = "tool_use" => Decoded,
        ToolResult = "tool_result" => Decoded,
        Image = "image" => Decoded,
        Document = "document" => Ignored,
        ServerToolUse = "server_tool_use" => Ignored,
        WebSearchToolResult = "web_search_tool_result" => Ignored,
        WebFetchToolResult = "web_fetch_tool_result" => Ignored,
        Fallback = "fallback" => Ignored,
        ToolReference = "tool_reference" => Ignored,
        AdvisorToolResult = "advisor_tool_result" => Ignored,
        Compaction = "compaction" => Ignored,
        ContainerUpload = "container_upload" => Ignored,
    }
}
