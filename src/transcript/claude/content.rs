//! The content of messages: a text, or a list of blocks; and the inputs and results of tools in them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient::{Flag, List, Text, record, swallow};
use super::text::{TextFacts, TextKind, classify_result, exit_code_in};
use crate::privacy::Sanitizer;
use crate::transcript::entry::ResultText;

record! {
    /// A block of a message.
    struct Block<'a> {
        "type" => kind: Text<'a>,
        "text" => text: TextFacts,
        "id" => id: Text<'a>,
        "name" => name: Text<'a>,
        "input" => input: ToolInput<'a>,
        "tool_use_id" => tool_use_id: Text<'a>,
        "is_error" => is_error: Flag,
        "content" => content: ResultContent,
    }
}

/// A message's content.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Content<'a> {
    /// The text, where the content is one.
    pub text: Option<TextFacts>,
    /// The blocks, where it is a list.
    pub blocks: Vec<Block<'a>>,
}

impl Content<'_> {
    /// The texts of all blocks as one: what is context for the model beside the prompt does not decide what it is.
    pub(super) fn prompt_text(&self) -> TextFacts {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let texts = || self.blocks.iter().filter(|block| block.kind.as_str() == Some("text")).map(|block| &block.text);
        let told = texts().find(|text| text.kind != TextKind::IdeContext).or_else(|| texts().next());
        let mut facts = told.cloned().unwrap_or_default();
        facts.length = texts().map(|text| text.length).sum();
        facts
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text or blocks")
    }
    fn visit_str<E>(self, text: &str) -> Result<Content<'de>, E> {
        Ok(Content { text: Some(TextFacts::of(text)), blocks: Vec::new() })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content<'de>, A::Error> {
        let mut blocks = Vec::new();
        while let Some(block) = seq.next_element()? {
            blocks.push(block);
        }
        Ok(Content { text: None, blocks })
    }
    swallow!(scalars -> Content::default());
    swallow!(bool -> Content::default());
    swallow!(numbers -> Content::default());
    swallow!(map -> Content::default());
}

impl<'de> Deserialize<'de> for Content<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

record! {
    /// The fields of a tool's input that say what kind of work it is.
    struct InputFields<'a> {
        "command" => program: Program,
        "file_path" => file: Extension,
        "notebook_path" => notebook: Extension,
        "prompt" => prompt: TextFacts,
        "subagent_type" => agent_type: Text<'a>,
        "skill" => skill: Text<'a>,
        "run_in_background" => background: Flag,
    }
}

/// A tool's input: its size as it stands on disk, and what kind of work it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ToolInput<'a> {
    pub size: u64,
    pub fields: InputFields<'a>,
}

impl<'de> Deserialize<'de> for ToolInput<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        // A field that cannot be read here (a lone surrogate, say) costs the fields, not the line.
        Ok(Self { size: raw.len() as u64, fields: serde_json::from_str(raw).unwrap_or_default() })
    }
}

/// A visitor that reduces a text to one fact.
macro_rules! fact_of_text {
    ($(#[$doc:meta])* $name:ident($inner:ty) = $reduce:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct FactVisitor;
                impl<'de> Visitor<'de> for FactVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                        f.write_str("text")
                    }
                    fn visit_str<E>(self, text: &str) -> Result<$name, E> {
                        Ok($name($reduce(text)))
                    }
                    swallow!(scalars -> $name::default());
                    swallow!(bool -> $name::default());
                    swallow!(numbers -> $name::default());
                    swallow!(map -> $name::default());
                    swallow!(seq -> $name::default());
                }
                deserializer.deserialize_any(FactVisitor)
            }
        }
    };
}
fact_of_text! {
    /// The program of a shell command that runs just one.
    Program(Option<String>) = single_program
}

fact_of_text! {
    /// The extension of a path.
    Extension(Option<String>) = extension_of
}

/// The program's name without its folder; none for a command of several programs, since one name would mislead.
fn single_program(command: &str) -> Option<String> {
    let command = command.trim();
    if command.is_empty() || command.contains(['|', ';', '&', '\n', '`', '<', '>']) || command.contains("$(") {
        return None;
    }
    // The end of an address may be a secret that only its beginning tells.
    let command = Sanitizer::shown(command);
    let is_assignment = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    let program = command.split_whitespace().find(|word| !is_assignment(word))?;
    // The blank inside quotes would end the word in the middle of a folder's name.
    if program.contains(['"', '\'', '\\']) {
        return None;
    }
    program.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

fn extension_of(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then(|| extension.to_ascii_lowercase())
}

/// The content of a `tool_result`: a text, or blocks of text and images.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ResultContent {
    pub size: u64,
    pub text: ResultText,
    pub exit_code: Option<i64>,
}

impl ResultContent {
    fn of(text: &str) -> Self {
        Self { size: text.len() as u64, text: classify_result(text), exit_code: exit_code_in(text) }
    }
}

record! {
    /// A block of a result.
    struct ResultBlock {
        "text" => text: ResultText_,
    }
}

fact_of_text! {
    /// The facts of one text in a result.
    ResultText_(ResultContent) = ResultContent::of
}

struct ResultContentVisitor;

impl<'de> Visitor<'de> for ResultContentVisitor {
    type Value = ResultContent;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text or blocks")
    }
    fn visit_str<E>(self, text: &str) -> Result<ResultContent, E> {
        Ok(ResultContent::of(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ResultContent, A::Error> {
        let mut whole = ResultContent::default();
        while let Some(block) = seq.next_element::<ResultBlock>()? {
            let part = block.text.0;
            whole.size += part.size;
            if whole.text == ResultText::Plain {
                whole.text = part.text;
            }
            whole.exit_code = whole.exit_code.or(part.exit_code);
        }
        Ok(whole)
    }
    swallow!(scalars -> ResultContent::default());
    swallow!(bool -> ResultContent::default());
    swallow!(numbers -> ResultContent::default());
    swallow!(map -> ResultContent::default());
}

impl<'de> Deserialize<'de> for ResultContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ResultContentVisitor)
    }
}

fact_of_text! {
    /// Bytes of a text.
    Bytes(Option<u64>) = |text: &str| Some(text.len() as u64)
}

fact_of_text! {
    /// Lines of a text.
    LineCount(Option<u64>) = |text: &str| Some(text.lines().count() as u64)
}

fact_of_text! {
    /// How one line of a patch counts.
    PatchLine((u64, u64)) = |text: &str| match text.as_bytes().first() {
        Some(b'+') => (1, 0),
        Some(b'-') => (0, 1),
        _ => (0, 0),
    }
}

record! {
    /// A hunk of a patch.
    struct Hunk {
        "lines" => lines: List<PatchLine>,
    }
}

record! {
    /// A tool's own result as the client keeps it, where it is an object.
    struct ResultFields<'a> {
        "type" => kind: Text<'a>,
        "interrupted" => interrupted: Flag,
        "wasInterrupted" => was_interrupted: Flag,
        "backgroundTaskId" => background_task_id: Text<'a>,
        "timedOutAfterMs" => timed_out_after: super::lenient::Int,
        "status" => status: Text<'a>,
        "agentId" => agent_id: Text<'a>,
        "agentType" => agent_type: Text<'a>,
        "totalDurationMs" => total_duration: super::lenient::Float,
        "durationMs" => duration: super::lenient::Float,
        "durationSeconds" => duration_seconds: super::lenient::Float,
        "stdout" => stdout: Bytes,
        "stderr" => stderr: Bytes,
        "persistedOutputPath" => persisted: Bytes,
        "structuredPatch" => patch: List<Hunk>,
        "content" => content: LineCount,
    }
}

/// `toolUseResult`: an object, or a text on failures and rejections.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct OwnResult<'a> {
    pub text: ResultText,
    pub fields: ResultFields<'a>,
}

struct OwnResultVisitor;

impl<'de> Visitor<'de> for OwnResultVisitor {
    type Value = OwnResult<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a tool's result")
    }
    fn visit_str<E>(self, text: &str) -> Result<OwnResult<'de>, E> {
        Ok(OwnResult { text: classify_result(text), fields: ResultFields::default() })
    }
    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<OwnResult<'de>, A::Error> {
        let fields = ResultFields::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Ok(OwnResult { text: ResultText::Plain, fields })
    }
    swallow!(scalars -> OwnResult::default());
    swallow!(bool -> OwnResult::default());
    swallow!(numbers -> OwnResult::default());
    swallow!(seq -> OwnResult::default());
}

impl<'de> Deserialize<'de> for OwnResult<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OwnResultVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_command_of_one_program_names_it() {
        assert_eq!(single_program("FOO=1 /usr/bin/cargo test --all").as_deref(), Some("cargo"));
        for several in
            ["cargo test | tail", "cd x && make", "echo $(date)", "", "a; b", "\"/Users/ann smith/bin/tool\" --x"]
        {
            assert_eq!(single_program(several), None, "{several}");
        }
    }

    #[test]
    fn an_extension_is_the_files_not_the_folders() {
        assert_eq!(extension_of("/a/b.c/main.RS").as_deref(), Some("rs"));
        assert_eq!(extension_of("/a/.env"), None);
        assert_eq!(extension_of("/a.b/Makefile"), None);
    }

    #[test]
    fn the_end_of_a_secret_address_is_no_program() {
        let address = ["https://hooks.slack", ".com/services/T0000AAAA/B0000AAAA/a1B2c3D4e5F6a1B2c3D4e5F6"].concat();
        assert_eq!(single_program(&format!("{address} --x")).as_deref(), Some("[REDACTED:slack-webhook]"));
    }
}
