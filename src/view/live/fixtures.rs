//! Sessions that are written line by line, for the tests of the live view.

use super::glimpse::Glimpse;
use crate::privacy::options::{ContentLevel, ContentOptions};
use crate::session::builder::{AgentFile, MAIN, SessionBuilder, StreamId};
use crate::session::closing::ClosingOptions;
use crate::session::facts::Session;
use crate::session::ownership::{self, Ledger};
use crate::telemetry::options::MapOptions;
use crate::transcript::claude::{DecodeOptions, Sink, agent_meta, decode_line};
use crate::transcript::entry::Entry;
use crate::transcript::problem::Problem;
use crate::transcript::time::Millis;

/// When everything begins: 2026-11-23T08:00:00Z.
pub(crate) const BEGINNING: Millis = 1_795_420_800_000;

/// A session that is being written. Times are milliseconds after [`BEGINNING`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) id: String,
    cwd: String,
    lines: Vec<(Option<String>, String)>,
    metas: Vec<(String, String)>,
    parents: Vec<(Option<String>, String)>,
    pub(crate) last: Millis,
}

impl Script {
    pub(crate) fn new(id: &str, cwd: &str) -> Self {
        Self { id: id.to_owned(), cwd: cwd.to_owned(), ..Self::default() }
    }

    pub(crate) fn push(&mut self, agent: Option<&str>, at: Millis, kind: &str, body: &str) {
        let number = self.lines.len();
        let uuid = format!("{number:08x}-0000-4000-8000-{:0>12}", self.id.len());
        let agent = agent.map(ToOwned::to_owned);
        let parent = self.parents.iter().rev().find(|(of, _)| *of == agent).map(|(_, uuid)| format!("\"{uuid}\""));
        let parent = parent.unwrap_or_else(|| "null".to_owned());
        let stamp = chrono::DateTime::from_timestamp_millis(BEGINNING + at).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let side = agent.as_ref().map_or(String::new(), |id| format!(r#""agentId":"{id}","isSidechain":true,"#));
        let (id, cwd) = (&self.id, &self.cwd);
        let line = format!(
            r#"{{"parentUuid":{parent},{side}"type":"{kind}",{body},"uuid":"{uuid}","timestamp":"{stamp}","sessionId":"{id}","version":"2.1.330","cwd":"{cwd}","gitBranch":"main"}}"#
        );
        self.lines.push((agent.clone(), line));
        self.parents.push((agent, uuid));
        self.last = self.last.max(at);
    }

    pub(crate) fn prompt(&mut self, at: Millis, text: &str) {
        self.push(None, at, "user", &format!(r#""message":{{"role":"user","content":{}}}"#, json(text)));
    }

    /// A response; `stop` says why it ended.
    pub(crate) fn says(&mut self, agent: Option<&str>, at: Millis, message: &str, content: &str, stop: &str) {
        let id = format!("msg_{}_{message:0>12}", self.id);
        let body = format!(
            r#""message":{{"id":"{id}","role":"assistant","model":"claude-sonnet-4-5","content":[{content}],"stop_reason":"{stop}","usage":{{"input_tokens":1000,"output_tokens":200,"cache_read_input_tokens":9000,"cache_creation_input_tokens":0}}}}"#
        );
        self.push(agent, at, "assistant", &body);
    }

    pub(crate) fn text(&mut self, at: Millis, message: &str, text: &str) {
        self.says(None, at, message, &format!(r#"{{"type":"text","text":{}}}"#, json(text)), "end_turn");
    }

    pub(crate) fn calls(&mut self, agent: Option<&str>, at: Millis, tool: &str, name: &str, input: &str) {
        let id = format!("toolu_{}_{tool:0>12}", self.id);
        let block = format!(r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{input}}}"#);
        self.says(agent, at, tool, &block, "tool_use");
    }

    pub(crate) fn result(&mut self, agent: Option<&str>, at: Millis, tool: &str, is_error: bool, extra: &str) {
        let id = format!("toolu_{}_{tool:0>12}", self.id);
        let body = format!(
            r#""message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}","content":"out","is_error":{is_error}}}]}}{extra}"#
        );
        self.push(agent, at, "user", &body);
    }

    /// What an agent is asked, and the description beside its file.
    pub(crate) fn agent(&mut self, agent: &str, at: Millis, tool: &str, is_background: bool) {
        let shape = if is_background { "background" } else { "foreground" };
        let meta = format!(
            r#"{{"agentType":"Explore","description":"look","toolUseId":"toolu_{}_{tool:0>12}","spawnDepth":1,"requestShape":"{shape}"}}"#,
            self.id
        );
        self.metas.push((agent.to_owned(), meta));
        self.push(Some(agent), at, "user", r#""message":{"role":"user","content":"look"}"#);
    }

    pub(crate) fn system(&mut self, at: Millis, fields: &str) {
        self.push(None, at, "system", fields);
    }

    /// The session that this one was copied from, line by line, under another id.
    pub(crate) fn fork(&self, id: &str) -> Self {
        let mut fork = self.clone();
        for (_, line) in &mut fork.lines {
            *line = line.replace(&format!(r#""sessionId":"{}""#, self.id), &format!(r#""sessionId":"{id}""#));
        }
        fork.id = id.to_owned();
        fork
    }

    /// The session, resolved at this time.
    pub(crate) fn session(&self, now: Millis) -> Session {
        let options = map(ContentLevel::Full);
        let mut builder = SessionBuilder::new(&self.id).keeping(options.keeping());
        let mut streams: Vec<(String, StreamId)> = Vec::new();
        let decode = DecodeOptions { latest: Millis::MAX, texts: true };
        for (agent, line) in &self.lines {
            let stream = match agent {
                None => MAIN,
                Some(id) => {
                    let known = streams.iter().find(|(known, _)| known == id).map(|(_, stream)| *stream);
                    known.unwrap_or_else(|| {
                        let meta = self.metas.iter().find(|(of, _)| of == id);
                        let meta = meta.and_then(|(_, meta)| agent_meta::decode(meta.as_bytes()));
                        let file = AgentFile { agent_id: id.clone(), is_internal: false, meta };
                        let stream = builder.open_agent(file);
                        streams.push((id.clone(), stream));
                        stream
                    })
                }
            };
            decode_line(line.as_bytes(), decode, &mut Feed(&mut builder, stream));
        }
        builder.resolve(ClosingOptions {
            session_idle: 30 * 60_000,
            max_open: 24 * 3_600_000,
            now: Some(BEGINNING + now),
            written: None,
        })
    }

    /// The session as it looks at this time.
    pub(crate) fn glimpse(&self, now: Millis) -> Glimpse {
        Self::family(&[self], now).remove(0)
    }

    /// Several sessions that share history.
    pub(crate) fn family(scripts: &[&Self], now: Millis) -> Vec<Glimpse> {
        Self::family_at(scripts, now, ContentLevel::Full)
    }

    pub(crate) fn family_at(scripts: &[&Self], now: Millis, level: ContentLevel) -> Vec<Glimpse> {
        let mut sessions: Vec<Session> = scripts.iter().map(|script| script.session(now)).collect();
        ownership::owner_order(&mut sessions);
        ownership::settle(&mut sessions, &Nobody);
        let mut glimpses: Vec<Glimpse> = sessions
            .iter_mut()
            .map(|session| {
                if level == ContentLevel::None {
                    session.content = None;
                }
                Glimpse::of(session, None, &map(level))
            })
            .collect();
        glimpses.sort_by_key(|glimpse| scripts.iter().position(|script| *script.id == **glimpse.id()));
        glimpses
    }
}

fn map(level: ContentLevel) -> MapOptions {
    MapOptions { content: ContentOptions { level, ..ContentOptions::default() }, ..MapOptions::default() }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

struct Nobody;

impl Ledger for Nobody {
    fn owner_of_call(&self, _: &str) -> Option<&str> {
        None
    }

    fn owner_of_tool(&self, _: &str) -> Option<&str> {
        None
    }
}

struct Feed<'a>(&'a mut SessionBuilder, StreamId);

impl Sink for Feed<'_> {
    fn entry(&mut self, entry: Entry<'_>) {
        self.0.push(self.1, &entry);
    }

    fn problem(&mut self, problem: Problem) {
        panic!("a line of the test is not understood: {problem:?}");
    }
}

/// What a session did that has a bit of everything, until the given step.
pub(crate) fn busy_day(steps: usize) -> Script {
    let mut script = Script::new("a0000000-0000-4000-8000-000000000001", "/srv/api");
    let all: [&dyn Fn(&mut Script); 12] = [
        &|script| script.prompt(0, "Fix the login test"),
        &|script| script.calls(None, 2_000, "1", "Bash", r#"{"command":"cargo test login"}"#),
        &|script| {
            script.result(None, 34_000, "1", true, r#","toolUseResult":"Error: Exit code 101""#);
        },
        &|script| script.calls(None, 36_000, "2", "Agent", r#"{"description":"look","prompt":"look"}"#),
        &|script| script.agent("a1b2c3d4e5f600001", 36_100, "2", false),
        &|script| {
            script.calls(Some("a1b2c3d4e5f600001"), 38_000, "3", "Grep", r#"{"pattern":"fn login"}"#);
        },
        &|script| script.result(Some("a1b2c3d4e5f600001"), 39_000, "3", false, ""),
        &|script| {
            let text = r#"{"type":"text","text":"seen"}"#;
            script.says(Some("a1b2c3d4e5f600001"), 41_000, "4", text, "end_turn");
        },
        &|script| {
            let extra = r#","toolUseResult":{"status":"completed","agentId":"a1b2c3d4e5f600001"}"#;
            script.result(None, 41_200, "2", false, extra);
        },
        &|script| script.text(44_000, "5", "It was the clock"),
        &|script| script.system(44_100, r#""subtype":"turn_duration","durationMs":44100"#),
        &|script| script.prompt(60_000, "And now the docs"),
    ];
    for step in all.iter().take(steps) {
        step(&mut script);
    }
    script
}
