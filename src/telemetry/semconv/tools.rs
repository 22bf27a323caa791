//! Attributes of tool calls.

use super::events::TOOL_RESULT;

attributes! { TOOLS;
    GEN_AI_TOOL_NAME = "gen_ai.tool.name", Text, [Tool, Metrics], "tool", "`tool_use.name`";
    GEN_AI_TOOL_CALL_ID = "gen_ai.tool.call.id", Text, [Tool], "`tool_use` id", "`tool_use.id`";
    GEN_AI_TOOL_TYPE = "gen_ai.tool.type", Text, [Tool], "`extension` for a tool of an MCP server, else `function`", "the tool's name";
    GEN_AI_SKILL_NAME = "gen_ai.skill.name", Text, [Tool], "skill that was started", "input field `skill`";
    MCP_METHOD_NAME = "mcp.method.name", Text, [Tool], "`tools/call`, for a tool of an MCP server", "the tool's name";
    CLAUDE_CODE_MCP_SERVER = "claude_code.mcp.server", Text, [Tool], "MCP server", "the tool's name";
    CLAUDE_CODE_MCP_TOOL = "claude_code.mcp.tool", Text, [Tool], "tool as the server calls it", "the tool's name";
    CLAUDE_CODE_TOOL_OUTCOME = "claude_code.tool.outcome", Text, [Tool, Log(TOOL_RESULT), Metrics], "how it ended, see [outcomes](#outcomes)", "result, notices, notifications";
    CLAUDE_CODE_TOOL_IS_ERROR = "claude_code.tool.is_error", Bool, [Tool] "with a result", "the result's own flag, which also denials bear", "`is_error`";
    CLAUDE_CODE_TOOL_INPUT_SIZE = "claude_code.tool.input_size", Int "bytes", [Tool], "input as JSON on disk", "`tool_use.input`";
    CLAUDE_CODE_TOOL_RESULT_SIZE = "claude_code.tool.result_size", Int "bytes", [Tool], "text of the result; absent where the client made it up", "`tool_result`";
    CLAUDE_CODE_TOOL_STDOUT_SIZE = "claude_code.tool.stdout_size", Int "bytes", [Tool], "standard output", "`toolUseResult`";
    CLAUDE_CODE_TOOL_STDERR_SIZE = "claude_code.tool.stderr_size", Int "bytes", [Tool], "standard error", "`toolUseResult`";
    CLAUDE_CODE_TOOL_TRUNCATED = "claude_code.tool.truncated", Bool, [Tool], "true when the output was cut and kept elsewhere; else absent", "`toolUseResult`";
    CLAUDE_CODE_TOOL_BACKGROUND = "claude_code.tool.background", Bool, [Tool], "true when it went on in the background; else absent", "`toolUseResult`, side file of the agent";
    CLAUDE_CODE_TOOL_FILE_EXTENSION = "claude_code.tool.file.extension", Text, [Tool], "extension of the file worked on, lower case", "input fields `file_path`, `notebook_path`";
    CLAUDE_CODE_TOOL_LINES_ADDED = "claude_code.tool.lines_added", Int "lines", [Tool], "lines added to files", "`toolUseResult`";
    CLAUDE_CODE_TOOL_LINES_REMOVED = "claude_code.tool.lines_removed", Int "lines", [Tool], "lines removed from files", "`toolUseResult`";
    PROCESS_EXIT_CODE = "process.exit.code", Int, [Tool] "of a shell", "exit code, where the result names it", "result";
    PROCESS_EXECUTABLE_NAME = "process.executable.name", Text, [Tool] "of a shell", "program of a command that runs just one, without its folder", "input field `command`";
    CLAUDE_CODE_PERMISSION_DECISION = "claude_code.permission.decision", Text, [Tool], "`accept` or `reject` (2.1.330)", "`permissionDecision`";
    CLAUDE_CODE_PERMISSION_SOURCE = "claude_code.permission.source", Text, [Tool], "what decided: a rule, a person, ...", "`permissionDecision`";
}
