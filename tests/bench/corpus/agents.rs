//! Agents: a transcript of their own beside the one that started them, and perhaps more below.

use std::fs;
use std::io;

use super::file::{File, usage};
use super::response::{self, Making, Part};
use super::truth::Tokens;

const MODELS: [(&str, f64); 3] =
    [("claude-haiku-4-5-20251001", 55.0), ("claude-sonnet-5", 35.0), ("claude-opus-4-8", 10.0)];

/// Writes an agent's transcript and description; what it answers, to the model and to the client.
pub(crate) fn write(
    making: &mut Making<'_>,
    parent: &mut File,
    call: &str,
    depth: u64,
) -> io::Result<(String, String)> {
    let id = format!("a{}", making.dice.hex(16));
    let model = *making.dice.weighted(&MODELS);
    making.truth.count("agents", 1);
    making.truth.count("nested_agents", u64::from(depth > 1));
    let mut file = File::new(parent.about.clone(), Some(id.clone()), parent.time, &mut making.dice);
    let folder = file.about.folder.join("subagents");
    fs::create_dir_all(&folder)?;
    let above = parent.agent.as_ref().filter(|_| depth > 1);
    let above = above.map_or_else(String::new, |above| format!(",\"parentAgentId\":\"{above}\""));
    fs::write(
        folder.join(format!("agent-{id}.meta.json")),
        format!(
            "{{\"agentType\":\"Explore\",\"description\":\"look around\",\"toolUseId\":\"{call}\",\"spawnDepth\":{depth}{above}}}"
        ),
    )?;

    let prompt = making.texts.prose.cut(&mut making.dice, 700);
    file.user(&mut making.dice, format_args!("\"{prompt}\""), "");
    file.end("user, agent's prompt", making.truth);
    let responses = making.dice.size(9.0, 0.7, (2, 60));
    for place in 1..=responses {
        response::write(making, &mut file, Part { model, depth, is_last: place == responses, is_interrupted: false })?;
    }
    // Older clients repeat an agent's messages in the file above, usage and all.
    if !parent.about.is_new {
        for message in file.mirrored.drain(..) {
            let tool = making.dice.letters(22);
            parent.record(
                &mut making.dice,
                format_args!(
                    "\"type\":\"progress\",\"data\":{{\"message\":{message},\"type\":\"agent_progress\",\"prompt\":\"\",\"agentId\":\"{id}\"}},\"toolUseID\":\"agent_msg_01{tool}\",\"parentToolUseID\":\"{call}\","
                ),
            );
            parent.end("progress", making.truth);
        }
    }
    let (context, begun) = (file.context, parent.time);
    let ended = file.close(making.truth)?;
    parent.time = parent.time.max(ended + 40);

    let bytes = making.dice.size(1_800.0, 0.6, (200, 9_000));
    let text = making.texts.prose.cut(&mut making.dice, bytes);
    let used = usage(Tokens { input: 3, output: 400, cache_5m: 900, cache_1h: 0, cache_read: context }, false);
    Ok((
        format!("[{{\"type\":\"text\",\"text\":\"{text}\"}},{{\"type\":\"text\",\"text\":\"agentId: {id}\"}}]"),
        format!(
            "{{\"status\":\"completed\",\"prompt\":\"look around\",\"agentId\":\"{id}\",\"agentType\":\"Explore\",\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}],\"totalDurationMs\":{},\"totalTokens\":{context},\"totalToolUseCount\":7,\"usage\":{used}}}",
            ended - begun
        ),
    ))
}
