//! Finds secrets: built-in ones by the words that they cannot do without, the user's by their patterns.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::built_in::{BUILT_IN, BuiltIn};
use super::rule::{Action, Finds, UserRule};
use super::user_rules::RuleError;

/// The most memory that one pattern of the user's may take once it is compiled.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A secret in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub start: usize,
    pub end: usize,
    /// The rule: built-in ones first, then the user's.
    pub rule: usize,
    pub action: Action,
}

/// The built-in rules, ready to be used.
#[derive(Debug)]
struct Engine {
    words: AhoCorasick,
    rule_of_word: Vec<usize>,
    /// A pattern is compiled when its word was seen first: most never are.
    patterns: Vec<OnceLock<Option<Regex>>>,
}

/// None should it be impossible to build, which a test excludes.
static ENGINE: LazyLock<Option<Engine>> = LazyLock::new(|| {
    let pairs = || BUILT_IN.iter().enumerate().flat_map(|(rule, of)| of.words.iter().map(move |word| (rule, word)));
    let words = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(pairs().map(|(_, word)| word)).ok()?;
    Some(Engine {
        words,
        rule_of_word: pairs().map(|(rule, _)| rule).collect(),
        patterns: BUILT_IN.iter().map(|_| OnceLock::new()).collect(),
    })
});

/// A built-in rule's pattern, or none if it cannot be compiled, which a test excludes.
pub(super) fn compile_built_in(rule: &BuiltIn) -> Option<Regex> {
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    let config = meta::Config::new().utf8_empty(false);
    meta::Builder::new().syntax(bytes).configure(config).build(rule.pattern).ok()
}

/// Adds the built-in rules' hits, in no particular order.
pub(super) fn find_built_in(text: &str, hits: &mut Vec<Hit>) {
    let Some(engine) = &*ENGINE else {
        // Without rules nothing may leave.
        hits.push(Hit { start: 0, end: text.len(), rule: 0, action: Action::Drop });
        return;
    };
    let bytes = text.as_bytes();
    // A rule is not tried again inside of what it found, so that no text takes quadratic time.
    let mut done: Vec<(usize, usize)> = Vec::new();
    for word in engine.words.find_overlapping_iter(bytes) {
        let Some(number) = engine.rule_of_word.get(word.pattern().as_usize()).copied() else { continue };
        let Some(rule) = BUILT_IN.get(number) else { continue };
        let end_of_last = done.iter().find(|(of, _)| *of == number).map_or(0, |(_, end)| *end);
        if word.start() < end_of_last {
            continue;
        }
        let Some(begin) = rule.lead.begin(bytes, word.start()) else { continue };
        let Some(Some(pattern)) = engine.patterns.get(number).map(|slot| slot.get_or_init(|| compile_built_in(rule)))
        else {
            continue;
        };
        let mut groups = pattern.create_captures();
        pattern.captures(Input::new(bytes).span(begin..bytes.len()).anchored(Anchored::Yes), &mut groups);
        let Some((start, end)) = secret_in(&groups) else { continue };
        if bytes.get(start..end).is_some_and(|secret| rule.check.allows(secret)) {
            hits.push(whole_chars(text, Hit { start, end, rule: number, action: Action::Mask }));
            match done.iter_mut().find(|(of, _)| *of == number) {
                Some((_, last)) => *last = end,
                None => done.push((number, end)),
            }
        }
    }
}

/// The first group that took part in the match, or all of it.
fn secret_in(groups: &Captures) -> Option<(usize, usize)> {
    let whole = groups.get_match()?;
    let group = (1..groups.group_len()).find_map(|number| groups.get_group(number));
    Some(group.map_or((whole.start(), whole.end()), |group| (group.start, group.end)))
}

/// Patterns of bytes may end inside a character.
fn whole_chars(text: &str, hit: Hit) -> Hit {
    Hit { start: text.floor_char_boundary(hit.start), end: text.ceil_char_boundary(hit.end), ..hit }
}

/// A user's rule, compiled.
#[derive(Debug)]
pub(super) struct UserFinder {
    pub id: String,
    pattern: Regex,
    group: usize,
    pub action: Action,
    keywords: Option<AhoCorasick>,
    allowed: Allowed,
}

/// What is no secret whatever a rule says.
#[derive(Debug, Default)]
pub(super) struct Allowed(Vec<Regex>);

impl Allowed {
    /// Compiles them; `of` names whose they are.
    pub(super) fn compile(of: &str, patterns: &[String], is_ascii: bool) -> Result<Self, RuleError> {
        patterns.iter().map(|pattern| compile(of, pattern, is_ascii)).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn has(&self, secret: &str) -> bool {
        self.0.iter().any(|pattern| pattern.is_match(secret))
    }
}

impl UserFinder {
    pub(super) fn compile(rule: &UserRule) -> Result<Self, RuleError> {
        let pattern = match &rule.finds {
            Finds::Pattern(pattern) => compile(&rule.id, pattern, rule.is_ascii)?,
            Finds::Literal(literal) => compile(&rule.id, &escape(literal), false)?,
        };
        if rule.group >= pattern.group_info().group_len(regex_automata::PatternID::ZERO) {
            return Err(RuleError::NoGroup { id: rule.id.clone(), group: rule.group });
        }
        let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(&rule.keywords);
        let keywords = keywords.map_err(|_| RuleError::Keywords { id: rule.id.clone() })?;
        Ok(Self {
            id: rule.id.clone(),
            pattern,
            group: rule.group,
            action: rule.action,
            keywords: (!rule.keywords.is_empty()).then_some(keywords),
            allowed: Allowed::compile(&rule.id, &rule.allowed, rule.is_ascii)?,
        })
    }

    /// Adds the rule's hits.
    pub(super) fn find(&self, text: &str, number: usize, hits: &mut Vec<Hit>) {
        if self.keywords.as_ref().is_some_and(|words| !words.is_match(text)) {
            return;
        }
        for groups in self.pattern.captures_iter(text) {
            let Some(span) = groups.get_group(self.group) else { continue };
            let hit = Hit { start: span.start, end: span.end, rule: number, action: self.action };
            let hit = whole_chars(text, hit);
            let secret = text.get(hit.start..hit.end).unwrap_or_default();
            if !secret.is_empty() && !self.allowed.has(secret) {
                hits.push(hit);
            }
        }
    }
}

fn compile(id: &str, pattern: &str, is_ascii: bool) -> Result<Regex, RuleError> {
    let syntax = syntax::Config::new().unicode(!is_ascii).utf8(!is_ascii);
    let config = meta::Config::new().utf8_empty(!is_ascii).nfa_size_limit(Some(MOST_BYTES));
    let built = meta::Builder::new().syntax(syntax).configure(config).build(pattern);
    built.map_err(|problem| {
        let problem = match problem.syntax_error() {
            Some(_) => "it is no regular expression of Rust's kind (which has no look-around and no back-references)",
            None => "it is too large once compiled",
        };
        RuleError::Pattern { id: id.to_owned(), problem }
    })
}

/// The pattern of a literal text.
pub(super) fn escape(literal: &str) -> String {
    let mut escaped = String::with_capacity(literal.len());
    for char in literal.chars() {
        if char.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
