//! Which of what was rebuilt is sent. Filters never change what is read, so ids and ownership stay the same.

use std::str::FromStr;
use std::sync::Arc;

use globset::GlobSet;

use crate::session::facts::Session;
use crate::telemetry::ids::{IdKind, Identity};
use crate::telemetry::shown::shown_instead;
use crate::transcript::time::Millis;

/// One of several equal parts of the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    count: u64,
}

/// What is wrong with a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a shard is I/N with I from 0 to N-1, such as 0/3; {text:?} is none")]
pub struct ShardError {
    text: String,
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            _ => Err(ShardError { text: text.to_owned() }),
        }
    }
}

impl Shard {
    /// Whether the session is in this part.
    pub fn holds(self, session: &str) -> bool {
        Identity::new(IdKind::Session, session, "").shard_number() % self.count == self.index
    }
}

/// All filters together; an empty one lets everything pass.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Turns that start at this time or later.
    pub since: Option<Millis>,
    /// Turns that start before this time.
    pub until: Option<Millis>,
    /// Sessions in a folder that matches.
    pub projects: Option<GlobSet>,
    /// Sessions whose id begins so.
    pub sessions: Vec<String>,
    /// One part of all sessions.
    pub shard: Option<Shard>,
    /// Turns that began no longer ago than this, in milliseconds, when they are handed over.
    pub max_age: Option<Millis>,
}

/// Whether a session's id begins as one of these, as it is or as it is shown; without any, every one does.
pub fn is_named(id: &str, prefixes: &[String]) -> bool {
    let is_begun = |prefix: &String| {
        id.starts_with(&**prefix) || (prefix.starts_with("unnamed-") && shown_instead(id).starts_with(&**prefix))
    };
    prefixes.is_empty() || prefixes.iter().any(is_begun)
}

impl Filter {
    /// Whether anything of the session may be sent.
    pub fn takes_session(&self, session: &Session) -> bool {
        is_named(&session.id, &self.sessions)
            && self.shard.is_none_or(|shard| shard.holds(&session.id))
            && self.takes_project(session)
    }

    /// Whether a turn that starts then is older than the destination wants it.
    pub fn is_too_old(&self, start: Millis, now: Millis) -> bool {
        self.max_age.is_some_and(|age| start < now.saturating_sub(age))
    }

    /// Whether a turn that starts then may be sent.
    pub fn takes_time(&self, start: Millis) -> bool {
        self.since.is_none_or(|since| start >= since) && self.until.is_none_or(|until| start < until)
    }

    /// A pattern may be meant for the folder or for its last part.
    fn takes_project(&self, session: &Session) -> bool {
        let Some(globs) = &self.projects else { return true };
        let folders = session.contexts.iter().filter_map(|context| context.cwd.as_ref());
        folders.into_iter().any(|folder: &Arc<str>| {
            let last = folder.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
            globs.is_match(&**folder) || globs.is_match(last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_session_is_in_exactly_one_shard() {
        let shards: Vec<Shard> = (0..3).map(|index| format!("{index}/3").parse().unwrap()).collect();
        for session in 0..200 {
            let id = format!("session-{session}");
            assert_eq!(shards.iter().filter(|shard| shard.holds(&id)).count(), 1);
        }
    }

    #[test]
    fn a_session_is_found_by_the_id_that_is_shown_of_it() {
        let odd = "<img src=x>";
        let shown = shown_instead(odd);
        assert!(
            is_named(odd, std::slice::from_ref(&shown)) && is_named(odd, &[]) && is_named(odd, &["<im".to_owned()])
        );
        assert!(!is_named("another", &[shown]) && !is_named(odd, &["unnamed-x".to_owned()]));
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "3/3", "1", "a/b", "-1/2", "0/0"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
