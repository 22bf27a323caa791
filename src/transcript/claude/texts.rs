//! Reads a line for its texts, a second time and only when they are wanted: who wants none pays nothing for them.
//!
//! Only the messages of users and models and the titles are looked at. Whatever else a record holds, such as the
//! account's address in `session_context`, is not even named here.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient::{Text, record, swallow};
use crate::transcript::entry::{CallTexts, ResultTexts, Texts, Title};

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

impl<'de> Deserialize<'de> for RawInput<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Self(raw.get()))
    }
}

/// A text, or a list of blocks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextOr<'a, T> {
    text: Option<Cow<'a, str>>,
    blocks: Vec<T>,
}

impl<T> Default for TextOr<'_, T> {
    fn default() -> Self {
        Self { text: None, blocks: Vec::new() }
    }
}

struct TextOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TextOrVisitor<T> {
    type Value = TextOr<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text or blocks")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(TextOr { text: Some(text.into()), blocks: Vec::new() })
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOr { text: Some(text.to_owned().into()), blocks: Vec::new() })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut blocks = Vec::new();
        while let Some(block) = seq.next_element()? {
            blocks.push(block);
        }
        Ok(TextOr { text: None, blocks })
    }
    swallow!(scalars -> TextOr::default());
    swallow!(bool -> TextOr::default());
    swallow!(numbers -> TextOr::default());
    swallow!(map -> TextOr::default());
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrVisitor(PhantomData))
    }
}

/// The texts of a record that could be read for its facts; none where there are none.
pub(super) fn read(line: &[u8]) -> Option<Box<Texts<'_>>> {
    let line: TextLine<'_> = serde_json::from_slice(line).ok()?;
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
    texts.said.extend(content.text);
    for block in content.blocks {
        let Part { kind, text, id, input, tool_use_id, content } = block;
        match kind.as_str() {
            Some("text") => texts.said.extend(text.0),
            Some("tool_use") => {
                let Some(id) = id.0 else { continue };
                // A field that cannot be read here costs the fields, as it does where facts are read.
                let named: InputTexts<'a> = serde_json::from_str(input.0).unwrap_or_default();
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
                let blocks = content.blocks.into_iter().filter_map(|block| block.text.0);
                texts.results.push(ResultTexts { id, parts: content.text.into_iter().chain(blocks).collect() });
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
