//! Names and texts as people may see them on this machine or in a file: through the same gates as on spans.

use std::sync::Arc;

use super::attributes::gate;
use super::common::{api_id, model_name, session_id};
use super::gate::Gate;
use super::options::MapOptions;
use super::paths;
use super::semconv::OTHER;
use super::span::Value;
use crate::privacy::Sanitized;

/// What is shown instead of a session's id that looks like none.
pub fn shown_instead(id: &str) -> String {
    super::common::shown_instead(id)
}

/// The gates of one session.
#[derive(Debug)]
pub struct Shown<'a> {
    options: &'a MapOptions,
    gate: Gate<'a>,
}

impl<'a> Shown<'a> {
    /// Gates that remember nothing yet.
    pub fn new(options: &'a MapOptions) -> Self {
        Self { options, gate: Gate::new(&options.privacy) }
    }

    /// A session's id.
    pub fn session_id(&self, id: &Arc<str>) -> Sanitized {
        shared(session_id(id, &self.gate))
    }

    /// A name: of a tool, an agent, an outcome.
    pub fn name(&self, name: &Arc<str>) -> Sanitized {
        shared(gate(name, &self.gate))
    }

    /// An id of the API.
    pub fn api_id(&self, id: &Arc<str>) -> Sanitized {
        shared(api_id(id, &self.gate))
    }

    /// A model.
    pub fn model(&self, model: &Arc<str>) -> Sanitized {
        shared(model_name(model, &self.gate))
    }

    /// The project of a working folder, as far as paths may be seen.
    pub fn project(&self, cwd: &str) -> Option<Sanitized> {
        paths::project(cwd, self.options).map(shared)
    }

    /// The working folder, as far as paths may be seen.
    pub fn folder(&self, cwd: &str) -> Option<Sanitized> {
        paths::folder(cwd, self.options).map(shared)
    }

    /// A branch, as far as paths may be seen.
    pub fn branch(&self, branch: &str) -> Option<Sanitized> {
        paths::branch(branch, self.options).map(shared)
    }

    /// A text that was kept, as far as the content level goes.
    pub fn text(&self, text: &Sanitized) -> Sanitized {
        self.options.content.for_span(text.clone())
    }

    /// The path of a file that was kept, with the home folder as `~`.
    pub fn file(&self, path: &Sanitized) -> Option<Sanitized> {
        let clean = self.options.privacy.text(&paths::without_home(path, self.options))?;
        Some(self.text(&clean))
    }
}

fn shared(value: Value) -> Sanitized {
    match value {
        Value::Str(text) => text,
        Value::Static(text) => Sanitized::of_ours(text),
        _ => Sanitized::of_ours(OTHER),
    }
}
