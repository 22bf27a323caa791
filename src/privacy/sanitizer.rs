//! Redacts texts, and counts what it redacted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use hashbrown::HashSet;

use super::built_in::BUILT_IN;
use super::finder::{Allowed, Hit, UserFinder, find_built_in};
use super::markers;
use super::rule::Action;
use super::user_rules::{RuleError, Rules};
use super::{HashKey, Sanitized};

/// The built-in rules alone, for what is shown on this machine.
static BUILT_IN_ALONE: LazyLock<Sanitizer> = LazyLock::new(Sanitizer::default);

/// Each round takes something away that is no mark, and one is nearly always enough. What is built to need more is
/// dropped.
const MOST_ROUNDS: usize = 16;
/// No built-in rule matches a text shorter than this.
const SHORTEST_SECRET: usize = 10;

/// Looks for secrets in texts and takes them out.
#[derive(Debug)]
pub struct Sanitizer {
    user: Vec<UserFinder>,
    allowed: Allowed,
    /// The names that marks may bear.
    ids: HashSet<String>,
    counts: Vec<AtomicU64>,
    key: Option<HashKey>,
}

impl Default for Sanitizer {
    /// The built-in rules alone.
    fn default() -> Self {
        Self::with(Vec::new(), Allowed::default(), None)
    }
}

impl Sanitizer {
    /// The built-in rules and the user's. Rules that hash need the key.
    pub fn new(rules: &Rules, key: Option<HashKey>) -> Result<Self, RuleError> {
        let user: Vec<UserFinder> = rules.rules.iter().map(UserFinder::compile).collect::<Result<_, _>>()?;
        if let Some(rule) = user.iter().find(|rule| rule.action == Action::Hash && key.is_none()) {
            return Err(RuleError::NoKey { id: rule.id.clone() });
        }
        Ok(Self::with(user, Allowed::compile("the file's own", &rules.allowed, false)?, key))
    }

    fn with(user: Vec<UserFinder>, allowed: Allowed, key: Option<HashKey>) -> Self {
        let built_in = BUILT_IN.iter().map(|rule| rule.id.to_owned());
        let ids: HashSet<String> = built_in.chain(user.iter().map(|rule| rule.id.clone())).collect();
        let counts = std::iter::repeat_with(AtomicU64::default).take(BUILT_IN.len() + user.len()).collect();
        Self { user, allowed, ids, counts, key }
    }

    /// A text as it may be shown on this machine: without what the built-in rules find.
    pub fn shown(text: &str) -> Cow<'_, str> {
        BUILT_IN_ALONE.redact(text).unwrap_or(Cow::Borrowed("_OTHER"))
    }

    /// A text without its secrets; none when a rule drops it as a whole.
    pub fn text(&self, text: &str) -> Option<Sanitized> {
        self.redact(text).map(|redacted| Sanitized::new(redacted.into()))
    }

    /// The same for a text that is shared: without secrets, it stays shared.
    pub fn shared(&self, text: &Arc<str>) -> Option<Sanitized> {
        if self.user.is_empty() && is_safe_by_shape(text) {
            return Some(Sanitized::new(Arc::clone(text)));
        }
        match self.redact(text)? {
            Cow::Borrowed(_) => Some(Sanitized::new(Arc::clone(text))),
            Cow::Owned(redacted) => Some(Sanitized::new(redacted.into())),
        }
    }

    /// The keyed hash of a text; none without a key.
    pub fn hashed(&self, kind: &str, text: &str) -> Option<Sanitized> {
        self.key.as_ref().map(|key| Sanitized::new(key.hash(kind, text).into()))
    }

    /// How often each rule has redacted something since the start, those that never did left out.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let ids = BUILT_IN.iter().map(|rule| rule.id).chain(self.user.iter().map(|rule| rule.id.as_str()));
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let mut sums = BTreeMap::new();
        for (id, count) in ids.zip(counts).filter(|(_, count)| *count > 0) {
            *sums.entry(id.to_owned()).or_default() += count;
        }
        sums
    }

    /// Redacts until nothing is found: what stands beside a mark may look like a secret only then.
    fn redact<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let mut text = Cow::Borrowed(text);
        for _ in 0..MOST_ROUNDS {
            let hits = self.hits(&text);
            if hits.is_empty() {
                return Some(text);
            }
            for hit in &hits {
                if let Some(count) = self.counts.get(hit.rule) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            if hits.iter().any(|hit| hit.action == Action::Drop) {
                return None;
            }
            text = Cow::Owned(self.replaced(&text, &hits));
        }
        None
    }

    /// What has to go, in order and apart.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        find_built_in(text, &mut hits);
        for (number, rule) in self.user.iter().enumerate() {
            rule.find(text, BUILT_IN.len() + number, &mut hits);
        }
        if hits.is_empty() {
            return hits;
        }
        hits.retain(|hit| !text.get(hit.start..hit.end).is_some_and(|secret| self.allowed.has(secret)));
        let marks = markers::find(text, &self.ids);
        hits.retain_mut(|hit| {
            let overlapping = || marks.iter().filter(|(start, end)| *start < hit.end && *end > hit.start);
            let covered: usize = overlapping().map(|(start, end)| (*end).min(hit.end) - (*start).max(hit.start)).sum();
            let is_more_than_marks = covered < hit.end - hit.start;
            // A mark goes as a whole or stays as it is.
            let (start, end) =
                overlapping().fold((hit.start, hit.end), |all, mark| (all.0.min(mark.0), all.1.max(mark.1)));
            (hit.start, hit.end) = (start, end);
            is_more_than_marks
        });
        hits.sort_unstable_by_key(|hit| (hit.start, hit.rule));
        hits.dedup_by(|next, last| {
            let is_overlapping = next.start < last.end;
            if is_overlapping {
                last.end = last.end.max(next.end);
                last.action = last.action.max(next.action);
            }
            is_overlapping
        });
        hits
    }

    fn replaced(&self, text: &str, hits: &[Hit]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for hit in hits {
            out.push_str(text.get(from..hit.start).unwrap_or_default());
            let id = match hit.rule.checked_sub(BUILT_IN.len()) {
                None => BUILT_IN.get(hit.rule).map_or("", |rule| rule.id),
                Some(number) => self.user.get(number).map_or("", |rule| &rule.id),
            };
            let secret = text.get(hit.start..hit.end).unwrap_or_default();
            out.push_str(&match &self.key {
                Some(key) if hit.action == Action::Hash => markers::hashed(id, &key.hash(id, secret)),
                _ => markers::masked(id),
            });
            from = hit.end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }
}

/// Whether no built-in rule can match: texts that are too short, and the ids that stand on every span. What follows
/// their first digit is preceded by letters and digits alone, so no key can begin there.
fn is_safe_by_shape(text: &str) -> bool {
    if text.len() < SHORTEST_SECRET {
        return true;
    }
    let is_of_api =
        |rest: &str| rest.len() <= 64 && rest.starts_with('0') && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let prefixes = ["toolu_", "msg_", "req_"];
    let is_uuid = || text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    prefixes.iter().any(|prefix| text.strip_prefix(prefix).is_some_and(is_of_api)) || is_uuid()
}

#[cfg(test)]
#[path = "sanitizer_tests.rs"]
mod tests;
