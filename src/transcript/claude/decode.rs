//! Wire records become entries, one arm per record type.

use std::borrow::Cow;

use super::content::{Block, OwnResult};
use super::lenient::{Float, Text};
use super::text::{TextFacts, TextKind};
use super::wire::{Line, Message, ModelUsage, Usage};
use super::{DecodeOptions, Sink};
use crate::transcript::entry::{
    ApiError, ApiRequest, Assistant, Body, CompactBoundary, CostState, Entry, Head, Hook, LineUsage, Permission, Queue,
    QueueOperation, ToolResult, ToolUse, ToolUseResult, User, UserKind,
};
use crate::transcript::names::{AttachmentType, BlockType, ProgressType, RecordType, SystemSubtype};
use crate::transcript::problem::{Problem, ProblemKind};
use crate::transcript::time::{self, Millis};

/// Reads one record. Only an object is one: a bare number or text on a line is as torn as half an object.
pub(super) fn parse(line: &[u8]) -> Result<Line<'_>, serde_json::Error> {
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(serde::de::Error::custom("no object"));
    }
    serde_json::from_slice(line)
}

/// Turns one record into an entry and its problems.
pub(super) fn emit(line: &Line<'_>, options: DecodeOptions, sink: &mut impl Sink) {
    let version = line.version.as_str().unwrap_or_default();
    let head = head(line, options, sink);
    let Some(kind) = line.kind.as_str() else {
        return sink.problem(Problem::named(ProblemKind::UntypedRecord, "", version));
    };
    let unknown = |problem, name: &str| Problem::named(problem, name, version);
    let Some(kind) = RecordType::from_name(kind) else {
        sink.problem(unknown(ProblemKind::UnknownRecordType, kind));
        return sink.entry(Entry { head, body: Body::Other });
    };
    let body = match kind {
        RecordType::User => user(line, sink),
        RecordType::Assistant => assistant(line, sink),
        RecordType::System => match line.subtype.as_str().map(|name| (name, SystemSubtype::from_name(name))) {
            Some((_, Some(subtype))) => system(line, subtype),
            Some((name, None)) => {
                sink.problem(unknown(ProblemKind::UnknownSystemSubtype, name));
                Body::Other
            }
            // The oldest versions wrote notices without a subtype.
            None => Body::Other,
        },
        RecordType::Attachment => {
            let name = line.attachment.kind.as_str().unwrap_or_default();
            if let Some(kind) = AttachmentType::from_name(name) {
                attachment(line, kind)
            } else {
                sink.problem(unknown(ProblemKind::UnknownAttachmentType, name));
                Body::Other
            }
        }
        RecordType::Progress => {
            let name = line.data.kind.as_str().unwrap_or_default();
            if let Some(kind) = ProgressType::from_name(name) {
                progress(line, kind)
            } else {
                sink.problem(unknown(ProblemKind::UnknownProgressType, name));
                Body::Other
            }
        }
        RecordType::QueueOperation => queue(line),
        RecordType::ApiRequest => Body::ApiRequest(ApiRequest {
            id: cloned(&line.id),
            query_source: cloned(&line.query_source),
            model: cloned(&line.params.model),
            max_tokens: line.params.max_tokens.unsigned(),
        }),
        RecordType::CostState => cost_state(line),
        RecordType::ContinuedIn => Body::ContinuedIn { session_id: cloned(&line.continued_in) },
        _ => Body::Other,
    };
    sink.entry(Entry { head, body });
}

pub(super) fn owned(text: &Text<'_>) -> Option<String> {
    text.as_str().map(str::to_owned)
}

fn cloned<'a>(text: &Text<'a>) -> Option<Cow<'a, str>> {
    text.0.clone()
}

fn millis(number: Float) -> Option<Millis> {
    // A negative or century-long measure is no measure.
    number.0.filter(|value| (0.0..3.2e12).contains(value)).map(|value| value.round() as Millis)
}

fn head<'a>(line: &Line<'a>, options: DecodeOptions, sink: &mut impl Sink) -> Head<'a> {
    let timestamp = line.timestamp.as_str().and_then(|text| {
        let time = time::parse(text).filter(|time| (time::EARLIEST..=options.latest).contains(time));
        if time.is_none() {
            sink.problem(Problem::named(ProblemKind::AbsurdTime, "", line.version.as_str().unwrap_or_default()));
        }
        time
    });
    Head {
        uuid: cloned(&line.uuid),
        parent_uuid: cloned(&line.parent_uuid),
        logical_parent_uuid: cloned(&line.logical_parent_uuid),
        session_id: cloned(&line.session_id),
        agent_id: cloned(&line.agent_id),
        timestamp,
        is_sidechain: line.is_sidechain.0,
        is_meta: line.is_meta.0,
        prompt_id: cloned(&line.prompt_id),
        copied_from: cloned(&line.request_session_id).or_else(|| cloned(&line.forked_from.session_id)),
        cwd: cloned(&line.cwd),
        git_branch: cloned(&line.git_branch),
        version: cloned(&line.version),
        entrypoint: cloned(&line.entrypoint),
        session_kind: cloned(&line.session_kind),
    }
}

fn user<'a>(line: &Line<'a>, sink: &mut impl Sink) -> Body<'a> {
    note_unknown_blocks(line, sink);
    let blocks = &line.message.content.blocks;
    let results: Vec<ToolResult<'a>> =
        blocks.iter().filter(|block| block.kind.as_str() == Some("tool_result")).map(tool_result).collect();
    let text = line.message.content.prompt_text();
    let images = blocks.iter().filter(|block| block.kind.as_str() == Some("image")).count() as u32;
    Body::User(Box::new(User {
        kind: user_kind(line, !results.is_empty(), &text, images),
        origin: cloned(&line.turn_origin).or_else(|| cloned(&line.origin.kind)).or_else(|| cloned(&line.prompt_source)),
        text_length: text.length,
        text_fingerprint: text.fingerprint,
        images,
        permission_mode: cloned(&line.permission_mode),
        interrupted_message_id: cloned(&line.interrupted_message_id),
        results,
        outcome: own_result(&line.tool_use_result),
        denial: cloned(&line.tool_denial_kind),
        denied_before_run: line.tool_denial_before_run.0,
        permission: line.permission_decision.decision.0.as_ref().map(|decision| Permission {
            decision: Some(decision.clone()),
            source: cloned(&line.permission_decision.source),
        }),
        notification: text.notification,
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
        ("task-notification" | "task_notification", _) | (_, TextKind::TaskNotification) => UserKind::TaskNotification,
        ("peer" | "coordinator", _) | (_, TextKind::Teammate) => UserKind::Peer,
        ("scheduled", _) | (_, TextKind::Tick) => UserKind::Scheduled,
        (_, TextKind::Warmup) => UserKind::Warmup,
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
        lines_added: if created { fields.content.0 } else { is_patch.then_some(patched.0) },
        lines_removed: if created { Some(0) } else { is_patch.then_some(patched.1) },
    }
}

fn assistant<'a>(line: &Line<'a>, sink: &mut impl Sink) -> Body<'a> {
    note_unknown_blocks(line, sink);
    let Message { id, model, content, stop_reason, usage, diagnostics } = &line.message;
    let counts = [usage.input, usage.output, usage.cache_read, usage.cache_creation];
    if counts.iter().any(|count| count.0.is_some_and(i64::is_negative)) {
        sink.problem(Problem::named(ProblemKind::AbsurdNumber, "usage", line.version.as_str().unwrap_or_default()));
    }
    let block_kinds = content.blocks.iter().filter_map(|block| block.kind.as_str().and_then(BlockType::from_name));
    Body::Assistant(Box::new(Assistant {
        message_id: cloned(id),
        model: cloned(model),
        stop_reason: cloned(stop_reason),
        usage: line_usage(usage),
        speed: cloned(&usage.speed),
        service_tier: cloned(&usage.service_tier),
        cache_miss_reason: cloned(&diagnostics.cache_miss.kind),
        request_id: cloned(&line.request_id),
        request_ref: cloned(&line.request_ref),
        requested_model: cloned(&line.requested_model),
        effort: cloned(&line.effort),
        thinking_duration: millis(line.thinking_duration),
        duration: millis(line.duration),
        is_aborted: line.is_aborted.0,
        is_api_error: line.is_api_error.0,
        error: cloned(&line.error.class),
        error_status: line.api_error_status.0,
        attribution_agent: cloned(&line.attribution_agent),
        blocks: block_kinds.collect(),
        tool_uses: content
            .blocks
            .iter()
            .filter(|block| block.kind.as_str() == Some("tool_use"))
            .map(tool_use)
            .collect(),
    }))
}

fn note_unknown_blocks(line: &Line<'_>, sink: &mut impl Sink) {
    for block in &line.message.content.blocks {
        if let Some(name) = block.kind.as_str().filter(|name| BlockType::from_name(name).is_none()) {
            sink.problem(Problem::named(
                ProblemKind::UnknownBlockType,
                name,
                line.version.as_str().unwrap_or_default(),
            ));
        }
    }
}

fn line_usage(usage: &Usage<'_>) -> LineUsage {
    LineUsage {
        input: usage.input.unsigned(),
        output: usage.output.unsigned(),
        cache_read: usage.cache_read.unsigned(),
        cache_creation: usage.cache_creation.unsigned(),
        cache_creation_5m: usage.lifetimes.five_minutes.unsigned(),
        cache_creation_1h: usage.lifetimes.one_hour.unsigned(),
        thinking: usage.output_details.thinking.unsigned(),
        web_searches: usage.server_tool_use.web_searches.unsigned(),
    }
}

fn tool_use<'a>(block: &Block<'a>) -> ToolUse<'a> {
    let fields = &block.input.fields;
    ToolUse {
        id: cloned(&block.id),
        name: cloned(&block.name),
        input_size: block.input.size,
        program: fields.program.0.clone(),
        file_extension: fields.file.0.clone().or_else(|| fields.notebook.0.clone()),
        agent_type: cloned(&fields.agent_type),
        skill: cloned(&fields.skill),
        prompt_fingerprint: (fields.prompt.length > 0).then_some(fields.prompt.fingerprint),
        run_in_background: fields.background.0,
    }
}

fn system<'a>(line: &Line<'a>, subtype: SystemSubtype) -> Body<'a> {
    let boundary = |metadata: &super::wire::CompactMetadata<'a>| CompactBoundary {
        trigger: cloned(&metadata.trigger),
        pre_tokens: metadata.pre_tokens.unsigned(),
        post_tokens: metadata.post_tokens.unsigned(),
        duration: millis(metadata.duration),
    };
    match subtype {
        SystemSubtype::TurnDuration => Body::TurnDuration { duration: millis(line.duration) },
        SystemSubtype::StopHookSummary => {
            Body::StopHooks { durations: line.hook_infos.0.iter().map(|hook| millis(hook.duration)).collect() }
        }
        SystemSubtype::CompactBoundary => Body::CompactBoundary(boundary(&line.compact_metadata)),
        SystemSubtype::MicrocompactBoundary => Body::Microcompact(boundary(&line.microcompact_metadata)),
        SystemSubtype::ApiError => Body::ApiError(ApiError {
            status: line.error.object.status.0,
            attempt: line.retry_attempt.unsigned(),
            retry_in: millis(line.retry_in),
            code: cloned(&line.error.object.connection.code).or_else(|| cloned(&line.error.object.code)),
        }),
        SystemSubtype::LocalCommand => Body::LocalCommand,
        SystemSubtype::ModelFallback => Body::ModelFallback { to: cloned(&line.fallback_model) },
        _ => Body::Other,
    }
}

fn attachment<'a>(line: &Line<'a>, kind: AttachmentType) -> Body<'a> {
    let attachment = &line.attachment;
    match kind {
        AttachmentType::HookSuccess | AttachmentType::HookNonBlockingError | AttachmentType::HookCancelled => {
            Body::Hook(Hook {
                event: cloned(&attachment.hook_event),
                duration: millis(attachment.duration),
                failed: kind != AttachmentType::HookSuccess,
            })
        }
        AttachmentType::QueuedCommand => Body::QueuedCommand { notification: attachment.prompt.notification.clone() },
        AttachmentType::Model => Body::Model { id: cloned(&attachment.identity.model_id) },
        _ => Body::Other,
    }
}

fn progress<'a>(line: &Line<'a>, kind: ProgressType) -> Body<'a> {
    match kind {
        ProgressType::AgentProgress => Body::AgentProgress {
            agent_id: cloned(&line.data.agent_id),
            parent_tool_use_id: cloned(&line.parent_tool_use_id),
        },
        ProgressType::BashProgress => Body::BashProgress {
            tool_use_id: cloned(&line.parent_tool_use_id),
            elapsed: line.data.elapsed_seconds.0.and_then(|seconds| millis(Float(Some(seconds.floor() * 1000.0)))),
        },
        ProgressType::McpProgress if line.data.status.as_str() != Some("started") => {
            Body::McpProgress { tool_use_id: cloned(&line.tool_use_id), elapsed: millis(line.data.elapsed) }
        }
        _ => Body::Other,
    }
}

fn queue<'a>(line: &Line<'a>) -> Body<'a> {
    let operation = match line.operation.as_str() {
        Some("enqueue") => QueueOperation::Enqueue,
        Some("dequeue") => QueueOperation::Dequeue,
        Some("remove") => QueueOperation::Remove,
        Some("popAll") => QueueOperation::PopAll,
        _ => QueueOperation::Unknown,
    };
    Body::Queue(Queue {
        operation,
        text_fingerprint: (line.content.length > 0).then_some(line.content.fingerprint),
        notification: line.content.notification.clone(),
    })
}

fn cost_state<'a>(line: &Line<'a>) -> Body<'a> {
    let usage = |usage: &ModelUsage| LineUsage {
        input: usage.input.unsigned(),
        output: usage.output.unsigned(),
        cache_read: usage.cache_read.unsigned(),
        cache_creation: usage.cache_creation.unsigned(),
        cache_creation_5m: usage.cache_creation_5m.unsigned(),
        cache_creation_1h: usage.cache_creation_1h.unsigned(),
        thinking: usage.thinking.unsigned(),
        web_searches: usage.web_searches.unsigned(),
    };
    Body::CostState(Box::new(CostState {
        start_time: line.start_time.0.map(|time| time as Millis),
        total_duration: millis(line.total_duration),
        total_cost_usd: line.total_cost_usd.0,
        models: line.model_usage.0.iter().map(|(model, counts)| (model.clone(), usage(counts))).collect(),
    }))
}
