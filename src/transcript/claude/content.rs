//! The content of messages: a text, or a list of blocks; and the inputs and results of tools in them.

use super::lenient::{Field, Flag, Float, Int, List, Text, record};
use super::result_text::{classify_result, exit_code_in};
use super::text::{TextFacts, TextKind};
use crate::privacy::Sanitizer;
use crate::transcript::entry::ResultText;
use crate::transcript::json::{Cursor, JsonError, Quoted};

record! {
    /// A block of a message.
    struct Block<'a> {
        "type" => kind: Text<'a>,
        "text" => text: Quoted<'a>,
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
    pub text: Option<Quoted<'a>>,
    /// The blocks, where it is a list.
    pub blocks: List<Block<'a>>,
}

impl<'a> Content<'a> {
    /// The blocks of a kind.
    pub(super) fn blocks_of(&self, kind: &str) -> impl Iterator<Item = &Block<'a>> {
        self.blocks.0.iter().filter(move |block| block.kind.as_str() == Some(kind))
    }

    /// The texts of all blocks as one: what is context for the model beside the prompt does not decide what it is.
    pub(super) fn prompt_text(&self) -> TextFacts {
        if let Some(text) = &self.text {
            return TextFacts::of(&text.text());
        }
        let mut texts = self.blocks_of("text").map(|block| TextFacts::of(&block.text.text()));
        let Some(mut told) = texts.next() else { return TextFacts::default() };
        let mut length = told.length;
        for text in texts {
            length += text.length;
            if told.kind == TextKind::IdeContext && text.kind != TextKind::IdeContext {
                told = text;
            }
        }
        told.length = length;
        told
    }
}

impl<'a> Field<'a> for Content<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        if cursor.peek() == Some(b'"') {
            self.text = Some(cursor.string()?);
            return Ok(());
        }
        self.blocks.read(cursor)
    }
}

record! {
    /// The fields of a tool's input that say what kind of work it is.
    struct InputFields<'a> {
        "command" => program: Program,
        "file_path" => file: Extension,
        "notebook_path" => notebook: Extension,
        "prompt" => prompt: Quoted<'a>,
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

impl<'a> Field<'a> for ToolInput<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        cursor.peek();
        let start = cursor.place();
        match self.fields.read(cursor) {
            Err(JsonError::Torn | JsonError::NotUtf8) => return Err(JsonError::Torn),
            // A field that cannot be read here (half a surrogate pair, say) costs the fields, not the line.
            Err(JsonError::LoneSurrogate | JsonError::AbsurdNumber) => {
                self.fields = InputFields::default();
                cursor.go_back(start);
                cursor.skip()?;
            }
            Ok(()) => {}
        }
        self.size = cursor.since(start).len() as u64;
        Ok(())
    }
}

/// A field that reduces a text to one fact.
macro_rules! fact_of_text {
    ($(#[$doc:meta])* $name:ident($inner:ty) = $reduce:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(super) struct $name(pub $inner);

        impl<'a> Field<'a> for $name {
            fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
                if cursor.peek() != Some(b'"') {
                    return cursor.unwanted();
                }
                self.0 = $reduce(cursor.string()?);
                Ok(())
            }
        }
    };
}

fact_of_text! {
    /// The program of a shell command that runs just one.
    Program(Option<String>) = |command: Quoted<'_>| single_program(&command.text())
}

fact_of_text! {
    /// The extension of a path.
    Extension(Option<String>) = |path: Quoted<'_>| extension_of(&path.text())
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
    fn of(text: Quoted<'_>) -> Self {
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

impl<'a> Field<'a> for ResultContent {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        match cursor.peek() {
            Some(b'"') => *self = Self::of(cursor.string()?),
            Some(b'[') => cursor.array(|cursor| {
                let mut block = ResultBlock::default();
                block.read(cursor)?;
                let part = block.text.0;
                self.size += part.size;
                if self.text == ResultText::Plain {
                    self.text = part.text;
                }
                self.exit_code = self.exit_code.or(part.exit_code);
                Ok(())
            })?,
            _ => cursor.unwanted()?,
        }
        Ok(())
    }
}

fact_of_text! {
    /// Bytes of a text.
    Bytes(Option<u64>) = |text: Quoted<'_>| Some(text.len() as u64)
}

fact_of_text! {
    /// How one line of a patch counts.
    PatchLine((u64, u64)) = |text: Quoted<'_>| match text.head(1).as_bytes().first() {
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
        "timedOutAfterMs" => timed_out_after: Int,
        "status" => status: Text<'a>,
        "agentId" => agent_id: Text<'a>,
        "agentType" => agent_type: Text<'a>,
        "totalDurationMs" => total_duration: Float,
        "durationMs" => duration: Float,
        "durationSeconds" => duration_seconds: Float,
        "stdout" => stdout: Bytes,
        "stderr" => stderr: Bytes,
        "persistedOutputPath" => persisted: Bytes,
        "structuredPatch" => patch: List<Hunk>,
        "content" => content: Option<Quoted<'a>>,
    }
}

/// `toolUseResult`: an object, or a text on failures and rejections.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct OwnResult<'a> {
    pub text: ResultText,
    pub fields: ResultFields<'a>,
}

impl<'a> Field<'a> for OwnResult<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        if cursor.peek() == Some(b'"') {
            self.text = classify_result(cursor.string()?);
            return Ok(());
        }
        self.fields.read(cursor)
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
