//! Small transcripts, and lines to append to them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the ids of all calls that are made here begin with; so many digits follow.
pub(crate) const CALL: &str = "toolu_bench_";
pub(crate) const DIGITS: usize = 12;

/// A session that is written to.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) path: PathBuf,
    id: String,
    number: usize,
    lines: usize,
}

impl Session {
    /// Begins a session with a prompt.
    pub(crate) fn begin(root: &Path, number: usize) -> io::Result<Self> {
        let folder = root.join(format!("-home-dev-project-{:02}", number % 40));
        fs::create_dir_all(&folder)?;
        let id = format!("{number:08x}-0000-4000-a000-{number:012x}");
        let mut session = Self { path: folder.join(format!("{id}.jsonl")), id, number, lines: 0 };
        let prompt = session.line("\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"look around\"}");
        fs::write(&session.path, prompt)?;
        Ok(session)
    }

    /// A call of a tool and its result: what makes a span that is final at once.
    pub(crate) fn call(&mut self, call: u64) -> String {
        let mut text = self.answer(&format!("{call}"), &format!("{{\"type\":\"tool_use\",\"id\":\"{CALL}{call:0DIGITS$}\",\"name\":\"Bash\",\"input\":{{\"command\":\"ls -la src\"}}}}"), "tool_use");
        let shown = "drwxr-xr-x 3 dev dev 4096 Mar  4 11:00 src\\n".repeat(12);
        text += &self.line(&format!(
            "\"type\":\"user\",\"message\":{{\"role\":\"user\",\"content\":[{{\"tool_use_id\":\"{CALL}{call:0DIGITS$}\",\"type\":\"tool_result\",\"content\":\"{shown}\",\"is_error\":false}}]}},\"toolUseResult\":{{\"stdout\":\"{shown}\",\"stderr\":\"\",\"interrupted\":false}}"
        ));
        text
    }

    /// The end of a turn.
    pub(crate) fn end(&mut self) -> String {
        self.answer("end", "{\"type\":\"text\",\"text\":\"done\"}", "end_turn")
    }

    fn answer(&mut self, name: &str, block: &str, stop: &str) -> String {
        let message = format!("msg_{}_{name}", self.number);
        self.line(&format!(
            "\"message\":{{\"model\":\"claude-sonnet-5\",\"id\":\"{message}\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{block}],\"stop_reason\":\"{stop}\",\"usage\":{{\"input_tokens\":9,\"cache_creation_input_tokens\":400,\"cache_read_input_tokens\":9000,\"output_tokens\":120}}}},\"requestId\":\"req_{message}\",\"type\":\"assistant\""
        ))
    }

    fn line(&mut self, body: &str) -> String {
        let uuid = |line: usize| format!("{:08x}-{line:04x}-4000-b000-000000000000", self.number);
        let parent = if self.lines == 0 { "null".to_owned() } else { format!("\"{}\"", uuid(self.lines)) };
        self.lines += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{{\"parentUuid\":{parent},\"isSidechain\":false,{body},\"uuid\":\"{}\",\"timestamp\":\"{}\",\"userType\":\"external\",\"cwd\":\"/home/dev/project\",\"sessionId\":\"{}\",\"version\":\"2.1.197\",\"gitBranch\":\"main\"}}",
            uuid(self.lines),
            stamp(now),
            self.id
        );
        text
    }
}

/// Sessions that are over, each with nine agents' files, until there are so many files.
pub(crate) fn old(root: &Path, files: u64) -> io::Result<()> {
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 86_400);
    let settle = |path: &Path| File::options().append(true).open(path)?.set_modified(long_ago);
    for number in 0..files.div_ceil(10) as usize {
        let mut session = Session::begin(root, number)?;
        let text = fs::read_to_string(&session.path)? + &session.call(number as u64) + &session.end();
        fs::write(&session.path, text)?;
        settle(&session.path)?;
        let folder = session.path.with_extension("").join("subagents");
        fs::create_dir_all(&folder)?;
        for agent in 0..9 {
            let path = folder.join(format!("agent-a{number:08x}{agent:08x}.jsonl"));
            session.lines = 0;
            let text = session.end().replace(
                "\"isSidechain\":false",
                &format!("\"isSidechain\":true,\"agentId\":\"a{number:08x}{agent:08x}\""),
            );
            fs::write(&path, text.replace(&format!("msg_{number}_end"), &format!("msg_{number}_{agent}")))?;
            settle(&path)?;
        }
    }
    Ok(())
}

/// A time in milliseconds since 1970 as transcripts write it.
fn stamp(millis: i64) -> String {
    let (mut days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    for length in [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let seconds = rest / 1000;
    format!(
        "{year}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        month + 1,
        days + 1,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        rest % 1000
    )
}
