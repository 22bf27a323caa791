//! A transcript that grows while it is looked at, with the times of now.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A session's file, to which lines are added.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) path: PathBuf,
    id: String,
    lines: u64,
    parent: String,
}

impl Growing {
    /// The session with this number, below a root.
    pub(super) fn new(root: &Path, number: u64) -> Self {
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        let folder = root.join("-srv-api");
        fs::create_dir_all(&folder).unwrap();
        Self { path: folder.join(format!("{id}.jsonl")), id, lines: 0, parent: "null".to_owned() }
    }

    /// The beginning of its id, as it is shown.
    pub(super) fn short(&self) -> &str {
        &self.id[..8]
    }

    fn push(&mut self, kind: &str, body: &str) {
        self.lines += 1;
        let uuid = format!("{}-{:012x}", &self.id[..23], self.lines);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as i64;
        let stamp = chrono::DateTime::from_timestamp_millis(now).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let (id, parent) = (&self.id, &self.parent);
        let line = format!(
            r#"{{"parentUuid":{parent},"type":"{kind}",{body},"uuid":"{uuid}","timestamp":"{stamp}","sessionId":"{id}","version":"2.1.330","cwd":"/srv/api","gitBranch":"main"}}"#
        ) + "\n";
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
        self.parent = format!("\"{uuid}\"");
    }

    pub(super) fn prompt(&mut self, text: &str) {
        let text = serde_json::to_string(text).unwrap();
        self.push("user", &format!(r#""message":{{"role":"user","content":{text}}}"#));
    }

    fn says(&mut self, number: u64, block: &str, stop: &str) {
        let id = format!("msg_{}_{number:012}", self.id);
        self.push(
            "assistant",
            &format!(
                r#""message":{{"id":"{id}","role":"assistant","model":"claude-sonnet-4-5","content":[{block}],"stop_reason":"{stop}","usage":{{"input_tokens":1000,"output_tokens":200,"cache_read_input_tokens":9000,"cache_creation_input_tokens":0}}}}"#
            ),
        );
    }

    pub(super) fn calls(&mut self, number: u64, name: &str, command: &str) {
        let (id, command) = (self.tool(number), serde_json::to_string(command).unwrap());
        let name = serde_json::to_string(name).unwrap();
        let block = format!(r#"{{"type":"tool_use","id":"{id}","name":{name},"input":{{"command":{command}}}}}"#);
        self.says(number, &block, "tool_use");
    }

    pub(super) fn result(&mut self, number: u64) {
        let id = self.tool(number);
        let block = format!(r#"{{"type":"tool_result","tool_use_id":"{id}","content":"out","is_error":false}}"#);
        self.push("user", &format!(r#""message":{{"role":"user","content":[{block}]}}"#));
    }

    pub(super) fn answers(&mut self, number: u64, text: &str) {
        let text = serde_json::to_string(text).unwrap();
        self.says(number, &format!(r#"{{"type":"text","text":{text}}}"#), "end_turn");
    }

    /// A copy of all that there is, as a session of its own.
    pub(super) fn fork(&self, number: u64) -> Self {
        let mut fork = Self::new(self.path.parent().unwrap().parent().unwrap(), number);
        let text = fs::read_to_string(&self.path).unwrap();
        let text = text.replace(&format!(r#""sessionId":"{}""#, self.id), &format!(r#""sessionId":"{}""#, fork.id));
        fs::write(&fork.path, text).unwrap();
        (fork.lines, fork.parent) = (self.lines, self.parent.clone());
        fork
    }

    fn tool(&self, number: u64) -> String {
        format!("toolu_{}_{number:012}", self.id)
    }
}
