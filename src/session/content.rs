//! What people, models and tools wrote, as far as somebody asked for it: without secrets, cut, and never raw.

use std::sync::Arc;

use hashbrown::HashMap;
use serde_json::Value;

use super::builder::SessionBuilder;
use super::chain::Position;
use super::draft::MarkKind;
use super::turns::TurnMap;
use crate::privacy::Sanitized;
use crate::privacy::options::Keeping;
use crate::transcript::entry::{Body, CallTexts, Entry, ResultTexts, Texts, UserKind};

/// The texts of a call of a tool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolTexts {
    /// The input, as JSON unless it was cut.
    pub input: Option<Sanitized>,
    /// The result.
    pub result: Option<Sanitized>,
    /// The shell command.
    pub command: Option<Sanitized>,
    /// The file that it works on.
    pub file_path: Option<Sanitized>,
    /// What it is for, in the model's words.
    pub description: Option<Sanitized>,
}

/// A title, and after how many lines it was given.
#[derive(Debug, Clone, PartialEq)]
struct Titled {
    position: Position,
    is_by_person: bool,
    text: Sanitized,
}

/// The texts of a session, by what they belong to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    prompts: HashMap<Position, Sanitized>,
    agent_prompts: HashMap<Arc<str>, Sanitized>,
    answers: HashMap<Arc<str>, Vec<Sanitized>>,
    tools: HashMap<Arc<str>, ToolTexts>,
    errors: HashMap<Position, Sanitized>,
    agent_errors: HashMap<Arc<str>, Sanitized>,
    titles: Vec<Titled>,
}

/// A rebuilt session's texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionContent {
    kept: Arc<Content>,
    /// What the final errors of turns said.
    turn_errors: HashMap<usize, Sanitized>,
}

impl SessionContent {
    /// The prompt on the line at a place.
    pub fn prompt(&self, position: usize) -> Option<&Sanitized> {
        self.kept.prompts.get(&position)
    }

    /// The prompt of an agent.
    pub fn agent_prompt(&self, agent: &str) -> Option<&Sanitized> {
        self.kept.agent_prompts.get(agent)
    }

    /// The parts of an answer, by its message id.
    pub fn answer(&self, message: &str) -> &[Sanitized] {
        self.kept.answers.get(message).map(Vec::as_slice).unwrap_or_default()
    }

    /// The texts of a call of a tool.
    pub fn tool(&self, id: &str) -> Option<&ToolTexts> {
        self.kept.tools.get(id)
    }

    /// What a turn's final error said.
    pub fn turn_error(&self, turn: usize) -> Option<&Sanitized> {
        self.turn_errors.get(&turn)
    }

    /// What an agent's final error said.
    pub fn agent_error(&self, agent: &str) -> Option<&Sanitized> {
        self.kept.agent_errors.get(agent)
    }

    /// The session's title before the line at a place: titles are written again and again, and the last one counts; a
    /// person's goes before a model's.
    pub fn title(&self, before: Option<usize>) -> Option<&Sanitized> {
        let known = || self.kept.titles.iter().filter(|title| before.is_none_or(|before| title.position <= before));
        known().rfind(|title| title.is_by_person).or_else(|| known().next_back()).map(|title| &title.text)
    }
}

impl SessionBuilder {
    /// Keeps texts from now on.
    #[must_use]
    pub fn keeping(mut self, keeping: Option<Keeping>) -> Self {
        self.keeping = keeping;
        self
    }

    /// Keeps a title, whose line has no place of its own.
    pub(super) fn keep_title(&mut self, entry: &Entry<'_>) {
        let (Some(keeping), Some(title)) = (&self.keeping, entry.texts.as_ref().and_then(|texts| texts.title.as_ref()))
        else {
            return;
        };
        let Some(text) = keeping.keep(&title.text) else { return };
        let new = Titled { position: self.chain.lines.len(), is_by_person: title.is_by_person, text };
        let last = self.content.titles.iter().rfind(|known| known.is_by_person == new.is_by_person);
        if last.is_none_or(|last| last.text != new.text) {
            Arc::make_mut(&mut self.content).titles.push(new);
        }
    }

    /// Keeps the texts of a line that was not seen before.
    pub(super) fn keep_texts(&mut self, stream: usize, position: Position, entry: &Entry<'_>) {
        let (Some(keeping), Some(texts)) = (&self.keeping, &entry.texts) else { return };
        let content = Arc::make_mut(&mut self.content);
        match &entry.body {
            Body::User(user) => {
                for result in &texts.results {
                    keep_result(content, keeping, result);
                }
                let is_prompt = !matches!(user.kind, UserKind::ToolResult | UserKind::Meta | UserKind::CompactSummary);
                let said = if is_prompt { keep_said(keeping, texts) } else { None };
                if let Some(said) = said {
                    let agent = self.streams.get(stream).map(|stream| Arc::clone(&stream.agent_id));
                    match agent.filter(|_| stream != 0) {
                        Some(agent) => drop(content.agent_prompts.entry(agent).or_insert(said)),
                        None => drop(content.prompts.insert(position, said)),
                    }
                }
            }
            Body::Assistant(line) if line.is_api_error => {
                let agent = self.streams.get(stream).map(|stream| Arc::clone(&stream.agent_id));
                if let Some(said) = keep_said(keeping, texts) {
                    match agent.filter(|_| stream != 0) {
                        Some(agent) => drop(content.agent_errors.insert(agent, said)),
                        None => drop(content.errors.insert(position, said)),
                    }
                }
            }
            Body::Assistant(line) => {
                if let Some(id) = line.message_id.as_deref().or(line.request_id.as_deref()) {
                    let said = texts.said.iter().filter_map(|text| keeping.keep(text)).filter(|text| !text.is_empty());
                    let said: Vec<Sanitized> = said.collect();
                    if !said.is_empty() {
                        content.answers.entry(id.into()).or_default().extend(said);
                    }
                }
                for call in &texts.calls {
                    keep_call(content, keeping, call);
                }
            }
            _ => {}
        }
    }

    /// The texts of the session as it is rebuilt; none when none are kept.
    pub(super) fn content(&self, map: &TurnMap) -> Option<SessionContent> {
        self.keeping.as_ref()?;
        let errors = self.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::FinalError(_)));
        let of_turn = |position| Some((map.of(position)?, self.content.errors.get(&position)?.clone()));
        let turn_errors = errors.filter_map(|mark| of_turn(mark.position)).collect();
        Some(SessionContent { kept: Arc::clone(&self.content), turn_errors })
    }
}

/// What a message says, as one text: a secret may go on from one part to the next.
fn keep_said(keeping: &Keeping, texts: &Texts<'_>) -> Option<Sanitized> {
    match &texts.said[..] {
        [] => None,
        [one] => keeping.keep(one),
        several => keeping.keep(&several.join("\n")),
    }
}

fn keep_call(content: &mut Content, keeping: &Keeping, call: &CallTexts<'_>) {
    let keep = |text: Option<&str>| text.and_then(|text| keeping.keep(text));
    let known = content.tools.entry(call.id.as_ref().into()).or_default();
    if known.input.is_none() {
        *known = ToolTexts {
            input: keep_json(keeping, call.input),
            result: known.result.take(),
            command: keep(call.command.as_deref()),
            file_path: keep(call.file_path.as_deref()),
            description: keep(call.description.as_deref()),
        };
    }
}

fn keep_result(content: &mut Content, keeping: &Keeping, result: &ResultTexts<'_>) {
    let text = match &result.parts[..] {
        [] => None,
        [one] => keeping.keep(one),
        several => keeping.keep(&several.join("\n")),
    };
    let known = content.tools.entry(result.id.as_ref().into()).or_default();
    known.result = known.result.take().or(text);
}

/// A JSON text without secrets. Each text in it is looked through by itself, where no escape hides anything, and then
/// the whole, where names stand beside their values.
fn keep_json(keeping: &Keeping, json: &str) -> Option<Sanitized> {
    let Ok(mut value) = serde_json::from_str::<Value>(json) else {
        // Too deep to be read, or with half a character in it.
        return keeping.keep(json);
    };
    clean(keeping, &mut value)?;
    keeping.keep(&value.to_string())
}

/// Cleans every text in place; none when a rule drops one.
fn clean(keeping: &Keeping, value: &mut Value) -> Option<()> {
    match value {
        Value::String(text) => {
            let clean = keeping.privacy.text(text)?;
            if *clean != **text {
                *text = clean.to_string();
            }
        }
        Value::Array(values) => values.iter_mut().try_for_each(|value| clean(keeping, value))?,
        Value::Object(fields) => fields.values_mut().try_for_each(|value| clean(keeping, value))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::options::{ContentLevel, ContentOptions};

    #[test]
    fn an_escape_hides_no_secret_in_an_input_and_names_count() {
        let content = ContentOptions { level: ContentLevel::Full, ..ContentOptions::default() };
        let keeping = Keeping { privacy: Arc::default(), content };
        let kept = |json: &str| keep_json(&keeping, json).unwrap().to_string();
        let token = ["\\u0067h", "p_", &"a1B2".repeat(9)].concat();
        assert_eq!(kept(&format!(r#"{{"a":["{token}"]}}"#)), r#"{"a":["[REDACTED:github-token]"]}"#);
        assert_eq!(kept(r#"{"password":"hunter2hunter2"}"#), r#"{"password":"[REDACTED:password]"}"#);
        let pem = ["-----BEGIN ", "PRIVATE KEY-----\\nMIIE"].concat();
        assert_eq!(kept(&format!(r#"{{"a":"{pem}","b":1}}"#)), r#"{"a":"[REDACTED:private-key]","b":1}"#);
    }
}
