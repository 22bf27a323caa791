//! How much content leaves, by flags and environment.

use std::path::PathBuf;

use super::env::{self, Environment};
use super::otlp::ConfigError;
use crate::privacy::options::{ContentLevel, ContentOptions};

/// Flags about content and secrets, as they were typed.
#[derive(Debug, Clone, Default)]
pub struct PrivacyFlags {
    /// The level of content.
    pub content: Option<ContentLevel>,
    /// The most bytes of one text on a span.
    pub max_attribute_bytes: Option<usize>,
    /// A file of rules.
    pub rules: Option<PathBuf>,
}

/// What is kept of texts, and the file of the user's rules. That some other program may capture messages
/// (`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`) is no wish to have old transcripts sent.
pub fn resolve_privacy(
    flags: &PrivacyFlags,
    env: &Environment<'_>,
) -> Result<(ContentOptions, Option<PathBuf>), ConfigError> {
    let named = |text: String| {
        ContentLevel::ALL.into_iter().find(|level| level.name() == text.as_str()).ok_or(ConfigError::Choice {
            origin: env::CLAUDE_OTEL_CONTENT,
            value: text,
            choices: "none, summary, full",
        })
    };
    let level = match flags.content {
        Some(level) => level,
        None => env::get(env, env::CLAUDE_OTEL_CONTENT).map(named).transpose()?.unwrap_or_default(),
    };
    let usual = ContentOptions::default();
    let content = ContentOptions { level, span_bytes: flags.max_attribute_bytes.unwrap_or(usual.span_bytes) };
    let rules = flags.rules.clone().or_else(|| env::get(env, env::CLAUDE_OTEL_PRIVACY_RULES).map(Into::into));
    Ok((content, rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(flag: Option<ContentLevel>, variables: &[(&str, &str)]) -> Result<ContentLevel, String> {
        let env = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let flags = PrivacyFlags { content: flag, ..PrivacyFlags::default() };
        resolve_privacy(&flags, &env).map(|(content, _)| content.level).map_err(|error| error.to_string())
    }

    #[test]
    fn the_flag_beats_the_variable_and_nothing_else_asks_for_content() {
        assert_eq!(level(None, &[]), Ok(ContentLevel::None));
        assert_eq!(
            level(None, &[("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")]),
            Ok(ContentLevel::None)
        );
        assert_eq!(level(None, &[("CLAUDE_OTEL_CONTENT", "full")]), Ok(ContentLevel::Full));
        assert_eq!(level(Some(ContentLevel::Summary), &[("CLAUDE_OTEL_CONTENT", "full")]), Ok(ContentLevel::Summary));
        assert!(level(None, &[("CLAUDE_OTEL_CONTENT", "all")]).unwrap_err().contains("CLAUDE_OTEL_CONTENT"));
    }
}
