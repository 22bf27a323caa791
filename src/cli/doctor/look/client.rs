//! What the client does besides: whether it writes transcripts at all, and what people typed.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use hashbrown::HashSet;
use serde::Deserialize;

use crate::cli::{Surroundings, client_telemetry};
use crate::source::Root;

/// Keeps the client from writing transcripts.
const SKIPS: &str = "CLAUDE_CODE_SKIP_PROMPT_HISTORY";
/// The flag that does the same.
const FLAG: &[u8] = b"--no-session-persistence";
/// How far back prompts are compared with transcripts: the client keeps these for a month, and that is not to be taken
/// for a loss.
pub(in crate::cli::doctor) const DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;
/// A session that was begun this moment may have no file yet.
const FRESH_MS: i64 = 60_000;
/// So much of the end of a history is read.
const HISTORY_BYTES: u64 = 32 << 20;

/// What is seen of the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) struct ClientSeen {
    /// What keeps it from writing transcripts: the variable, or the file that sets it.
    pub persistence_off: Option<String>,
    /// How many clients run now that were told by a flag not to write any.
    pub running_without: u64,
    /// The prompts of the last days; none where no history is.
    pub history: Option<HistorySeen>,
}

/// The prompts of the last days. Nothing of what they say is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli::doctor) struct HistorySeen {
    pub prompts: u64,
    /// Those whose session has no transcript.
    pub lost: u64,
    /// And these sessions.
    pub lost_sessions: u64,
}

/// Looks around. `sessions` are those that have a transcript.
pub(in crate::cli::doctor) fn look(
    roots: &[Root],
    sessions: &HashSet<String>,
    surroundings: &Surroundings,
) -> ClientSeen {
    // The history lies beside the folder of transcripts, also where that was named by hand.
    let beside = roots.iter().filter(|root| root.path.ends_with("projects")).filter_map(|root| root.path.parent());
    let mut folders: Vec<PathBuf> = beside.map(Path::to_path_buf).collect();
    // A history of another root's sessions says nothing of these.
    if roots.is_empty() {
        folders.extend(client_telemetry::folders(surroundings));
    }
    let mut history: Option<HistorySeen> = None;
    let mut lost = HashSet::new();
    for path in folders.iter().map(|folder| folder.join("history.jsonl")) {
        if let Some(lines) = end_of(&path) {
            let counts = history.get_or_insert_default();
            count(lines, sessions, surroundings.now, counts, &mut lost);
            counts.lost_sessions = lost.len() as u64;
        }
    }
    ClientSeen {
        persistence_off: client_telemetry::switched_on(SKIPS, surroundings),
        running_without: running_without(Path::new("/proc")),
        history,
    }
}

/// The lines of a history, from somewhere near its end.
fn end_of(path: &Path) -> Option<impl BufRead + use<>> {
    // Opening something that is no file could wait for ever.
    let length = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(HISTORY_BYTES))).ok()?;
    Some(BufReader::new(file))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prompt {
    timestamp: i64,
    session_id: Option<String>,
    display: Option<String>,
}

fn count(
    lines: impl BufRead,
    sessions: &HashSet<String>,
    now: i64,
    counts: &mut HistorySeen,
    lost: &mut HashSet<String>,
) {
    for line in lines.split(b'\n').map_while(Result::ok) {
        let Ok(prompt) = serde_json::from_slice::<Prompt>(&line) else { continue };
        let age = now.saturating_sub(prompt.timestamp);
        // What begins with a slash may be done by the client alone, and then leaves no transcript.
        let is_command = prompt.display.is_some_and(|text| text.starts_with('/'));
        let Some(session) = prompt.session_id.filter(|_| !is_command) else { continue };
        if !(FRESH_MS..=DAYS * DAY_MS).contains(&age) {
            continue;
        }
        counts.prompts += 1;
        if !sessions.contains(&session) {
            counts.lost += 1;
            lost.insert(session);
        }
    }
}

/// How many processes have the flag among their arguments. Others' arguments are not ours to see, or to tell.
fn running_without(processes: &Path) -> u64 {
    let entries = processes.read_dir().into_iter().flatten().flatten();
    let ids = entries.filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()));
    let arguments = ids.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    arguments.filter(|arguments| is_told(arguments)).count() as u64
}

/// Whether a client is told not to write transcripts; a shell that has the same words in a script is none.
fn is_told(arguments: &[u8]) -> bool {
    let mut words = arguments.split(|byte| *byte == 0);
    let is_client = |word: &[u8]| word.rsplit(|byte| *byte == b'/').next() == Some(b"claude");
    // The client is a program, or a script that `node` runs.
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_by_node = is_client(second) || second.ends_with(b"claude-code/cli.js");
    (is_client(first) || is_by_node) && (second == FLAG || words.any(|word| word == FLAG))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_305_600_000;

    fn counted(lines: &[String], sessions: &[&str]) -> HistorySeen {
        let sessions = sessions.iter().map(|id| (*id).to_owned()).collect();
        let (mut counts, mut lost) = (HistorySeen::default(), HashSet::new());
        count(lines.join("\n").as_bytes(), &sessions, NOW, &mut counts, &mut lost);
        counts.lost_sessions = lost.len() as u64;
        counts
    }

    fn prompt(text: &str, age_ms: i64, session: &str) -> String {
        format!(
            r#"{{"display":"{text}","pastedContents":{{}},"timestamp":{},"project":"/srv/api","sessionId":"{session}"}}"#,
            NOW - age_ms
        )
    }

    #[test]
    fn prompts_of_recent_days_whose_session_has_no_transcript_are_counted() {
        let lines = [
            prompt("one", 2 * FRESH_MS, "a"),
            prompt("two", 3 * DAY_MS, "b"),
            prompt("three", 3 * DAY_MS, "b"),
            // Too old, too fresh, a command, of an old client, and no line at all.
            prompt("four", 8 * DAY_MS, "c"),
            prompt("five", FRESH_MS - 1, "d"),
            prompt("/exit", DAY_MS, "e"),
            format!(r#"{{"display":"six","timestamp":{}}}"#, NOW - DAY_MS),
            "{\"display\":\"cut o".to_owned(),
        ];
        assert_eq!(counted(&lines, &["a"]), HistorySeen { prompts: 3, lost: 2, lost_sessions: 1 });
        assert_eq!(counted(&lines, &["a", "b"]), HistorySeen { prompts: 3, lost: 0, lost_sessions: 0 });
    }

    #[test]
    fn only_a_client_is_told_by_the_flag() {
        for told in [
            "claude\0-p\0--no-session-persistence\0x\0",
            "/usr/bin/claude\0--no-session-persistence\0",
            "node\0/usr/bin/claude\0-p\0--no-session-persistence\0",
            "node\0/lib/node_modules/@anthropic-ai/claude-code/cli.js\0--no-session-persistence\0",
        ] {
            assert!(is_told(told.as_bytes()), "{told:?}");
        }
        for other in
            ["claude\0-p\0x\0", "grep\0--no-session-persistence\0", "bash\0-c\0claude --no-session-persistence\0", ""]
        {
            assert!(!is_told(other.as_bytes()), "{other:?}");
        }
    }
}
