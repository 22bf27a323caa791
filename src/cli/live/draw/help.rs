//! The keys, the marks, and what is said at the beginning.

use super::Scene;
use super::row::{Ink, Row};
use crate::cli::draw::width::plain;

const KEYS: [(&str, &str); 8] = [
    ("↑ ↓  j k", "choose a session, or scroll; PageUp, PageDown, Home and End too"),
    ("Enter", "look into the session; its newest line stays in sight unless you scroll"),
    ("Esc", "back to all sessions"),
    ("s", "order sessions by activity, cost or project"),
    ("p", "stand still, and go on"),
    ("?", "this page"),
    ("q  Ctrl-C", "leave"),
    ("", ""),
];
const MARKS: [(&str, &str); 6] = [
    ("●  ◐", "tools run; the model is to answer"),
    ("?  ↻", "a question waits for the person; a request is tried again"),
    ("○  ■  ✗", "idle; interrupted; failed"),
    ("▶  ·  ≡", "a turn; an answer of a model with the tokens in and out; a compaction"),
    ("", "A tool that waits for permission looks like one that runs:"),
    ("", "transcripts do not say so."),
];

pub(super) fn rows(scene: &Scene) -> Vec<Row> {
    let mut rows = vec![Row::default()];
    for (sign, meaning) in KEYS.iter().chain(&MARKS) {
        let mut row = Row::default();
        row.left(Ink::Strong, &format!("  {sign:<11}"));
        row.left(Ink::Plain, meaning);
        rows.push(row);
    }
    rows.push(Row::default());
    for line in &scene.banner {
        let mut row = Row::default();
        row.left(Ink::Faint, &format!("  {}", plain(line)));
        rows.push(row);
    }
    rows
}
