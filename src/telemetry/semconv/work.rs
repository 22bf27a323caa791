//! Attributes of turns, agent runs and sessions.

use super::events::{TURN_COMPLETED, USER_PROMPT};

attributes! { WORK;
    GEN_AI_AGENT_NAME = "gen_ai.agent.name", Text, [Turn, Agent, Metrics], "`claude-code`, or the agent type", "side file, result, `attributionAgent`";
    CLAUDE_CODE_TURN_INDEX = "claude_code.turn.index", Int, [Turn, Log(TURN_COMPLETED)], "number in the session, from 1", "order of first lines";
    CLAUDE_CODE_TURN_ORIGIN = "claude_code.turn.origin", Text, [Turn, Log(USER_PROMPT), Log(TURN_COMPLETED), Metrics], "how it came about, see [origins](#origins)", "`origin`, `entrypoint`, kind of the line";
    CLAUDE_CODE_TURN_OUTCOME = "claude_code.turn.outcome", Text, [Turn, Log(TURN_COMPLETED), Metrics], "how it ended, see [outcomes](#outcomes)", "last lines";
    CLAUDE_CODE_TURN_DIALOG_WAIT_MS = "claude_code.turn.dialog_wait_ms", Int "ms", [Turn], "time in dialogs: wall time less the client's own measure, where that is not longer", "`turn_duration`";
    CLAUDE_CODE_PROMPT_ID = "claude_code.prompt.id", Text, [Turn], "the client's own id; a fork shares it with its copied history", "`promptId`";
    CLAUDE_CODE_PROMPT_LENGTH = "claude_code.prompt.length", Int "characters", [Turn, Agent], "length of the prompt", "prompt";
    CLAUDE_CODE_PROMPT_IMAGES = "claude_code.prompt.images", Int, [Turn], "images in the prompt; absent without any", "prompt";
    CLAUDE_CODE_PERMISSION_MODE = "claude_code.permission_mode", Text, [Turn, Log(USER_PROMPT)], "permission mode at the prompt", "`permissionMode`";
    CLAUDE_CODE_TURN_LLM_CALLS = "claude_code.turn.llm_calls", Int, [Sums, Log(TURN_COMPLETED)], "model calls", "counted";
    CLAUDE_CODE_TURN_TOOL_CALLS = "claude_code.turn.tool_calls", Int, [Sums, Log(TURN_COMPLETED)], "tool calls", "counted";
    CLAUDE_CODE_TURN_TOOL_ERRORS = "claude_code.turn.tool_errors", Int, [Sums, Log(TURN_COMPLETED)], "tool calls whose result is flagged as an error", "counted";
    CLAUDE_CODE_USAGE_INPUT_TOKENS = "claude_code.usage.input_tokens", Int "tokens", [Sums, Log(TURN_COMPLETED)], "all input", "`chat` spans";
    CLAUDE_CODE_USAGE_OUTPUT_TOKENS = "claude_code.usage.output_tokens", Int "tokens", [Sums, Log(TURN_COMPLETED)], "output", "`chat` spans";
    CLAUDE_CODE_USAGE_CACHE_READ_INPUT_TOKENS = "claude_code.usage.cache_read_input_tokens", Int "tokens", [Sums, Log(TURN_COMPLETED)], "read from the cache", "`chat` spans";
    CLAUDE_CODE_USAGE_CACHE_CREATION_INPUT_TOKENS = "claude_code.usage.cache_creation_input_tokens", Int "tokens", [Sums, Log(TURN_COMPLETED)], "written to the cache", "`chat` spans";
    CLAUDE_CODE_AGENT_ID = "claude_code.agent.id", Text, [Agent, Chat, Tool] "inside an agent", "agent", "file name, `agentId`";
    CLAUDE_CODE_AGENT_PARENT_ID = "claude_code.agent.parent_id", Text, [Agent, Chat, Tool] "inside an agent", "agent that started it", "the call that started it";
    CLAUDE_CODE_AGENT_DEPTH = "claude_code.agent.depth", Int, [Agent, Chat, Tool] "inside an agent", "how deep it is nested, from 1", "the calls above it";
    CLAUDE_CODE_AGENT_BACKGROUND = "claude_code.agent.background", Bool, [Agent], "whether it ran in the background", "side file, result";
    CLAUDE_CODE_AGENT_OUTCOME = "claude_code.agent.outcome", Text, [Agent, Metrics], "how it ended, see [outcomes](#outcomes)", "last lines, side file";
    CLAUDE_OTEL_JOIN = "claude_otel.join", Text, [Agent], "how a guessed parent was found, see [joins](#joins)", "";
    CLAUDE_CODE_SESSION_SEGMENT = "claude_code.session.segment", Int, [Session], "number in the session, from 1", "";
    CLAUDE_CODE_SESSION_TURNS = "claude_code.session.turns", Int, [Session], "turns in the segment", "counted";
    CLAUDE_CODE_SESSION_START_TYPE = "claude_code.session.start_type", Text, [Session], "how it began, see [start types](#start-types)", "";
    SESSION_PREVIOUS_ID = "session.previous_id", Text, [Session] "the first of a copy", "session that it was copied from or took over from", "shared message ids, hand-over line";
}
