//! Reads a line for its texts, a second time and only when they are wanted: who wants none pays nothing for them.
//!
//! Only the messages of users and models and the titles are looked at. Whatever else a record holds, such as the
//! account's address in `session_context`, is not even named here.

use super::decode::whole;
use super::lenient::{Field, List, Text, record};
use crate::transcript::entry::{CallTexts, ResultTexts, Texts, Title};
use crate::transcript::json::{Cursor, JsonError};

record! {
    struct TextLine<'a> {
        "type" => kind: Text<'a>,
        "message" => message: TextMessage<'a>,
        "aiTitle" => model_title: Text<'a>,
        "customTitle" => own_title: Text<'a>,
    }
}

record! {
    struct TextMessage<'a> {
        "content" => content: TextOr<'a, Part<'a>>,
    }
}

record! {
    /// A block of a message.
    struct Part<'a> {
        "type" => kind: Text<'a>,
        "text" => text: Text<'a>,
        "id" => id: Text<'a>,
        "input" => input: RawInput<'a>,
        "tool_use_id" => tool_use_id: Text<'a>,
        "content" => content: TextOr<'a, ResultPart<'a>>,
    }
}

record! {
    /// A block of a result.
    struct ResultPart<'a> {
        "text" => text: Text<'a>,
    }
}

record! {
    /// The texts in an input that have names of their own.
    struct InputTexts<'a> {
        "command" => command: Text<'a>,
        "file_path" => file_path: Text<'a>,
        "notebook_path" => notebook_path: Text<'a>,
        "description" => description: Text<'a>,
    }
}

/// An input as it stands on disk.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RawInput<'a>(&'a str);

impl<'a> Field<'a> for RawInput<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        cursor.peek();
        let start = cursor.place();
        cursor.skip()?;
        self.0 = cursor.since(start);
        Ok(())
    }
}

/// A text, or a list of blocks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextOr<'a, T> {
    text: Text<'a>,
    blocks: List<T>,
}

impl<T> Default for TextOr<'_, T> {
    fn default() -> Self {
        Self { text: Text::default(), blocks: List::default() }
    }
}

impl<'a, T: Field<'a>> Field<'a> for TextOr<'a, T> {
    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        if cursor.peek() == Some(b'"') { self.text.read(cursor) } else { self.blocks.read(cursor) }
    }
}

/// The texts of a record that could be read for its facts; none where there are none.
pub(super) fn read(line: &[u8]) -> Option<Box<Texts<'_>>> {
    let line: TextLine<'_> = whole(line).ok()?;
    let mut texts = Texts::default();
    match line.kind.as_str()? {
        "user" | "assistant" => message(line.message.content, &mut texts),
        "ai-title" => texts.title = line.model_title.0.map(|text| Title { text, is_by_person: false }),
        "custom-title" => texts.title = line.own_title.0.map(|text| Title { text, is_by_person: true }),
        _ => {}
    }
    (!texts.is_empty()).then(|| Box::new(texts))
}

fn message<'a>(content: TextOr<'a, Part<'a>>, texts: &mut Texts<'a>) {
    texts.said.extend(content.text.0);
    for block in content.blocks.0 {
        let Part { kind, text, id, input, tool_use_id, content } = block;
        match kind.as_str() {
            Some("text") => texts.said.extend(text.0),
            Some("tool_use") => {
                let Some(id) = id.0 else { continue };
                // A field that cannot be read here costs the fields, as it does where facts are read.
                let named: InputTexts<'a> = whole(input.0.as_bytes()).unwrap_or_default();
                texts.calls.push(CallTexts {
                    id,
                    input: input.0,
                    command: named.command.0,
                    file_path: named.file_path.0.or(named.notebook_path.0),
                    description: named.description.0,
                });
            }
            Some("tool_result") => {
                let Some(id) = tool_use_id.0 else { continue };
                let blocks = content.blocks.0.into_iter().filter_map(|block| block.text.0);
                texts.results.push(ResultTexts { id, parts: content.text.0.into_iter().chain(blocks).collect() });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_messages_and_titles_alone() {
        let canary = "CANARY";
        for kind in ["session_context", "bridge-session", "attachment", "system", "progress", "queue-operation", "x"] {
            let line = format!(
                r#"{{"type":"{kind}","content":"{canary}","email":"{canary}","message":{{"content":"{canary}"}},"attachment":{{"type":"session_context","content":"{canary}"}},"aiTitle":"{canary}","sessionUrl":"{canary}"}}"#
            );
            assert_eq!(read(line.as_bytes()), None, "{kind}");
        }
        let line = br#"{"type":"user","email":"CANARY","message":{"content":"a \"b\""},"toolUseResult":"CANARY"}"#;
        assert_eq!(read(line).unwrap().said, ["a \"b\""]);
    }

    #[test]
    fn calls_and_results_keep_their_ids() {
        let line = br#"{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"no"},{"type":"text","text":"so"},{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls","description":"look"}}]}}"#;
        let texts = read(line).unwrap();
        assert_eq!((&*texts.said[0], texts.said.len()), ("so", 1));
        let call = &texts.calls[0];
        assert_eq!((&*call.id, call.input), ("t", r#"{"command":"ls","description":"look"}"#));
        assert_eq!((call.command.as_deref(), call.description.as_deref()), (Some("ls"), Some("look")));
        let line = br#"{"message":{"content":[{"tool_use_id":"t","type":"tool_result","content":[{"type":"text","text":"out"},{"type":"image","source":{"data":"AAAA"}}]}]},"type":"user"}"#;
        let texts = read(line).unwrap();
        assert_eq!((&*texts.results[0].id, &texts.results[0].parts[..]), ("t", &["out".into()][..]));
    }
}
