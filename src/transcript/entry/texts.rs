//! What people, models and tools wrote, for those who want it: raw, and borrowed from the line.

use std::borrow::Cow;

/// The texts of one record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Texts<'a> {
    /// The message's own words: a prompt's, an answer's, an error's.
    pub said: Vec<Cow<'a, str>>,
    /// The calls in it.
    pub calls: Vec<CallTexts<'a>>,
    /// The results in it.
    pub results: Vec<ResultTexts<'a>>,
    /// The session's title.
    pub title: Option<Title<'a>>,
}

impl Texts<'_> {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.said.is_empty() && self.calls.is_empty() && self.results.is_empty() && self.title.is_none()
    }
}

/// The texts of a call of a tool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallTexts<'a> {
    /// The call's id.
    pub id: Cow<'a, str>,
    /// Its input, as JSON.
    pub input: &'a str,
    /// The shell command in it.
    pub command: Option<Cow<'a, str>>,
    /// The file that it works on.
    pub file_path: Option<Cow<'a, str>>,
    /// What it is for, in the model's words.
    pub description: Option<Cow<'a, str>>,
}

/// The texts of a result.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultTexts<'a> {
    /// The call's id.
    pub id: Cow<'a, str>,
    /// Its parts.
    pub parts: Vec<Cow<'a, str>>,
}

/// A session's title.
#[derive(Debug, Clone, PartialEq)]
pub struct Title<'a> {
    /// The title.
    pub text: Cow<'a, str>,
    /// Whether a person gave it, which goes before a model's.
    pub is_by_person: bool,
}
