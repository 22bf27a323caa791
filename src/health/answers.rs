//! What is answered to which request.

use super::exposition;
use super::watched::Board;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// What kind of text it is.
    pub content_type: &'static str,
    /// The text.
    pub text: String,
}

const PLAIN: &str = "text/plain; charset=utf-8";

impl Answer {
    fn plain(status: u16, text: impl Into<String>) -> Self {
        Self { status, content_type: PLAIN, text: text.into() + "\n" }
    }
}

/// The answer to a request.
pub fn answer(board: &Board, method: &str, path: &str) -> Answer {
    if !matches!(method, "GET" | "HEAD") {
        return Answer::plain(405, "only GET and HEAD");
    }
    match path {
        "/healthz" => health(board),
        "/readyz" => readiness(board),
        "/metrics" => {
            let text = exposition::text(&board.all());
            Answer { status: 200, content_type: exposition::CONTENT_TYPE, text }
        }
        _ => Answer::plain(404, "there are /healthz, /readyz and /metrics"),
    }
}

/// Whether everything shows life. One that has not begun waits for its state, or for the rest of its start.
fn health(board: &Board) -> Answer {
    let hanging = board.all().into_iter().find_map(|one| Some((one.hangs()?, one.name)));
    hanging.map_or_else(|| Answer::plain(200, "ok"), |(reason, name)| Answer::plain(503, format!("{name}: {reason}")))
}

/// Whether everything that is written is delivered to every destination.
fn readiness(board: &Board) -> Answer {
    let all = board.all();
    if all.is_empty() {
        return Answer::plain(503, "nothing is followed yet");
    }
    let waiting = all.into_iter().find_map(|one| Some((one.is_not_ready()?, one.name)));
    waiting.map_or_else(|| Answer::plain(200, "ok"), |(reason, name)| Answer::plain(503, format!("{name}: {reason}")))
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
