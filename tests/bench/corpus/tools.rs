//! Calls of tools and what they answer, in the sizes that make up most of a transcript.

use super::dice::Dice;
use super::file::About;
use super::texts::{Texts, WORDS};

/// The tool that starts an agent.
pub(crate) const AGENT: &str = "Agent";

/// How often each tool is called, of a hundred calls.
const TOOLS: [(&str, f64); 15] = [
    ("Bash", 35.6),
    ("Read", 24.6),
    ("Edit", 14.0),
    ("Grep", 7.0),
    ("Write", 4.0),
    ("TodoWrite", 4.0),
    ("Glob", 2.5),
    (AGENT, 2.2),
    ("mcp__forge__search_code", 1.5),
    ("WebFetch", 1.2),
    ("mcp__browser__snapshot", 1.2),
    ("WebSearch", 0.8),
    ("ToolSearch", 0.6),
    ("Skill", 0.5),
    ("AskUserQuestion", 0.3),
];

/// A call, and what comes of it unless an agent has to find out.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) id: String,
    pub(crate) input: String,
    pub(crate) answer: Option<Answer>,
}

/// What a tool answers: to the model, and to the client.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content: String,
    pub(crate) result: String,
    pub(crate) is_error: bool,
    pub(crate) millis: i64,
}

/// Throws a call; one that may not start an agent searches instead.
pub(crate) fn call(dice: &mut Dice, texts: &Texts, about: &About, may_start_agents: bool) -> Call {
    let name = match *dice.weighted(&TOOLS) {
        AGENT if !may_start_agents => "Grep",
        name => name,
    };
    let id = format!("toolu_01{}", dice.letters(22));
    if name == AGENT {
        let prompt = dice.size(900.0, 0.6, (100, 5_000));
        let input = format!(
            "{{\"description\":\"look around\",\"subagent_type\":\"Explore\",\"prompt\":\"{}\"}}",
            texts.prose.cut(dice, prompt)
        );
        return Call { name, id, input, answer: None };
    }
    let (input, answer) = answer(dice, texts, about, name);
    Call { name, id, input, answer: Some(answer) }
}

fn answer(dice: &mut Dice, texts: &Texts, about: &About, name: &'static str) -> (String, Answer) {
    let is_error = dice.happens(if name == "Bash" { 0.09 } else { 0.03 });
    let slow = match name {
        "Bash" => 1_400.0,
        "WebFetch" | "WebSearch" => 6_000.0,
        _ => 60.0,
    };
    let millis = dice.size(slow, 1.3, (3, 600_000)) as i64;
    let path = format!("{}/src/{}_{}.rs", about.cwd, dice.one_of(&WORDS), dice.one_of(&WORDS));
    let mut code = |median: f64, spread: f64, bounds: (u64, u64)| {
        let bytes = dice.size(median, spread, bounds);
        if bytes == 0 { String::new() } else { texts.code.cut(dice, bytes).to_owned() }
    };
    let (input, content, result) = match name {
        "Bash" => {
            let (command, output) = (code(90.0, 0.9, (12, 3_000)), code(600.0, 1.7, (0, 30_000)));
            let input = format!("{{\"command\":\"{command}\",\"description\":\"run it\"}}");
            if is_error {
                (input, format!("\"Exit code 2\\n{output}\""), format!("\"Error: Exit code 2\\n{output}\""))
            } else {
                let result = format!(
                    "{{\"stdout\":\"{output}\",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false,\"noOutputExpected\":false}}"
                );
                (input, format!("\"{output}\""), result)
            }
        }
        _ if is_error => (
            format!("{{\"file_path\":\"{path}\"}}"),
            "\"<tool_use_error>This cannot be done here.</tool_use_error>\"".to_owned(),
            "\"Error: This cannot be done here.\"".to_owned(),
        ),
        "Read" => read(dice, texts, &path),
        "Edit" => {
            let (old, new) = (code(260.0, 1.0, (20, 6_000)), code(420.0, 1.0, (20, 9_000)));
            let (before, around) = (code(4_600.0, 1.0, (200, 90_000)), code(600.0, 0.0, (600, 600)));
            (
                format!(
                    "{{\"replace_all\":false,\"file_path\":\"{path}\",\"old_string\":\"{old}\",\"new_string\":\"{new}\"}}"
                ),
                format!("\"The file {path} has been updated.\""),
                format!(
                    "{{\"filePath\":\"{path}\",\"oldString\":\"{old}\",\"newString\":\"{new}\",\"originalFile\":\"{before}\",\"structuredPatch\":[{{\"oldStart\":7,\"oldLines\":6,\"newStart\":7,\"newLines\":8,\"lines\":[\"{around}\"]}}],\"userModified\":false,\"replaceAll\":false}}"
                ),
            )
        }
        "Write" => {
            let text = code(3_800.0, 1.1, (80, 60_000));
            (
                format!("{{\"file_path\":\"{path}\",\"content\":\"{text}\"}}"),
                format!("\"File created successfully at: {path}\""),
                format!(
                    "{{\"type\":\"create\",\"filePath\":\"{path}\",\"content\":\"{text}\",\"structuredPatch\":[],\"originalFile\":null,\"userModified\":false}}"
                ),
            )
        }
        "Grep" | "Glob" => {
            let found = code(900.0, 1.3, (20, 24_000));
            (
                format!("{{\"pattern\":\"{}.+\",\"path\":\"{}\"}}", WORDS[found.len() % WORDS.len()], about.cwd),
                format!("\"{found}\""),
                format!(
                    "{{\"mode\":\"content\",\"numFiles\":0,\"filenames\":[],\"content\":\"{found}\",\"numLines\":4}}"
                ),
            )
        }
        "TodoWrite" => {
            let item = |_| {
                let (what, doing) = (dice.one_of(&WORDS), dice.one_of(&WORDS));
                format!("{{\"content\":\"{what} {doing}\",\"status\":\"pending\",\"activeForm\":\"{doing}ing\"}}")
            };
            let todos = (0..5).map(item).collect::<Vec<_>>().join(",");
            (
                format!("{{\"todos\":[{todos}]}}"),
                "\"Todos have been modified.\"".to_owned(),
                format!("{{\"oldTodos\":[],\"newTodos\":[{todos}]}}"),
            )
        }
        _ => {
            let bytes = dice.size(2_600.0, 1.2, (60, 60_000));
            let text = texts.prose.cut(dice, bytes);
            let block = format!("[{{\"type\":\"text\",\"text\":\"{text}\"}}]");
            (format!("{{\"query\":\"{}\"}}", dice.one_of(&WORDS)), block.clone(), block)
        }
    };
    (input, Answer { content, result, is_error, millis })
}

/// A file, or now and then a picture.
fn read(dice: &mut Dice, texts: &Texts, path: &str) -> (String, String, String) {
    if dice.happens(0.012) {
        let characters = dice.size(90_000.0, 0.6, (8_000, 400_000));
        let picture = texts.base64(dice, characters);
        return (
            format!("{{\"file_path\":\"{path}.png\"}}"),
            format!(
                "[{{\"type\":\"image\",\"source\":{{\"type\":\"base64\",\"data\":\"{picture}\",\"media_type\":\"image/png\"}}}}]"
            ),
            format!(
                "{{\"type\":\"image\",\"file\":{{\"base64\":\"{picture}\",\"type\":\"image/png\",\"originalSize\":{}}}}}",
                characters / 4 * 3
            ),
        );
    }
    let bytes = dice.size(2_900.0, 1.25, (120, 120_000));
    let shown = texts.numbered.cut(dice, bytes);
    let lines = shown.matches('\u{2192}').count();
    let content = texts.code.cut(dice, bytes * 9 / 10);
    (
        format!("{{\"file_path\":\"{path}\",\"limit\":{lines}}}"),
        format!("\"{shown}\""),
        format!(
            "{{\"type\":\"text\",\"file\":{{\"filePath\":\"{path}\",\"content\":\"{content}\",\"numLines\":{lines},\"startLine\":1,\"totalLines\":{lines}}}}}"
        ),
    )
}
