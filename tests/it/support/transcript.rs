//! Transcripts made up for tests, line by line, in the shape of a current client.

use std::fmt::Write;

/// What one model call does.
#[derive(Debug, Clone)]
pub(crate) struct CallScript {
    /// Tokens: uncached input, output, cache read, cache write.
    pub tokens: [u64; 4],
    /// Lines of text before the calls.
    pub texts: usize,
    /// Tools called, each with whether it fails.
    pub tools: Vec<bool>,
    /// The calls of an agent that it starts.
    pub agent: Vec<[u64; 4]>,
    /// Whether early lines bear a placeholder for the output.
    pub placeholder: bool,
}

/// A session: a list of turns, each a list of calls.
pub(crate) type SessionScript = Vec<Vec<CallScript>>;

/// The files of a made-up session: its main file, and its agents' by id.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub main: String,
    pub agents: Vec<(String, String)>,
}

/// Writes a session's lines.
#[derive(Debug)]
struct Writer {
    session: String,
    time: i64,
    ids: u64,
    parent: Option<String>,
}

/// The transcript of a script.
pub(crate) fn write(session: &str, script: &SessionScript) -> Transcript {
    let mut transcript = Transcript::default();
    let mut writer = Writer { session: session.to_owned(), time: 1_795_000_000_000, ids: 0, parent: None };
    for turn in script {
        let prompt = writer.line("user", r#""message":{"role":"user","content":"do it"}"#, None);
        transcript.main.push_str(&prompt);
        for call in turn {
            writer.call(call, &mut transcript);
        }
    }
    transcript
}

impl Writer {
    fn id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// An id that names the session and never recurs.
    fn named(&mut self, kind: &str) -> String {
        let id = self.id();
        format!("{kind}_{}_{id:020}", self.session)
    }

    fn uuid(&mut self) -> String {
        let id = self.id();
        format!("{:08x}-0000-4000-8000-{id:012x}", self.session.len())
    }

    fn stamp(&mut self) -> String {
        self.time += 137;
        chrono::DateTime::from_timestamp_millis(self.time).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    fn line(&mut self, kind: &str, body: &str, agent: Option<&str>) -> String {
        let (uuid, stamp) = (self.uuid(), self.stamp());
        let parent =
            self.parent.replace(uuid.clone()).map_or_else(|| "null".to_owned(), |parent| format!("\"{parent}\""));
        let agent = agent.map_or(String::new(), |agent| format!(r#""agentId":"{agent}","isSidechain":true,"#));
        let session = &self.session;
        format!(
            r#"{{"parentUuid":{parent},{agent}"type":"{kind}",{body},"uuid":"{uuid}","timestamp":"{stamp}","sessionId":"{session}","version":"2.1.330","cwd":"/srv/api","gitBranch":"main"}}"#
        ) + "\n"
    }

    fn block(
        &mut self,
        message: &str,
        block: &str,
        tokens: [u64; 4],
        stop: Option<&str>,
        agent: Option<&str>,
    ) -> String {
        let [input, output, read, write] = tokens;
        let stop = stop.map_or_else(|| "null".to_owned(), |stop| format!("\"{stop}\""));
        let body = format!(
            r#""message":{{"id":"{message}","role":"assistant","model":"claude-sonnet-5","content":[{block}],"stop_reason":{stop},"usage":{{"input_tokens":{input},"output_tokens":{output},"cache_read_input_tokens":{read},"cache_creation_input_tokens":{write}}}}}"#
        );
        self.line("assistant", &body, agent)
    }

    fn call(&mut self, script: &CallScript, transcript: &mut Transcript) {
        let message = self.named("msg");
        let has_agent = !script.agent.is_empty();
        let calls_tools = has_agent || !script.tools.is_empty();
        let stop = if calls_tools { "tool_use" } else { "end_turn" };
        let early =
            if script.placeholder { [script.tokens[0], 1, script.tokens[2], script.tokens[3]] } else { script.tokens };
        for _ in 0..script.texts {
            let text = self.block(&message, r#"{"type":"text","text":"so"}"#, early, None, None);
            transcript.main.push_str(&text);
        }
        let mut results = String::new();
        let mut tools: Vec<(String, &str, bool)> =
            script.tools.iter().map(|fails| (self.named("toolu"), "Bash", *fails)).collect();
        if has_agent {
            tools.push((self.named("toolu"), "Agent", false));
        }
        for (id, name, _) in &tools {
            let block = format!(
                r#"{{"type":"tool_use","id":"{id}","name":"{name}","input":{{"command":"ls","prompt":"look"}}}}"#
            );
            let line = self.block(&message, &block, script.tokens, Some(stop), None);
            transcript.main.push_str(&line);
        }
        if tools.is_empty() {
            let line = self.block(&message, r#"{"type":"text","text":"done"}"#, script.tokens, Some(stop), None);
            transcript.main.push_str(&line);
        }
        for (id, name, fails) in &tools {
            let mut extra = String::new();
            if *name == "Agent" {
                let agent = self.named("a");
                self.agent(&agent, &script.agent, transcript);
                let _ = write!(extra, r#","toolUseResult":{{"status":"completed","agentId":"{agent}"}}"#);
            }
            let body = format!(
                r#""message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}","content":"out","is_error":{fails}}}]}}{extra}"#
            );
            results.push_str(&self.line("user", &body, None));
        }
        transcript.main.push_str(&results);
    }

    fn agent(&mut self, agent: &str, calls: &[[u64; 4]], transcript: &mut Transcript) {
        let parent = self.parent.take();
        let mut text = self.line("user", r#""message":{"role":"user","content":"look"}"#, Some(agent));
        for tokens in calls {
            let message = self.named("msg");
            text.push_str(&self.block(
                &message,
                r#"{"type":"text","text":"seen"}"#,
                *tokens,
                Some("end_turn"),
                Some(agent),
            ));
        }
        transcript.agents.push((agent.to_owned(), text));
        self.parent = parent;
    }
}
