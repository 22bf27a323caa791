//! Reads a user's rules: our own syntax, or that of gitleaks, told apart by their tables' names.

use serde::Deserialize;

use super::gitleaks;
use super::rule::{Action, Finds, UserRule};

/// What a file of rules says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The rules.
    pub rules: Vec<UserRule>,
    /// Patterns of what is no secret, whichever rule finds it.
    pub allowed: Vec<String>,
}

/// Why rules cannot be used. No message repeats what a rule looks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The file is no TOML, or no rules.
    #[error("the rules cannot be read ({problem}); nothing was sent")]
    Syntax {
        /// What the reader says, and where.
        problem: String,
    },
    /// A rule without a name, or with one that is no name.
    #[error("rule {number} has no id of 1 to 64 letters, digits, dots, dashes or underscores; give it one")]
    Id {
        /// Its place in the file, from 1.
        number: usize,
    },
    /// A rule that looks for nothing, or for two things.
    #[error("rule {id} needs either a regex or a literal")]
    Finds {
        /// The rule.
        id: String,
    },
    /// A pattern that cannot be used.
    #[error("a regex of rule {id} cannot be used: {problem}")]
    Pattern {
        /// The rule.
        id: String,
        /// Why.
        problem: &'static str,
    },
    /// A group that the pattern does not have.
    #[error("the regex of rule {id} has no group {group}")]
    NoGroup {
        /// The rule.
        id: String,
        /// The group.
        group: usize,
    },
    /// Keywords that cannot be looked for.
    #[error("the keywords of rule {id} cannot be used; use fewer")]
    Keywords {
        /// The rule.
        id: String,
    },
    /// A rule that hashes, without a key to do it with.
    #[error("rule {id} hashes, and there is no key to hash with; use action = \"mask\"")]
    NoKey {
        /// The rule.
        id: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnFile {
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    allow_regex: Vec<String>,
    #[serde(default)]
    rule: Vec<OwnRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnRule {
    id: String,
    regex: Option<String>,
    literal: Option<String>,
    #[serde(default)]
    group: usize,
    #[serde(default)]
    action: OwnAction,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    allow_regex: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OwnAction {
    #[default]
    Mask,
    Hash,
    Drop,
}

/// Reads the text of a file.
pub fn parse(text: &str) -> Result<Rules, RuleError> {
    let table: toml::Table = text.parse().map_err(|error| syntax(&error))?;
    // Ours are `[[rule]]`, those of gitleaks `[[rules]]`.
    let rules = if table.contains_key("rules") { gitleaks::parse(text)? } else { own(text)? };
    let is_id = |id: &str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    match rules.rules.iter().position(|rule| !is_id(&rule.id)) {
        Some(place) => Err(RuleError::Id { number: place + 1 }),
        None => Ok(rules),
    }
}

/// The reader's message and place, without the lines that it quotes: they may hold what is to be kept out.
pub(super) fn syntax(error: &toml::de::Error) -> RuleError {
    let place = error.span().map_or_else(String::new, |span| format!(" at byte {}", span.start));
    let message = error.message().split('`').step_by(2).collect::<Vec<_>>().join("...");
    RuleError::Syntax { problem: format!("{message}{place}") }
}

fn own(text: &str) -> Result<Rules, RuleError> {
    let file: OwnFile = toml::from_str(text).map_err(|error| syntax(&error))?;
    let rule = |rule: OwnRule| {
        let finds = match (rule.regex, rule.literal) {
            (Some(pattern), None) => Finds::Pattern(pattern),
            (None, Some(literal)) if !literal.is_empty() => Finds::Literal(literal),
            _ => return Err(RuleError::Finds { id: rule.id }),
        };
        let action = match rule.action {
            OwnAction::Mask => Action::Mask,
            OwnAction::Hash => Action::Hash,
            OwnAction::Drop => Action::Drop,
        };
        Ok(UserRule {
            id: rule.id,
            finds,
            group: rule.group,
            action,
            keywords: rule.keywords,
            allowed: allowed(&rule.allow, rule.allow_regex),
            is_ascii: false,
        })
    };
    Ok(Rules {
        rules: file.rule.into_iter().map(rule).collect::<Result<_, _>>()?,
        allowed: allowed(&file.allow, file.allow_regex),
    })
}

/// Literals allow what is just that, patterns whatever they match in.
fn allowed(literals: &[String], mut patterns: Vec<String>) -> Vec<String> {
    patterns.extend(literals.iter().map(|literal| format!("^{}$", super::finder::escape(literal))));
    patterns
}

#[cfg(test)]
#[path = "user_rules_tests.rs"]
mod tests;
