//! Rules in the syntax of gitleaks, as far as they are about texts: what is about paths, commits and entropy is
//! ignored, so that a rule may find more here than there, and never less.

use serde::Deserialize;

use super::rule::{Action, Finds, UserRule};
use super::user_rules::{RuleError, Rules, syntax};

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    rules: Vec<Rule>,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    regex: Option<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    secret_group: usize,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
}

/// What is no secret. Conditions that are not about the secret's text cannot be judged here, and a list that has them
/// all to be true allows nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllowList {
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
    regex_target: Option<String>,
    condition: Option<String>,
    #[serde(default)]
    target_rules: Vec<String>,
}

impl AllowList {
    fn patterns(&self) -> Vec<String> {
        let is_all = self.condition.as_deref().is_some_and(|all| all.eq_ignore_ascii_case("and"));
        let is_of_secret = self.regex_target.as_deref().is_none_or(|target| target.is_empty() || target == "secret");
        if is_all || !is_of_secret {
            return Vec::new();
        }
        let words = self.stopwords.iter().map(|word| format!("(?i:{})", super::finder::escape(word)));
        self.regexes.iter().cloned().chain(words).collect()
    }
}

pub(super) fn parse(text: &str) -> Result<Rules, RuleError> {
    let file: File = toml::from_str(text).map_err(|error| syntax(&error))?;
    let general: Vec<&AllowList> = file.allowlist.iter().chain(&file.allowlists).collect();
    // Rules without a pattern are about the names of files.
    let rules = file.rules.iter().filter_map(|rule| {
        let pattern = rule.regex.clone()?;
        let is_for_rule = |list: &&&AllowList| list.target_rules.is_empty() || list.target_rules.contains(&rule.id);
        let own = rule.allowlist.iter().chain(&rule.allowlists);
        let lists = own.chain(general.iter().filter(is_for_rule).copied());
        Some(UserRule {
            id: rule.id.clone(),
            // Without a number the whole match goes, which is never less than gitleaks takes for the secret.
            group: rule.secret_group,
            finds: Finds::Pattern(pattern),
            action: Action::Mask,
            keywords: rule.keywords.clone(),
            allowed: lists.flat_map(AllowList::patterns).collect(),
            is_ascii: true,
        })
    });
    Ok(Rules { rules: rules.collect(), allowed: Vec::new() })
}
