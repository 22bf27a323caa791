//! Attributes of what people, models and tools wrote, at the content levels only.

use super::events::INFERENCE_DETAILS;

attributes! { TEXTS;
    CLAUDE_CODE_PROMPT = "claude_code.prompt", Text, [Turn, Agent], "prompt", "prompt";
    GEN_AI_INPUT_MESSAGES = "gen_ai.input.messages", Text, [Chat], "what the model was given since the call before: the prompt, or results of tools, as JSON", "prompt, `tool_result`";
    GEN_AI_OUTPUT_MESSAGES = "gen_ai.output.messages", Text, [Chat], "what it said, and the tools that it called; no thinking, as JSON", "`text` and `tool_use` blocks";
    GEN_AI_INPUT_MESSAGES_STRUCTURED = "gen_ai.input.messages", Maps, [Log(INFERENCE_DETAILS)], "the same, structured", "";
    GEN_AI_OUTPUT_MESSAGES_STRUCTURED = "gen_ai.output.messages", Maps, [Log(INFERENCE_DETAILS)], "the same, structured", "";
    GEN_AI_TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments", Text, [Tool], "input, as JSON unless it was cut", "`tool_use.input`";
    GEN_AI_TOOL_CALL_RESULT = "gen_ai.tool.call.result", Text, [Tool], "result; images left out", "`tool_result`";
    CLAUDE_CODE_TOOL_COMMAND = "claude_code.tool.command", Text, [Tool], "shell command", "input field `command`";
    CLAUDE_CODE_TOOL_FILE_PATH = "claude_code.tool.file_path", Text, [Tool], "file worked on, with the home folder as `~`", "input field `file_path`, `notebook_path`";
    CLAUDE_CODE_AGENT_DESCRIPTION = "claude_code.agent.description", Text, [Agent], "what it was started for", "input field `description`";
    CLAUDE_CODE_SESSION_TITLE = "claude_code.session.title", Text, [Session], "title as of the segment's end; a person's goes before a model's", "`custom-title`, `ai-title`";
    CLAUDE_CODE_ERROR_MESSAGE = "claude_code.error.message", Text, [Turn, Agent] "where it failed", "what the error said", "error line";
}
