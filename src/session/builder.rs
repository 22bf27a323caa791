//! Takes a session's lines in, file by file, and keeps what the reconstruction needs of them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use hashbrown::HashMap;

use super::chain::{Chain, Line, LineKind, Position, line_id};
use super::content::Content;
use super::draft::{BackgroundEnd, Call, Mark, Progress, Prompt, Stream, Tool, ToolEnd};
use super::facts::{ClientTotals, Context, Counted, CountedKind, LinePlace};
use super::interner::Interner;
use super::line_roles::line_kind;
use super::prompt_queue::PromptQueue;
use crate::privacy::options::Keeping;
use crate::transcript::claude::agent_meta::AgentMeta;
use crate::transcript::entry::{Body, Entry, Head};
use crate::transcript::problem::Problem;
use crate::transcript::time::Millis;

/// An agent's file, as far as its name and side file tell.
#[derive(Debug, Clone, Default)]
pub struct AgentFile {
    /// The agent's id, from the file's name.
    pub agent_id: String,
    /// Whether the client runs it for its own purposes: compaction, suggestions.
    pub is_internal: bool,
    /// What the side file says.
    pub meta: Option<AgentMeta>,
}

/// A stream of lines within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamId(pub(super) usize);

/// The stream of a session's main file.
pub const MAIN: StreamId = StreamId(0);

/// What is kept of an `api-request` record.
#[derive(Debug)]
pub(super) struct Request {
    pub time: Millis,
    pub model: Option<Arc<str>>,
    pub max_tokens: Option<u64>,
    pub query_source: Option<Arc<str>>,
}

/// What is kept of a `cost-state` record.
#[derive(Debug)]
pub(super) struct Totals {
    pub duration: Option<Millis>,
    pub told: ClientTotals,
}

/// A session while its lines are read. Each file's lines are pushed in their order; files may take turns.
#[derive(Debug)]
pub struct SessionBuilder {
    pub(super) id: Arc<str>,
    pub(super) names: Interner,
    pub(super) chain: Chain,
    pub(super) streams: Vec<Stream>,
    pub(super) contexts: Vec<Context>,
    /// The places of contexts by their hashes: a session may change folders thousands of times.
    context_places: HashMap<u64, Vec<usize>>,
    pub(super) prompts: Vec<Prompt>,
    pub(super) marks: Vec<Mark>,
    pub(super) calls: Vec<Call>,
    pub(super) tools: Vec<Tool>,
    pub(super) call_by_message: HashMap<Arc<str>, usize>,
    pub(super) tool_by_id: HashMap<Arc<str>, usize>,
    /// Results whose call has not been seen yet: they stand before it now and then.
    pub(super) early_results: HashMap<Arc<str>, Option<ToolEnd>>,
    pub(super) early_notifications: HashMap<Arc<str>, Option<BackgroundEnd>>,
    pub(super) early_progress: HashMap<Arc<str>, Progress>,
    /// The call that a result's line answers.
    pub(super) tool_of_result: HashMap<Position, usize>,
    /// Where the client ran, by the lines that may start something.
    pub(super) context_of_line: HashMap<Position, usize>,
    pub(super) requests: HashMap<Arc<str>, Request>,
    pub(super) totals: Vec<Totals>,
    /// Whether the client's totals are the last word: it ended cleanly and nothing came after.
    pub(super) is_totalled: bool,
    /// Interrupts by place, stream and time.
    pub(super) interrupts: Vec<(Position, usize, Millis)>,
    pub(super) counted: Vec<Counted>,
    pub(super) first_time: Option<Millis>,
    pub(super) continued_in: Option<Arc<str>>,
    pub(super) problems: BTreeMap<Problem, u64>,
    pub(super) agents: HashMap<Arc<str>, usize>,
    pub(super) queue: PromptQueue,
    /// Where lines that may start a turn stand.
    pub(super) place_of_line: HashMap<Position, LinePlace>,
    /// Where the next line stands.
    place: LinePlace,
    pub(super) depends_on_order: bool,
    last_inline: Option<usize>,
    /// How texts are kept; none when they are not.
    pub(super) keeping: Option<Keeping>,
    pub(super) content: Arc<Content>,
}

impl SessionBuilder {
    /// A session without lines.
    pub fn new(id: &str) -> Self {
        let mut names = Interner::default();
        let id = names.intern(id);
        let main = Stream { agent_id: names.intern(""), ..Stream::default() };
        Self {
            id,
            names,
            chain: Chain::default(),
            streams: vec![main],
            contexts: vec![Context::default()],
            context_places: HashMap::new(),
            prompts: Vec::new(),
            marks: Vec::new(),
            calls: Vec::new(),
            tools: Vec::new(),
            call_by_message: HashMap::new(),
            tool_by_id: HashMap::new(),
            early_results: HashMap::new(),
            early_notifications: HashMap::new(),
            early_progress: HashMap::new(),
            tool_of_result: HashMap::new(),
            context_of_line: HashMap::new(),
            requests: HashMap::new(),
            totals: Vec::new(),
            is_totalled: false,
            interrupts: Vec::new(),
            counted: Vec::new(),
            first_time: None,
            continued_in: None,
            problems: BTreeMap::new(),
            agents: HashMap::new(),
            queue: PromptQueue::default(),
            place_of_line: HashMap::new(),
            place: LinePlace::default(),
            depends_on_order: false,
            last_inline: None,
            keeping: None,
            content: Arc::default(),
        }
    }

    /// Opens the stream of an agent's file.
    pub fn open_agent(&mut self, file: AgentFile) -> StreamId {
        let agent_id = self.names.intern(&file.agent_id);
        if let Some(known) = self.agents.get(&agent_id).copied() {
            // A progress record named it before its file was opened, or it has two files.
            let stream = &mut self.streams[known];
            stream.is_internal |= file.is_internal;
            stream.meta = stream.meta.take().or(file.meta);
            return StreamId(known);
        }
        let stream = self.streams.len();
        self.agents.insert(Arc::clone(&agent_id), stream);
        self.streams.push(Stream { agent_id, is_internal: file.is_internal, meta: file.meta, ..Stream::default() });
        StreamId(stream)
    }

    /// Counts a problem.
    pub fn problem(&mut self, problem: Problem) {
        *self.problems.entry(problem).or_default() += 1;
    }

    /// Says where the records that follow stand.
    pub const fn stand_at(&mut self, place: LinePlace) {
        self.place = place;
    }

    /// Whether something in it depends on the order in which its files were read: lines that stand in several of
    /// them. Then only a reading of all files in order, from their beginnings, gives what any other reader gets.
    pub const fn depends_on_order(&self) -> bool {
        self.depends_on_order
    }

    /// Takes what an agent's side file says, should it have come later than the agent's first lines.
    pub fn describe_agent(&mut self, stream: StreamId, meta: AgentMeta) {
        if let Some(stream) = self.streams.get_mut(stream.0) {
            stream.meta = Some(meta);
        }
    }

    /// Takes one record in.
    pub fn push(&mut self, stream: StreamId, entry: &Entry<'_>) {
        let head = &entry.head;
        let stream = self.stream_of(stream.0, entry);
        if stream == 0 && self.first_time.is_none() {
            self.first_time = head.timestamp;
        }
        if let Some(first) = head.timestamp.filter(|_| self.streams[stream].last_time.is_none()) {
            self.lend_to_first_lines(stream, first);
        }
        // A record without a time of its own happened, for all that is known, with the one before it.
        let time = head.timestamp.or(self.streams[stream].last_time);
        if time.is_some() {
            self.streams[stream].last_time = time;
        }
        let time = time.unwrap_or_default();
        self.keep_title(entry);
        match &entry.body {
            Body::Queue(queue) => {
                if stream == 0 {
                    self.queue.follow(queue, time);
                }
                if let Some(notification) = &queue.notification {
                    self.notify(notification, time);
                }
            }
            Body::ApiRequest(request) => self.request(request, time),
            Body::CostState(totals) => self.cost_state(totals, time),
            Body::PullRequest { url_fingerprint } => {
                // It has no id of its own; its address is the same however often it is linked.
                let line = u128::from(*url_fingerprint);
                self.counted.push(Counted { line, position: Position::MAX, kind: CountedKind::PullRequest(time) });
            }
            Body::ContinuedIn { session_id } => self.continued_in = self.names.option(session_id.as_deref()),
            _ => self.line(stream, time, entry),
        }
    }

    fn is_of_new_response(&self, entry: &Entry<'_>) -> bool {
        let Body::Assistant(assistant) = &entry.body else { return false };
        let is_answer = assistant.model.as_deref() != Some("<synthetic>") && !assistant.is_api_error;
        is_answer && assistant.message_id.as_deref().is_some_and(|id| !self.call_by_message.contains_key(id))
    }

    /// Lends the first time of a stream to the lines before it, which had none to inherit.
    fn lend_to_first_lines(&mut self, stream: usize, time: Millis) {
        let Some(first) = self.streams[stream].first else { return };
        let lend = |slot: &mut Millis| {
            if *slot == 0 {
                *slot = time;
            }
        };
        for line in self.chain.lines[first..].iter_mut().filter(|line| line.stream == stream) {
            lend(&mut line.time);
        }
        for call in self.calls.iter_mut().filter(|call| call.stream == stream) {
            lend(&mut call.first_time);
            lend(&mut call.last_time);
        }
        for tool in &mut self.tools {
            if self.calls[tool.call].stream == stream {
                lend(&mut tool.use_time);
                if let Some(result) = &mut tool.result {
                    lend(&mut result.time);
                }
            }
        }
        let data = &mut self.streams[stream];
        for slot in [&mut data.first_time, &mut data.end_time] {
            if *slot == Some(0) {
                *slot = Some(time);
            }
        }
    }

    /// The stream that a record belongs to: subagents of the oldest versions stand inside the main file.
    fn stream_of(&mut self, file: usize, entry: &Entry<'_>) -> usize {
        if file != 0 || !entry.head.is_sidechain {
            return file;
        }
        // A line seen before says where it belongs; its copy opens nothing.
        let seen = entry.head.uuid.as_deref().and_then(|uuid| self.chain.position(line_id(uuid)));
        if let Some(seen) = seen {
            return self.chain.lines[seen].stream;
        }
        let parent = entry.head.parent_uuid.as_deref().and_then(|uuid| self.chain.position(line_id(uuid)));
        if let Some(parent) = parent.map(|parent| self.chain.lines[parent].stream).filter(|stream| *stream != 0) {
            self.last_inline = Some(parent);
            return parent;
        }
        if entry.head.parent_uuid.is_some()
            && let Some(last) = self.last_inline
        {
            return last;
        }
        let agent_id = self.names.intern(entry.head.uuid.as_deref().unwrap_or("sidechain"));
        let stream = self.streams.len();
        self.streams.push(Stream { agent_id, ..Stream::default() });
        self.last_inline = Some(stream);
        stream
    }

    fn context(&mut self, head: &Head<'_>) -> usize {
        let same =
            |known: &Option<Arc<str>>, new: &Option<std::borrow::Cow<'_, str>>| known.as_deref() == new.as_deref();
        let is_same = |context: &Context| {
            same(&context.version, &head.version)
                && same(&context.entrypoint, &head.entrypoint)
                && same(&context.cwd, &head.cwd)
                && same(&context.branch, &head.git_branch)
                && same(&context.session_kind, &head.session_kind)
        };
        if self.contexts.last().is_some_and(is_same) {
            return self.contexts.len() - 1;
        }
        let hash = context_hash(head);
        let known = self.context_places.get(&hash).into_iter().flatten();
        if let Some(place) = known.copied().find(|place| is_same(&self.contexts[*place])) {
            return place;
        }
        let context = Context {
            version: self.names.option(head.version.as_deref()),
            entrypoint: self.names.option(head.entrypoint.as_deref()),
            cwd: self.names.option(head.cwd.as_deref()),
            branch: self.names.option(head.git_branch.as_deref()),
            session_kind: self.names.option(head.session_kind.as_deref()),
        };
        self.contexts.push(context);
        let place = self.contexts.len() - 1;
        self.context_places.entry(hash).or_default().push(place);
        place
    }

    fn line(&mut self, stream: usize, time: Millis, entry: &Entry<'_>) {
        let head = &entry.head;
        if head.uuid.is_none() && matches!(entry.body, Body::Other) {
            return;
        }
        let id = head.uuid.as_deref().map_or_else(|| self.made_up_id(stream, time), line_id);
        let kind = line_kind(entry);
        if stream == 0 {
            self.is_totalled = false;
        }
        let parent = head.parent_uuid.as_deref().or(head.logical_parent_uuid.as_deref()).map(line_id);
        let before = self.streams[stream].last;
        let line = Line { parent, time, is_lent: head.timestamp.is_none(), stream, kind, before };
        let mut inserted = self.chain.insert(id, line.clone());
        if inserted.is_none() && self.is_of_new_response(entry) {
            // The same id on a line of another response: a line of its own, whatever it calls itself.
            let own = self.made_up_id(stream, time);
            inserted = self.chain.insert(own, line);
        }
        let Some(position) = inserted else {
            return self.copied_line(stream, id, time, entry);
        };
        let context = if matches!(
            entry.body,
            Body::User(_) | Body::Assistant(_) | Body::CompactBoundary(_) | Body::Hook(_) | Body::StopHooks { .. }
        ) {
            self.context(head)
        } else {
            0
        };
        let data = &mut self.streams[stream];
        data.last = Some(position);
        if data.first.is_none() {
            data.first = Some(position);
            data.first_time = Some(time);
        }
        if data.context == 0 {
            data.context = context;
        }
        if matches!(
            kind,
            LineKind::Start
                | LineKind::MayStart
                | LineKind::Compaction
                | LineKind::Result
                | LineKind::User
                | LineKind::Assistant
                | LineKind::Sign
        ) {
            data.end_time = data.end_time.max(Some(time));
            data.is_end_lent = if Some(time) == data.end_time { head.timestamp.is_none() } else { data.is_end_lent };
        }
        let may_start = matches!(
            kind,
            LineKind::Start | LineKind::MayStart | LineKind::Compaction | LineKind::Meta | LineKind::Sign
        );
        if stream == 0 && (may_start || kind == LineKind::User) {
            self.place_of_line.insert(position, self.place);
        }
        if may_start || matches!(entry.body, Body::Hook(_)) {
            self.context_of_line.insert(position, context);
        }
        self.keep_texts(stream, position, entry);
        self.body(stream, position, id, time, context, entry);
    }

    /// An id for a line that has none: derived from what it follows, so that the same bytes give the same id.
    fn made_up_id(&mut self, stream: usize, time: Millis) -> u128 {
        self.streams[stream].lines_without_id += 1;
        let before = self.streams[stream].last.map(|last| self.chain.ids[last]).unwrap_or_default();
        line_id(&format!(
            "{}\0{}\0{before:032x}\0{time}\0{}",
            self.id, self.streams[stream].agent_id, self.streams[stream].lines_without_id
        ))
    }
}

fn context_hash(head: &Head<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let parts = [&head.version, &head.entrypoint, &head.cwd, &head.git_branch, &head.session_kind];
    parts.map(|part| part.as_deref()).hash(&mut hasher);
    hasher.finish()
}
