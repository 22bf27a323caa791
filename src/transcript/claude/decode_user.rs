//! `user` records: prompts, results of tools, notices.

use super::Sink;
use super::content::{Block, OwnResult};
use super::decode::{cloned, millis, note_unknown_blocks};
use super::lenient::Float;
use super::text::{TextFacts, TextKind};
use super::wire::Line;
use crate::transcript::entry::{Body, Permission, ToolResult, ToolUseResult, User, UserKind};

pub(super) fn user<'a>(line: &Line<'a>, sink: &mut impl Sink) -> Body<'a> {
    note_unknown_blocks(line, sink);
    let content = &line.message.content;
    let results: Vec<ToolResult<'a>> = content.blocks_of("tool_result").map(tool_result).collect();
    let text = content.prompt_text();
    let images = content.blocks_of("image").count() as u32;
    let kind = user_kind(line, !results.is_empty(), &text, images);
    Body::User(Box::new(User {
        kind,
        origin: cloned(&line.turn_origin).or_else(|| cloned(&line.origin.kind)).or_else(|| cloned(&line.prompt_source)),
        text_length: text.length,
        text_fingerprint: text.fingerprint,
        images,
        permission_mode: cloned(&line.permission_mode),
        results,
        outcome: own_result(&line.tool_use_result),
        denial: cloned(&line.tool_denial_kind),
        denied_before_run: line.tool_denial_before_run.0,
        permission: line.permission_decision.decision.0.as_ref().map(|decision| Permission {
            decision: Some(decision.clone()),
            source: cloned(&line.permission_decision.source),
        }),
        notification: text.notification.filter(|_| kind == UserKind::TaskNotification),
    }))
}

/// What a `user` line is, tested in the order that the client's own reader uses.
fn user_kind(line: &Line<'_>, has_results: bool, text: &TextFacts, images: u32) -> UserKind {
    if has_results {
        return UserKind::ToolResult;
    }
    if line.is_compact_summary.0 || text.kind == TextKind::CompactSummary {
        return UserKind::CompactSummary;
    }
    if line.is_meta.0 {
        return UserKind::Meta;
    }
    let origin = line.turn_origin.as_str().or_else(|| line.origin.kind.as_str()).unwrap_or_default();
    match (origin, text.kind) {
        (_, TextKind::Interrupt) => UserKind::Interrupt,
        (_, TextKind::LocalCommand) => UserKind::LocalCommand,
        (_, TextKind::CompactCommand) => UserKind::CompactCommand,
        (_, TextKind::LocalOutput) => UserKind::LocalOutput,
        (_, TextKind::BashInput) => UserKind::BashInput,
        (_, TextKind::PromptCommand) => UserKind::PromptCommand,
        // A person may type what looks like a notification; where the line says who wrote it, that counts.
        ("human", TextKind::TaskNotification) => UserKind::Prompt,
        (_, TextKind::TaskNotification) if line.prompt_source.as_str() == Some("typed") => UserKind::Prompt,
        ("task-notification" | "task_notification", _) | (_, TextKind::TaskNotification) => UserKind::TaskNotification,
        ("peer" | "coordinator", _) | (_, TextKind::Teammate) => UserKind::Peer,
        ("scheduled", _) | (_, TextKind::Tick) => UserKind::Scheduled,
        (_, TextKind::Warmup) => UserKind::Warmup,
        // Neither a word nor a picture: nobody asked anything.
        (_, TextKind::Plain) if text.length == 0 && images == 0 => UserKind::Meta,
        (_, TextKind::IdeContext) if images == 0 => UserKind::LocalOutput,
        _ => UserKind::Prompt,
    }
}

fn tool_result<'a>(block: &Block<'a>) -> ToolResult<'a> {
    ToolResult {
        tool_use_id: cloned(&block.tool_use_id),
        is_error: block.is_error.0,
        size: block.content.size,
        text: block.content.text,
        exit_code: block.content.exit_code,
    }
}

fn own_result<'a>(result: &OwnResult<'a>) -> ToolUseResult<'a> {
    let fields = &result.fields;
    let seconds = fields.duration_seconds.0.map(|seconds| Float(Some(seconds * 1000.0))).unwrap_or_default();
    let patched = fields
        .patch
        .0
        .iter()
        .flat_map(|hunk| &hunk.lines.0)
        .fold((0, 0), |sum, line| (sum.0 + line.0.0, sum.1 + line.0.1));
    let is_patch = !fields.patch.0.is_empty();
    // A new file has no patch; all of its lines are added.
    let created = fields.kind.as_str() == Some("create") && !is_patch;
    ToolUseResult {
        text: result.text,
        interrupted: fields.interrupted.0 || fields.was_interrupted.0,
        background_task_id: cloned(&fields.background_task_id),
        timed_out_after: fields.timed_out_after.0,
        status: cloned(&fields.status),
        agent_id: cloned(&fields.agent_id),
        agent_type: cloned(&fields.agent_type),
        duration: millis(fields.total_duration).or_else(|| millis(fields.duration)).or_else(|| millis(seconds)),
        stdout_size: fields.stdout.0,
        stderr_size: fields.stderr.0,
        truncated: fields.persisted.0.is_some(),
        lines_added: if created {
            fields.content.map(|text| text.lines() as u64)
        } else {
            is_patch.then_some(patched.0)
        },
        lines_removed: if created { Some(0) } else { is_patch.then_some(patched.1) },
    }
}
