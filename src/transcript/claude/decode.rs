//! Wire records become entries, one arm per record type.

use std::borrow::Cow;

use super::content::Block;
use super::decode_user::user;
use super::lenient::{Field, Float, Int, Text};
use super::text::{TextFacts, fingerprint};
use super::wire::{Line, Message, ModelUsage, Usage};
use super::{DecodeOptions, Sink};
use crate::transcript::entry::{
    ApiError, ApiRequest, Assistant, Body, CompactBoundary, CostState, CountedModel, Entry, Head, Hook, LineUsage,
    Queue, QueueOperation, ToolUse,
};
use crate::transcript::json::{Cursor, JsonError};
use crate::transcript::names::{AttachmentType, BlockType, ProgressType, RecordType, SystemSubtype};
use crate::transcript::problem::{Problem, ProblemKind};
use crate::transcript::time::{self, Millis};

/// Reads one record. Only an object is one: a bare number or text on a line is as torn as half an object.
pub(super) fn parse(line: &[u8]) -> Result<Line<'_>, JsonError> {
    whole(line)
}

/// Reads a record that takes up all of `bytes`.
pub(super) fn whole<'a, R: Field<'a>>(bytes: &'a [u8]) -> Result<R, JsonError> {
    let mut record = R::default();
    read(bytes, &mut record)?;
    Ok(record)
}

/// The same, into a place that is there: a line's record has some kilobytes, which are better not moved about.
pub(super) fn read<'a, R: Field<'a>>(bytes: &'a [u8], record: &mut R) -> Result<(), JsonError> {
    let mut cursor = Cursor::new(bytes)?;
    if cursor.peek() != Some(b'{') {
        return Err(JsonError::Torn);
    }
    record.read(&mut cursor).and_then(|()| cursor.end())
}

/// Turns one record, which stands in `bytes`, into an entry and its problems.
pub(super) fn emit(line: &Line<'_>, bytes: &[u8], options: DecodeOptions, sink: &mut impl Sink) {
    let version = line.version.as_str().unwrap_or_default();
    let head = head(line, options, sink);
    if has_absurd_number(line) {
        sink.problem(Problem::named(ProblemKind::AbsurdNumber, "", version));
    }
    let Some(kind) = line.kind.as_str() else {
        return sink.problem(Problem::named(ProblemKind::UntypedRecord, "", version));
    };
    let unknown = |problem, name: &str| Problem::named(problem, name, version);
    let Some(kind) = RecordType::from_name(kind) else {
        sink.problem(unknown(ProblemKind::UnknownRecordType, kind));
        return sink.entry(Entry { head, body: Body::Other, texts: None });
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
        RecordType::PrLink => line
            .pull_request_url
            .as_str()
            .map_or(Body::Other, |url| Body::PullRequest { url_fingerprint: fingerprint(url) }),
        RecordType::ContinuedIn => Body::ContinuedIn { session_id: cloned(&line.continued_in) },
        _ => Body::Other,
    };
    let texts = if options.texts { super::texts::read(bytes) } else { None };
    sink.entry(Entry { head, body, texts });
}

pub(super) fn owned(text: &Text<'_>) -> Option<String> {
    text.as_str().map(str::to_owned)
}

pub(super) fn cloned<'a>(text: &Text<'a>) -> Option<Cow<'a, str>> {
    text.0.clone()
}

pub(super) fn millis(number: Float) -> Option<Millis> {
    // A negative or century-long measure is no measure.
    number.0.filter(|value| (0.0..3.2e12).contains(value)).map(|value| value.round() as Millis)
}

/// Whether a count or a length of time on the line can be none.
fn has_absurd_number(line: &Line<'_>) -> bool {
    let usage = &line.message.usage;
    let counts = [
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_creation,
        usage.lifetimes.five_minutes,
        usage.lifetimes.one_hour,
        line.compact_metadata.pre_tokens,
        line.compact_metadata.post_tokens,
    ];
    let result = &line.tool_use_result.fields;
    let durations = [
        line.duration,
        line.thinking_duration,
        line.retry_in,
        line.compact_metadata.duration,
        line.attachment.duration,
        line.data.elapsed,
        result.duration,
        result.total_duration,
    ];
    let is_absurd_duration = |duration: Float| duration.0.is_some() && millis(duration).is_none();
    counts.into_iter().any(Int::is_absurd_count) || durations.into_iter().any(is_absurd_duration)
}

fn head<'a>(line: &Line<'a>, options: DecodeOptions, sink: &mut impl Sink) -> Head<'a> {
    let is_part_of_chain = line.uuid.0.is_some() && matches!(line.kind.as_str(), Some("user" | "assistant" | "system"));
    if line.timestamp.0.is_none() && is_part_of_chain {
        sink.problem(Problem::named(ProblemKind::AbsurdTime, "missing", line.version.as_str().unwrap_or_default()));
    }
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

fn assistant<'a>(line: &Line<'a>, sink: &mut impl Sink) -> Body<'a> {
    note_unknown_blocks(line, sink);
    let Message { id, model, content, stop_reason, usage, diagnostics } = &line.message;
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
        cost_usd: money(line.cost_usd),
        is_aborted: line.is_aborted.0,
        is_api_error: line.is_api_error.0,
        error: cloned(&line.error.class),
        error_status: line.api_error_status.0,
        attribution_agent: cloned(&line.attribution_agent),
        tool_uses: content.blocks_of("tool_use").map(tool_use).collect(),
    }))
}

pub(super) fn note_unknown_blocks(line: &Line<'_>, sink: &mut impl Sink) {
    for block in &line.message.content.blocks.0 {
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
        prompt_fingerprint: (fields.prompt.len() > 0).then(|| fingerprint(&fields.prompt.text())),
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
        AttachmentType::QueuedCommand => {
            Body::QueuedCommand { notification: TextFacts::of(&attachment.prompt.text()).notification }
        }
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
    let text = TextFacts::of(&line.content.text());
    Body::Queue(Queue {
        operation,
        text_fingerprint: (text.length > 0).then_some(text.fingerprint),
        notification: text.notification,
    })
}

/// A number that can be an amount of money.
fn money(amount: Float) -> Option<f64> {
    amount.0.filter(|amount| amount.is_finite() && *amount >= 0.0)
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
    let model = |(name, counts): &(Cow<'a, str>, ModelUsage)| CountedModel {
        name: name.clone(),
        usage: usage(counts),
        cost: money(counts.cost),
    };
    Body::CostState(Box::new(CostState {
        start_time: line.start_time.0.map(|time| time as Millis),
        total_duration: millis(line.total_duration),
        total_cost: money(line.total_cost),
        has_unknown_cost: line.has_unknown_cost.0,
        lines_added: line.total_lines_added.unsigned(),
        lines_removed: line.total_lines_removed.unsigned(),
        models: line.model_usage.0.iter().map(model).collect(),
    }))
}
