//! Attributes of what every span says.

use super::events::{
    API_ERROR, API_REQUEST, COMPACTION, HOOK, INFERENCE_DETAILS, SUBAGENT_COMPLETED, TOOL_RESULT, TURN_COMPLETED,
};

attributes! { EVERY_SPAN;
    SESSION_ID = "session.id", Text, [All, Logs], "session id; `unnamed-` and a digest where the id does not look like one", "name of the main file, else `sessionId`";
    GEN_AI_CONVERSATION_ID = "gen_ai.conversation.id", Text, [All, Logs], "the same, by the name of the conventions", "as for `session.id`";
    GEN_AI_PROVIDER_NAME = "gen_ai.provider.name", Text, [All, Metrics, Log(INFERENCE_DETAILS)], "`anthropic`; on `chat` also `aws.bedrock` or `gcp.vertex_ai`, told by model and message id", "`message.model`, `message.id`";
    CLAUDE_CODE_VERSION = "claude_code.version", Text, [All, Logs], "the client's version", "`version`";
    CLAUDE_CODE_ENTRYPOINT = "claude_code.entrypoint", Text, [All, Logs], "how the client was started: `cli`, `sdk-cli`, ...", "`entrypoint`";
    CLAUDE_CODE_SESSION_KIND = "claude_code.session.kind", Text, [All, Logs], "`bg` in a background session", "`sessionKind`";
    CLAUDE_CODE_PROJECT_NAME = "claude_code.project.name", Text, [All, Logs] "unless `--paths none`", "last part of the working folder; `~` for a home folder", "`cwd`";
    VCS_REF_HEAD_NAME = "vcs.ref.head.name", Text, [All, Logs] "unless `--paths none`", "branch", "`gitBranch`";
    CLAUDE_CODE_CWD = "claude_code.cwd", Text, [All, Logs] "with `--paths full` or `hash`", "working folder, with the home folder as `~`; or its keyed hash", "`cwd`";
    CLAUDE_OTEL_TIMING_START = "claude_otel.timing.start", Text, [All, Log(API_REQUEST), Log(TOOL_RESULT), Log(COMPACTION), Log(SUBAGENT_COMPLETED), Log(TURN_COMPLETED), Log(HOOK)], "how well the start is known: `recorded`, `bounded`, `estimated`", "see [times](#times)";
    CLAUDE_OTEL_TIMING_END = "claude_otel.timing.end", Text, [All], "how well the end is known", "see [times](#times)";
    CLAUDE_OTEL_TIMING_START_SOURCE = "claude_otel.timing.start_source", Text, [All], "the fact that the start rests on", "see [times](#times)";
    CLAUDE_OTEL_TIMING_END_SOURCE = "claude_otel.timing.end_source", Text, [All], "the fact that the end rests on", "see [times](#times)";
    GEN_AI_OPERATION_NAME = "gen_ai.operation.name", Text, [Chat, Tool, Turn, Agent, Metrics, Log(INFERENCE_DETAILS)], "`chat`, `execute_tool`, `invoke_agent`", "kind of the span";
    ERROR_TYPE = "error.type", Text, [Turn, Agent, Tool, Hook, Log(API_ERROR), Log(TOOL_RESULT), Log(TURN_COMPLETED), Metrics] "where it failed", "class of the failure, see [errors](#errors)", "error line, result";
}
