//! Takes lines of OTLP/JSON in, and keeps what the comparison asks for.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::report::{ClientFailure, ClientReport, ClientRequest, ClientSession, ClientTool, TokenKind, Tokens};
use super::sequence::{self, Numbered};
use super::wire::{Line, LogRecord, Metric, Pair, Point, Scalar, Scope, Span, Sum};
use crate::transcript::time::Millis;

/// The scopes of the client's own telemetry begin so; ours is another.
const SCOPE: &str = "com.anthropic.claude_code";
/// The names of its events and spans begin so.
const PREFIX: &str = "claude_code.";
const TOKEN_METRIC: &str = "claude_code.token.usage";
const COST_METRIC: &str = "claude_code.cost.usage";
/// The kind of a terminal that is none.
const HEADLESS: &str = "non-interactive";

/// Takes lines in, one after the other, from as many files as there are.
#[derive(Debug, Default)]
pub struct Collector {
    report: ClientReport,
    /// What was seen, so that what a Collector delivers twice counts once.
    seen: HashSet<u64>,
    numbered: Vec<Numbered>,
    /// The latest value of each cumulative series, by its attributes and its start.
    series: HashMap<u64, Latest>,
}

/// The latest value of a cumulative series.
#[derive(Debug)]
struct Latest {
    session: Arc<str>,
    model: Arc<str>,
    /// The kind and whether the client calls it auxiliary; none for a cost.
    tokens: Option<(TokenKind, bool)>,
    value: f64,
}

/// The attributes of one record, which are few: they are looked up one by one.
#[derive(Clone, Copy)]
struct Attributes<'a>(&'a [Pair<'a>]);

impl<'a> Attributes<'a> {
    fn get(self, name: &str) -> Option<&'a Scalar<'a>> {
        let is_named = |pair: &&Pair<'_>| matches!(&pair.key, Scalar::Text(key) if key == name);
        self.0.iter().find(is_named).map(|pair| pair.value.scalar())
    }

    fn text(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).and_then(Scalar::text).filter(|text| !text.is_empty())
    }

    fn shared(self, name: &str) -> Option<Arc<str>> {
        self.text(name).map(|text| Arc::from(&*text))
    }

    fn whole(self, name: &str) -> Option<i64> {
        self.get(name).and_then(Scalar::whole)
    }

    fn count(self, name: &str) -> u64 {
        self.whole(name).and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
    }

    /// Everything, as one number: two points of a series have the same.
    fn fingerprint(self, state: &mut DefaultHasher) {
        for pair in self.0 {
            (pair.key.text(), pair.value.scalar().text()).hash(state);
        }
    }

    fn tokens(self) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.add(TokenKind::Input, self.count("input_tokens"));
        tokens.add(TokenKind::Output, self.count("output_tokens"));
        tokens.add(TokenKind::CacheRead, self.count("cache_read_tokens"));
        tokens.add(TokenKind::CacheCreation, self.count("cache_creation_tokens"));
        tokens
    }

    /// Clients of old wrote another name.
    fn tool_use_id(self) -> Option<Arc<str>> {
        self.shared("tool_use_id").or_else(|| self.shared("use_id"))
    }
}

fn fingerprint(parts: impl Hash, attributes: Attributes<'_>) -> u64 {
    let mut state = DefaultHasher::new();
    parts.hash(&mut state);
    attributes.fingerprint(&mut state);
    state.finish()
}

impl Collector {
    /// Takes one line in.
    pub fn line(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        self.report.counts.lines += 1;
        let Ok(line) = serde_json::from_slice::<Line<'_>>(line) else {
            self.report.counts.broken_lines += 1;
            return;
        };
        self.request(&line);
        if let Some(body) = &line.body {
            self.request(body);
        }
    }

    /// Counts a line that was too long to be read.
    pub const fn skipped_line(&mut self) {
        self.report.counts.lines += 1;
        self.report.counts.broken_lines += 1;
    }

    /// Lines that were no OTLP/JSON so far.
    pub const fn broken_lines(&self) -> u64 {
        self.report.counts.broken_lines
    }

    /// Everything that was taken in.
    pub fn finish(mut self) -> ClientReport {
        for latest in self.series.into_values() {
            let session = self.report.sessions.entry(latest.session).or_default();
            add_point(session, &latest.model, latest.tokens, latest.value);
        }
        for (session, gaps) in sequence::gaps(self.numbered) {
            self.report.sessions.entry(session).or_default().gaps = gaps;
        }
        for session in self.report.sessions.values_mut() {
            session.times.sort_unstable();
            session.starts.sort_unstable();
        }
        let times = self.report.sessions.values().filter_map(|session| session.times.first().zip(session.times.last()));
        self.report.reach = times.map(|(first, last)| (*first, *last)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        self.report
    }

    fn request(&mut self, line: &Line<'_>) {
        for scope in line.resource_logs.iter().flat_map(|resource| &resource.scope_logs) {
            if self.is_of_the_client(&scope.scope, scope.log_records.len()) {
                scope.log_records.iter().for_each(|record| self.event(record));
            }
        }
        for scope in line.resource_spans.iter().flat_map(|resource| &resource.scope_spans) {
            if self.is_of_the_client(&scope.scope, scope.spans.len()) {
                scope.spans.iter().for_each(|span| self.span(span));
            }
        }
        for scope in line.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics) {
            let points = |metric: &Metric<'_>| metric.sum.as_ref().map_or(0, |sum| sum.data_points.len());
            if self.is_of_the_client(&scope.scope, scope.metrics.iter().map(points).sum()) {
                for metric in &scope.metrics {
                    self.metric(metric);
                }
            }
        }
    }

    fn is_of_the_client(&mut self, scope: &Scope<'_>, records: usize) -> bool {
        let is_of_the_client = scope.name.text().is_some_and(|name| name.starts_with(SCOPE));
        if !is_of_the_client {
            self.report.counts.of_others += records as u64;
        }
        is_of_the_client
    }

    /// Whether a record stands here for the first time.
    fn is_new(&mut self, fingerprint: u64) -> bool {
        let is_new = self.seen.insert(fingerprint);
        self.report.counts.repeated += u64::from(!is_new);
        is_new
    }

    /// The session that a record names.
    fn session(&mut self, attributes: Attributes<'_>, time: Millis) -> Option<(Arc<str>, &mut ClientSession)> {
        let Some(id) = attributes.shared("session.id") else {
            self.report.counts.without_session += 1;
            return None;
        };
        let session = self.report.sessions.entry(Arc::clone(&id)).or_default();
        session.times.push(time);
        session.is_headless |= attributes.text("terminal.type").as_deref() == Some(HEADLESS);
        Some((id, session))
    }

    fn event(&mut self, record: &LogRecord<'_>) {
        self.report.counts.events += 1;
        let attributes = Attributes(&record.attributes);
        let Some(time) = record.time_unix_nano.millis().or_else(|| record.observed_time_unix_nano.millis()) else {
            return;
        };
        let whole = attributes.text("event.name").or_else(|| record.event_name.text());
        let whole = whole.or_else(|| record.body.scalar().text()).unwrap_or_default();
        let name = whole.strip_prefix(PREFIX).unwrap_or(&whole).to_owned();
        if !self.is_new(fingerprint(("event", &name, record.time_unix_nano.text()), attributes)) {
            return;
        }
        let number = attributes.whole("event.sequence").and_then(|number| u64::try_from(number).ok());
        let Some((id, session)) = self.session(attributes, time) else { return };
        session.has_events = true;
        if number == Some(0) {
            session.starts.push(time);
        }
        match name.as_str() {
            "api_request" => session.request_event(attributes, time),
            "api_error" => session.failures.push(ClientFailure {
                id: attributes.shared("request_id"),
                status: attributes.whole("status_code"),
                source: attributes.shared("query_source"),
                time,
                is_matched: false,
            }),
            "tool_decision" => {
                let tool = session.tool_entry(attributes);
                tool.decision = attributes.shared("decision");
            }
            "tool_result" => {
                let tool = session.tool_entry(attributes);
                tool.results += 1;
                tool.success = attributes.get("success").and_then(Scalar::truth);
                if tool.spans == 0 {
                    tool.start = attributes.whole("duration_ms").map(|duration| time.saturating_sub(duration));
                    tool.end = Some(time);
                }
            }
            _ => {}
        }
        if let Some(number) = number {
            self.numbered.push(Numbered { session: id, time, number });
        }
    }

    fn span(&mut self, span: &Span<'_>) {
        self.report.counts.spans += 1;
        let attributes = Attributes(&span.attributes);
        let times = span.start_time_unix_nano.millis().zip(span.end_time_unix_nano.millis());
        let Some((start, end)) = times else { return };
        let name = span.name.text().unwrap_or_default().into_owned();
        if !self.is_new(fingerprint(("span", span.id.text(), &name, start), attributes)) {
            return;
        }
        let Some((_, session)) = self.session(attributes, end) else { return };
        session.has_spans = true;
        match name.strip_prefix(PREFIX).unwrap_or(&name) {
            // Of a failed one there is an event, too; that one tells the same.
            "llm_request" if attributes.get("success").and_then(Scalar::truth) != Some(false) => {
                session.request_span(attributes, start, end);
            }
            // Some versions name no call on it: then it says nothing that can be joined.
            "tool" if attributes.tool_use_id().is_some() => {
                let tool = session.tool_entry(attributes);
                tool.spans += 1;
                (tool.start, tool.end) = (Some(start), Some(end));
            }
            _ => {}
        }
    }

    fn metric(&mut self, metric: &Metric<'_>) {
        let Some(sum) = &metric.sum else { return };
        let name = metric.name.text().unwrap_or_default();
        for point in &sum.data_points {
            self.point(&name, sum, point);
        }
    }

    fn point(&mut self, metric: &str, sum: &Sum<'_>, point: &Point<'_>) {
        self.report.counts.points += 1;
        let attributes = Attributes(&point.attributes);
        let Some(time) = point.time_unix_nano.millis() else { return };
        let start = point.start_time_unix_nano.text();
        if !self.is_new(fingerprint(("point", metric, &start, point.time_unix_nano.text()), attributes)) {
            return;
        }
        let Some((id, session)) = self.session(attributes, time) else { return };
        let Some(value) = point.as_double.number().or_else(|| point.as_int.number()) else { return };
        let kind = attributes.text("type");
        let kind = TokenKind::ALL.into_iter().find(|known| Some(known.name()) == kind.as_deref());
        let tokens = match metric {
            TOKEN_METRIC => {
                let Some(kind) = kind else { return };
                Some((kind, attributes.text("query_source").as_deref() == Some("auxiliary")))
            }
            COST_METRIC => None,
            _ => return,
        };
        let model = attributes.shared("model").unwrap_or_default();
        if !sum.is_cumulative() {
            add_point(session, &model, tokens, value);
            return;
        }
        let latest = Latest { session: id, model, tokens, value };
        let series = self.series.entry(fingerprint((metric, &start), attributes));
        series.and_modify(|known| known.value = known.value.max(value)).or_insert(latest);
    }
}

fn add_point(session: &mut ClientSession, model: &Arc<str>, tokens: Option<(TokenKind, bool)>, value: f64) {
    let Some((kind, is_auxiliary)) = tokens else {
        session.metric_cost = Some(session.metric_cost.unwrap_or_default() + value);
        return;
    };
    let slot = session.tokens.entry(Arc::clone(model)).or_default();
    let count = value.max(0.0).round() as u64;
    slot.all.add(kind, count);
    if is_auxiliary {
        slot.auxiliary.add(kind, count);
    }
}

impl ClientSession {
    fn request_entry(&mut self, attributes: Attributes<'_>) -> &mut ClientRequest {
        let id = attributes.shared("request_id");
        let known = id.as_ref().and_then(|id| self.by_request.get(id).copied());
        let place = known.unwrap_or(self.requests.len());
        if known.is_none() {
            if let Some(id) = &id {
                self.by_request.insert(Arc::clone(id), place);
            }
            self.requests.push(ClientRequest { id, ..ClientRequest::default() });
        }
        // It was put there just now, if it was not there before.
        &mut self.requests[place]
    }

    fn request_event(&mut self, attributes: Attributes<'_>, time: Millis) {
        let request = self.request_entry(attributes);
        request.events += 1;
        request.model = attributes.shared("model");
        request.source = attributes.shared("query_source");
        request.tokens = attributes.tokens();
        request.cost_usd = attributes.get("cost_usd").and_then(Scalar::number);
        if request.spans == 0 {
            request.start = attributes.whole("duration_ms").map(|duration| time.saturating_sub(duration));
            request.end = time;
        }
    }

    fn request_span(&mut self, attributes: Attributes<'_>, start: Millis, end: Millis) {
        let request = self.request_entry(attributes);
        request.spans += 1;
        (request.start, request.end) = (Some(start), end);
        if request.events == 0 {
            request.model = attributes.shared("model");
            request.tokens = attributes.tokens();
        }
        let source = || attributes.shared("query_source_safe").or_else(|| attributes.shared("query_source"));
        request.source = request.source.take().or_else(source);
    }

    fn tool_entry(&mut self, attributes: Attributes<'_>) -> &mut ClientTool {
        let id = attributes.tool_use_id();
        let known = id.as_ref().and_then(|id| self.by_tool.get(id).copied());
        let place = known.unwrap_or(self.tools.len());
        if known.is_none() {
            if let Some(id) = &id {
                self.by_tool.insert(Arc::clone(id), place);
            }
            self.tools.push(ClientTool { id, ..ClientTool::default() });
        }
        let tool = &mut self.tools[place];
        tool.name = tool.name.take().or_else(|| attributes.shared("tool_name"));
        tool.request = tool.request.take().or_else(|| attributes.shared("request_id"));
        tool
    }
}

#[cfg(test)]
#[path = "collect_tests.rs"]
mod tests;
