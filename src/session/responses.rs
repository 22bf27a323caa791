//! Lines of responses become calls, their `tool_use` blocks become tool calls, and results find them.

use std::sync::Arc;

use super::builder::SessionBuilder;
use super::chain::{Position, line_key};
use super::draft::{Call, MarkKind, Tool, ToolEnd};
use super::facts::ApiFailure;
use super::line_roles::is_made_up;
use super::usage::TokenUsage;
use crate::transcript::entry::{Assistant, Body, Entry, Head, ResultText, ToolResult, ToolUse, User};
use crate::transcript::time::Millis;

impl SessionBuilder {
    pub(super) fn assistant(
        &mut self,
        stream: usize,
        position: Position,
        time: Millis,
        context: usize,
        head: &Head<'_>,
        line: &Assistant<'_>,
    ) {
        if line.model.as_deref() == Some("<synthetic>") || line.is_api_error {
            if line.is_api_error {
                let class = self.names.intern(line.error.as_deref().unwrap_or("unknown"));
                let request_id = self.names.option(line.request_id.as_deref());
                let failure = ApiFailure { class, status: line.error_status, request_id };
                self.streams[stream].final_error = Some(failure.clone());
                self.mark(position, MarkKind::FinalError(failure));
            }
            return;
        }
        // Gateways leave out ids; what is left tells responses apart well enough, at last the line itself.
        let own;
        let id = if let Some(id) = line.message_id.as_deref().or(line.request_id.as_deref()) {
            id
        } else {
            own = line_key(self.chain.ids[position]);
            &*own
        };
        let place = match self.call_by_message.get(id) {
            Some(place) => *place,
            None => self.new_call(id, stream, position, time, context, head, line),
        };
        if self.calls[place].stream != stream {
            // A copy of the conversation in another agent's file: the first one read owns the call.
            self.depends_on_order = true;
            self.merge_copy(line);
            for tool in &line.tool_uses {
                self.tool_use(place, position, time, context, tool);
            }
            return;
        }
        let names = &mut self.names;
        let mut set = |field: &mut Option<Arc<str>>, value: Option<&str>| {
            if let Some(value) = value.filter(|value| field.as_deref() != Some(*value)) {
                *field = Some(names.intern(value));
            }
        };
        let call = &mut self.calls[place];
        call.last = position;
        call.first_time = call.first_time.min(time);
        if time >= call.last_time {
            call.last_time = time;
            call.is_last_lent = head.timestamp.is_none();
        }
        call.usage.raise_to(&line.usage);
        set(&mut call.model, line.model.as_deref());
        set(&mut call.requested_model, line.requested_model.as_deref());
        set(&mut call.request_id, line.request_id.as_deref());
        set(&mut call.request_ref, line.request_ref.as_deref());
        set(&mut call.stop_reason, line.stop_reason.as_deref());
        set(&mut call.effort, line.effort.as_deref());
        set(&mut call.speed, line.speed.as_deref());
        set(&mut call.service_tier, line.service_tier.as_deref());
        set(&mut call.cache_miss_reason, line.cache_miss_reason.as_deref());
        call.is_aborted |= line.is_aborted;
        call.duration = call.duration.max(line.duration);
        call.cost_usd = line.cost_usd.or(call.cost_usd);
        if let Some(thinking) = line.thinking_duration {
            *call.thinking_duration.get_or_insert(0) += thinking;
        }
        self.streams[stream].final_error = None;
        set(&mut self.streams[stream].attributed_type, line.attribution_agent.as_deref());
        for tool in &line.tool_uses {
            self.tool_use(place, position, time, context, tool);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one line, passed on once")]
    fn new_call(
        &mut self,
        id: &str,
        stream: usize,
        position: Position,
        time: Millis,
        context: usize,
        head: &Head<'_>,
        line: &Assistant<'_>,
    ) -> usize {
        let id: Arc<str> = id.into();
        let copied_from = head.copied_from.as_deref().filter(|origin| *origin != &*self.id);
        let call = Call {
            id: Arc::clone(&id),
            stream,
            context,
            first: position,
            last: position,
            first_time: time,
            last_time: time,
            is_last_lent: false,
            model: self.names.option(line.model.as_deref()),
            requested_model: None,
            request_id: None,
            request_ref: None,
            usage: TokenUsage::default(),
            stop_reason: None,
            effort: None,
            speed: None,
            service_tier: None,
            cache_miss_reason: None,
            thinking_duration: None,
            duration: None,
            cost_usd: None,
            is_aborted: false,
            copied_from: self.names.option(copied_from),
            tools: Vec::new(),
        };
        self.calls.push(call);
        self.call_by_message.insert(id, self.calls.len() - 1);
        self.calls.len() - 1
    }

    /// Takes from a line that was seen before what only a copy holds: a later count, a call, a result.
    pub(super) fn copied_line(&mut self, stream: usize, id: u128, time: Millis, entry: &Entry<'_>) {
        let Some(position) = self.chain.position(id) else { return };
        self.depends_on_order |= self.chain.lines[position].stream != stream;
        match &entry.body {
            Body::Assistant(line) => {
                self.merge_copy(line);
                let call = line.message_id.as_deref().and_then(|id| self.call_by_message.get(id)).copied();
                for (call, tool) in
                    call.into_iter().flat_map(|call| line.tool_uses.iter().map(move |tool| (call, tool)))
                {
                    self.tool_use(call, position, time, self.calls[call].context, tool);
                }
            }
            Body::User(user) => {
                for result in &user.results {
                    self.tool_result(position, time, user, result);
                }
            }
            _ => {}
        }
    }

    /// Takes from a copied line only what a copy can know better: how far the response had come.
    pub(super) fn merge_copy(&mut self, line: &Assistant<'_>) {
        let Some(place) = line.message_id.as_deref().and_then(|id| self.call_by_message.get(id)).copied() else {
            return;
        };
        self.calls[place].usage.raise_to(&line.usage);
        if let Some(reason) = line.stop_reason.as_deref() {
            self.calls[place].stop_reason = Some(self.names.intern(reason));
        }
    }

    fn tool_use(&mut self, call: usize, position: Position, time: Millis, context: usize, block: &ToolUse<'_>) {
        let Some(id) = block.id.as_deref() else { return };
        if let Some(known) = self.tool_by_id.get(id) {
            self.depends_on_order |= self.calls[self.tools[*known].call].stream != self.calls[call].stream;
            return;
        }
        let id: Arc<str> = id.into();
        let place = self.tools.len();
        let tool = Tool {
            id: Arc::clone(&id),
            name: self.names.intern(block.name.as_deref().unwrap_or("unknown")),
            call,
            context,
            position,
            use_time: time,
            input_size: block.input_size,
            program: self.names.option(block.program.as_deref()),
            file_extension: self.names.option(block.file_extension.as_deref()),
            agent_type: self.names.option(block.agent_type.as_deref()),
            skill: self.names.option(block.skill.as_deref()),
            prompt_fingerprint: block.prompt_fingerprint,
            result: self.early_results.remove(&id).flatten(),
            notified: self.early_notifications.remove(&id).flatten(),
            progress: self.early_progress.remove(&id).unwrap_or_default(),
        };
        if let Some(line) = tool.result.as_ref().and_then(|result| result.position) {
            self.tool_of_result.insert(line, place);
        }
        self.tools.push(tool);
        self.calls[call].tools.push(place);
        self.tool_by_id.insert(id, place);
    }

    pub(super) fn tool_result(&mut self, position: Position, time: Millis, user: &User<'_>, result: &ToolResult<'_>) {
        let Some(id) = result.tool_use_id.as_deref() else { return };
        let end = self.tool_end(position, time, user, result);
        let slot = if let Some(place) = self.tool_by_id.get(id).copied() {
            self.tool_of_result.insert(position, place);
            &mut self.tools[place].result
        } else {
            self.early_results.entry(id.into()).or_default()
        };
        match slot {
            // A genuine result stands, whatever is said later; a made-up one gives way to it.
            Some(known) if known.text != ResultText::MadeUp => known.is_error |= end.is_error,
            slot => *slot = Some(end),
        }
    }

    fn tool_end(&mut self, position: Position, time: Millis, user: &User<'_>, result: &ToolResult<'_>) -> ToolEnd {
        let own = &user.outcome;
        let permission = user.permission.as_ref().and_then(|permission| {
            let decision = self.names.option(permission.decision.as_deref())?;
            Some((decision, self.names.option(permission.source.as_deref())))
        });
        ToolEnd {
            position: Some(position),
            time,
            is_error: result.is_error,
            size: result.size,
            text: if is_made_up(user) { ResultText::MadeUp } else { result.text },
            own_text: own.text,
            exit_code: result.exit_code,
            is_interrupted: own.interrupted,
            is_background: own.background_task_id.is_some() || own.status.as_deref() == Some("async_launched"),
            timed_out: own.timed_out_after.is_some(),
            agent_id: self.names.option(own.agent_id.as_deref()),
            agent_type: self.names.option(own.agent_type.as_deref()),
            duration: own.duration,
            stdout_size: own.stdout_size,
            stderr_size: own.stderr_size,
            is_truncated: own.truncated,
            lines_added: own.lines_added,
            lines_removed: own.lines_removed,
            denial: self.names.option(user.denial.as_deref()),
            denied_before_run: user.denied_before_run,
            permission,
        }
    }
}
