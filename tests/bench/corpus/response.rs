//! One response of the model: its lines, and the results of the tools that it calls.

use std::io;

use super::agents;
use super::dice::Dice;
use super::file::{File, Message, usage};
use super::texts::Texts;
use super::tools::{self, Call};
use super::truth::{Tokens, Truth};

/// What everything is made with.
#[derive(Debug)]
pub(crate) struct Making<'a> {
    pub(crate) dice: Dice,
    pub(crate) texts: &'a Texts,
    pub(crate) truth: &'a mut Truth,
}

/// What is said of a response beforehand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) model: &'static str,
    /// How many agents are around it.
    pub(crate) depth: u64,
    /// The last one of a turn calls no tools.
    pub(crate) is_last: bool,
    /// Whether somebody interrupts before its tools have answered.
    pub(crate) is_interrupted: bool,
}

/// One block of content, which is one line.
struct Block {
    kind: &'static str,
    json: String,
    call: Option<Call>,
}

/// Writes a response and what its tools answer.
pub(crate) fn write(making: &mut Making<'_>, file: &mut File, part: Part) -> io::Result<()> {
    let blocks = blocks(making, file, part);
    let dice = &mut making.dice;
    let calls = blocks.iter().filter(|block| block.call.is_some()).count();
    let tokens = spend(dice, file, &blocks);
    let (id, request) = (format!("msg_01{}", dice.letters(22)), format!("req_011{}", dice.letters(21)));
    let message = Message { id: &id, request: &request, model: part.model };
    // While a response is under way its usage is a guess, and its lines say so or not.
    let guess = (blocks.len() > 1 && dice.happens(0.45)).then(|| dice.between(1, 9));
    let whole = usage(tokens, file.about.is_new);
    let early = guess.map(|output| usage(Tokens { output, ..tokens }, false));
    let stop = if calls > 0 { "\"tool_use\"" } else { "\"end_turn\"" };
    let is_mixed = calls > 1 && dice.happens(0.35);
    file.wait(dice, 900, 9_000);
    making.truth.call(tokens);
    making.truth.count("tool_calls", calls as u64);

    let last = blocks.len() - 1;
    let mut waiting = Vec::new();
    for (place, block) in blocks.into_iter().enumerate() {
        let early = early.as_deref().filter(|_| place < last);
        let (stop, usage) = early.map_or((stop, whole.as_str()), |early| ("null", early));
        let line = file.assistant(&mut making.dice, &message, &block.json, stop, usage);
        file.end(block.kind, making.truth);
        if let Some(call) = block.call {
            waiting.push((call, line, file.time));
            // Tools that are done before the response is have their results between its lines.
            if is_mixed && !part.is_interrupted {
                for (call, line, begun) in waiting.drain(..) {
                    result(making, file, part.depth, call, (&line, begun))?;
                }
            }
        }
        file.wait(&mut making.dice, 30, 1_500);
    }
    if part.is_interrupted {
        making.truth.count("tool_calls_unanswered", waiting.len() as u64);
    } else {
        for (call, line, begun) in waiting {
            result(making, file, part.depth, call, (&line, begun))?;
        }
    }
    if file.context > CONTEXT {
        compact(making, file);
    }
    Ok(())
}

fn blocks(making: &mut Making<'_>, file: &File, part: Part) -> Vec<Block> {
    let Making { dice, texts, .. } = making;
    let mut blocks = Vec::new();
    if dice.happens(0.62) {
        // The thoughts themselves are left out as often as not; their signature never is.
        let bytes = dice.size(420.0, 1.0, (40, 9_000));
        let thoughts = if dice.happens(0.55) { texts.prose.cut(dice, bytes) } else { "" };
        let characters = dice.size(560.0, 0.7, (200, 6_000));
        let signature = texts.base64(dice, characters);
        let json = format!("{{\"type\":\"thinking\",\"thinking\":\"{thoughts}\",\"signature\":\"{signature}\"}}");
        blocks.push(Block { kind: "assistant, thinking", json, call: None });
    }
    if part.is_last || dice.happens(0.42) {
        let bytes = dice.size(if part.is_last { 900.0 } else { 160.0 }, 0.9, (20, 12_000));
        let json = format!("{{\"type\":\"text\",\"text\":\"{}\"}}", texts.prose.cut(dice, bytes));
        blocks.push(Block { kind: "assistant, text", json, call: None });
    }
    let calls = match (part.is_last, dice.happens(0.84)) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => dice.between(2, 5),
    };
    for _ in 0..calls {
        let may_start_agents = part.depth == 0 || part.depth == 1 && dice.happens(0.4);
        let call = tools::call(dice, texts, &file.about, may_start_agents);
        let Call { name, id, input, .. } = &call;
        let json = format!(
            "{{\"type\":\"tool_use\",\"id\":\"{id}\",\"name\":\"{name}\",\"input\":{input},\"caller\":{{\"type\":\"direct\"}}}}"
        );
        blocks.push(Block { kind: "assistant, tool call", json, call: Some(call) });
    }
    blocks
}

/// What a response takes: what is new is written to the cache, what was there is read from it.
fn spend(dice: &mut Dice, file: &mut File, blocks: &[Block]) -> Tokens {
    let written: usize = blocks.iter().map(|block| block.json.len()).sum();
    let is_first = file.context == 0;
    let new = if is_first { dice.size(14_000.0, 0.4, (4_000, 30_000)) } else { dice.size(1_500.0, 1.1, (30, 40_000)) };
    let cache_read = file.context;
    file.context += new as u64;
    let (input, output, new) = (dice.between(1, 12), 20 + written as u64 / 4, new as u64);
    let tokens = Tokens { input, output, cache_read, ..Tokens::default() };
    if file.about.keeps_long { Tokens { cache_1h: new, ..tokens } } else { Tokens { cache_5m: new, ..tokens } }
}

fn result(
    making: &mut Making<'_>,
    file: &mut File,
    depth: u64,
    call: Call,
    (line, begun): (&str, i64),
) -> io::Result<()> {
    let Call { name, id, answer, .. } = call;
    let (content, result, is_error) = if let Some(answer) = answer {
        let Making { dice, texts, truth } = making;
        if !file.about.is_new && dice.happens(0.45) {
            let kind = if name == "Bash" { "bash_progress" } else { "hook_progress" };
            let bytes = dice.size(500.0, 0.9, (60, 5_000));
            let shown = texts.code.cut(dice, bytes);
            file.record(
                dice,
                format_args!(
                    "\"type\":\"progress\",\"data\":{{\"type\":\"{kind}\",\"output\":\"{shown}\",\"elapsedTimeSeconds\":2,\"totalLines\":9}},\"toolUseID\":\"{id}\",\"parentToolUseID\":\"{id}\","
                ),
            );
            file.end("progress", truth);
        }
        file.time = file.time.max(begun + answer.millis);
        (answer.content, answer.result, answer.is_error)
    } else {
        let (content, result) = agents::write(making, file, &id, depth + 1)?;
        (content, result, false)
    };
    let flag = match (is_error, name) {
        (true, _) => ",\"is_error\":true",
        (false, "Bash") => ",\"is_error\":false",
        _ => "",
    };
    file.user(
        &mut making.dice,
        format_args!("[{{\"tool_use_id\":\"{id}\",\"type\":\"tool_result\",\"content\":{content}{flag}}}]"),
        format_args!("\"toolUseResult\":{result},\"sourceToolAssistantUUID\":\"{line}\","),
    );
    file.end("user, tool result", making.truth);
    making.truth.count("tool_results", 1);
    making.truth.count("tool_errors", u64::from(is_error));
    Ok(())
}

/// The context at which the client makes it shorter.
const CONTEXT: u64 = 160_000;

fn compact(making: &mut Making<'_>, file: &mut File) {
    let Making { dice, texts, truth } = making;
    file.wait(dice, 20_000, 90_000);
    let is_auto = dice.happens(0.85);
    truth.count("compactions", 1);
    truth.count("auto_compactions", u64::from(is_auto));
    // The chain of ids is cut here, and another field tells of its end.
    let before = file.last.take().unwrap_or_default();
    let (trigger, tokens) = (if is_auto { "auto" } else { "manual" }, file.context);
    file.record(
        dice,
        format_args!(
            "\"type\":\"system\",\"subtype\":\"compact_boundary\",\"content\":\"Conversation compacted\",\"level\":\"info\",\"logicalParentUuid\":\"{before}\",\"compactMetadata\":{{\"trigger\":\"{trigger}\",\"preTokens\":{tokens},\"postTokens\":12000,\"durationMs\":41000}},\"isMeta\":false,"
        ),
    );
    file.end("system, compaction", truth);
    let summary = texts.prose.cut(dice, 9_000);
    file.user(
        dice,
        format_args!("\"This session is being continued from a previous conversation.\\n{summary}\""),
        "\"isVisibleInTranscriptOnly\":true,\"isCompactSummary\":true,",
    );
    file.end("user, compaction summary", truth);
    file.context = 0;
}
