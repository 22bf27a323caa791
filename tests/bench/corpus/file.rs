//! One transcript while it is written: a session's own, or an agent's.

use std::fmt::{Display, Write as _};
use std::fs;
use std::io;
use std::path::PathBuf;

use super::clock::stamp;
use super::dice::Dice;
use super::truth::{Tokens, Truth};

/// What stays the same over a session.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) session: String,
    pub(crate) cwd: String,
    pub(crate) branch: &'static str,
    pub(crate) version: &'static str,
    /// Whether the client is one of those that write what newer ones write.
    pub(crate) is_new: bool,
    /// Where the session's folder lies.
    pub(crate) folder: PathBuf,
    /// Whether the cache is kept for an hour.
    pub(crate) keeps_long: bool,
}

/// A transcript.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) about: About,
    pub(crate) agent: Option<String>,
    pub(crate) text: String,
    pub(crate) lines: u64,
    /// The id of the last line that others can follow.
    pub(crate) last: Option<String>,
    pub(crate) prompt: String,
    pub(crate) time: i64,
    /// Tokens in the model's context.
    pub(crate) context: u64,
    /// The first messages of an agent, as older clients mirror them into the parent's file.
    pub(crate) mirrored: Vec<String>,
    begun: usize,
}

/// One response's identity.
#[derive(Debug, Clone)]
pub(crate) struct Message<'a> {
    pub(crate) id: &'a str,
    pub(crate) request: &'a str,
    pub(crate) model: &'a str,
}

impl File {
    pub(crate) fn new(about: About, agent: Option<String>, time: i64, dice: &mut Dice) -> Self {
        let prompt = dice.uuid();
        let text = String::new();
        Self { about, agent, text, lines: 0, last: None, prompt, time, context: 0, mirrored: Vec::new(), begun: 0 }
    }

    /// Ends a line and counts it.
    pub(crate) fn end(&mut self, kind: &'static str, truth: &mut Truth) {
        self.text.push('\n');
        self.lines += 1;
        truth.line(kind, (self.text.len() - self.begun) as u64);
        self.begun = self.text.len();
    }

    /// Lines of another file.
    pub(crate) fn copy(&mut self, lines: &str, truth: &mut Truth) {
        for line in lines.lines() {
            self.text.push_str(line);
            self.end("copied history", truth);
        }
    }

    fn head(&mut self, dice: &mut Dice) -> String {
        let id = dice.uuid();
        let before = self.last.replace(id.clone());
        let _ = match before {
            Some(before) => write!(self.text, "{{\"parentUuid\":\"{before}\","),
            None => write!(self.text, "{{\"parentUuid\":null,"),
        };
        let _ = write!(self.text, "\"isSidechain\":{},", self.agent.is_some());
        if let Some(agent) = &self.agent {
            let _ = write!(self.text, "\"agentId\":\"{agent}\",");
        }
        id
    }

    fn tail(&mut self, id: &str) {
        let About { session, cwd, branch, version, .. } = &self.about;
        let _ = write!(
            self.text,
            "\"uuid\":\"{id}\",\"timestamp\":\"{}\",\"userType\":\"external\",\"entrypoint\":\"cli\",\"cwd\":\"{cwd}\",\"sessionId\":\"{session}\",\"version\":\"{version}\",\"gitBranch\":\"{branch}\",\"slug\":\"quiet-harbour\"}}",
            stamp(self.time)
        );
    }

    /// A user's line, whose type stands before the message. `content` is JSON.
    pub(crate) fn user(&mut self, dice: &mut Dice, content: impl Display, more: impl Display) {
        let id = self.head(dice);
        let _ = write!(
            self.text,
            "\"promptId\":\"{}\",\"type\":\"user\",\"message\":{{\"role\":\"user\",\"content\":{content}}},{more}",
            self.prompt
        );
        self.tail(&id);
    }

    /// A line of a response, whose type stands behind the message.
    pub(crate) fn assistant(
        &mut self,
        dice: &mut Dice,
        message: &Message<'_>,
        block: &str,
        stop: &str,
        usage: &str,
    ) -> String {
        let id = self.head(dice);
        let from = self.text.len();
        let Message { id: message_id, request, model } = message;
        let _ = write!(
            self.text,
            "\"message\":{{\"model\":\"{model}\",\"id\":\"{message_id}\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{block}],\"stop_reason\":{stop},\"stop_sequence\":null,\"stop_details\":null,\"usage\":{usage}}}",
        );
        if self.agent.is_some() && self.mirrored.len() < 4 && self.text.len() - from < 6_000 {
            let body = format!(
                "{{\"type\":\"assistant\",\"timestamp\":\"{}\",{},\"requestId\":\"{request}\",\"uuid\":\"{id}\"}}",
                stamp(self.time),
                &self.text[from..]
            );
            self.mirrored.push(body);
        }
        if !request.is_empty() {
            let _ = write!(self.text, ",\"requestId\":\"{request}\"");
        }
        self.text.push_str(",\"type\":\"assistant\",");
        if request.is_empty() {
            self.text.push_str("\"error\":\"server_error\",\"isApiErrorMessage\":true,");
        }
        self.tail(&id);
        id
    }

    /// A line of another type; `body` is what stands between head and tail.
    pub(crate) fn record(&mut self, dice: &mut Dice, body: impl Display) {
        let id = self.head(dice);
        let _ = write!(self.text, "{body}");
        self.tail(&id);
    }

    /// A line outside the chain.
    pub(crate) fn note(&mut self, body: impl Display) {
        let _ = write!(self.text, "{{{body},\"sessionId\":\"{}\"}}", self.about.session);
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, dice: &mut Dice, from: u64, to: u64) {
        self.time += dice.between(from, to) as i64;
    }

    /// Writes the file.
    pub(crate) fn close(self, truth: &mut Truth) -> io::Result<i64> {
        let folder = &self.about.folder;
        let path = match &self.agent {
            Some(agent) => folder.join("subagents").join(format!("agent-{agent}.jsonl")),
            None => folder.with_extension("jsonl"),
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &self.text)?;
        // Files of last spring were written last spring; what is followed is what was written lately.
        let written = std::time::UNIX_EPOCH + std::time::Duration::from_millis(self.time as u64);
        fs::File::options().append(true).open(&path)?.set_modified(written)?;
        truth.count("files", 1);
        Ok(self.time)
    }
}

/// The usage of a response as a line says it; only the last line of a new client's response says everything.
pub(crate) fn usage(tokens: Tokens, is_whole: bool) -> String {
    let Tokens { input, output, cache_5m, cache_1h, cache_read } = tokens;
    let cached = cache_5m + cache_1h;
    let created = format!("{{\"ephemeral_5m_input_tokens\":{cache_5m},\"ephemeral_1h_input_tokens\":{cache_1h}}}");
    let counts = format!(
        "\"input_tokens\":{input},\"cache_creation_input_tokens\":{cached},\"cache_read_input_tokens\":{cache_read},\"cache_creation\":{created},\"output_tokens\":{output}"
    );
    let more = if is_whole {
        format!(
            ",\"server_tool_use\":{{\"web_search_requests\":0,\"web_fetch_requests\":0}},\"iterations\":[{{{counts},\"type\":\"message\"}}],\"speed\":\"standard\""
        )
    } else {
        String::new()
    };
    format!("{{{counts},\"service_tier\":\"standard\",\"inference_geo\":\"not_available\"{more}}}")
}
