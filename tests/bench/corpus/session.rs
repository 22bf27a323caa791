//! Sessions, turn by turn, until there are bytes enough.

use std::io;
use std::path::Path;

use super::Wanted;
use super::clock::{BEGINNING, DAY, stamp};
use super::dice::Dice;
use super::file::{About, File, Message, usage};
use super::response::{self, Making, Part};
use super::texts::{Texts, WORDS};
use super::truth::{Tokens, Truth};

const MODELS: [(&str, f64); 4] = [
    ("claude-opus-4-8", 50.0),
    ("claude-sonnet-5", 30.0),
    ("claude-opus-4-5-20251101", 12.0),
    ("claude-haiku-4-5-20251001", 8.0),
];
const OLD: [&str; 3] = ["2.1.29", "2.1.63", "2.1.81"];
const NEW: [&str; 5] = ["2.1.111", "2.1.128", "2.1.170", "2.1.197", "2.1.219"];
/// The largest history that a fork takes along.
const MOST_COPIED: usize = 1_500_000;

/// The beginning of a session, as a fork copies it.
#[derive(Debug)]
struct Beginning {
    text: String,
    about: About,
    last: Option<String>,
    context: u64,
    time: i64,
}

/// Writes sessions below a root until there are bytes enough.
pub(crate) fn write_all(root: &Path, wanted: Wanted) -> io::Result<Truth> {
    let (texts, mut truth) = (Texts::new(wanted.seed), Truth::default());
    let mut making = Making { dice: Dice::new(wanted.seed), texts: &texts, truth: &mut truth };
    let projects = 40.min(wanted.bytes / 8_000_000 + 2);
    let mut copied = None;
    while making.truth.bytes() < wanted.bytes {
        write(&mut making, root, projects, &mut copied)?;
    }
    Ok(truth)
}

fn write(making: &mut Making<'_>, root: &Path, projects: u64, copied: &mut Option<Beginning>) -> io::Result<()> {
    let dice = &mut making.dice;
    let fork = if dice.happens(0.035) { copied.take() } else { None };
    let time = BEGINNING + dice.between(0, 190 * DAY as u64) as i64;
    let about = about(dice, root, projects);
    let mut file = match fork {
        Some(origin) => {
            // What is copied keeps its ids, and bears the new session's.
            let session = dice.uuid();
            let folder = origin.about.folder.with_file_name(&session);
            let lines = origin.text.replace(&origin.about.session, &session);
            let mut file = File::new(About { session, folder, ..origin.about }, None, origin.time + 60_000, dice);
            file.copy(&lines, making.truth);
            (file.last, file.context) = (origin.last, origin.context);
            making.truth.count("copied_sessions", 1);
            file
        }
        None => File::new(about, None, time, dice),
    };
    let is_fork = file.lines > 0;
    let model = *making.dice.weighted(&MODELS);
    let has_hooks = making.dice.happens(0.5);
    if file.about.is_new {
        file.note("\"type\":\"permission-mode\",\"permissionMode\":\"default\"");
        file.end("permission-mode", making.truth);
    }
    let turns = making.dice.size(5.0, 0.95, (1, 400));
    let remembered = making.dice.between(1, 4) as usize;
    for number in 1..=turns {
        turn(making, &mut file, model, has_hooks)?;
        if number == remembered && !is_fork && file.text.len() < MOST_COPIED {
            let File { text, about, last, context, time, .. } = &file;
            let (text, about, last) = (text.clone(), about.clone(), last.clone());
            *copied = Some(Beginning { text, about, last, context: *context, time: *time });
        }
    }
    making.truth.count("sessions", 1);
    file.close(making.truth)?;
    Ok(())
}

fn about(dice: &mut Dice, root: &Path, projects: u64) -> About {
    // Most sessions are of few projects.
    let project = dice.between(0, projects).min(dice.between(0, projects)) as usize;
    let cwd = format!("/home/dev/src/{}.{}-{project:02}", WORDS[project % 64], WORDS[(project * 7 + 3) % 64]);
    let folder: String = cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let is_new = dice.happens(0.7);
    let version = if is_new { *dice.one_of(&NEW) } else { *dice.one_of(&OLD) };
    let session = dice.uuid();
    let folder = root.join(folder).join(&session);
    let branch = *dice.one_of(&["main", "feature/meter", "HEAD"]);
    About { session, cwd, branch, version, is_new, folder, keeps_long: dice.happens(0.66) }
}

fn turn(making: &mut Making<'_>, file: &mut File, model: &'static str, has_hooks: bool) -> io::Result<()> {
    file.wait(&mut making.dice, 4_000, 400_000);
    file.prompt = making.dice.uuid();
    making.truth.count("turns", 1);
    let begun = file.time;
    let prompt = prompt(making, file);
    let responses = making.dice.size(6.0, 0.95, (1, 120));
    let cut = if making.dice.happens(0.05) { making.dice.between(1, responses as u64 + 1) as usize } else { 0 };
    for place in 1..=responses {
        if making.dice.happens(0.012) {
            retries(making, file);
        }
        let is_interrupted = place == cut;
        response::write(making, file, Part { model, depth: 0, is_last: place == responses, is_interrupted })?;
        if is_interrupted {
            file.user(&mut making.dice, "[{\"type\":\"text\",\"text\":\"[Request interrupted by user]\"}]", "");
            file.end("user, interrupt", making.truth);
            making.truth.count("interrupts", 1);
            return Ok(());
        }
    }
    end(making, file, begun, has_hooks);
    if file.about.is_new {
        let first: String = prompt.split("\\n").next().unwrap_or_default().to_owned();
        file.note(format_args!("\"type\":\"last-prompt\",\"lastPrompt\":\"{first}\""));
        file.end("last-prompt", making.truth);
        file.note("\"type\":\"ai-title\",\"aiTitle\":\"A title by a model\"");
        file.end("ai-title", making.truth);
        if making.dice.happens(0.6) {
            file.note("\"type\":\"mode\",\"mode\":\"normal\"");
            file.end("mode", making.truth);
        }
    }
    Ok(())
}

/// What stands before the first response; the prompt's text.
fn prompt(making: &mut Making<'_>, file: &mut File) -> String {
    let Making { dice, texts, truth } = making;
    let bytes = dice.size(220.0, 1.1, (10, 9_000));
    let prompt = texts.prose.cut(dice, bytes).to_owned();
    let now = stamp(file.time);
    if dice.happens(0.8) {
        file.note(format_args!(
            "\"type\":\"queue-operation\",\"operation\":\"enqueue\",\"timestamp\":\"{now}\",\"content\":\"{prompt}\""
        ));
        file.end("queue-operation", truth);
        file.note(format_args!("\"type\":\"queue-operation\",\"operation\":\"dequeue\",\"timestamp\":\"{now}\""));
        file.end("queue-operation", truth);
    }
    if !file.about.is_new || dice.happens(0.6) {
        let backup = |number: u64| {
            format!(
                "\"src/part_{number}.rs\":{{\"backupFileName\":\"{}@v{number}\",\"version\":{number},\"backupTime\":\"{now}\"}}",
                dice.hex(16)
            )
        };
        let backups = (1..5).map(backup).collect::<Vec<_>>().join(",");
        let id = dice.uuid();
        file.note(format_args!("\"type\":\"file-history-snapshot\",\"messageId\":\"{id}\",\"snapshot\":{{\"messageId\":\"{id}\",\"trackedFileBackups\":{{{backups}}},\"timestamp\":\"{now}\"}},\"isSnapshotUpdate\":false"));
        file.end("file-history-snapshot", truth);
    }
    if dice.happens(0.025) {
        let characters = dice.size(120_000.0, 0.6, (9_000, 500_000));
        let picture = texts.base64(dice, characters);
        file.user(dice, format_args!("[{{\"type\":\"text\",\"text\":\"{prompt}\"}},{{\"type\":\"image\",\"source\":{{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"{picture}\"}}}}]"), "\"permissionMode\":\"default\",");
        file.end("user, prompt with image", truth);
        truth.count("prompts_with_images", 1);
    } else {
        file.user(dice, format_args!("\"{prompt}\""), "\"permissionMode\":\"default\",");
        file.end("user, prompt", truth);
    }
    if file.about.is_new && dice.happens(0.5) {
        let bytes = dice.size(900.0, 1.1, (60, 20_000));
        let text = texts.prose.cut(dice, bytes);
        let kind = *dice.one_of(&["hook_success", "skill_listing", "todo_reminder", "edited_text_file"]);
        file.record(
            dice,
            format_args!("\"attachment\":{{\"type\":\"{kind}\",\"content\":\"{text}\"}},\"type\":\"attachment\","),
        );
        file.end("attachment", truth);
    }
    if dice.happens(0.04) {
        file.user(
            dice,
            "\"<local-command-caveat>Caveat: made by local commands.</local-command-caveat>\"",
            "\"isMeta\":true,",
        );
        file.end("user, meta", truth);
    }
    prompt
}

fn retries(making: &mut Making<'_>, file: &mut File) {
    let Making { dice, truth, .. } = making;
    for attempt in 1..=dice.between(1, 3) {
        file.wait(dice, 500, 4_000);
        let request = dice.letters(21);
        file.record(dice, format_args!("\"type\":\"system\",\"subtype\":\"api_error\",\"level\":\"error\",\"error\":{{\"status\":529,\"requestID\":\"req_011{request}\",\"error\":{{\"type\":\"error\",\"error\":{{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}}}}},\"retryInMs\":1100.5,\"retryAttempt\":{attempt},\"maxRetries\":10,\"isMeta\":false,"));
        file.end("system, api error", truth);
        truth.count("api_retries", 1);
    }
}

/// What stands after the last response of a turn that nobody has interrupted.
fn end(making: &mut Making<'_>, file: &mut File, begun: i64, has_hooks: bool) {
    let Making { dice, truth, .. } = making;
    if dice.happens(0.015) {
        file.wait(dice, 500, 4_000);
        let id = dice.uuid();
        let message = Message { id: &id, request: "", model: "<synthetic>" };
        let block = "{\"type\":\"text\",\"text\":\"API Error: 500 Internal server error\"}";
        file.assistant(dice, &message, block, "\"stop_sequence\"", &usage(Tokens::default(), false));
        file.end("assistant, synthetic", truth);
        truth.count("api_errors", 1);
    }
    if has_hooks {
        let id = dice.uuid();
        file.record(dice, format_args!("\"type\":\"system\",\"subtype\":\"stop_hook_summary\",\"hookCount\":1,\"hookInfos\":[{{\"command\":\"./hooks/after.sh\",\"durationMs\":120}}],\"hookErrors\":[],\"preventedContinuation\":false,\"stopReason\":\"\",\"hasOutput\":false,\"level\":\"suggestion\",\"toolUseID\":\"{id}\",\"isMeta\":false,"));
        file.end("system, stop hooks", truth);
    }
    if dice.happens(0.7) {
        let (took, lines) = (file.time - begun, file.lines);
        file.record(dice, format_args!("\"type\":\"system\",\"subtype\":\"turn_duration\",\"durationMs\":{took},\"messageCount\":{lines},\"isMeta\":false,"));
        file.end("system, turn duration", truth);
        truth.count("measured_turns", 1);
        truth.count("measured_ms", took as u64);
    }
}
