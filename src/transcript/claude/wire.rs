//! The records exactly as they stand on disk, as far as they are read.

use super::content::{Content, OwnResult};
use super::lenient::{Field, Flag, Float, Int, List, Table, Text, record};
use crate::transcript::json::{Cursor, JsonError, Quoted};

record! {
    /// One line: the fields of all record types side by side, since `type` may stand last.
    struct Line<'a> {
        "type" => kind: Text<'a>,
        "subtype" => subtype: Text<'a>,
        "uuid" => uuid: Text<'a>,
        "parentUuid" => parent_uuid: Text<'a>,
        "logicalParentUuid" => logical_parent_uuid: Text<'a>,
        "sessionId" => session_id: Text<'a>,
        "agentId" => agent_id: Text<'a>,
        "timestamp" => timestamp: Text<'a>,
        "isSidechain" => is_sidechain: Flag,
        "isMeta" => is_meta: Flag,
        "isCompactSummary" => is_compact_summary: Flag,
        "promptId" => prompt_id: Text<'a>,
        "requestSessionId" => request_session_id: Text<'a>,
        "forkedFrom" => forked_from: ForkedFrom<'a>,
        "cwd" => cwd: Text<'a>,
        "gitBranch" => git_branch: Text<'a>,
        "version" => version: Text<'a>,
        "entrypoint" => entrypoint: Text<'a>,
        "sessionKind" => session_kind: Text<'a>,
        "permissionMode" => permission_mode: Text<'a>,
        "origin" => origin: Origin<'a>,
        "turnOrigin" => turn_origin: Text<'a>,
        "promptSource" => prompt_source: Text<'a>,
        "message" => message: Message<'a>,
        "toolUseResult" => tool_use_result: OwnResult<'a>,
        "toolDenialKind" => tool_denial_kind: Text<'a>,
        "toolDenialBeforeRun" => tool_denial_before_run: Flag,
        "permissionDecision" => permission_decision: PermissionDecision<'a>,
        "requestId" => request_id: Text<'a>,
        "requestRef" => request_ref: Text<'a>,
        "requestedModel" => requested_model: Text<'a>,
        "effort" => effort: Text<'a>,
        "thinkingDurationMs" => thinking_duration: Float,
        "durationMs" => duration: Float,
        "costUSD" => cost_usd: Float,
        "isAbortedMidStream" => is_aborted: Flag,
        "isApiErrorMessage" => is_api_error: Flag,
        "error" => error: ErrorField<'a>,
        "apiErrorStatus" => api_error_status: Int,
        "attributionAgent" => attribution_agent: Text<'a>,
        "content" => content: Quoted<'a>,
        "hookInfos" => hook_infos: List<HookInfo>,
        "compactMetadata" => compact_metadata: CompactMetadata<'a>,
        "microcompactMetadata" => microcompact_metadata: CompactMetadata<'a>,
        "retryAttempt" => retry_attempt: Int,
        "retryInMs" => retry_in: Float,
        "fallbackModel" => fallback_model: Text<'a>,
        "attachment" => attachment: Attachment<'a>,
        "data" => data: Progress<'a>,
        "toolUseID" => tool_use_id: Text<'a>,
        "parentToolUseID" => parent_tool_use_id: Text<'a>,
        "operation" => operation: Text<'a>,
        "id" => id: Text<'a>,
        "querySource" => query_source: Text<'a>,
        "params" => params: RequestParams<'a>,
        "startTime" => start_time: Float,
        "totalDuration" => total_duration: Float,
        "totalCostUSD" => total_cost: Float,
        "hasUnknownModelCost" => has_unknown_cost: Flag,
        "totalLinesAdded" => total_lines_added: Int,
        "totalLinesRemoved" => total_lines_removed: Int,
        "modelUsage" => model_usage: Table<'a, ModelUsage>,
        "continuedInSessionId" => continued_in: Text<'a>,
        "prUrl" => pull_request_url: Text<'a>,
    }
}

record! {
    struct ForkedFrom<'a> {
        "sessionId" => session_id: Text<'a>,
    }
}

record! {
    struct Origin<'a> {
        "kind" => kind: Text<'a>,
    }
}

record! {
    struct Message<'a> {
        "id" => id: Text<'a>,
        "model" => model: Text<'a>,
        "content" => content: Content<'a>,
        "stop_reason" => stop_reason: Text<'a>,
        "usage" => usage: Usage<'a>,
        "diagnostics" => diagnostics: Diagnostics<'a>,
    }
}

record! {
    struct Usage<'a> {
        "input_tokens" => input: Int,
        "output_tokens" => output: Int,
        "cache_read_input_tokens" => cache_read: Int,
        "cache_creation_input_tokens" => cache_creation: Int,
        "cache_creation" => lifetimes: CacheLifetimes,
        "output_tokens_details" => output_details: OutputDetails,
        "server_tool_use" => server_tool_use: ServerToolUse,
        "speed" => speed: Text<'a>,
        "service_tier" => service_tier: Text<'a>,
    }
}

record! {
    struct CacheLifetimes {
        "ephemeral_5m_input_tokens" => five_minutes: Int,
        "ephemeral_1h_input_tokens" => one_hour: Int,
    }
}

record! {
    struct OutputDetails {
        "thinking_tokens" => thinking: Int,
    }
}

record! {
    struct ServerToolUse {
        "web_search_requests" => web_searches: Int,
    }
}

record! {
    struct Diagnostics<'a> {
        "cache_miss_reason" => cache_miss: CacheMiss<'a>,
    }
}

record! {
    struct CacheMiss<'a> {
        "type" => kind: Text<'a>,
    }
}

record! {
    struct PermissionDecision<'a> {
        "decision" => decision: Text<'a>,
        "source" => source: Text<'a>,
    }
}

record! {
    /// `error` as an object, on failed attempts; on assistant lines it is a text and read as [`ErrorField::class`].
    struct ErrorObject<'a> {
        "status" => status: Int,
        "code" => code: Text<'a>,
        "connection" => connection: Connection<'a>,
    }
}

record! {
    struct Connection<'a> {
        "code" => code: Text<'a>,
    }
}

/// `error`: the class of an error as a text, or a failed attempt as an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ErrorField<'a> {
    pub class: Text<'a>,
    pub object: ErrorObject<'a>,
}

impl<'a> Field<'a> for ErrorField<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        if cursor.peek() == Some(b'"') { self.class.read(cursor) } else { self.object.read(cursor) }
    }
}

record! {
    struct HookInfo {
        "durationMs" => duration: Float,
    }
}

record! {
    struct CompactMetadata<'a> {
        "trigger" => trigger: Text<'a>,
        "preTokens" => pre_tokens: Int,
        "postTokens" => post_tokens: Int,
        "durationMs" => duration: Float,
    }
}

record! {
    struct Attachment<'a> {
        "type" => kind: Text<'a>,
        "hookEvent" => hook_event: Text<'a>,
        "durationMs" => duration: Float,
        "prompt" => prompt: Quoted<'a>,
    }
}

record! {
    struct Progress<'a> {
        "type" => kind: Text<'a>,
        "agentId" => agent_id: Text<'a>,
        "status" => status: Text<'a>,
        "elapsedTimeMs" => elapsed: Float,
        "elapsedTimeSeconds" => elapsed_seconds: Float,
    }
}

record! {
    struct RequestParams<'a> {
        "model" => model: Text<'a>,
        "max_tokens" => max_tokens: Int,
    }
}

record! {
    struct ModelUsage {
        "inputTokens" => input: Int,
        "outputTokens" => output: Int,
        "thinkingTokens" => thinking: Int,
        "cacheReadInputTokens" => cache_read: Int,
        "cacheCreationInputTokens" => cache_creation: Int,
        "cacheCreationEphemeral5mInputTokens" => cache_creation_5m: Int,
        "cacheCreationEphemeral1hInputTokens" => cache_creation_1h: Int,
        "webSearchRequests" => web_searches: Int,
        "costUSD" => cost: Float,
    }
}

record! {
    /// The side file that tells where an agent belongs.
    struct Meta<'a> {
        "agentType" => agent_type: Text<'a>,
        "toolUseId" => tool_use_id: Text<'a>,
        "parentAgentId" => parent_agent_id: Text<'a>,
        "spawnDepth" => spawn_depth: Int,
        "requestShape" => request_shape: Text<'a>,
        "finished" => finished: Flag,
    }
}
