//! How much of paths and branches leaves.

use std::borrow::Cow;

use super::options::{MapOptions, PathMode};
use super::semconv::OTHER;
use super::span::Value;

/// The project's name: the last part of its folder.
pub(super) fn project(cwd: &str, options: &MapOptions) -> Option<Value> {
    // What is a secret by what stands before it would not be known by its last part alone.
    let clean = options.privacy.text(cwd)?;
    let name = project_name(&clean, options);
    match options.paths {
        PathMode::None => None,
        PathMode::Hash => options.privacy.hashed("project", &name).map(Value::Str),
        PathMode::Name | PathMode::Full => Some(printable(&name, options)),
    }
}

/// The branch.
pub(super) fn branch(branch: &str, options: &MapOptions) -> Option<Value> {
    match options.paths {
        PathMode::None => None,
        PathMode::Hash => options.privacy.hashed("branch", branch).map(Value::Str),
        PathMode::Name | PathMode::Full => Some(printable(branch, options)),
    }
}

/// The working folder.
pub(super) fn folder(cwd: &str, options: &MapOptions) -> Option<Value> {
    match options.paths {
        PathMode::None | PathMode::Name => None,
        PathMode::Hash => options.privacy.hashed("cwd", cwd).map(Value::Str),
        PathMode::Full => {
            Some(options.privacy.text(&without_home(cwd, options)).map_or(Value::Static(OTHER), Value::Str))
        }
    }
}

fn project_name<'a>(cwd: &'a str, options: &MapOptions) -> Cow<'a, str> {
    let folder = cwd.trim_end_matches(['/', '\\']);
    if without_home(folder, options) == "~" {
        return "~".into();
    }
    let last = folder.rsplit(['/', '\\']).next().unwrap_or_default();
    if last.is_empty() { "/".into() } else { last.into() }
}

/// The path with its home folder as `~`, since that has the user's name: ours, or one as other machines have them.
pub(super) fn without_home<'a>(path: &'a str, options: &MapOptions) -> Cow<'a, str> {
    let own = options.home.as_deref().map(|home| home.trim_end_matches(['/', '\\'])).filter(|home| !home.is_empty());
    let rest =
        own.and_then(|home| path.strip_prefix(home)).filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
    match rest.or_else(|| behind_a_home(path)) {
        Some(rest) => format!("~{rest}").into(),
        None => path.into(),
    }
}

/// What follows a home folder as the usual systems have them: `/root`, `/home/<name>`, `C:\Users\<name>`.
fn behind_a_home(path: &str) -> Option<&str> {
    if let Some(rest) = path.strip_prefix("/root").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Some(rest);
    }
    let below_drive = match path.split_once(':') {
        Some((drive, rest)) if drive.len() == 1 => rest,
        _ => path,
    };
    let inside = below_drive.strip_prefix(['/', '\\'])?;
    let (parent, rest) = inside.split_once(['/', '\\'])?;
    let name = rest.split(['/', '\\']).next().filter(|name| !name.is_empty())?;
    matches!(parent, "home" | "Users").then(|| rest.get(name.len()..)).flatten()
}

/// A short text on one line.
fn printable(text: &str, options: &MapOptions) -> Value {
    let is_plain = text.len() <= 128 && !text.chars().any(char::is_control);
    let clean = if is_plain { options.privacy.text(text) } else { None };
    clean.map_or(Value::Static(OTHER), Value::Str)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::privacy::user_rules::Rules;
    use crate::privacy::{HashKey, Sanitizer};

    fn options(paths: PathMode) -> MapOptions {
        MapOptions { paths, home: Some("/data/people/ann".into()), ..MapOptions::default() }
    }

    #[test]
    fn a_home_folder_does_not_tell_its_owner() {
        for home in ["/home/ann", "/Users/ann/", "/root", "C:\\Users\\ann", "/data/people/ann"] {
            assert_eq!(project(home, &options(PathMode::Name)), Some(Value::Str("~".into())), "{home}");
        }
        assert_eq!(project("/home/ann/src/api", &options(PathMode::Name)), Some(Value::Str("api".into())));
    }

    #[test]
    fn a_full_path_begins_at_home() {
        for (path, shown) in [
            ("/home/ann/x", "~/x"),
            ("/data/people/ann/src/api", "~/src/api"),
            ("/data/people/anna/src", "/data/people/anna/src"),
            ("C:\\Users\\ann\\src", "~\\src"),
            ("/root/x", "~/x"),
            ("/rooted/x", "/rooted/x"),
            ("/srv/home/ann", "/srv/home/ann"),
        ] {
            assert_eq!(folder(path, &options(PathMode::Full)), Some(Value::Str(shown.into())), "{path}");
        }
        assert_eq!(folder("/srv/x", &options(PathMode::Name)), None);
    }

    #[test]
    fn hashes_stand_for_all_three_and_need_a_key() {
        let key = HashKey::new([9; 32]);
        let privacy = Arc::new(Sanitizer::new(&Rules::default(), Some(key.clone())).unwrap());
        let options = MapOptions { privacy, ..options(PathMode::Hash) };
        let hash = |kind: &str, text: &str| Some(Value::Str(key.hash(kind, text).as_str().into()));
        assert_eq!(project("/srv/api", &options), hash("project", "api"));
        assert_eq!(folder("/srv/api", &options), hash("cwd", "/srv/api"));
        assert_eq!(branch("main", &options), hash("branch", "main"));
        assert_eq!(branch("main", &self::options(PathMode::Hash)), None);
        assert_eq!(branch("main", &self::options(PathMode::None)), None);
    }
}
