//! Flags about content and secrets, the file of rules, and the key for hashes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::Surroundings;
use super::output::note;
use super::pass::SetupError;
use crate::config::privacy::{PrivacyFlags, resolve_privacy};
use crate::privacy::options::{ContentLevel, ContentOptions};
use crate::privacy::user_rules::{self, RuleError, Rules};
use crate::privacy::{Action, HashKey, Sanitizer};

/// A file of rules is never this long.
const LONGEST_RULES: u64 = 16 * 1024 * 1024;
/// The name of the key's file in the state directory.
const KEY_FILE: &str = "key";

/// What leaves of what people and models wrote.
#[derive(Debug, Args)]
pub(super) struct PrivacyArgs {
    /// How much of prompts, answers, tool inputs and outputs may be seen [default: none]
    #[arg(long, value_enum, help_heading = "Privacy")]
    content: Option<Content>,
    /// Cut each text to this many bytes [default: 2048]
    #[arg(long, value_name = "BYTES", help_heading = "Privacy")]
    max_attribute_bytes: Option<usize>,
    /// More rules for secrets, in a TOML file of ours or of gitleaks
    #[arg(long, value_name = "FILE", help_heading = "Privacy")]
    privacy_rules: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Content {
    /// Sizes, counts and names alone
    None,
    /// The first 256 characters of each
    Summary,
    /// Each up to the limits
    Full,
}

/// Why secrets cannot be looked for as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrivacyError {
    #[error("the rules in {path} cannot be read: {problem}")]
    Unreadable { path: PathBuf, problem: io::Error },
    #[error("{path}: {problem}")]
    Rules { path: PathBuf, problem: RuleError },
    #[error("the key for hashes in {path} cannot be read or made: {problem}; nothing was sent")]
    Key { path: PathBuf, problem: io::Error },
}

impl PrivacyArgs {
    /// What texts go through, and how much of them is kept. A key is made when something hashes for the first time.
    pub(super) fn resolve(
        &self,
        hashes_paths: bool,
        surroundings: &Surroundings,
    ) -> Result<(Arc<Sanitizer>, ContentOptions), SetupError> {
        let (content, path, rules) = self.look(surroundings)?;
        let needs_key = hashes_paths || rules.rules.iter().any(|rule| rule.action == Action::Hash);
        let key = if needs_key { Some(key(&surroundings.state_dir())?) } else { None };
        let sanitizer = Sanitizer::new(&rules, key)
            .map_err(|problem| PrivacyError::Rules { path: path.unwrap_or_default(), problem })?;
        Ok((Arc::new(sanitizer), content))
    }

    /// How much of texts is kept, and the rules with the file that they are from; makes nothing.
    pub(super) fn look(
        &self,
        surroundings: &Surroundings,
    ) -> Result<(ContentOptions, Option<PathBuf>, Rules), SetupError> {
        let flags = PrivacyFlags {
            content: self.content.map(|content| match content {
                Content::None => ContentLevel::None,
                Content::Summary => ContentLevel::Summary,
                Content::Full => ContentLevel::Full,
            }),
            max_attribute_bytes: self.max_attribute_bytes,
            rules: self.privacy_rules.clone(),
        };
        let (content, path) = resolve_privacy(&flags, &|name: &str| surroundings.variable(name))?;
        let rules = path.as_deref().map(read_rules).transpose()?.unwrap_or_default();
        Ok((content, path, rules))
    }
}

/// Says that content leaves, which nobody should learn from a backend.
pub(super) fn announce(content: ContentOptions) {
    if content.wants_texts() {
        let level = content.level.name();
        note(&format!(
            "content level {level}: prompts, answers, tool inputs and outputs are sent, without known secrets"
        ));
    }
}

fn read_rules(path: &Path) -> Result<Rules, PrivacyError> {
    let unreadable = |problem| PrivacyError::Unreadable { path: path.to_owned(), problem };
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(LONGEST_RULES).read_to_string(&mut text)).map_err(unreadable)?;
    user_rules::parse(&text).map_err(|problem| PrivacyError::Rules { path: path.to_owned(), problem })
}

/// The key of this installation. It is kept apart from every database, so that equal values have equal hashes at every
/// destination and after every loss of state.
fn key(state_dir: &Path) -> Result<HashKey, PrivacyError> {
    let path = state_dir.join(KEY_FILE);
    let read = || read_key(&path);
    let made = read().or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => make_key(state_dir, &path).and_then(|()| read()),
        _ => Err(error),
    });
    made.map(HashKey::new).map_err(|problem| PrivacyError::Key { path, problem })
}

fn read_key(path: &Path) -> io::Result<[u8; 32]> {
    let bytes = fs::read(path)?;
    bytes.try_into().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it does not hold 32 bytes"))
}

/// Writes a new key aside and gives it its name last; should another process have been faster, its key stands.
fn make_key(state_dir: &Path, path: &Path) -> io::Result<()> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(state_dir)?;
    let aside = state_dir.join(format!("{KEY_FILE}.{}", std::process::id()));
    let _ = fs::remove_file(&aside);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)
        .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::hard_link(&aside, path));
    fs::remove_file(&aside)?;
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("state");
        let first = key(&dir).unwrap();
        assert_eq!(key(&dir).unwrap(), first);
        assert_eq!(fs::metadata(dir.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
        // Another one wins when it was there first.
        make_key(&dir, &dir.join("key")).unwrap();
        assert_eq!(key(&dir).unwrap(), first);
        fs::write(dir.join("key"), "short").unwrap();
        assert!(key(&dir).is_err());
        let other = temp.path().join("other");
        assert_ne!(key(&other).unwrap(), first);
    }
}
