//! What each kind of record adds to a session.

use super::builder::{AgentFile, Request, SessionBuilder, Totals};
use super::chain::Position;
use super::draft::{BackgroundEnd, Mark, MarkKind, Progress, Prompt};
use super::facts::{ClientModel, ClientTotals, Counted, CountedKind, MomentKind, TurnOrigin};
use super::line_roles::turn_origin;
use super::money::Picodollars;
use crate::transcript::entry::{
    ApiRequest, Body, CompactBoundary, CostState, Entry, Head, Notification, User, UserKind,
};
use crate::transcript::time::Millis;

impl SessionBuilder {
    pub(super) fn body(
        &mut self,
        stream: usize,
        position: Position,
        id: u128,
        time: Millis,
        context: usize,
        entry: &Entry<'_>,
    ) {
        // Only what stands in the main file can be a copy of history.
        let main_position = if stream == 0 { position } else { Position::MAX };
        let mut counted = |kind| self.counted.push(Counted { line: id, position: main_position, kind });
        match &entry.body {
            Body::User(user) => {
                if user.kind == UserKind::Interrupt {
                    counted(CountedKind::Interrupt);
                }
                if user.kind == UserKind::LocalCommand {
                    counted(CountedKind::LocalCommand);
                }
                if user.images > 0 && user.kind == UserKind::Prompt && stream == 0 {
                    counted(CountedKind::PromptImages(user.images));
                }
                self.user(stream, position, time, &entry.head, user);
            }
            Body::Assistant(assistant) => {
                if assistant.is_api_error {
                    counted(CountedKind::ApiError);
                }
                self.assistant(stream, position, time, context, &entry.head, assistant);
            }
            Body::TurnDuration { duration: Some(duration) } => {
                counted(CountedKind::MeasuredTurn(*duration));
                self.mark(position, MarkKind::Measured(*duration));
            }
            Body::StopHooks { durations } => {
                for (number, duration) in durations.iter().enumerate().filter_map(|(n, d)| d.map(|d| (n, d))) {
                    let event = Some(self.names.intern("Stop"));
                    self.mark(position, MarkKind::Hook { event, duration, failed: false, number });
                }
            }
            Body::CompactBoundary(boundary) => self.compaction(position, boundary),
            Body::Microcompact(_) => self.mark(position, MarkKind::Moment(MomentKind::Microcompaction)),
            Body::ApiError(error) => {
                counted(CountedKind::ApiRetry);
                let moment =
                    MomentKind::ApiError { status: error.status, attempt: error.attempt, retry_in: error.retry_in };
                self.mark(position, MarkKind::Moment(moment));
            }
            Body::LocalCommand => counted(CountedKind::LocalCommand),
            Body::ModelFallback { to } => {
                let to = self.names.option(to.as_deref());
                self.mark(position, MarkKind::Moment(MomentKind::ModelChange { to }));
            }
            Body::Hook(hook) => {
                if let Some(duration) = hook.duration {
                    let event = self.names.option(hook.event.as_deref());
                    self.mark(position, MarkKind::Hook { event, duration, failed: hook.failed, number: 0 });
                }
            }
            Body::QueuedCommand { notification } => {
                if let Some(notification) = notification {
                    self.notify(notification, time);
                }
                self.mark(position, MarkKind::Moment(MomentKind::QueuedPrompt));
            }
            Body::AgentProgress { agent_id, parent_tool_use_id } => {
                if let (Some(agent), Some(tool)) = (agent_id.as_deref(), parent_tool_use_id.as_deref()) {
                    self.agent_progress(agent, tool);
                }
            }
            Body::McpProgress { tool_use_id: Some(id), elapsed: Some(elapsed) } => {
                self.progress(id, |progress| progress.mcp_elapsed = Some(*elapsed));
            }
            Body::BashProgress { tool_use_id: Some(id), elapsed: Some(elapsed) } => {
                let start = time - elapsed;
                self.progress(id, |progress| {
                    progress.start = Some(progress.start.map_or(start, |known| known.min(start)));
                });
            }
            _ => {}
        }
    }

    pub(super) fn mark(&mut self, position: Position, kind: MarkKind) {
        self.marks.push(Mark { position, kind });
    }

    fn user(&mut self, stream: usize, position: Position, time: Millis, head: &Head<'_>, user: &User<'_>) {
        for result in &user.results {
            self.tool_result(position, time, user, result);
        }
        if let Some(notification) = &user.notification {
            self.notify(notification, time);
        }
        if user.kind == UserKind::Interrupt {
            self.interrupts.push((position, stream, time));
        }
        let data = &mut self.streams[stream];
        if stream != 0 {
            if data.prompt_fingerprint.is_none() && user.results.is_empty() && user.kind != UserKind::Meta {
                data.prompt_fingerprint = Some(user.text_fingerprint);
                data.prompt_length = Some(user.text_length);
            }
            data.is_interrupted |= user.kind == UserKind::Interrupt;
            return;
        }
        match user.kind {
            UserKind::Interrupt => self.mark(position, MarkKind::Moment(MomentKind::Interrupt)),
            UserKind::CompactSummary => self.mark(position, MarkKind::Summary),
            _ => {}
        }
        if let Some(origin) = turn_origin(user, head.entrypoint.as_deref()) {
            let prompt = Prompt {
                position,
                origin,
                dequeued: self.queue.taken_up(user.text_fingerprint).filter(|taken| *taken <= time),
                prompt_id: self.names.option(head.prompt_id.as_deref()),
                length: Some(user.text_length),
                images: user.images,
                permission_mode: self.names.option(user.permission_mode.as_deref()),
            };
            self.prompts.push(prompt);
        }
    }

    fn compaction(&mut self, position: Position, boundary: &CompactBoundary<'_>) {
        let trigger = self.names.option(boundary.trigger.as_deref());
        if trigger.as_deref() == Some("manual") && self.chain.lines[position].stream == 0 {
            let prompt = Prompt {
                position,
                origin: TurnOrigin::Command,
                dequeued: None,
                prompt_id: None,
                length: None,
                images: 0,
                permission_mode: None,
            };
            self.prompts.push(prompt);
        }
        let CompactBoundary { pre_tokens, post_tokens, duration, .. } = *boundary;
        self.mark(position, MarkKind::Compaction { trigger, pre_tokens, post_tokens, duration });
    }

    pub(super) fn request(&mut self, request: &ApiRequest<'_>, time: Millis) {
        let Some(id) = request.id.as_deref() else { return };
        let kept = Request {
            time,
            model: self.names.option(request.model.as_deref()),
            max_tokens: request.max_tokens,
            query_source: self.names.option(request.query_source.as_deref()),
        };
        self.requests.insert(id.into(), kept);
    }

    pub(super) fn cost_state(&mut self, totals: &CostState<'_>, time: Millis) {
        let models = totals.models.iter().map(|model| ClientModel {
            name: self.names.intern(&model.name),
            usage: (&model.usage).into(),
            has_lifetimes: model.usage.cache_creation_5m.is_some() || model.usage.cache_creation_1h.is_some(),
            cost: model.cost.and_then(Picodollars::from_dollars),
        });
        let told = ClientTotals {
            start_time: totals.start_time,
            // The duration leaves out the time between resumes, so that it ends too early after one.
            time: totals.start_time.zip(totals.total_duration).map_or(time, |(start, length)| time.max(start + length)),
            cost: totals.total_cost.and_then(Picodollars::from_dollars),
            has_unknown_cost: totals.has_unknown_cost,
            lines_added: totals.lines_added,
            lines_removed: totals.lines_removed,
            models: models.collect(),
            is_superseded: false,
            visible_calls: None,
        };
        self.is_totalled = true;
        self.totals.push(Totals { duration: totals.total_duration, told });
    }

    fn agent_progress(&mut self, agent: &str, tool: &str) {
        let stream = match self.agents.get(agent) {
            Some(stream) => *stream,
            // The agent's file is read after the main file; its stream waits for it here.
            None => self.open_agent(AgentFile { agent_id: agent.to_owned(), ..AgentFile::default() }).0,
        };
        let tool = self.names.intern(tool);
        self.streams[stream].progress_tool.get_or_insert(tool);
    }

    pub(super) fn notify(&mut self, notification: &Notification<'_>, time: Millis) {
        let Some(id) = notification.tool_use_id.as_deref() else { return };
        let id = self.names.intern(id);
        let status = self.names.option(notification.status.as_deref());
        let end = BackgroundEnd { time, status };
        // The first notification tells when the work was over, whichever file it stands in.
        let keep_earliest = |slot: &mut Option<BackgroundEnd>, end: BackgroundEnd| {
            if slot.as_ref().is_none_or(|known| end.time < known.time) {
                *slot = Some(end);
            }
        };
        match self.tool_by_id.get(&id) {
            Some(tool) => keep_earliest(&mut self.tools[*tool].notified, end),
            None => keep_earliest(self.early_notifications.entry(id).or_default(), end),
        }
    }

    /// Notes what a progress record tells of a call, which may stand in a file that is read later.
    fn progress(&mut self, id: &str, note: impl FnOnce(&mut Progress)) {
        match self.tool_by_id.get(id) {
            Some(tool) => note(&mut self.tools[*tool].progress),
            None => note(self.early_progress.entry(id.into()).or_default()),
        }
    }
}
